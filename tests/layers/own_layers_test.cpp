// Layers of a user's own: names, weights, parts, configs, several inputs by name, masks of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/scope.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "layers/layer_state.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace layers;

/// w . x + b, with all that a user can ask of add_weight.
class LinearLayer : public Layer {
 public:
  struct Options {
    bool use_bias = true;
    std::string name = {};
    bool trainable = true;
    static constexpr auto fields() {
      return std::tuple{field("use_bias", &Options::use_bias), field("name", &Options::name),
                        field("trainable", &Options::trainable)};
    }
  };
  static constexpr std::array kArguments{"units"};
  LinearLayer(Dim units, const Options& options) : units_(units), options_(options) {}
  void build(const Shape& input) override {
    ++builds;
    kernel_ = add_weight("kernel", {input.back(), units_}, {.initializer = "ones", .regularizer = "l2"});
    if (options_.use_bias) bias_ = add_weight("bias", {units_}, {.initializer = "zeros", .constraint = "non_neg"});
    steps_ = add_weight("steps", {}, {.dtype = "int32", .trainable = false});
  }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    if (context.training()) context.update(steps_, steps_ + 1);
    const Tensor y = ops::matmul(x, kernel_);
    return options_.use_bias ? y + bias_ : y;
  }
  int builds = 0;

 private:
  Dim units_;
  Options options_;
  Variable kernel_, bias_, steps_;
};
using Linear = LayerRef<LinearLayer, Dim>;

TEST(OwnLayers, HaveWeightsInKerasOrder) {
  const Linear layer(2);
  static_cast<void>(layer(ops::ones({1, 3})));
  static_cast<void>(layer(ops::ones({4, 3})));
  EXPECT_EQ(layer->builds, 1);
  std::vector<std::string> paths;
  for (const Variable& weight : layer.weights()) paths.push_back(weight.path());
  EXPECT_EQ(paths, (std::vector<std::string>{"linear/kernel", "linear/bias", "linear/steps"}));
  EXPECT_EQ(layer.trainable_weights().size(), 2U);
  EXPECT_EQ(layer.non_trainable_weights().size(), 1U);
  EXPECT_EQ(layer.weights()[2].dtype(), DType::int32);
  EXPECT_EQ(layer.count_params(), 3 * 2 + 2 + 1);
  EXPECT_EQ(regularization_losses(*layer.ptr()).at(0).item(), 0.01F * 6);
  EXPECT_EQ(weight_constraints(*layer.ptr()).size(), 1U);
}

class BareLayer : public Layer {
 public:
  void build(const Shape&) override {
    for (DType dtype : {DType::float32, DType::float64, DType::int32, DType::uint8, DType::boolean})
      add_weight(std::string(Choice<DType>(dtype).name()), {3, 5}, {.dtype = dtype, .trainable = false});
  }
  Tensor call(const Tensor& x, const CallContext&) const override { return x; }
};
using Bare = LayerRef<BareLayer>;

TEST(OwnLayers, WeightsWithoutAnInitializerStartAsInKeras) {
  const Bare layer;
  static_cast<void>(layer(ops::ones({1, 3})));
  const double limit = std::sqrt(6.0 / (3 + 5));  // glorot_uniform
  for (const Variable& weight : layer.weights()) {
    double smallest = 0, largest = 0;
    for (double value : weight.value().to_vector<double>())
      smallest = std::min(smallest, value), largest = std::max(largest, value);
    EXPECT_EQ(is_floating(weight.dtype()), smallest < -limit / 4 && largest > limit / 4) << weight.path();
    EXPECT_TRUE(smallest >= -limit && largest <= limit) << weight.path();
    if (!is_floating(weight.dtype())) {
      EXPECT_TRUE(smallest == 0 && largest == 0) << weight.path();
    }
  }
}

