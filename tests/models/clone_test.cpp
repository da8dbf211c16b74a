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
