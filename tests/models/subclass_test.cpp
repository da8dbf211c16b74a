// Models and layers of the user's own: parts, names, what is forgotten.
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/random.h"
#include "models/model_state.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

class WideAndDeepLayer : public ModelLayer {
 public:
  struct Options {
    AnyActivation activation = "relu";
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("activation", &Options::activation), field("name", &Options::name)};
    }
  };
  static constexpr std::array kArguments{"units"};
  WideAndDeepLayer(Dim units, const Options& options)
      : hidden_(add_layer("hidden", Dense(units, {.activation = options.activation}))),
        head_(add_layer("head", Dense(1))),
        aux_(add_layer("aux", Dense(1))) {}
  Tensors call(const Tensors& inputs, const CallContext&) const override {
    const auto [wide, deep] = inputs.unpack<2>();
    const Tensor hidden = hidden_(deep);
    return {head_(concatenate({wide, hidden})), aux_(hidden)};
  }

 private:
  Dense hidden_, head_, aux_;
};
using WideAndDeep = ModelRef<WideAndDeepLayer, Dim>;

TEST(Subclassed, BuildsItselfAtTheFirstCall) {
  const WideAndDeep model(4, {.name = "mine"});
  EXPECT_FALSE(model.built());
  EXPECT_TRUE(model.weights().empty());
  const auto [main, aux] = model.call_all({ops::ones({3, 2}), ops::ones({3, 5})}).unpack<2>();
  EXPECT_EQ(main.shape(), (Shape{3, 1}));
  EXPECT_EQ(aux.shape(), (Shape{3, 1}));
  EXPECT_EQ(model.count_params(), 24 + 7 + 5);
  std::vector<std::string> paths;
  for (const Variable& weight : model.weights()) paths.push_back(weight.path());
  EXPECT_EQ(paths, (std::vector<std::string>{"mine/dense/kernel", "mine/dense/bias", "mine/dense_1/kernel",
                                             "mine/dense_1/bias", "mine/dense_2/kernel", "mine/dense_2/bias"}));
}

TEST(Subclassed, HasTheClassNameAsName) {
  EXPECT_EQ(WideAndDeep(4).name(), "wide_and_deep");
  EXPECT_EQ(WideAndDeep(4).class_name(), "WideAndDeep");
}

TEST(Subclassed, BuildsFromTypes) {
  const WideAndDeep model(4);
  models::build_model(model.impl(), {{DType::float32, {8, 2}}, {DType::float32, {8, 5}}});
  EXPECT_EQ(model.weights().size(), 6u);
  EXPECT_EQ(model.output_names(), (std::vector<std::string>{"output_1", "output_2"}));
}

TEST(Subclassed, IsALayerOfAFunctionalModel) {
  const WideAndDeep inner(4);
  const Tensor a = Input({2}), b = Input({5});
  const auto [main, aux] = inner.call_all({a, b}).unpack<2>();
  const Model outer({a, b}, main + aux);
  const Tensor x = random::normal({3, 2}), y = random::normal({3, 5});
  const auto [left, right] = inner.call_all({x, y}).unpack<2>();
  golden::expect_near_all(outer({x, y}), left + right);
}

TEST(Subclassed, HasNoGraph) {
  const WideAndDeep model(4, {.name = "mine"});
  EXPECT_ERROR(StateError, model.inputs(),
               "[WideAndDeep] WideAndDeep model 'mine' has no defined inputs: its call() is code, not a graph.");
}

TEST(Subclassed, IsClonedFromItsArguments) {
  const WideAndDeep model(4, {.activation = "tanh"});
  const Tensors data = {random::normal({3, 2}), random::normal({3, 5})};
  static_cast<void>(model.call_all(data));
  const Model copy = clone_model(model);
  static_cast<void>(copy.call_all(data));
  copy.set_weights(model.get_weights());
  golden::expect_near_all(copy.call_all(data)[0], model.call_all(data)[0], {0, 0});
  EXPECT_ERROR(
      ValueError,
      clone_model(WideAndDeep(4, {.name = "mine"}), {.clone_function = [](const AnyLayer& layer) { return layer; }}),
      "[clone_model] Arguments `clone_function` and `input_tensors` are only supported for Sequential models "
      "or functional models. Received the subclassed model 'mine'.");
}

class ForgetfulLayer : public Layer {
 public:
  ForgetfulLayer() : dense_(2) {}
  Tensor call(const Tensor& x, const CallContext&) const override { return dense_(x); }

 private:
  Dense dense_;
};
using Forgetful = LayerRef<ForgetfulLayer>;

TEST(UserLayer, ALayerThatWasNotAddedIsRefused) {
  EXPECT_ERROR(
      StateError, Forgetful()(ops::ones({1, 3})),
      "[Forgetful] Layer 'dense' (Dense) is used in call() but is not part of the layer. Hint: in the constructor, "
      "keep it with add_layer(\"dense\", ...).\n  in layer 'dense' (Dense) called with input (1, 3)\n  in layer "
      "'forgetful' (Forgetful) called with input (1, 3)");
  EXPECT_ERROR_WITH(StateError, Forgetful()(Input({3})), "is used in call() but is not part of the layer");
}

class UnwrittenLayer : public ModelLayer {
 public:
  explicit UnwrittenLayer(const Options&) {}
};

TEST(Subclassed, WithoutCallSaysSo) {
  const ModelRef<UnwrittenLayer> model;
  EXPECT_ERROR_WITH(StateError, model(ops::ones({1, 2})),
                    "[Unwritten] The model has no graph and its class does not override call().");
}

class PenalizedLayer : public ModelLayer {
 public:
  PenalizedLayer(const Tensors& inputs, const Tensors& outputs, const Options&) : ModelLayer(inputs, outputs) {}
};

TEST(Subclassed, OfAGraphIsFunctional) {
  const Tensor x = Input({2}, {.name = "x"});
  const ModelRef<PenalizedLayer, Tensors, Tensors> model(x, Dense(3)(x), {.name = "p"});
  EXPECT_TRUE(model.built());
  EXPECT_EQ(model.input_names(), (std::vector<std::string>{"x"}));
  EXPECT_EQ(model(ops::ones({4, 2})).shape(), (Shape{4, 3}));
}

class NamedOutputsLayer : public ModelLayer {
 public:
  explicit NamedOutputsLayer(const Options&) {}
  Tensors call(const Tensors& inputs, const CallContext&) const override {
    return {{"sum", inputs["a"] + inputs["b"]}, {"difference", inputs["a"] - inputs["b"]}};
  }
};

TEST(Subclassed, TakesAndGivesTensorsByName) {
  const ModelRef<NamedOutputsLayer> model;
  const Tensors result = model.call_all({{"a", ops::ones({1, 2})}, {"b", ops::ones({1, 2})}});
  EXPECT_EQ(result["sum"][0][0].item(), 2);
  EXPECT_EQ(result["difference"][0][0].item(), 0);
  EXPECT_EQ(model.output_names(), (std::vector<std::string>{"sum", "difference"}));
  const Tensor a = Input({2}), b = Input({2});
  const Model outer({a, b}, model.call_all({{"a", a}, {"b", b}})["difference"]);
  EXPECT_EQ(outer({ops::ones({1, 2}), ops::zeros({1, 2})})[0][0].item(), 1);
}

}  // namespace
}  // namespace kerata
