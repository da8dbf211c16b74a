// Functional models: graphs of any shape, names, weights, copies.
#include <algorithm>

#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> names;
  for (const AnyLayer& layer : model.layers()) names.push_back(layer.name());
  return names;
}

TEST(Functional, NumbersNamesPerClassInTheOrderOfCalls) {
  const Tensor x = Input({4});
  const Dense last(1);
  const Tensor hidden = Dense(3)(Dense(2)(x));
  const Model model(x, last(hidden + hidden));
  EXPECT_EQ(names_of(model), (std::vector<std::string>{"input_layer", "dense", "dense_1", "dense_2"}));
  EXPECT_EQ(last.name(), "dense_2");
  EXPECT_EQ(last.weights()[0].path(), "dense_2/kernel");
  EXPECT_EQ(model.name(), "functional");
  const Tensor y = Input({4});
  EXPECT_EQ(names_of(Model(y, Dense(2)(y))), (std::vector<std::string>{"input_layer", "dense"}));
}

TEST(Functional, GivenNamesAreKeptAndNumberedOnesGiveWay) {
  const Tensor x = Input({4});
  const Model model(x, Dense(2)(Dense(2, {.name = "dense"})(x)));
  EXPECT_EQ(names_of(model), (std::vector<std::string>{"input_layer", "dense", "dense_1"}));
}

TEST(Functional, RefusesEqualNames) {
  const Tensor x = Input({4});
  const Tensor y = Dense(2, {.name = "a"})(Dense(2, {.name = "a"})(x));
  EXPECT_ERROR(ValueError, Model(x, y),
               "[Model] The name \"a\" is used 2 times in the model. All operation names should be unique.");
}

TEST(Functional, RefusesNamesWithASlash) {
  EXPECT_ERROR(ValueError, Dense(2, {.name = "a/b"}),
               "[Dense] The name of a layer cannot contain '/'. Received 'a/b'.");
}

TEST(Functional, RefusesADisconnectedGraph) {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  EXPECT_ERROR(ValueError, Model(a, add({a, b})),
               "[Model] Graph disconnected: an output depends on the input 'b' of shape (?, 4), which is not among the "
               "inputs. Hint: add it to the model's inputs.");
}

TEST(Functional, RefusesInputsThatAreNone) {
  const Tensor x = Input({4}, {.name = "x"});
  const Tensor y = Dense(2)(x);
  const Tensor z = Dense(2)(y);
  EXPECT_ERROR(
      ValueError, Model(y, z),
      "[Model] All inputs must be made by Input(). Received the output of a layer. Hint: Tensor x = Input({...}).");
  EXPECT_ERROR(
      ValueError, Model(ops::zeros({2, 4}), z),
      "[Model] All inputs must be made by Input(). Received a tensor with data. Hint: Tensor x = Input({...}).");
  EXPECT_ERROR(ValueError, Model({x, x}, z), "[Model] The input 'x' stands twice in the list.");
  const Tensor unnamed = Input({4});
  EXPECT_ERROR(ValueError, Model({unnamed, unnamed}, Dense(2)(unnamed)),
               "[Model] The input of shape (?, 4) stands twice in the list.");
  EXPECT_ERROR(ValueError, Model(x, ops::zeros({2, 4})),
               "[Model] All outputs must be symbolic tensors. Received a tensor with data.");
  EXPECT_ERROR(ValueError, Model(Tensors(), z), "[Model] A model needs at least one input.");
  EXPECT_ERROR(ValueError, Model(x, Tensors()), "[Model] A model needs at least one output.");
}

