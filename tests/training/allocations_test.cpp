// After its first step fit() allocates nothing: global new and the buffer allocator are counted.
#include "backend/buffer.h"
#include "training/counting_new.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;

// The step after which all is there: a GPU's first one is followed by one recording for each of two input buffers.
const int kWarm = Device::default_device().is_cpu() ? 1 : 3;

// Counts from the end of step `first` to the end of step `last`, over all epochs.
class Counter : public Callback {
 public:
  Counter(int first, int last) : first_(first), last_(last) {}
  void on_train_batch_end(int, const Logs&) override {
    ++step_;
    if (step_ == first_) news_then_ = news, buffers_then_ = buffer_allocations();
    if (step_ == last_) allocated = news - news_then_, buffers = buffer_allocations() - buffers_then_;
  }
  std::uint64_t allocated = 99, buffers = 99;

 private:
  int first_, last_, step_ = 0;
  std::uint64_t news_then_ = 0, buffers_then_ = 0;
};

void expect_none(Model model, const Data& data, FitOptions options, int first, int last) {
  Counter counter(first, last);
  options.callbacks = {counter};
  model.fit(data.x, data.y, options);
  EXPECT_EQ(counter.allocated, 0u);
  EXPECT_EQ(counter.buffers, 0u);
}

TEST(Allocations, TheCounterCounts) {
  const std::uint64_t before = news, buffers = buffer_allocations();
  const Tensor x = ops::zeros({3});
  EXPECT_GT(news, before);
  EXPECT_EQ(buffer_allocations(), buffers + 1);
}

TEST(Allocations, NoneInAThousandSteps) {
  const Data data = class_data(2004);
  for (const char* optimizer : {"sgd", "adam", "rmsprop"})
    expect_none(class_model(optimizer), data, {.batch_size = 2, .verbose = 0}, kWarm, 1001);
}

TEST(Allocations, NoneInTheProgressBar) {
  testing::internal::CaptureStdout();
  expect_none(class_model(), class_data(2004), {.batch_size = 2, .verbose = 1}, kWarm, 1001);
  EXPECT_FALSE(testing::internal::GetCapturedStdout().empty());
}

TEST(Allocations, NoneWithDropoutShuffledIntegersAndWeights) {
  using namespace layers;
  Sequential model({Input({4}), Dense(6, {.activation = "relu"}), Dropout(0.3), BatchNormalization(),
                    Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = "adam",
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .weighted_metrics = {"accuracy"}});
  Data data = class_data(2004);
  data.x = (data.x * 20).cast("int8");
  expect_none(model, data, {.batch_size = 2, .verbose = 0, .sample_weight = ops::ones({2004})}, kWarm, 1001);
}

