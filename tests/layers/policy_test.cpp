// Dtype policies: names, configs, what is computed in what, the global one. Numbers: models_mixed.json (GoldenModels).
#include "kerata/kerata.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

class PolicyGuard {
 public:
  explicit PolicyGuard(const DTypePolicy& policy) { mixed_precision::set_dtype_policy(policy); }
  ~PolicyGuard() { mixed_precision::set_dtype_policy("float32"); }
};

TEST(DTypePolicy, Names) {
  const DTypePolicy mixed = "mixed_bfloat16", plain = "float64";
  EXPECT_EQ(mixed.compute_dtype(), DType::bfloat16);
  EXPECT_EQ(mixed.variable_dtype(), DType::float32);
  EXPECT_EQ(mixed.name(), "mixed_bfloat16");
  EXPECT_EQ(plain.name(), "float64");
  EXPECT_EQ(plain.compute_dtype(), plain.variable_dtype());
  EXPECT_EQ(DTypePolicy::parse("mixed_float16"), DTypePolicy("mixed_float16"));
  EXPECT_EQ(DTypePolicy().name(), "float32");
  EXPECT_ERROR(ValueError, DTypePolicy::parse("mixed_float32"),
               "[DTypePolicy] There is no policy \"mixed_float32\". Expected a type, \"mixed_float16\" or "
               "\"mixed_bfloat16\".");
}

// What call() sees.
class SpyLayer : public Layer {
 public:
  void build(const Shape&) override {
    weight_ = add_weight("w", {2}, {.initializer = "ones"});
    raw_ = add_weight("raw", {2}, {.initializer = "ones", .autocast = false});
  }
  Tensor call(const Tensor& x, const CallContext&) const override {
    seen = {x.dtype(), Tensor(weight_).dtype(), Tensor(raw_).dtype(), compute_dtype(), dtype()};
    return x * weight_;
  }
  mutable std::vector<DType> seen;

 private:
  Variable weight_, raw_;
};
using Spy = LayerRef<SpyLayer>;

TEST(DTypePolicy, SaysWhatCallSees) {
  const Spy mixed({.dtype = "mixed_bfloat16"}), plain({.dtype = "float32"});
  const Tensor x = ops::ones({1, 2});
  constexpr DType half = DType::bfloat16, full = DType::float32;
  EXPECT_EQ(mixed(x).dtype(), half);
  EXPECT_EQ(mixed->seen, (std::vector<DType>{half, half, full, half, full}));
  EXPECT_EQ(plain(x).dtype(), full);
  EXPECT_EQ(plain->seen, (std::vector<DType>{full, full, full, full, full}));
  const Sequential model({Input({2}), mixed, plain});
  EXPECT_EQ(model.predict(x, {.verbose = 0}).dtype(), full);
  EXPECT_EQ(plain->seen, (std::vector<DType>{full, full, full, full, full}));
  for (const Variable& weight : model.weights()) EXPECT_EQ(weight.dtype(), full);
}

TEST(DTypePolicy, TheGlobalOneIsForNewLayersWithoutTheirOwn) {
  const Dense before(2);
  const PolicyGuard guard("mixed_float16");
  EXPECT_EQ(mixed_precision::dtype_policy().name(), "mixed_float16");
  const Dense after(2), own(2, {.dtype = "float32"});
  const Tensor x = ops::ones({1, 3});
  EXPECT_EQ(before(x).dtype(), DType::float32);
  EXPECT_EQ(after(x).dtype(), DType::float16);
  EXPECT_EQ(own(x).dtype(), DType::float32);
  const Config policy = *after.get_config().find("dtype");
  EXPECT_EQ(policy.find("class_name")->as_text(), "DTypePolicy");
  EXPECT_EQ(policy.find("config")->find("name")->as_text(), "mixed_float16");
}

TEST(DTypePolicy, Float16TrainsWithAScaledLoss) {
  const PolicyGuard guard("mixed_float16");
  utils::set_random_seed(2);
  Model model = Sequential({Input({3}), Dense(4, {.activation = "relu"}), Dense(1)});
  const Tensor x = random::normal({16, 3}, 0, 1, {.seed = 1}), y = ops::sum(x, {.axis = 1, .keepdims = true});
  auto scaling = [&]() -> auto& { return dynamic_cast<optimizers::LossScaleOptimizer&>(model.optimizer()); };
  for (const bool eagerly : {false, true}) {
    const optimizers::SGD sgd({.learning_rate = 0.1, .loss_scale_factor = 128});
    model.compile({.optimizer = sgd, .loss = "mse", .run_eagerly = eagerly});
    const std::vector<double> loss = model.fit(x, y, {.epochs = 20, .verbose = 0})["loss"];
    EXPECT_LT(loss.back(), loss.front());
    EXPECT_LE(scaling().dynamic_scale(), 32768);
    EXPECT_EQ(scaling().iterations(), scaling().step_counter());
    EXPECT_EQ(sgd.iterations(), scaling().iterations());
    EXPECT_GE(sgd.iterations(), 18);  // a step or two may be skipped
  }
  model.compile({.optimizer = "sgd", .loss = "mse", .auto_scale_loss = false});
  EXPECT_EQ(dynamic_cast<optimizers::LossScaleOptimizer*>(&model.optimizer()), nullptr);
  const optimizers::LossScaleOptimizer own("sgd", {.initial_scale = 1 << 28});
  model.compile({.optimizer = own, .loss = "mse"});
  model.fit(x, y, {.epochs = 20, .verbose = 0});
  EXPECT_LT(scaling().dynamic_scale(), 1 << 24);  // it has found its height
  EXPECT_GE(scaling().iterations(), 5);
  EXPECT_EQ(scaling().iterations(), scaling().step_counter());
  for (const Variable& weight : model.weights()) EXPECT_TRUE(ops::all(ops::isfinite(weight)).item<bool>());
}

