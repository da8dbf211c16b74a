// The state of metrics: streaming, sharing, weights and masks of several ranks.
#include <gtest/gtest.h>

#include "kerata/metrics/metrics.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "metrics/metric_access.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

TEST(MetricState, SumAndMeanTakeNumbersAndTensors) {
  metrics::Sum sum;
  metrics::Mean mean;
  EXPECT_EQ(sum.name(), "sum");
  EXPECT_EQ(metrics::Mean("mine").name(), "mine");
  for (const double value : {1.0, 2.5}) sum.update_state(value), mean.update_state(value);
  EXPECT_EQ(sum.result(), 3.5);
  EXPECT_EQ(mean.result(), 1.75);
  sum.update_state(ops::array({1.0, 2.0}), ops::array({2.0, 0.0}));
  mean.update_state(ops::array({1.0, 2.0}), ops::array({2.0, 0.0}));
  EXPECT_EQ(sum.result(), 5.5);
  EXPECT_EQ(mean.result(), 5.5 / 4);
}

// Batches of different sizes: the mean over samples, not over batches.
TEST(MetricState, BatchesCountByTheirSamples) {
  metrics::MeanSquaredError metric;
  metric.update_state(ops::zeros({3, 2}), ops::full({3, 2}, 1.0));
  metric.update_state(ops::zeros({1, 2}), ops::full({1, 2}, 3.0));
  EXPECT_EQ(metric.result(), (3 * 1 + 9) / 4.0);
}

TEST(MetricState, BinaryAccuracyNeedsMoreThanTheThreshold) {
  metrics::BinaryAccuracy metric;
  metric.update_state(ops::array({{1}, {1}}), ops::array({{0.5}, {0.5}}));
  EXPECT_EQ(metric.result(), 0);
}

TEST(MetricState, CopiesShareIt) {
  metrics::BinaryAccuracy one;
  metrics::BinaryAccuracy two = one;
  const AnyMetric any = one;
  one.update_state(ops::array({{1}, {0}}), ops::array({{0.9}, {0.8}}));
  EXPECT_EQ(two.result(), 0.5);
  EXPECT_EQ(any->result(), 0.5);
  two.reset_state();
  EXPECT_EQ(one.result(), 0);
}

TEST(MetricState, NamesAndRolesOfVariables) {
  const metrics::RootMeanSquaredError metric;
  const std::vector<Variable> variables = metric.variables();
  ASSERT_EQ(variables.size(), 2u);
  EXPECT_EQ(variables[0].name(), "total");
  EXPECT_EQ(variables[1].name(), "count");
  EXPECT_EQ(variables[0].role(), Role::metric);
  EXPECT_FALSE(variables[0].trainable());
}

TEST(MetricState, AllWeightsZeroGiveZero) {
  metrics::MeanAbsoluteError metric;
  metric.update_state(ops::zeros({2, 1}), ops::ones({2, 1}), ops::zeros({2}));
  EXPECT_EQ(metric.result(), 0);
}

TEST(MetricState, AnErrorLeavesItAsItWas) {
  metrics::MeanSquaredError metric;
  metric.update_state(ops::zeros({2, 1}), ops::ones({2, 1}));
  EXPECT_THROW(metric.update_state(ops::zeros({2, 3}), ops::ones({2, 2})), ShapeError);
  EXPECT_EQ(metric.result(), 1);
  EXPECT_EQ(metric.variables()[1].value().item(), 2);
}

// Long streams: the count is exact to 2^24 samples in float32, the total to rounding.
TEST(MetricState, LongStreams) {
  metrics::Mean metric;
  const Tensor batch = ops::full({1000}, 0.5);
  CompiledRun run({batch}, false, [&](const std::vector<Tensor>& x, Scope&) {
    MetricAccess::update(metric, x[0], {}, {}, CallContext());
    return std::vector<Tensor>();
  });
  for (int i = 0; i < 5000; ++i) run({batch});
  EXPECT_EQ(metric.variables()[1].value().item(), 5e6);
  EXPECT_EQ(metric.result(), 0.5);
}

// A metric that is reset, read and fed by hand between the runs of a program that also writes it.
TEST(MetricState, ProgramsAndHandSeeTheSameState) {
  metrics::BinaryAccuracy metric;
  const Tensor y = ops::array({{1.0}, {0.0}}), p = ops::array({{0.9}, {0.8}});
  CompiledRun run({y, p}, false, [&](const std::vector<Tensor>& x, Scope&) {
    metric.update_state(x[0], x[1]);  // inside a trace the public call is traced too
    return std::vector{MetricAccess::compute(metric)};
  });
  EXPECT_EQ(metric.result(), 0);  // tracing has written nothing
  EXPECT_EQ(run({y, p})[0].item(), 0.5);
  metric.update_state(y, ops::array({{0.9}, {0.1}}));
  EXPECT_EQ(metric.result(), 0.75);
  EXPECT_EQ(run({y, p})[0].item<float>(), static_cast<float>(4.0 / 6));
  metric.reset_state();
  EXPECT_EQ(run({y, p})[0].item(), 0.5);
}

}  // namespace
}  // namespace kerata
