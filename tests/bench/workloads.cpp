#include "workloads.h"

#include <cstring>
#include <vector>

namespace bench {
namespace {

using namespace kerata;
using namespace kerata::layers;

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

Model xor_net() {
  return Sequential({Input({2}), Dense(4, {.activation = "tanh"}), Dense(1, {.activation = "sigmoid"})});
}

Model fashion_mlp() {
  return Sequential({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), Dense(100, {.activation = "relu"}),
                     Dense(10, {.activation = "softmax"})});
}

Model batchnorm_mlp() {
  return Sequential({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), BatchNormalization(),
                     Dense(100, {.activation = "relu"}), BatchNormalization(), Dense(10, {.activation = "softmax"})});
}

Model mnist_mlp() {
  return Sequential({Input({784}), Dense(64, {.activation = "relu"}), Dense(64, {.activation = "relu"}),
                     Dense(10, {.activation = "softmax"})});
}

Model mnist_cnn() {
  return Sequential({Input({28, 28, 1}), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(2),
                     Conv2D(64, 3, {.activation = "relu"}), MaxPooling2D(2), Flatten(), Dropout(0.5),
                     Dense(10, {.activation = "softmax"})});
}

Model imdb_lstm() {
  return Sequential(
      {Input({80}, {.dtype = "int32"}), Embedding(20000, 128), LSTM(128), Dense(1, {.activation = "sigmoid"})});
}

Model wide_deep() {
  Tensor wide = Input({5}), deep = Input({6});
  Tensor h = Dense(30, {.activation = "relu"})(Dense(30, {.activation = "relu"})(deep));
  return Model({wide, deep}, {Dense(1)(concatenate({wide, h})), Dense(1)(h)});
}

CompileOptions classifier(const AnyOptimizer& optimizer, const char* loss = "sparse_categorical_crossentropy") {
  return {.optimizer = optimizer, .loss = loss, .metrics = {"accuracy"}};
}

Workload training(Dim batch, Dim steps, const Model& model, const CompileOptions& compile, const Data& data) {
  return {Kind::train, batch, steps, model, compile, data.x, data.y};
}

}  // namespace

Workload make_workload(const std::string& name) {
  const auto fashion = [](Dim rows) { return pictures(datasets::fashion_mnist::load_data(), {28, 28}, rows); };
  const auto mnist = [](const Shape& shape, Dim rows) { return pictures(datasets::mnist::load_data(), shape, rows); };
  const optimizers::SGD sgd(0.01);
  const optimizers::Adam adam(1e-3);
  if (name == "xor_b1" || name == "xor_b4") {
    const Dim batch = name == "xor_b1" ? 1 : 4;
    return training(batch, 2000, xor_net(), classifier(optimizers::SGD(0.1), "binary_crossentropy"),
                    xor_data(batch * 2000));
  }
  if (name == "fashion_mlp") return training(32, 1719, fashion_mlp(), classifier(sgd), fashion(32 * 1719));
  if (name == "batchnorm_mlp") return training(32, 1719, batchnorm_mlp(), classifier(sgd), fashion(32 * 1719));
  if (name == "mnist_mlp") {
    return training(64, 937, mnist_mlp(), classifier(optimizers::RMSprop(1e-3)), mnist({784}, 64 * 937));
  }
  if (name == "mnist_cnn") return training(128, 50, mnist_cnn(), classifier(adam), mnist({28, 28, 1}, 128 * 50));
  if (name == "imdb_lstm") {
    return training(32, 30, imdb_lstm(), classifier(adam, "binary_crossentropy"), reviews(20000, 80, 32 * 30));
  }
  if (name == "wide_deep") {
    const Metrics metrics = Metrics::per_output({{"RootMeanSquaredError"}, {"RootMeanSquaredError"}});
    return training(
        32, 362, wide_deep(),
        {.optimizer = optimizers::SGD(1e-3), .loss = {"mse", "mse"}, .loss_weights = {0.9, 0.1}, .metrics = metrics},
        houses(32 * 362));
  }
  if (name == "startup") {
    return training(32, 1, fashion_mlp(), classifier(sgd), {ops::zeros({32, 28, 28}), ops::zeros({32}, "int32")});
  }
  if (name == "predict_one_mlp") return {Kind::predict_one, 1, 200, fashion_mlp(), {}, fashion(200).x, {}};
  if (name == "predict_one_cnn") return {Kind::predict_one, 1, 200, mnist_cnn(), {}, mnist({28, 28, 1}, 200).x, {}};
  if (name == "predict_bulk") return {Kind::predict_bulk, 1, 10000, fashion_mlp(), {}, fashion(10000).x, {}};
  throw ValueError("[kerata_bench] There is no workload " + name +
                   ". Expected one of xor_b1, xor_b4, fashion_mlp, "
                   "batchnorm_mlp, mnist_mlp, mnist_cnn, imdb_lstm, wide_deep, startup, load_model, predict_one_mlp, "
                   "predict_one_cnn, predict_bulk.");
}

}  // namespace bench
