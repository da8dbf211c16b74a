// Bad input to metrics: the type and the text of the error.
#include "support/errors.h"
#include "kerata/metrics/metrics.h"
#include "kerata/ops/creation.h"

namespace kerata {
namespace {

TEST(MetricErrors, OptionsOutOfRange) {
  for (const double threshold : {0.0, 1.0, -0.5})
    EXPECT_ERROR_WITH(ValueError, metrics::BinaryAccuracy({.threshold = threshold}),
                      "[BinaryAccuracy] threshold must be in (0, 1). Received ");
  EXPECT_ERROR(ValueError, metrics::Mean(metrics::Mean::Options{.dtype = "int32"}),
               "[mean] A metric is a floating-point number. Expected dtype float32 or float64, received \"int32\".");
  EXPECT_ERROR(ValueError, metrics::MeanMetricWrapper(AnyLoss()),
               "[MeanMetricWrapper] Expected a function of (y_true, y_pred), received none.");
}

TEST(MetricErrors, ShapesThatDoNotFit) {
  const Tensor y = ops::zeros({4, 3}), p = ops::ones({4, 2});
  EXPECT_ERROR_WITH(ShapeError, metrics::MeanSquaredError().update_state(y, p), "(4, 3)");
  EXPECT_ERROR_WITH(ShapeError, metrics::RootMeanSquaredError().update_state(y, p), "(4, 3)");
  EXPECT_ERROR_WITH(ShapeError, metrics::BinaryAccuracy().update_state(y, p), "(4, 3)");
  EXPECT_ERROR_WITH(ShapeError, metrics::SparseCategoricalAccuracy().update_state(ops::zeros({5}), p), "(5,)");
  EXPECT_ERROR_WITH(ShapeError, metrics::CategoricalAccuracy().update_state(ops::zeros({5, 2}), p), "(5,)");
  EXPECT_ERROR_WITH(ShapeError, metrics::MeanSquaredError().update_state(p, p, ops::ones({3})), "(3,)");
}

}  // namespace
}  // namespace kerata