class ScaleLayer : public Layer {
 public:
  using Layer::Layer;
  void build(const Shape& input) override { scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"}); }
  Tensor call(const Tensor& x, const CallContext&) const override { return x * scale_; }

 private:
  Variable scale_;
};
using Scale = LayerRef<ScaleLayer>;

TEST(OwnLayers, WeightsAreOfTheLayersDtype) {
  for (const auto& [policy, weights] : {std::pair{"float64", DType::float64},
                                        {"float16", DType::float16},
                                        {"mixed_float16", DType::float32},
                                        {"float32", DType::float32}}) {
    const Scale layer({.dtype = DTypePolicy::parse(policy)});
    static_cast<void>(layer(ops::ones({1, 3})));
    EXPECT_EQ(layer.weights()[0].dtype(), weights) << policy;
  }
}

TEST(OwnLayers, KeepTheirState) {
  const Linear layer(2);
  for (int i = 0; i < 3; ++i) static_cast<void>(layer(ops::ones({1, 3}), {.training = true}));
  static_cast<void>(layer(ops::ones({1, 3})));
  EXPECT_EQ(layer.weights()[2].value().item<int>(), 3);
}

TEST(OwnLayers, ComeBackFromTheirConfig) {
  register_layer<Linear>("tests>Linear");
  const Linear layer(2, {.use_bias = false, .name = "mine", .trainable = false});
  EXPECT_EQ(layer.class_name(), "tests>Linear");
  EXPECT_EQ(to_string(layer.get_config()),
            "{\"name\": \"mine\", \"trainable\": false, \"units\": 2, \"use_bias\": false}");
  const AnyLayer again =
      layer_from_config(Config(Config::Object{{"class_name", layer.class_name()}, {"config", layer.get_config()}}));
  EXPECT_EQ(again.get_config(), layer.get_config());
  EXPECT_EQ(again.name(), "mine");
  EXPECT_FALSE(again.trainable());
}

TEST(OwnLayers, NamesFollowTheClass) {
  for (const auto& [name, expected] :
       std::vector<std::pair<const char*, const char*>>{{"Dense", "dense"},
                                                        {"Conv2D", "conv2d"},
                                                        {"BatchNormalization", "batch_normalization"},
                                                        {"LSTM", "lstm"},
                                                        {"MaxPooling2D", "max_pooling2d"},
                                                        {"GlobalAveragePooling2D", "global_average_pooling2d"},
                                                        {"MyHTTPLayer2", "my_http_layer2"},
                                                        {"aB", "a_b"},
                                                        {"X", "x"},
                                                        {"", ""}})
    EXPECT_EQ(snake_case(name), expected) << name;
}

/// Two inputs and two outputs by name.
class PolarLayer : public MultiLayer {
 public:
  explicit PolarLayer(const Options&) {}
  Tensors call(const Tensors& inputs, const CallContext&) const override {
    const Tensor x = inputs["x"], y = inputs["y"];
    return {{"radius", ops::sqrt(x * x + y * y)}, {"sum", x + y}};
  }
};
using Polar = LayerRef<PolarLayer>;

TEST(OwnLayers, TakeAndGiveTensorsByName) {
  const Polar polar;
  const Tensors result = polar.call_all({{"x", ops::array({{3.0}})}, {"y", ops::array({{4.0}})}});
  EXPECT_EQ(result["radius"].item(), 5);
  EXPECT_EQ(result["sum"].item(), 7);
  const Tensors symbolic = polar.call_all({{"x", Input({1})}, {"y", Input({1})}});
  EXPECT_TRUE(symbolic["radius"].is_symbolic());
  EXPECT_ERROR_WITH(ValueError, polar.call_all({{"x", ops::ones({1})}, {"z", ops::ones({1})}}),
                    "in layer 'polar' (Polar)");
}

/// Cuts the last step off, and off the mask.
class ShorterLayer : public Layer {
 public:
  explicit ShorterLayer(const Options&) { set_supports_masking(true); }
  Tensor call(const Tensor& x, const CallContext&) const override { return x.slice({.axis = 1, .stop = -1}); }
  Tensor compute_mask(const Tensor&, const Tensor& mask) const override {
    return mask.is_empty() ? mask : mask.slice({.axis = 1, .stop = -1});
  }
};
using Shorter = LayerRef<ShorterLayer>;

TEST(OwnLayers, MakeMasksOfTheirOwn) {
  const Tensor x = Embedding(4, 2, {.mask_zero = true})(ops::array({{1, 0, 2}}));
  const Tensor y = Shorter()(x);
  EXPECT_EQ(y.mask().to_vector<double>(), (std::vector<double>{1, 0}));
  EXPECT_TRUE(Shorter()(ops::ones({1, 3, 2})).mask().is_empty());
}

/// Adds its activity to the loss.
class PenaltyLayer : public Layer {
 public:
  explicit PenaltyLayer(const Options&) {}
  Tensor call(const Tensor& x, const CallContext& context) const override {
    context.add_loss(ops::sum(x));
    return x;
  }
};
using Penalty = LayerRef<PenaltyLayer>;

TEST(OwnLayers, AddLosses) {
  Scope scope(Mode::eager, true);
  static_cast<void>(Penalty()(ops::ones({2, 3})));
  ASSERT_EQ(scope.losses().size(), 1U);
  EXPECT_EQ(scope.losses()[0].item(), 6);
}

}  // namespace
}  // namespace kerata
