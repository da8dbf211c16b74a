// clone_model: new layers, or those that a clone_function gives.
#include "kerata/kerata.h"
#include "models/model_config.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace layers;

const Tensor kX = ops::reshape(ops::sin(ops::arange(12).cast("float32")), {4, 3});

std::vector<float> values(const Model& model) { return model.predict(kX, {.verbose = 0}).to_vector<float>(); }
AnyLayer same(const AnyLayer& layer) { return layer; }

class RescaleLayer : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) const override { return x * 2.0; }
};
using Rescale = LayerRef<RescaleLayer>;

class TwiceLayer : public MultiLayer {
 public:
  Tensors call(const Tensors& inputs, const CallContext&) const override { return {inputs[0], inputs[0]}; }
};
using Twice = LayerRef<TwiceLayer>;

class OwnLayer : public ModelLayer {
 public:
  Tensors call(const Tensors& x, const CallContext&) const override { return {head_(x)}; }

 private:
  Dense head_ = add_layer("head", Dense(2));
};
using Own = ModelRef<OwnLayer>;

class OwnMetric : public Metric {
 public:
  OwnMetric() : Metric("own_metric"), last_(add_variable("last", {})) {}
  Config get_config() const override { return Config::Object{}; }

 protected:
  void update(const Tensor& y_true, const Tensor&, const Tensor&, const CallContext& context) const override {
    context.update(last_, ops::max(y_true));
  }
  Tensor compute() const override { return last_; }

 private:
  Variable last_;
};

class OwnOptimizer : public Optimizer {
 public:
  OwnOptimizer() : Optimizer(0.5) {}
  Config get_config() const override { return Config::Object{}; }

 protected:
  void update_step(const Tensor& gradient, const Variable& variable, const Tensor& rate,
                   const UpdateContext& context) const override {
    context.update(variable, variable - gradient * rate);
  }
};

Model functional() {
  const Tensor x = Input({3}, {.name = "x"});
  const Dense shared(3, {.activation = "tanh", .name = "shared"});
  return Model(x, Dense(2, {.name = "last"})(shared(shared(x))), {.name = "net"});
}

TEST(CloneModel, AsksOnceForEachLayerButInputsAndOps) {
  const Tensor x = Input({3});
  const Dense shared(3, {.name = "shared"});
  const Model model(x, Dense(2, {.name = "last"})(shared(shared(x)) * 2.0));
  std::vector<std::string> asked;
  const Model copy = clone_model(model, {.clone_function = [&](const AnyLayer& layer) {
                                   asked.push_back(layer.name());
                                   return layer.name() == "last" ? AnyLayer(Dense(4, {.name = "wider"})) : layer;
                                 }});
  EXPECT_EQ(asked, (std::vector<std::string>{"shared", "last"}));
  EXPECT_EQ(copy.output_shape(), (Shape{-1, 4}));
  EXPECT_EQ(copy.get_layer("shared").ptr(), model.get_layer("shared").ptr());
  EXPECT_EQ(copy.count_params(), 3 * 3 + 3 + 3 * 4 + 4);
}

TEST(CloneModel, TheSameLayersComputeTheSame) {
  const Model model = functional();
  const Model copy = clone_model(model, {.clone_function = same});
  EXPECT_EQ(values(copy), values(model));
  EXPECT_EQ(copy.name(), "net");
  EXPECT_NE(copy.get_layer("x").ptr(), model.get_layer("x").ptr());
  EXPECT_NE(values(clone_model(model)), values(model));
}

TEST(CloneModel, IsCompiledAsTheOldOne) {
  Model model = functional();
  EXPECT_FALSE(clone_model(model).compiled());
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.25}), .loss = "mse", .metrics = {"mae"}});
  const Tensor y = ops::ones({4, 2});
  model.fit(kX, y, {.epochs = 2, .verbose = 0});
  Model copy = clone_model(model);
  ASSERT_TRUE(copy.compiled());
  EXPECT_EQ(copy.optimizer().learning_rate(), 0.25);
  EXPECT_EQ(copy.optimizer().iterations(), 0);
  const std::vector<float> before = values(model);
  copy.set_weights(model.get_weights());
  EXPECT_EQ(copy.evaluate(kX, y, {.verbose = 0})["mae"], model.evaluate(kX, y, {.verbose = 0})["mae"]);
  copy.fit(kX, y, {.verbose = 0});
  EXPECT_EQ(copy.optimizer().iterations(), 1);
  EXPECT_EQ(model.optimizer().iterations(), 2);
  EXPECT_EQ(values(model), before);
}

TEST(CloneModel, KeepsJitCompileOfTheOldConfig) {
  Model model = functional();
  models::compile_from_config(model, Config::Object{{"loss", "mse"}, {"jit_compile", true}});
  EXPECT_EQ(*models::compile_config(clone_model(model).impl()).find("jit_compile"), Config(true));
}