TEST(DTypePolicy, AModelReadsItsOwnFromItsConfig) {
  std::string json;
  {
    const PolicyGuard guard("mixed_bfloat16");
    json = Sequential({Input({3}), Dense(1)}).to_json();
  }
  const Model model = model_from_json(json);
  EXPECT_EQ(model.to_json(), json);
  EXPECT_EQ(model.predict(ops::ones({1, 3}), {.verbose = 0}).dtype(), DType::bfloat16);
}

// LSTMs that are a loop beside the same step by step; both read their weights in the compute type.
TEST(DTypePolicy, LoopsComputeInItsType) {
  using Options = LSTMLayer::Options;
  const Tensor x = random::normal({6, 5, 3}, 0, 1, {.seed = 3});
  for (const DType half : {DType::bfloat16, DType::float16}) {
    const PolicyGuard guard(half == DType::bfloat16 ? DTypePolicy("mixed_bfloat16") : DTypePolicy("mixed_float16"));
    const Options all[] = {{.activation = "relu"},
                           {.recurrent_activation = "hard_sigmoid", .use_bias = false},
                           {.return_sequences = true, .go_backwards = true, .use_cudnn = UseFused::no}};
    for (Options options : all) {
      const Sequential loop({Input({5, 3}), LSTM(4, options)});
      options.unroll = true;
      const Sequential steps({Input({5, 3}), LSTM(4, options)});
      steps.set_weights(loop.get_weights());
      const Tensor received = loop(x), expected = steps(x);
      EXPECT_EQ(received.dtype(), half);
      golden::expect_near_all(received.cast("float32"), expected.cast("float32"), {1e-2, 1e-2});
    }
  }
}

TEST(DTypePolicy, LoopsWithDropoutTrain) {
  for (const bool wide : {true, false}) {
    const PolicyGuard guard(wide ? DTypePolicy("mixed_bfloat16") : DTypePolicy("mixed_float16"));
    Sequential model(
        {Input({5, 3}), LSTM(8, {.dropout = 0.1, .recurrent_dropout = 0.1}), Dense(1, {.dtype = "float32"})});
    model.compile({.optimizer = optimizers::Adam(0.01), .loss = "mse"});
    const Tensor x = random::normal({32, 5, 3}, 0, 1, {.seed = 3}), y = ops::mean(x, {.axis = {1, 2}});
    const std::vector<double> loss = model.fit(x, y, {.epochs = 30, .verbose = 0})["loss"];
    EXPECT_LT(loss.back(), 0.5 * loss.front());
  }
}

// A loop of the user's own, whose body reads a weight.
class RunningMixLayer : public Layer {
 public:
  using Options = LayerBase::Options;
  explicit RunningMixLayer(const Options&) {}
  void build(const Shape& input) override { mix_ = add_weight("mix", {input.back(), input.back()}); }
  Tensor call(const Tensor& x, const CallContext&) const override {
    const auto step = [&](const Tensors& carry, const Tensors& now) {
      return ops::ScanStep{ops::tanh(ops::matmul(carry[0], mix_) + now[0])};
    };
    return ops::scan(step, ops::zeros_like(ops::take(x, ops::array({0}), 1).reshape({-1, x.shape()[2]})),
                     ops::transpose(x, {1, 0, 2}))
        .carry[0];
  }

 private:
  Variable mix_;
};
using RunningMix = LayerRef<RunningMixLayer>;

TEST(DTypePolicy, BodiesOfLoopsReadWeightsInItsType) {
  const Tensor x = random::normal({6, 5, 3}, 0, 1, {.seed = 3});
  const RunningMix plain, mixed({.dtype = "mixed_bfloat16"});
  const Tensor expected = plain(x);
  static_cast<void>(mixed(x));
  mixed.set_weights(plain.get_weights());
  const Tensor received = mixed(x);
  EXPECT_EQ(received.dtype(), DType::bfloat16);
  golden::expect_near_all(received.cast("float32"), expected, {2e-2, 2e-2});
}

// Gradients come back through the cast: in float32, for the float32 weight.
TEST(DTypePolicy, GradientsAreTheWeights) {
  const Dense dense(2, {.dtype = "mixed_bfloat16"});
  const Tensor x = random::normal({4, 3}, 0, 1, {.seed = 1});
  static_cast<void>(dense(x));
  const GradientTape tape;
  const Tensors slopes = gradients(ops::sum(dense(x).cast("float32")), dense.trainable_variables());
  for (const Tensor& slope : slopes) EXPECT_EQ(slope.dtype(), DType::float32);
  EXPECT_EQ(slopes[1].to_vector<float>(), (std::vector<float>{4, 4}));
}

}  // namespace
}  // namespace kerata
