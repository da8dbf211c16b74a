// Sequential: add, pop, deferred build, and what it refuses.
#include "kerata/models/sequential.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

TEST(Sequential, IsBuiltAsSoonAsTheInputIsKnown) {
  Sequential model;
  model.add(Input({4}));
  EXPECT_FALSE(model.built());
  model.add(Dense(3));
  EXPECT_TRUE(model.built());
  model.add(Dense(2));
  EXPECT_EQ(model.output_shape(), (Shape{-1, 2}));
  EXPECT_EQ(model.layers().size(), 2u);  // without the InputLayer
  EXPECT_EQ(model.layers()[1].name(), "dense_1");
  EXPECT_EQ(model.count_params(), 15 + 8);
}

TEST(Sequential, TakesTheShapeFromTheFirstLayer) {
  EXPECT_EQ(Sequential({Dense(3, {.input_shape = {4}})}).count_params(), 15);
  EXPECT_EQ(Sequential({Dense(3, {.input_dim = 4})}).count_params(), 15);
  EXPECT_EQ(Sequential({InputLayer({4}), Dense(3)}).count_params(), 15);
  const Sequential inner({Input({4}), Dense(3)});
  const Sequential outer({inner, Dense(2)});
  EXPECT_TRUE(outer.built());
  EXPECT_EQ(outer.count_params(), 15 + 8);
}

TEST(Sequential, WaitsForTheFirstCall) {
  Sequential model({Dense(3), Dense(2)});
  EXPECT_FALSE(model.built());
  EXPECT_ERROR(
      StateError, model.inputs(),
      "[Sequential] Sequential model 'sequential' has no defined inputs yet. Hint: begin with Input({...}), or call "
      "build().");
  EXPECT_ERROR(
      StateError, model.count_params(),
      "[sequential] You tried to call count_params on layer 'sequential', but the layer isn't built. Hint: call it on "
      "data or on Input() first.");
  EXPECT_EQ(model(ops::ones({5, 4})).shape(), (Shape{5, 2}));
  EXPECT_TRUE(model.built());
  EXPECT_EQ(model.input_shape(), (Shape{5, 4}));
  EXPECT_EQ(model(ops::ones({7, 4})).shape(), (Shape{7, 2}));
}

TEST(Sequential, BuildsForAShape) {
  Sequential model({Dense(3), Dense(2)});
  model.build({-1, 4});
  EXPECT_EQ(model.output_shape(), (Shape{-1, 2}));
  model.build({-1, 4});
  EXPECT_ERROR(
      ShapeError, model.build({-1, 5}),
      "[Model.build] The model has already been configured to use input shape (?, 4). You cannot build it with "
      "input_shape (?, 5).");
}

TEST(Sequential, PopTakesTheLastLayerOff) {
  Sequential model({Input({4}), Dense(3), Dense(2)});
  const AnyLayer last = model.pop();
  EXPECT_EQ(last.name(), "dense_1");
  EXPECT_EQ(model.output_shape(), (Shape{-1, 3}));
  model.add(Dense(5));
  EXPECT_EQ(model.output_shape(), (Shape{-1, 5}));
  Sequential empty;
  EXPECT_ERROR(StateError, empty.pop(), "[Sequential.pop] There are no layers in the model.");
}

TEST(Sequential, RefusesWhatDoesNotFitAndStaysUsable) {
  Sequential model({Input({4}), Dense(3)});
  EXPECT_ERROR_WITH(ShapeError, model.add(Conv2D(2, 3)), "[Conv2D] Expected an input of rank 4");
  EXPECT_EQ(model.layers().size(), 1u);
  model.add(Dense(2));
  EXPECT_EQ(model(ops::ones({1, 4})).shape(), (Shape{1, 2}));
}

TEST(Sequential, RefusesEqualNames) {
  Sequential model({Dense(2, {.name = "a"})});
  EXPECT_ERROR(
      ValueError, model.add(Dense(2, {.name = "a"})),
      "[Sequential] All layers added to a Sequential model should have unique names. Name 'a' is already the name of a "
      "layer in this model. Update the `name` argument to pass a unique name.");
}