TEST(CloneModel, FreezesWhatIsFrozenNow) {
  const Dense thawed(3, {.name = "thawed", .trainable = false}), frozen(2, {.name = "frozen"});
  const Sequential model({Input({3}), thawed, frozen});
  thawed.set_trainable(true);
  frozen.set_trainable(false);
  const Model copy = clone_model(model);
  EXPECT_TRUE(copy.get_layer("thawed").trainable());
  EXPECT_FALSE(copy.get_layer("frozen").trainable());
  EXPECT_EQ(copy.trainable_weights().size(), 2u);
}

TEST(CloneModel, OfASequential) {
  const Dense twice(3, {.name = "twice"});
  const Sequential model({Input({3}), twice, twice, Dropout(0.5), Dense(1, {.name = "last"})}, {.name = "stack"});
  const Model copy = clone_model(model, {.clone_function = [](const AnyLayer& layer) {
                                   return layer.name() == "last" ? AnyLayer(Dense(5)) : layer;
                                 }});
  EXPECT_EQ(copy.output_shape(), (Shape{-1, 5}));
  EXPECT_EQ(copy.name(), "stack");
  EXPECT_EQ(copy.layers().size(), model.layers().size());
  EXPECT_EQ(clone_model(model).count_params(), model.count_params());  // "twice" is one layer in the copy too
}

TEST(CloneModel, OfInnerModelsWhenRecursive) {
  const Tensor a = Input({3});
  const Model inner(a, Dense(3, {.name = "deep"})(a), {.name = "inner"});
  const Tensor x = Input({3});
  const Model model(x, Dense(1, {.name = "last"})(inner(x)));
  for (const bool recursive : {false, true}) {
    std::vector<std::string> asked;
    const Model copy = clone_model(model, {.clone_function =
                                               [&](const AnyLayer& layer) {
                                                 asked.push_back(layer.name());
                                                 return layer;
                                               },
                                           .recursive = recursive});
    EXPECT_EQ(asked,
              (recursive ? std::vector<std::string>{"deep", "last"} : std::vector<std::string>{"inner", "last"}));
    EXPECT_EQ(copy.get_layer("inner").ptr() == inner.ptr(), !recursive);
    EXPECT_EQ(values(copy), values(model));
  }
}

TEST(CloneModel, OnGivenInputs) {
  const Model model = functional();
  const Tensor mine = Input({3}, {.batch_size = 4, .name = "mine"});
  const Model copy = clone_model(model, {.input_tensors = mine, .clone_function = same});
  EXPECT_EQ(copy.input_names(), (std::vector<std::string>{"mine"}));
  EXPECT_EQ(copy.output_shape(), (Shape{4, 2}));
  EXPECT_EQ(values(copy), values(model));
  const Sequential stack({Input({3}), Dense(2)});
  const Model again = clone_model(stack, {.input_tensors = mine, .clone_function = same});
  EXPECT_EQ(again.input_names(), (std::vector<std::string>{"mine"}));
  EXPECT_EQ(values(again), values(stack));
}

TEST(CloneModel, ACallFunctionPutsLayersBehindOthers) {
  const Model model = functional();
  std::vector<std::string> called;
  const Model copy = clone_model(model, {.clone_function = same,
                                         .call_function = [&](const AnyLayer& layer, const Tensors& inputs,
                                                              const CallOptions& options) -> Tensors {
                                           called.push_back(layer.name());
                                           const Tensors out = layer.call_all(inputs, options);
                                           return layer.name() == "shared" ? Tensors(Rescale()(out[0])) : out;
                                         }});
  EXPECT_EQ(called, (std::vector<std::string>{"shared", "shared", "last"}));  // each call of a layer
  EXPECT_EQ(copy.layers().size(), model.layers().size() + 2);
  const AnyLayer shared = model.get_layer("shared"), last = model.get_layer("last");
  const Tensor expected = last(shared(shared(kX) * 2.0) * 2.0);
  EXPECT_EQ(values(copy), expected.to_vector<float>());
  EXPECT_EQ(values(model), last(shared(shared(kX))).to_vector<float>());
}

TEST(CloneModel, ACallFunctionGetsMasksAndStates) {
  const Tensor x = Input({3}, {.dtype = "int32"}), state = Input({2});
  const Tensor words = Embedding(5, 2, {.mask_zero = true})(x);
  const Model model({x, state}, LSTM(2, {.name = "lstm"})(words, {.initial_state = {state, state}}));
  std::size_t states = 0;
  const Model copy = clone_model(
      model, {.clone_function = same,
              .call_function = [&](const AnyLayer& layer, const Tensors& inputs, const CallOptions& options) {
                states += options.initial_state.size();
                return layer.call_all(inputs, options);
              }});
  EXPECT_EQ(states, 2u);
  const Tensors data{ops::array({{1, 2, 0}, {3, 0, 0}}).cast("int32"), ops::ones({2, 2})};
  EXPECT_EQ(copy.predict(data, {.verbose = 0}).to_vector<float>(),
            model.predict(data, {.verbose = 0}).to_vector<float>());
}

