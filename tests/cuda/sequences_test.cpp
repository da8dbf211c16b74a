// Random sequences of what a user calls on one model: on the GPU beside the same on the CPU. What one call leaves
// behind (bound programs, data on the device, recorded steps, random states) must not change the next.
#include <gtest/gtest.h>

#include <random>

#include "kerata/kerata.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

enum Kind { dense, recurrent, convolutional, shared };

Model make_model(Kind kind) {
  utils::set_random_seed(7);
  const auto classes = [] { return Dense(3, {.activation = "softmax"}); };
  switch (kind) {
    case dense:
      return Sequential({Input({4}), Dense(6, {.activation = "tanh"}), BatchNormalization({.momentum = 0.8}),
                         Dropout(0.3), classes()});
    case recurrent:
      return Sequential({Input({4}, {.dtype = "int32"}), Embedding(7, 3, {.mask_zero = true}), LSTM(4), classes()});
    case convolutional:
      return Sequential({Input({4}), Reshape({2, 2, 1}), Conv2D(3, 2, {.padding = "same", .activation = "relu"}),
                         MaxPooling2D(2), Flatten(), Dropout(0.2), classes()});
    default: {
      const Dense twice(4, {.activation = "tanh"});
      const Tensor x = Input({4}), h = twice(x);
      return Model(x, classes()(add({h, twice(h)})));
    }
  }
}

class Heard : public Callback {};

/// Looks at other data in the middle of a fit.
class Evaluates : public Callback {
 public:
  Evaluates(const Tensor& x, const Tensor& y) : x_(x), y_(y) {}
  void on_epoch_end(int, const Logs& logs) override {
    logs.set("extra", model().evaluate(x_, y_, {.batch_size = 5, .verbose = 0})["loss"]);
  }

 private:
  Tensor x_, y_;
};

class Sequence {
 public:
  explicit Sequence(unsigned seed)
      : random_(seed), kind_(static_cast<Kind>(below(4))), here_(make_model(kind_)), there_(make_model(kind_)) {
    there_.to(Device::cuda());
    compile();
  }

  void step() {
    const Dim samples = 3 + below(20);
    x_ = kind_ == recurrent ? random::randint({samples, 4}, 0, 7, {.dtype = "int32", .seed = 1 + below(99)})
                            : random::normal({samples, 4}, 0, 1, {.seed = 1 + below(99)});
    y_ = random::randint({samples}, 0, 3, {.dtype = "int32", .seed = 1 + below(99)});
    batch_ = 1 + below(static_cast<int>(samples) + 2);
    seed_ = below(1000);
    switch (below(9)) {
      case 0:
        compile();
        break;
      case 1:
        expect_same_scores([&](Model& m) { return m.evaluate(x_, y_, {.batch_size = batch_, .verbose = 0}); });
        break;
      case 2:
        expect_near(here_.predict(x_, {.batch_size = batch_, .verbose = 0}),
                    there_.predict(x_, {.batch_size = batch_, .verbose = 0}));
        break;
      case 3:
        expect_same_scores([&](Model& m) { return m.train_on_batch(x_, y_); });
        break;
      case 4:
        there_.to(Device::cpu());
        if (below(2)) fit();
        there_.to(Device::cuda());
        break;
      default:
        fit();
    }
    const Tensors expected = here_.get_weights(), received = there_.get_weights();
    for (std::size_t i = 0; i < expected.size(); ++i) expect_near(expected[i], received[i]);
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  void compile() {
    const int which = below(3), steps = 1 + 2 * below(2);
    for (Model* model : {&here_, &there_}) {
      const AnyOptimizer optimizers[] = {optimizers::SGD({.learning_rate = 0.05, .momentum = 0.9}),
                                         optimizers::Adam({.learning_rate = 0.01, .epsilon = 1e-3}),
                                         optimizers::RMSprop({.learning_rate = 0.01, .epsilon = 1e-2})};
      model->compile(
          {.optimizer = optimizers[which], .loss = "sparse_categorical_crossentropy", .steps_per_execution = steps});
    }
  }

  void fit() {
    FitOptions options{.batch_size = batch_, .epochs = 1 + below(4), .verbose = 0, .shuffle = below(3) > 0};
    if (below(3) == 0) options.validation_data = {x_, y_};
    if (below(4) == 0) options.callbacks = {Heard()};
    if (below(6) == 0) options.callbacks = {Evaluates(x_, y_)};
    if (below(5) == 0) options.class_weight = {{0, 2.0}, {1, 0.5}};
    std::map<std::string, std::vector<double>> histories[2];
    for (const bool on_gpu : {false, true}) {
      utils::set_random_seed(seed_);
      histories[on_gpu] = (on_gpu ? there_ : here_).fit(x_, y_, options).history;
    }
    ASSERT_EQ(histories[0].size(), histories[1].size());
    for (const auto& [name, values] : histories[0])
      for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(histories[1].at(name).at(i), values[i], 2e-4 * (1 + values[i])) << name;
  }

  template <class Call>
  void expect_same_scores(const Call& call) {
    utils::set_random_seed(seed_);
    const double expected = call(here_).loss();
    utils::set_random_seed(seed_);
    EXPECT_NEAR(call(there_).loss(), expected, 2e-4 * (1 + expected));
  }

  static void expect_near(const Tensor& expected, const Tensor& received) {
    golden::expect_near_all(received.to(Device::cpu()), expected, {1e-3, 1e-3});
  }

  std::mt19937 random_;
  Kind kind_;
  Model here_, there_;
  Tensor x_, y_;
  Dim batch_ = 1;
  int seed_ = 0;
};

class CudaSequences : public ::testing::TestWithParam<unsigned> {};

TEST_P(CudaSequences, GiveWhatTheCpuGives) {
  Sequence sequence(GetParam());
  for (int i = 0; i < 14; ++i) {
    SCOPED_TRACE("call " + std::to_string(i));
    sequence.step();
    if (HasFailure()) break;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, CudaSequences, ::testing::Range(1u, 17u));

}  // namespace
}  // namespace kerata