TEST(Sequential, RefusesASecondInput) {
  Sequential model({Input({4})}, {.name = "m"});
  EXPECT_ERROR(
      ValueError, model.add(Input({5})),
      "[Sequential] Sequential model 'm' has already been configured to use input shape (?, 4). You cannot add a "
      "different Input layer to it.");
  Sequential late({Dense(2)});
  EXPECT_ERROR(ValueError, late.add(Input({5})),
               "[Sequential] An Input can only be the first element of a Sequential.");
}

TEST(Sequential, RefusesLayersWithSeveralOutputs) {
  Sequential model({Input({4, 2})});
  EXPECT_ERROR(
      ValueError, model.add(LSTM(3, {.return_state = true})),
      "[Sequential] All layers in a Sequential model should have a single output tensor. Layer 'lstm' has 3. Hint: use "
      "Model(inputs, outputs).");
}

TEST(Sequential, WithoutLayersCannotBeCalled) {
  Sequential model;
  EXPECT_ERROR_WITH(ValueError, model(ops::ones({1, 2})),
                    "[Sequential] Sequential model sequential cannot be built because it has no layers. Hint: "
                    "model.add(layer).");
}

TEST(Sequential, CannotHoldItself) {
  Sequential model({Input({4}), Dense(4)}, {.name = "snake"});
  const std::string text = "that it is added to. Expected a graph without cycles.";
  EXPECT_ERROR(ValueError, model.add(model), "[Sequential] Layer 'snake' is or holds the model 'snake' " + text);
  const Tensor x = Input({4});
  const Model around(x, model(x), {.name = "around"});
  EXPECT_ERROR(ValueError, model.add(around), "[Sequential] Layer 'around' is or holds the model 'snake' " + text);
  Sequential empty;
  EXPECT_ERROR(ValueError, empty.add(empty),
               "[Sequential] Layer 'sequential' is or holds the model 'sequential' " + text);
  model.add(Dense(2));
  EXPECT_EQ(model.predict(ops::ones({1, 4}), {.verbose = 0}).shape(), (Shape{1, 2}));
}

TEST(Sequential, ALayerMayStandTwice) {
  const Dense same(4);
  const Sequential model({Input({4}), same, same});
  EXPECT_EQ(model.count_params(), 20);
  const Tensor x = random::normal({2, 4});
  golden::expect_near_all(model(x), same(same(x)), {0, 0});
}

TEST(Sequential, FromAVectorOfLayers) {
  std::vector<AnyLayer> layers;
  for (int i = 0; i < 3; ++i) layers.push_back(Dense(2));
  Sequential model(layers, {.name = "stack"});
  EXPECT_EQ(model(ops::ones({1, 2})).shape(), (Shape{1, 2}));
  EXPECT_EQ(model.get_layer("dense_2").name(), "dense_2");
}

TEST(Sequential, CloneKeepsTheList) {
  Sequential model({Input({4}), Dense(3, {.activation = "relu"}), Dropout(0.5), Dense(1)});
  Model copy = clone_model(model);
  copy.set_weights(model.get_weights());
  const Tensor x = random::normal({2, 4});
  golden::expect_near_all(copy(x), model(x), {0, 0});
  EXPECT_EQ(copy.layers().size(), 3u);
  EXPECT_EQ(to_string(copy.get_config()), to_string(model.get_config()));
}

TEST(Sequential, IntegerDataOfADeferredEmbeddingStaysInteger) {
  Sequential model({Embedding(20000000, 1, {.embeddings_initializer = "zeros"})});
  EXPECT_EQ(model(ops::array({{16777217}})).shape(), (Shape{1, 1, 1}));  // not a float32
  EXPECT_EQ(model.input().dtype(), DType::int32);
}

}  // namespace
}  // namespace kerata