TEST(CloneModel, ACallFunctionIsForInnerFunctionalModelsOnly) {
  const Tensor a = Input({3});
  const Model inner(a, Dense(3, {.name = "deep"})(a), {.name = "inner"});
  const Sequential stack({Input({3}), Dense(3, {.name = "low"})}, {.name = "stack"});
  const Tensor x = Input({3});
  const Model model(x, Dense(1, {.name = "last"})(stack(inner(x))));
  std::vector<std::string> called;
  const Model copy =
      clone_model(model, {.call_function =
                              [&](const AnyLayer& layer, const Tensors& inputs, const CallOptions& options) {
                                called.push_back(layer.name());
                                return layer.call_all(inputs, options);
                              },
                          .recursive = true});
  EXPECT_EQ(called, (std::vector<std::string>{"deep", "inner", "stack", "last"}));
  EXPECT_EQ(copy.count_params(), model.count_params());
}

TEST(CloneModel, ErrorsOfTheCallFunction) {
  const Model model = functional();
  auto with = [&](Function<Tensors(const AnyLayer&, const Tensors&, const CallOptions&)> call) {
    return clone_model(model, {.call_function = std::move(call)});
  };
  EXPECT_ERROR(ValueError, with([](const AnyLayer&, const Tensors&, const CallOptions&) { return Tensors(); }),
               "[clone_model] The call_function for 'shared' gave another number of outputs. Expected 1, received 0.");
  EXPECT_ERROR(ValueError, with([](const AnyLayer&, const Tensors&, const CallOptions&) { return Tensors(Tensor()); }),
               "[clone_model] The call_function for 'shared' gave an empty tensor. Expected what layers give for the "
               "inputs.");
  EXPECT_ERROR(ValueError, with([](const AnyLayer&, const Tensors&, const CallOptions&) { return Tensors(kX); }),
               "[clone_model] The call_function for 'shared' gave a value. Expected what layers give for the inputs.");
  auto plainly = [](const AnyLayer& layer, const Tensors& inputs, const CallOptions& options) {
    return layer.call_all(inputs, options);
  };
  EXPECT_ERROR(ValueError,
               clone_model(Sequential({Input({3}), Dense(2)}, {.name = "stack"}), {.call_function = plainly}),
               "[clone_model] `call_function` argument is not supported with Sequential models. In a Sequential model, "
               "layers aren't called at model-construction time (they're merely listed). Use `call_function` with "
               "functional models only. Received the Sequential model 'stack'.");
  EXPECT_ERROR(
      ValueError, clone_model(Own({.name = "own"}), {.call_function = plainly}),
      "[clone_model] Argument `call_function` is only supported for functional models. Received the subclassed "
      "model 'own'.");
}

TEST(CloneModel, ErrorsOfSubclassedModelsAndOfClassesOfTheUsersOwn) {
  EXPECT_ERROR(
      ValueError, clone_model(Own({.name = "own"}), {.clone_function = same}),
      "[clone_model] Arguments `clone_function` and `input_tensors` are only supported for Sequential models or "
      "functional models. Received the subclassed model 'own'.");
  EXPECT_EQ(clone_model(Own({.name = "own"})).name(), "own");
  EXPECT_ERROR(
      ValueError,
      clone_model(
          functional(),
          {.clone_function = [](const AnyLayer& layer) { return layer.name() == "last" ? AnyLayer(Twice()) : layer; }}),
      "[clone_model] The layer that stands for 'last' has another number of outputs. Expected 1, received 2.");
  Model model = functional();
  model.compile({.loss = "mse", .metrics = {OwnMetric()}});
  EXPECT_ERROR(ValueError, clone_model(model),
               "[metrics] Unknown metric class \"OwnMetric\". Hint: a class of your own is made known by "
               "register_metric<OwnMetric>(\"OwnMetric\").");
  model.compile({.optimizer = OwnOptimizer(), .loss = "mse"});
  EXPECT_ERROR(ValueError, clone_model(model),
               "[optimizers] Unknown optimizer class \"OwnOptimizer\". Hint: a class of your own is made known by "
               "register_optimizer<OwnOptimizer>(\"OwnOptimizer\").");
}

TEST(CloneModel, Errors) {
  const Model model = functional();
  EXPECT_ERROR(ValueError, clone_model(model, {.clone_function = [](const AnyLayer&) { return AnyLayer(nullptr); }}),
               "[clone_model] The clone_function gave no layer for 'shared'.");
  EXPECT_ERROR(ValueError, clone_model(model, {.input_tensors = {Input({3}), Input({3})}}),
               "[clone_model] `input_tensors` must have the same structure as model.inputs(). Expected 1 tensors, "
               "received 2.");
  EXPECT_ERROR(ValueError, clone_model(model, {.input_tensors = model.output()}),
               "[clone_model] All entries in `input_tensors` must be tensors made by Input().");
  EXPECT_ERROR(ShapeError, clone_model(model, {.input_tensors = Input({3, 3})}),
               "[clone_model] Input 0 has another rank. Expected (?, 3), received (?, 3, 3).");
  const Sequential unbuilt({Dense(2)});
  EXPECT_ERROR(ValueError, clone_model(unbuilt, {.input_tensors = {Input({3}), Input({3})}}),
               "[clone_model] Argument `input_tensors` must contain a single tensor.");
}

}  // namespace
}  // namespace kerata
