// Bad input to losses: the type and the text of the error.
#include <cmath>

#include "kerata/losses/losses.h"
#include "kerata/ops/creation.h"
#include "support/compiled_run.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace losses;

TEST(LossErrors, ShapesThatDoNotFit) {
  const Tensor y = ops::zeros({4, 3}), p = ops::full({4, 2}, 0.5);
  EXPECT_ERROR(ShapeError, BinaryCrossentropy()(y, p),
               "[binary_crossentropy] Targets and predictions must have the same shape. Expected (4, 2), received (4, "
               "3).");
  EXPECT_ERROR(ShapeError, CategoricalCrossentropy()(y, p),
               "[categorical_crossentropy] Targets and predictions must have the same shape. Expected (4, 2), received "
               "(4, 3). Hint: for class indices use sparse_categorical_crossentropy, or make the targets one-hot.");
  EXPECT_ERROR(ShapeError, SparseCategoricalCrossentropy()(y, p),
               "[sparse_categorical_crossentropy] Targets must be class indices. Expected (4,), received (4, 3). Hint: "
               "for one-hot targets use categorical_crossentropy.");
  EXPECT_ERROR(ShapeError, SparseCategoricalCrossentropy()(ops::zeros({5}, "int32"), p),
               "[sparse_categorical_crossentropy] Targets must be class indices. Expected (4,), received (5,). Hint: "
               "for one-hot targets use categorical_crossentropy.");
  EXPECT_ERROR_WITH(ShapeError, MeanSquaredError()(y, p), "(4, 3)");
  EXPECT_ERROR_WITH(ShapeError, MeanAbsoluteError()(ops::zeros({5, 2}), p), "(5, 2)");
  EXPECT_ERROR(ShapeError, SparseCategoricalCrossentropy()(ops::full({}, 1), ops::full({}, 1)),
               "[sparse_categorical_crossentropy] Predictions need a class axis. Received a scalar.");
}

TEST(LossErrors, WeightsThatDoNotFit) {
  const Tensor y = ops::zeros({4, 2}), p = ops::ones({4, 2});
  EXPECT_ERROR_WITH(ShapeError, MeanSquaredError()(y, p, ops::ones({3})), "(3,)");
}

TEST(LossErrors, TheCompiledPathGivesTheSameText) {
  const Tensor y = ops::zeros({4, 3}), p = ops::full({4, 2}, 0.5);
  EXPECT_ERROR(
      ShapeError,
      CompiledRun({y, p}, true,
                  [](const std::vector<Tensor>& x, Scope&) { return std::vector{BinaryCrossentropy()(x[0], x[1])}; }),
      "[binary_crossentropy] Targets and predictions must have the same shape. Expected (4, 2), received (4, "
      "3).");
}

TEST(LossErrors, LabelsOutsideTheClasses) {
  const SparseCategoricalCrossentropy loss;
  const Shape predictions = {3, 4};
  auto check = [&](const Tensor& y) { loss.check_targets(y, predictions); };
  check(ops::array({0, 3, 2}));
  check(ops::array({{0}, {3}, {2}}));
  check(ops::array({0.0, 3.0, 2.0}));
  const std::string hint = " Hint: the last layer needs one unit per class, labels count from 0.";
  const std::string start =
      "[sparse_categorical_crossentropy] A label is outside the classes. Expected labels in [0, 4), received ";
  EXPECT_ERROR(ValueError, check(ops::array({0, 4, 2})), start + "4 at index 1." + hint);
  EXPECT_ERROR(ValueError, check(ops::array({0, 3, -1})), start + "-1 at index 2." + hint);
  EXPECT_ERROR(ValueError, check(ops::array({1e6, 0.0, 0.0})), start + "1000000 at index 0." + hint);
  EXPECT_ERROR_WITH(ValueError, check(ops::array({std::nan(""), 0.0, 0.0})), "nan at index 0.");
  SparseCategoricalCrossentropy({.ignore_class = -1}).check_targets(ops::array({0, 3, -1}), predictions);
  EXPECT_ERROR_WITH(ValueError,
                    SparseCategoricalCrossentropy({.ignore_class = 255}).check_targets(ops::array({254}), predictions),
                    "received 254 at index 0.");
}

TEST(LossErrors, LabelsAreCheckedByFunctionAndName) {
  const Tensor bad = ops::array({0, 4});
  for (const AnyLoss& loss : {AnyLoss("sparse_categorical_crossentropy"), AnyLoss(sparse_categorical_crossentropy),
                              AnyLoss(SparseCategoricalCrossentropy()), AnyLoss("ce")})
    EXPECT_ERROR_WITH(ValueError, loss->check_targets(bad, {2, 4}), "received 4 at index 1.");
  for (const char* name : {"mse", "mae", "binary_crossentropy", "categorical_crossentropy"})
    AnyLoss(name)->check_targets(bad, {2, 4});
}

// Without check_targets, as in a loop by hand, the op itself sees the bad label.
TEST(LossErrors, ABadLabelNeverReadsOutsideTheLogits) {
  const Tensor p = ops::full({2, 4}, 0.25), bad = ops::array({0, 4});
  EXPECT_THROW(static_cast<void>(SparseCategoricalCrossentropy()(bad, p)), ValueError);
  EXPECT_THROW(static_cast<void>(SparseCategoricalCrossentropy({.from_logits = true})(bad, p)), ValueError);
  CompiledRun run({bad, p}, true, [](const std::vector<Tensor>& x, Scope&) {
    return std::vector{SparseCategoricalCrossentropy({.from_logits = true})(x[0], x[1])};
  });
  EXPECT_THROW(run({bad, p}), ValueError);
  EXPECT_NEAR(run({ops::array({0, 3}), p})[0].item(), std::log(4.0), 1e-6);  // usable afterwards
}

TEST(LossErrors, OptionsOutOfRange) {
  EXPECT_ERROR(ValueError, BinaryCrossentropy({.label_smoothing = 1.5}),
               "[BinaryCrossentropy] label_smoothing must be in [0, 1]. Received 1.5.");
  EXPECT_ERROR(ValueError, CategoricalCrossentropy({.label_smoothing = -0.1}),
               "[CategoricalCrossentropy] label_smoothing must be in [0, 1]. Received -0.1.");
  const Tensor p = ops::full({1, 2}, 0.5);
  EXPECT_ERROR(ValueError, binary_crossentropy(p, p, {.label_smoothing = 2}),
               "[binary_crossentropy] label_smoothing must be in [0, 1]. Received 2.");
  EXPECT_ERROR(ValueError, categorical_crossentropy(p, p, {.label_smoothing = 2}),
               "[categorical_crossentropy] label_smoothing must be in [0, 1]. Received 2.");
  for (const Dim axis : {Dim{2}, Dim{-3}}) {
    EXPECT_THROW(static_cast<void>(binary_crossentropy(p, p, {.axis = axis})), Error);
    EXPECT_THROW(static_cast<void>(categorical_crossentropy(p, p, {.axis = axis})), Error);
    EXPECT_THROW(static_cast<void>(sparse_categorical_crossentropy(ops::array({0}), p, {.axis = axis})), Error);
  }
}

}  // namespace
}  // namespace kerata
