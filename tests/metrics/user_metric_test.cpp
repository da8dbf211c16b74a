// Metrics of the user's own: a class, a lambda, a loss as a metric.
#include <gtest/gtest.h>

#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "metrics/metric_access.h"
#include "support/compiled_run.h"
#include "support/errors.h"

namespace kerata {
namespace {

class WorstError : public Metric {
 public:
  WorstError() : Metric("worst_error"), worst_(add_variable("worst", {})), seen_(add_variable("seen", {2})) {}

 protected:
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
              const CallContext& context) const override {
    Tensor error = ops::abs(y_true - y_pred);
    if (!sample_weight.is_empty()) error = error * sample_weight;
    context.update(worst_, ops::maximum(worst_, ops::max(error)));
    context.update(seen_, seen_ + 1);
  }
  Tensor compute() const override { return worst_; }

 private:
  Variable worst_, seen_;
};

const Tensor kTruth = ops::array({1.0, 2.0, 3.0});
const Tensor kPrediction = ops::array({1.5, 0.0, 3.0});

TEST(UserMetric, ClassStreamsAndResets) {
  WorstError metric;
  EXPECT_EQ(metric.name(), "worst_error");
  metric.update_state(kTruth, kPrediction);
  EXPECT_EQ(metric.result(), 2);
  metric.update_state(kTruth, kTruth);
  EXPECT_EQ(metric.result(), 2);
  metric.update_state(kTruth, kPrediction, ops::array({8.0, 1.0, 1.0}));
  EXPECT_EQ(metric.result(), 4);
  EXPECT_EQ(metric.variables()[1].value().to_vector<double>(), (std::vector{3.0, 3.0}));
  metric.reset_state();
  EXPECT_EQ(metric.result(), 0);
  EXPECT_EQ(metric.variables()[1].value().to_vector<double>(), (std::vector{0.0, 0.0}));
}

TEST(UserMetric, ClassWithinACompiledProgram) {
  const AnyMetric metric = WorstError();
  CompiledRun run({kTruth, kPrediction}, false, [&](const std::vector<Tensor>& x, Scope&) {
    MetricAccess::update(*metric, x[0], x[1], {}, CallContext());
    return std::vector{MetricAccess::compute(*metric)};
  });
  EXPECT_EQ(run({kTruth, kTruth})[0].item(), 0);
  EXPECT_EQ(run({kTruth, kPrediction})[0].item(), 2);
  EXPECT_EQ(run({kTruth, kTruth})[0].item(), 2);
  EXPECT_EQ(metric->result(), 2);
}

TEST(UserMetric, CallablesAreAveraged) {
  const AnyMetric lambda = [](const Tensor& y_true, const Tensor& y_pred) { return ops::abs(y_true - y_pred); };
  EXPECT_EQ(lambda->name(), "function");
  lambda->update_state(kTruth, kPrediction);
  EXPECT_EQ(lambda->result(), static_cast<float>(2.5 / 3));
  lambda->reset_state();
  lambda->update_state(kTruth, kPrediction, ops::array({1.0, 3.0, 0.0}));
  EXPECT_EQ(lambda->result(), 6.5 / 4);
  const AnyMetric function = losses::mean_absolute_error;
  EXPECT_EQ(function->name(), "mean_absolute_error");
  const AnyMetric accuracy = metrics::binary_accuracy;
  EXPECT_EQ(accuracy->name(), "binary_accuracy");
  accuracy->update_state(ops::array({{1}, {0}}), ops::array({{0.9}, {0.8}}));
  EXPECT_EQ(accuracy->result(), 0.5);
}

TEST(UserMetric, FunctionsGiveAValuePerSample) {
  const Tensor p = ops::array({{0.1, 0.7, 0.2}, {0.5, 0.3, 0.2}});
  EXPECT_EQ(metrics::sparse_categorical_accuracy(ops::array({1, 2}), p).to_vector<double>(), (std::vector{1.0, 0.0}));
  EXPECT_EQ(metrics::categorical_accuracy(ops::array({{0, 1, 0}, {0, 0, 1}}), p).to_vector<double>(),
            (std::vector{1.0, 0.0}));
  EXPECT_EQ(metrics::accuracy(ops::array({1, 2}), ops::array({1, 3})).to_vector<double>(), (std::vector{1.0, 0.0}));
  EXPECT_EQ(
      metrics::BinaryAccuracyFunction{0.25}(ops::array({{1}, {0}}), ops::array({{0.3}, {0.3}})).to_vector<double>(),
      (std::vector{1.0, 0.0}));
}

TEST(UserMetric, HasNoConfigUnlessItWritesOne) {
  EXPECT_ERROR(
      StateError, WorstError().to_config(),
      "[worst_error] The class WorstError does not say what its config holds. Hint: override get_config(), and "
      "make the class known by register_metric<WorstError>(\"package>WorstError\").");
}

}  // namespace
}  // namespace kerata
