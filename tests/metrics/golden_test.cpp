// The metrics against Keras: after each batch and in their state, eager and inside a compiled program.
#include "metrics/golden_metrics.h"

#include "metrics/metric_access.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

using golden::Json;

void expect_state(const golden::File& file, const Json& json, const Metric& metric) {
  const std::vector<Variable> variables = metric.variables();
  ASSERT_EQ(variables.size(), json.at("variables").size());
  for (std::size_t i = 0; i < variables.size(); ++i)
    golden::expect_near_all(variables[i].value(), file.tensor(json.at("variables")[i]), {1e-6, 1e-6}, "variable");
}

TEST(MetricGolden, EagerUpdates) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["metrics"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const std::shared_ptr<Metric> metric = make_metric(json);
    EXPECT_EQ(metric->name(), json.at("metric_name").get<std::string>());
    const std::vector<double> results = golden::numbers(json.at("results"));
    for (int round = 0; round < 2; ++round) {  // the second time after reset_state()
      std::vector<double> found;
      for (const Json& item : json.at("updates")) {
        const GoldenUpdate update = read_update(file, item);
        metric->update_state(update.y_true, update.y_pred, update.sample_weight);
        found.push_back(metric->result());
      }
      if (found.empty()) found.push_back(metric->result());
      golden::expect_near_all(found, results, {1e-6, 1e-6}, "results");
      expect_state(file, json, *metric);
      metric->reset_state();
      for (const Variable& v : metric->variables()) EXPECT_EQ(v.value().item(), 0);
      EXPECT_EQ(metric->result(), 0);
    }
  }
}

// As fit() does it: the update is part of a program that also gives the figure so far.
TEST(MetricGolden, CompiledUpdates) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["metrics"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const std::shared_ptr<Metric> metric = make_metric(json);
    const std::vector<double> results = golden::numbers(json.at("results"));
    std::vector<double> found;
    for (const Json& item : json.at("updates")) {
      const GoldenUpdate update = read_update(file, item);
      std::vector<Tensor> inputs{update.y_true};
      for (const Tensor& x :
           {update.y_pred, update.sample_weight, update.y_pred.is_empty() ? Tensor() : update.y_pred.mask()})
        if (!x.is_empty()) inputs.push_back(x);
      CompiledRun run(inputs, false, [&](const std::vector<Tensor>& x, Scope&) {
        std::size_t next = 1;
        const Tensor y_pred = update.y_pred.is_empty() ? Tensor() : x[next++];
        const Tensor weight = update.sample_weight.is_empty() ? Tensor() : x[next++];
        const bool masked = next < x.size();
        MetricAccess::update(*metric, x[0], masked ? y_pred.with_mask(x[next]) : y_pred, weight, CallContext());
        return std::vector{MetricAccess::compute(*metric)};
      });
      found.push_back(run(inputs)[0].item());
      EXPECT_EQ(found.back(),
                static_cast<double>(static_cast<float>(metric->result())));  // what it says and what it holds
    }
    if (found.empty()) found.push_back(metric->result());
    golden::expect_near_all(found, results, {1e-6, 1e-6}, "results");
    expect_state(file, json, *metric);
  }
}

// A program made once and run over several batches streams on.
TEST(MetricGolden, OneProgramForManyBatches) {
  const golden::File& file = golden::open("losses_metrics");
  std::size_t count = 0;
  for (const Json& json : file["metrics"]) {
    if (json.at("updates").empty() || json.at("class") == "Mean") continue;
    SCOPED_TRACE(json.at("name").get<std::string>());
    const GoldenUpdate update = read_update(file, json.at("updates")[0]);
    if (!update.sample_weight.is_empty() || !update.y_pred.mask().is_empty()) continue;
    const std::shared_ptr<Metric> metric = make_metric(json);
    const std::vector<Tensor> inputs = {update.y_true, update.y_pred};
    CompiledRun run(inputs, false, [&](const std::vector<Tensor>& x, Scope&) {
      MetricAccess::update(*metric, x[0], x[1], {}, CallContext());
      return std::vector<Tensor>();
    });
    for (int i = 0; i < 3; ++i) run(inputs);
    const double expected = golden::number(json.at("results")[0]);
    EXPECT_NEAR(metric->result(), expected, 1e-6 + 1e-6 * std::abs(expected));
    const double once = metric->variables().back().value().item();
    metric->reset_state();
    EXPECT_EQ(metric->result(), 0);
    run(inputs);
    EXPECT_DOUBLE_EQ(metric->variables().back().value().item() * 3, once);
    ++count;
  }
  EXPECT_GE(count, 15u);
}

}  // namespace
}  // namespace kerata
