// Data for models: by list and by name, what is repaired and what is refused.
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "models/model_state.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;

Model two_inputs() {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({3}, {.name = "b"});
  return Model({a, b}, Dense(1)(concatenate({a, b})), {.name = "m"});
}

TEST(Feeding, ByListAndByName) {
  const Model model = two_inputs();
  const Tensor a = random::normal({4, 2}), b = random::normal({4, 3});
  const Tensor expected = model({a, b});
  golden::expect_near_all(model({{"b", b}, {"a", a}}), expected, {0, 0});
  golden::expect_near_all(model({{"a", a}, {"other", a}, {"b", b}}), expected, {0, 0});
}

TEST(Feeding, ByNameOnSymbolicTensors) {
  const Model inner = two_inputs();
  const Tensor x = Input({2}), y = Input({3});
  const Model outer({x, y}, inner({{"b", y}, {"a", x}}));
  const Tensor a = random::normal({4, 2}), b = random::normal({4, 3});
  golden::expect_near_all(outer({a, b}), inner({a, b}), {0, 0});
}

TEST(Feeding, RefusesAWrongNumber) {
  const Model model = two_inputs();
  EXPECT_ERROR(
      ValueError, model(ops::ones({4, 2})),
      "[m] Layer \"m\" expects 2 input(s), but it received 1 input tensors. Expected [\"a\", \"b\"].\n  in layer 'm' "
      "(Functional) called with input (4, 2)");
}

TEST(Feeding, RefusesWrongNames) {
  const Model model = two_inputs();
  EXPECT_ERROR_WITH(
      ValueError, model({{"a", ops::ones({4, 2})}, {"c", ops::ones({4, 3})}}),
      "[m] Missing data for input \"b\". You passed data with the names [\"a\", \"c\"]. Expected the following "
      "names: [\"a\", \"b\"].");
}

TEST(Feeding, RefusesAWrongLastAxis) {
  const Model model = two_inputs();
  EXPECT_ERROR_WITH(
      ShapeError, model({ops::ones({4, 2}), ops::ones({4, 2})}),
      "[m] Input 1 with name 'b' of layer 'm' is incompatible with the layer: expected shape=(?, 3), found "
      "shape=(4, 2).");
}

TEST(Feeding, RefusesAWrongRank) {
  const Model model = two_inputs();
  EXPECT_ERROR_WITH(
      ShapeError, model({ops::ones({4, 2, 5}), ops::ones({4, 3})}),
      "[m] Invalid input shape for input 'a'. Expected shape (?, 2), but input has incompatible shape (4, 2, 5).");
}

TEST(Feeding, RepairsTheRank) {
  const Tensor one = Input({1});
  const Model column(one, Dense(2)(one));
  EXPECT_EQ(column(ops::ones({5})).shape(), (Shape{5, 2}));
  const Tensor two = Input({3});
  const Model row(two, Dense(2)(two));
  EXPECT_EQ(row(ops::ones({5, 3, 1})).shape(), (Shape{5, 2}));
}

TEST(Feeding, CastsToTheInputsDtype) {
  const Tensor x = Input({3});
  const Model model(x, Dense(2)(x));
  EXPECT_EQ(model(ops::ones({5, 3}, "float64")).dtype(), DType::float32);
  EXPECT_EQ(model(ops::ones({5, 3}, "uint8")).dtype(), DType::float32);
}

TEST(Feeding, StandardizeGivesTheInputsOrder) {
  const Model model = two_inputs();
  const std::vector<Tensor> data =
      models::standardize_inputs(model.impl(), {{"b", ops::ones({4, 3})}, {"a", ops::zeros({4, 2})}});
  ASSERT_EQ(data.size(), 2u);
  EXPECT_EQ(data[0].shape(), (Shape{4, 2}));
}

TEST(Feeding, AnUnknownSizeTakesAnything) {
  const Tensor x = Input({-1, 2});
  const Model model(x, GlobalAveragePooling2D()(Reshape({-1, 2, 1})(x)));
  EXPECT_EQ(model(ops::ones({3, 4, 2})).shape(), (Shape{3, 1}));
  EXPECT_EQ(model(ops::ones({3, 7, 2})).shape(), (Shape{3, 1}));
}

}  // namespace
}  // namespace kerata
