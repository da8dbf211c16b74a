#include "workloads.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "networks.h"

namespace bench {
namespace {

using namespace kerata;

/// `rows` rows, repeating the data where it is shorter.
template <class T>
Tensor tile_rows(const Tensor& data, Dim rows) {
  if (rows <= data.shape()[0] && data.dtype() == dtype_of<T>()) return data.slice({.stop = rows});
  const std::vector<T> from = data.to_vector<T>();
  const Dim count = data.shape()[0], width = data.size() / count;
  std::vector<T> to(static_cast<std::size_t>(rows * width));
  for (Dim i = 0; i < rows; ++i) {
    std::memcpy(to.data() + i * width, from.data() + i % count * width, static_cast<std::size_t>(width) * sizeof(T));
  }
  return Tensor::from_span<T>(to, data.shape().with(0, rows));
}

struct Data {
  Tensors x, y;
};

Data pictures(const Splits& splits, const Shape& shape, Dim rows) {
  const Dim count = std::min(rows, splits.x_train.shape()[0]);
  Tensor x = splits.x_train.slice({.stop = count}) / 255.0;
  Shape full{count};
  for (Dim size : shape) full.push_back(size);
  return {tile_rows<float>(x.reshape(full), rows),
          tile_rows<std::int32_t>(splits.y_train.slice({.stop = count}), rows)};
}

Data xor_data(Dim rows) {
  const Tensor x = ops::array({{0, 0}, {0, 1}, {1, 0}, {1, 1}}), y = ops::array({{0}, {1}, {1}, {0}});
  return {tile_rows<float>(x, rows), tile_rows<float>(y, rows)};
}

Data reviews(Dim words, Dim length, Dim rows) {
  auto data = datasets::imdb::load_sequences({.num_words = words});
  const Tensor x = utils::pad_sequences(data.x_train, {.maxlen = length});
  return {tile_rows<std::int32_t>(x, rows), tile_rows<float>(data.y_train.reshape({-1, 1}), rows)};
}

Data houses(Dim rows) {
  const Splits data = datasets::california_housing::load_data();
  const Tensor mean = ops::mean(data.x_train, {.axis = 0}), deviation = ops::std(data.x_train, {.axis = 0});
  const Tensor x = tile_rows<float>((data.x_train - mean) / deviation, rows), y = tile_rows<float>(data.y_train, rows);
  return {{x.slice({.axis = 1, .stop = 5}), x.slice({.axis = 1, .start = 2})}, {y, y}};
}

// The same numbers as in peers/workloads.py.
Data noise(Dim rows) {
  const Dim count = std::min<Dim>(rows, 4096);
  utils::NumpyRandom random(0);
  const Tensor x = random.rand({count, 32, 32, 3});
  std::vector<std::int32_t> classes;
  for (std::int64_t id : random.permutation(count).to_vector<std::int64_t>())
    classes.push_back(static_cast<std::int32_t>(id % 10));
  return {tile_rows<float>(x, rows), tile_rows<std::int32_t>(Tensor::from_span<std::int32_t>(classes, {count}), rows)};
}

// NAME[@BATCH][+bf16].
struct Name {
  std::string network;
  Dim batch = 0;  // 0: the usual one
  bool bfloat16 = false;
};

Name parse(const std::string& text) {
  Name name{text.substr(0, text.find_first_of("@+"))};
  if (const std::size_t at = text.find('@'); at != std::string::npos) name.batch = std::stol(text.substr(at + 1));
  name.bfloat16 = text.ends_with("+bf16");
  return name;
}

struct Size {
  Dim batch, steps;
  Dim rows() const { return batch * steps; }
};

// With a batch size of its own a workload has `samples` rows.
Size size_of(const Name& name, Size usual, Dim samples = 20480) {
  Size size = name.batch ? Size{name.batch, samples / name.batch} : usual;
  if (const char* steps = std::getenv("BENCH_STEPS")) size.steps = std::min<Dim>(size.steps, std::atol(steps));
  return size;
}

CompileOptions classifier(const AnyOptimizer& optimizer, const char* loss = "sparse_categorical_crossentropy") {
  return {.optimizer = optimizer, .loss = loss, .metrics = {"accuracy"}};
}

Workload training(const Size& size, const Model& model, const CompileOptions& compile, const Data& data) {
  return {Kind::train, size.batch, size.steps, model, compile, data.x, data.y};
}

const auto fashion = [](Dim rows) { return pictures(datasets::fashion_mnist::load_data(), {28, 28}, rows); };
const auto mnist = [](const Shape& shape, Dim rows) { return pictures(datasets::mnist::load_data(), shape, rows); };

Workload other_workload(const std::string& name) {
  if (name == "startup") {
    return training({32, 1}, fashion_mlp(), classifier(optimizers::SGD(0.01)),
                    {ops::zeros({32, 28, 28}), ops::zeros({32}, "int32")});
  }
  if (name == "predict_one_mlp") return {Kind::predict_one, 1, 200, fashion_mlp(), {}, fashion(200).x, {}};
  if (name == "predict_one_cnn") return {Kind::predict_one, 1, 200, mnist_cnn(), {}, mnist({28, 28, 1}, 200).x, {}};
  if (name == "predict_bulk") return {Kind::predict_bulk, 1, 10000, fashion_mlp(), {}, fashion(10000).x, {}};
  throw ValueError("[kerata_bench] There is no workload " + name +
                   ". Expected one of xor_b1, xor_b4, fashion_mlp, batchnorm_mlp, mnist_mlp, mnist_cnn, resnet, "
                   "mlp_mixer, imdb_lstm, wide_deep, startup, load_model, predict_one_mlp, predict_one_cnn, "
                   "predict_bulk.");
}

}  // namespace

Workload make_workload(const std::string& text) {
  const Name name = parse(text);
  if (name.bfloat16) mixed_precision::set_dtype_policy("mixed_bfloat16");
  const std::string& network = name.network;
  constexpr Dim kDigits = 61440;
  const optimizers::SGD sgd(0.01);
  const optimizers::Adam adam(1e-3);
  if (network == "xor_b1" || network == "xor_b4") {
    const Size size = size_of(name, {network == "xor_b1" ? 1 : 4, 2000});
    return training(size, xor_net(), classifier(optimizers::SGD(0.1), "binary_crossentropy"), xor_data(size.rows()));
  }
  if (network == "fashion_mlp" || network == "batchnorm_mlp") {
    const Size size = size_of(name, {32, 1719}, kDigits);
    return training(size, network == "fashion_mlp" ? fashion_mlp() : batchnorm_mlp(), classifier(sgd),
                    fashion(size.rows()));
  }
  if (network == "mnist_mlp") {
    const Size size = size_of(name, {64, 937}, kDigits);
    return training(size, mnist_mlp(), classifier(optimizers::RMSprop(1e-3)), mnist({784}, size.rows()));
  }
  if (network == "mnist_cnn") {
    const Size size = size_of(name, {128, 50}, kDigits);
    return training(size, mnist_cnn(), classifier(adam), mnist({28, 28, 1}, size.rows()));
  }
  if (network == "resnet") {
    const Size size = size_of(name, {64, 8});
    return training(size, resnet(), classifier(adam), noise(size.rows()));
  }
  if (network == "mlp_mixer") {
    const Size size = size_of(name, {64, 8});
    return training(size, mlp_mixer(), classifier(adam), noise(size.rows()));
  }
  if (network == "imdb_lstm") {
    const Size size = size_of(name, {32, 30});
    return training(size, imdb_lstm(), classifier(adam, "binary_crossentropy"), reviews(20000, 80, size.rows()));
  }
  if (network == "wide_deep") {
    const Size size = size_of(name, {32, 362});
    const Metrics metrics = Metrics::per_output({{"RootMeanSquaredError"}, {"RootMeanSquaredError"}});
    return training(
        size, wide_deep(),
        {.optimizer = optimizers::SGD(1e-3), .loss = {"mse", "mse"}, .loss_weights = {0.9, 0.1}, .metrics = metrics},
        houses(size.rows()));
  }
  return other_workload(network);
}

}  // namespace bench