TEST(Functional, KeepsUnusedInputs) {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({2}, {.name = "b"});
  const Model model({a, b}, Dense(1)(a));
  EXPECT_EQ(model.input_names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(model({ops::ones({3, 4}), ops::ones({3, 2})}).shape(), (Shape{3, 1}));
}

TEST(Functional, SharesALayer) {
  const Tensor a = Input({4}), b = Input({4});
  const Dense shared(3);
  const Model model({a, b}, {shared(a), shared(b)});
  EXPECT_EQ(model.weights().size(), 2u);
  EXPECT_EQ(model.count_params(), 15);
  const Tensor x = random::normal({5, 4});
  const auto [left, right] = model.call_all({x, x}).unpack<2>();
  golden::expect_near_all(left, right, {0, 0});
  golden::expect_near_all(left, shared(x), {0, 0});
}

TEST(Functional, AModelIsALayer) {
  const Tensor x = Input({4});
  const Model inner(x, Dense(3, {.activation = "tanh"})(x), {.name = "inner"});
  const Tensor y = Input({4});
  const Model outer(y, Dense(1)(inner(y)));
  EXPECT_EQ(outer.count_params(), 15 + 4);
  EXPECT_EQ(outer.get_layer("inner").weights().size(), 2u);
  const Tensor data = random::normal({2, 4});
  const Tensor direct = outer.layers().back()(inner(data));
  golden::expect_near_all(outer(data), direct);
}

TEST(Functional, NumbersGoOnAfterAModelInside) {
  const Tensor x = Input({4});
  const Model inner(x, Dense(3)(x));
  const Tensor y = Input({4});
  const Model outer(y, Dense(1)(inner(y)));
  EXPECT_EQ(names_of(outer), (std::vector<std::string>{"input_layer_1", "functional", "dense_1"}));
  EXPECT_EQ(outer.name(), "functional_1");
}

TEST(Functional, LayersOfTwoModelsWithEqualNumbersAreRenamed) {
  const Tensor a = Input({4}), b = Input({4});
  const Model first(a, Dense(3)(a)), second(b, Dense(3)(b));
  const Model both({a, b}, add({first.output(), second.output()}));
  EXPECT_EQ(names_of(both), (std::vector<std::string>{"input_layer", "input_layer_1", "dense", "dense_1", "add"}));
}

TEST(Functional, RawOpsFollowTheBatch) {
  const Tensor x = Input({2, 3});
  const Tensor flat = x.reshape({x.shape()[0], -1});
  const Tensor padded = ops::concatenate({flat, ops::ones_like(flat) * 2.0}, 1);
  const Model model(x, padded / 2.0);
  for (Dim batch : {1, 4}) {
    const Tensor y = model(ops::ones({batch, 2, 3}));
    EXPECT_EQ(y.shape(), (Shape{batch, 12}));
    EXPECT_EQ(y[0][0].item(), 0.5);
    EXPECT_EQ(y[0][11].item(), 1);
  }
}

TEST(Functional, TakesOutputsFromTheMiddle) {
  const Tensor x = Input({4});
  const Model model(x, Dense(1)(Dense(3, {.activation = "relu", .name = "hidden"})(x)));
  const Model features(model.input(), {model.get_layer("hidden").output(), model.output()});
  const Tensor data = random::normal({2, 4});
  const auto [hidden, last] = features.call_all(data).unpack<2>();
  EXPECT_EQ(hidden.shape(), (Shape{2, 3}));
  golden::expect_near_all(last, model(data), {0, 0});
  EXPECT_EQ(features.output_names(), (std::vector<std::string>{"hidden", "dense"}));
}

TEST(Functional, TrainingReachesLayersInside) {
  const Tensor x = Input({100});
  const Model inner(x, Dropout(0.5)(x));
  const Tensor y = Input({100});
  const Model model(y, inner(y));
  const Tensor data = ops::ones({4, 100});
  golden::expect_near_all(model(data), data, {0, 0});
  const std::vector<float> dropped = model(data, {.training = true}).to_vector<float>();
  EXPECT_GT(std::count(dropped.begin(), dropped.end(), 0.0f), 100);
}

TEST(Functional, ARecordedTrainingFlagStays) {
  const Tensor x = Input({100});
  const Model always(x, Dropout(0.5)(x, {.training = true}));
  const std::vector<float> dropped = always(ops::ones({4, 100})).to_vector<float>();
  EXPECT_GT(std::count(dropped.begin(), dropped.end(), 0.0f), 100);
}

TEST(Functional, TenThousandLayersInARow) {
  const Tensor x = Input({1});
  Tensor y = x;
  const Activation same("linear");
  for (int i = 0; i < 10000; ++i) y = i % 100 ? same(y) : y + 1.0;
  const Model model(x, y);
  EXPECT_EQ(model(ops::zeros({1, 1})).item(), 100);
}

TEST(Functional, WeightsComeLayerByLayer) {
  const Tensor x = Input({4});
  const Model model(x, Dense(2)(BatchNormalization()(Dense(3)(x))));
  std::vector<std::string> paths;
  for (const Variable& weight : model.weights()) paths.push_back(weight.path());
  EXPECT_EQ(paths, (std::vector<std::string>{"dense/kernel", "dense/bias", "batch_normalization/gamma",
                                             "batch_normalization/beta", "batch_normalization/moving_mean",
                                             "batch_normalization/moving_variance", "dense_1/kernel", "dense_1/bias"}));
  EXPECT_EQ(model.trainable_weights().size(), 6u);
  model.get_layer("dense").set_trainable(false);
  EXPECT_EQ(model.trainable_weights().size(), 4u);
  model.set_trainable(false);
  EXPECT_TRUE(model.trainable_weights().empty());
  EXPECT_EQ(model.non_trainable_weights().size(), 8u);
}

TEST(Functional, SetWeightsIsAllOrNothing) {
  const Tensor x = Input({2});
  const Model model(x, Dense(1, {.name = "d"})(x), {.name = "m"});
  const std::vector<float> before = model.weights()[0].value().to_vector<float>();
  EXPECT_ERROR(
      ValueError, model.set_weights({ops::zeros({2, 1})}),
      "[m] You called set_weights(weights) on layer 'm' with a weight list of length 1, but the layer was expecting "
      "2 weights.");
  EXPECT_ERROR(
      ShapeError, model.set_weights({ops::zeros({2, 1}), ops::zeros({3})}),
      "[m] Layer 'm' weight shape is not compatible with the provided weight shape. Expected (1,) for 'd/bias', "
      "received (3,).");
  EXPECT_EQ(model.weights()[0].value().to_vector<float>(), before);
  model.set_weights({ops::ones({2, 1}), ops::ones({1})});
  EXPECT_EQ(model(ops::ones({1, 2})).item(), 3);
}

TEST(Functional, GetLayer) {
  const Tensor x = Input({2});
  const Model model(x, Dense(1, {.name = "head"})(x));
  EXPECT_EQ(model.get_layer("head").name(), "head");
  EXPECT_EQ(model.get_layer(-1).name(), "head");
  EXPECT_ERROR(ValueError, model.get_layer("heads"),
               "[Model.get_layer] No such layer: heads. Hint: did you mean \"head\"?");
  EXPECT_ERROR(ValueError, model.get_layer(2),
               "[Model.get_layer] Was asked to retrieve layer at index 2 but model only has 2 layers.");
}

TEST(Functional, CloneHasTheArchitectureAndOtherWeights) {
  const Tensor words = Input({-1}, {.dtype = "int32", .name = "words"});
  Tensor x = Embedding(10, 4, {.mask_zero = true, .name = "e"})(words);
  const Model inner = [] {
    const Tensor start = Input({-1, 4});
    return Model(start, LSTM(3)(start), {.name = "inner"});
  }();
  const Dense shared(3, {.activation = "tanh"});
  const Model model(words, shared(shared(inner(x) * 2.0)), {.name = "m"});
  const Model copy = clone_model(model);
  EXPECT_EQ(names_of(copy), names_of(model));
  EXPECT_EQ(copy.name(), "m");
  EXPECT_EQ(copy.count_params(), model.count_params());
  const Tensor data = ops::array({{1, 2, 0}, {3, 4, 5}});
  EXPECT_NE(copy(data).to_vector<float>(), model(data).to_vector<float>());
  copy.set_weights(model.get_weights());
  golden::expect_near_all(copy(data), model(data), {0, 0});
}

TEST(Functional, MasksReachTheOutput) {
  const Tensor words = Input({3}, {.dtype = "int32"});
  const Tensor x = Embedding(10, 4, {.mask_zero = true})(words);
  const Model model(words, Dense(2)(x));
  const Tensor y = model(ops::array({{1, 2, 0}, {0, 4, 5}}));
  ASSERT_FALSE(y.mask().is_empty());
  EXPECT_EQ(y.mask().to_vector<bool>(), (std::vector<bool>{true, true, false, false, true, true}));
}

TEST(Functional, MasksReachTheLayersOfAModelInside) {
  const Tensor start = Input({-1, 4});
  const LSTM lstm(3);
  const Model inner(start, lstm(start));
  const Tensor words = Input({-1}, {.dtype = "int32"});
  const Embedding embedding(10, 4, {.mask_zero = true});
  const Model model(words, inner(embedding(words)));
  const Tensor data = ops::array({{1, 2, 0, 0}});
  golden::expect_near_all(model(data), lstm(embedding(data)), {1e-6, 1e-7});
  golden::expect_near_all(model(data), model(ops::array({{1, 2}})), {1e-6, 1e-7});
}

}  // namespace
}  // namespace kerata