TEST(Allocations, NoneWithAnLstmBehindAMaskedEmbedding) {
  using namespace layers;
  Sequential model({Input({5}, {.dtype = "int32"}), Embedding(9, 4, {.mask_zero = true}), LSTM(6),
                    Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = "rmsprop", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = random::randint({2004, 5}, 0, 9, {.dtype = "int32", .seed = 1});
  expect_none(model, {x, random::randint({2004, 1}, 0, 2, {.dtype = "int32", .seed = 2})},
              {.batch_size = 2, .verbose = 0}, kWarm, 1001);
}

TEST(Allocations, NoneInMixedPrecision) {
  for (const char* policy : {"mixed_bfloat16", "mixed_float16"}) {
    mixed_precision::set_dtype_policy(DTypePolicy::parse(policy));
    const Model model = class_model("adam");
    mixed_precision::set_dtype_policy("float32");
    expect_none(model, class_data(2004), {.batch_size = 2, .verbose = 0}, kWarm, 1001);
  }
}

// Kerata's own code allocates nothing around oneDNN's, and oneDNN the same in every step.
class CounterPerStep : public Callback {
 public:
  CounterPerStep() { of_onednn.reserve(2000); }
  void on_train_batch_end(int, const Logs&) override {
    const std::uint64_t then = news_of_onednn;
    if (++steps_ <= kWarm)
      news_then_ = news, buffers_then_ = buffer_allocations();
    else
      of_onednn.push_back(then - onednn_then_);
    onednn_then_ = then;
    own = news - news_then_, buffers = buffer_allocations() - buffers_then_;
  }
  std::vector<std::uint64_t> of_onednn;
  std::uint64_t own = 99, buffers = 99;

 private:
  int steps_ = 0;
  std::uint64_t news_then_ = 0, buffers_then_ = 0, onednn_then_ = 0;
};

void expect_same_steps(Model model, const Shape& images, int batch) {
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  CounterPerStep counter;
  testing::internal::CaptureStdout();
  model.fit(random::normal(images, 0, 1, {.seed = 1}),
            random::randint({images[0]}, 0, 3, {.dtype = "int32", .seed = 2}),
            {.batch_size = batch, .verbose = 1, .callbacks = {counter}});
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(counter.own, 0u);
  EXPECT_EQ(counter.buffers, 0u);
  ASSERT_EQ(counter.of_onednn.size(), static_cast<std::size_t>(images[0] / batch - kWarm));
  for (const std::uint64_t step : counter.of_onednn) EXPECT_EQ(step, counter.of_onednn[0]);
}

TEST(Allocations, NoneAroundConvolutions) {
  using namespace layers;
  expect_same_steps(Sequential({Input({8, 8, 3}), Conv2D(4, 3, {.activation = "relu"}), MaxPooling2D(2),
                                Conv2D(5, 3, {.padding = "same"}), BatchNormalization(), AveragePooling2D(3), Flatten(),
                                Dense(3, {.activation = "softmax"})}),
                    {2002, 8, 8, 3}, 2);
}

// Large enough for bfloat16 kernels of oneDNN where it has any.
TEST(Allocations, NoneAroundConvolutionsInMixedPrecision) {
  using namespace layers;
  mixed_precision::set_dtype_policy("mixed_bfloat16");
  const Model model =
      Sequential({Input({16, 16, 16}), Conv2D(16, 3, {.activation = "relu"}), Conv2D(24, 3, {.padding = "same"}),
                  MaxPooling2D(2), Flatten(), Dense(32, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
  mixed_precision::set_dtype_policy("float32");
  expect_same_steps(model, {404, 16, 16, 16}, 4);
}

// Without callbacks a whole epoch costs nothing either: two fits of different length allocate alike.
TEST(Allocations, NoneInFurtherEpochs) {
  Model model = class_model();
  const Data data = class_data(20);
  auto cost = [&](int epochs) {
    const std::uint64_t before = news;
    model.fit(data.x, data.y, {.batch_size = 8, .epochs = epochs, .verbose = 0, .validation_data = {data.x, data.y}});
    return news - before;
  };
  for (int i = 0; i < 3; ++i) cost(3);  // where a GPU's data lie is settled then
  EXPECT_EQ(cost(3), cost(300));
}

TEST(Allocations, NoneInAPredictor) {
  const Model model = class_model();
  const Predictor predict = model.make_predictor();
  const std::vector<float> x(4, 0.5f);
  std::vector<float> y(3);
  for (int i = 0; i < kWarm; ++i) predict(x, y);
  const std::uint64_t before = news, buffers = buffer_allocations();
  for (int i = 0; i < 1000; ++i) predict(x, y);
  EXPECT_EQ(news, before);
  EXPECT_EQ(buffer_allocations(), buffers);
}

// Memory does not grow with the number of fits or of signatures.
TEST(Allocations, FitsDoNotPileUp) {
  Model model = class_model();
  const Data data = class_data(20);
  auto cost = [&] {
    const std::uint64_t before = news;
    model.fit(data.x, data.y, {.batch_size = 8, .verbose = 0});
    return news - before;
  };
  for (int i = 0; i < kWarm; ++i) cost();
  const std::uint64_t second = cost();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(cost(), second);
}

}  // namespace
}  // namespace kerata
