// Metrics to and from configs; each option has its effect.
#include "metrics/golden_metrics.h"

#include "kerata/losses/losses.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

using golden::Json;

TEST(MetricConfig, RoundTripOfEveryGoldenConfig) {
  for (const Json& json : golden::open("losses_metrics")["metrics"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const std::shared_ptr<Metric> metric = make_metric(json);
    const Config written = metric->to_config();
    EXPECT_EQ(written.find("class_name")->as_text(), json.at("class").get<std::string>());
    const Config given = golden::config(json.at("config"));
    for (const auto& [key, value] : given.as_object()) {
      const Config* found = written.find("config")->find(key);
      ASSERT_NE(found, nullptr) << key;
      EXPECT_EQ(to_string(key == "fn" ? *found->find("config") : *found), to_string(value)) << key;
    }
    EXPECT_EQ(to_string(Metric::from_config(written)->to_config()), to_string(written));
  }
}

template <class M>
void expect_fields(const char* class_name, const typename M::Options& options) {
  const Config written = M(options).to_config(), plain = M().to_config();
  EXPECT_EQ(written.find("class_name")->as_text(), class_name);
  for (const auto& [key, value] : written.find("config")->as_object())
    EXPECT_NE(to_string(value), to_string(*plain.find("config")->find(key))) << class_name << ' ' << key;
  const auto again = Metric::from_config(written);
  EXPECT_NE(dynamic_cast<const M*>(again.get()), nullptr);
  EXPECT_EQ(to_string(again->to_config()), to_string(written));
  EXPECT_EQ(again->name(), "mine");
  EXPECT_EQ(again->variables().at(0).dtype(), DType::float64);
}

TEST(MetricConfig, EveryFieldIsSaved) {
  using namespace metrics;
  expect_fields<Mean>("Mean", {"mine", "float64"});
  expect_fields<Sum>("Sum", {"mine", "float64"});
  expect_fields<Accuracy>("Accuracy", {"mine", "float64"});
  expect_fields<BinaryAccuracy>("BinaryAccuracy", {"mine", "float64", 0.25});
  expect_fields<CategoricalAccuracy>("CategoricalAccuracy", {"mine", "float64"});
  expect_fields<SparseCategoricalAccuracy>("SparseCategoricalAccuracy", {"mine", "float64"});
  expect_fields<MeanSquaredError>("MeanSquaredError", {"mine", "float64"});
  expect_fields<MeanAbsoluteError>("MeanAbsoluteError", {"mine", "float64"});
  expect_fields<RootMeanSquaredError>("RootMeanSquaredError", {"mine", "float64"});
}

TEST(MetricConfig, WrapperNamesItsFunction) {
  const metrics::MeanMetricWrapper metric(losses::mean_squared_error, {.name = "q", .dtype = "float64"});
  EXPECT_EQ(*metric.to_config().find("config")->find("fn"), AnyLoss(losses::mean_squared_error)->to_config());
  EXPECT_EQ(to_string(Metric::from_config(metric.to_config())->to_config()), to_string(metric.to_config()));
  EXPECT_EQ(metrics::MeanMetricWrapper(losses::mean_squared_error).name(), "mean_squared_error");
  EXPECT_EQ(metrics::MeanMetricWrapper("p", losses::mean_squared_error).name(), "p");
}

TEST(MetricConfig, WrapperSavesItsFunctionsArguments) {
  const metrics::BinaryAccuracyFunction quarter{.threshold = 0.25};
  const Tensor truth = ops::array({1, 0, 0, 1}), prediction = ops::array({0.3, 0.2, 0.1, 0.6});
  const AnyMetric given[] = {metrics::MeanMetricWrapper(quarter, {.name = "q"}), quarter};
  for (const AnyMetric& metric : given) {
    const Config written = metric->to_config();
    EXPECT_EQ(written.find("class_name")->as_text(), "MeanMetricWrapper");
    EXPECT_EQ(*written.find("config")->find("threshold"), Config(0.25));
    const auto again = Metric::from_config(written);
    EXPECT_EQ(to_string(again->to_config()), to_string(written));
    again->update_state(ops::reshape(truth, {4, 1}), ops::reshape(prediction, {4, 1}));
    EXPECT_EQ(again->result(), 1);  // at the default threshold 0.75
  }
  EXPECT_EQ(metrics::MeanMetricWrapper(metrics::binary_accuracy).get_config().find("threshold"), nullptr);
  EXPECT_EQ(AnyMetric(metrics::binary_accuracy)->to_config(), AnyLoss(metrics::binary_accuracy)->to_config());
}

TEST(MetricConfig, Float64StateIsExact) {
  metrics::Mean mean(metrics::Mean::Options{.dtype = "float64"});
  mean.update_state(ops::full({1}, 1.0 + 1e-12, "float64"));
  EXPECT_NEAR(mean.result() - 1, 1e-12, 1e-15);
  EXPECT_EQ(mean.variables().at(0).dtype(), DType::float64);
}

TEST(MetricConfig, BadConfigsAreErrors) {
  EXPECT_ERROR(
      ValueError, Metric::from_config(Config::Object{{"class_name", "BinaryAcuracy"}}),
      "[metrics] Unknown metric class \"BinaryAcuracy\". Hint: did you mean \"BinaryAccuracy\"? Hint: a class of your "
      "own is made known by register_metric<BinaryAcuracy>(\"package>BinaryAcuracy\").");
  EXPECT_ERROR(ValueError, Metric::from_config(Config::Object{{"name", "mse"}}),
               "[metrics] Expected a name or {\"class_name\", \"config\"}, received {\"name\": \"mse\"}.");
  EXPECT_ERROR(ValueError,
               Metric::from_config(Config::Object{{"class_name", "MeanMetricWrapper"}, {"config", Config::Object{}}}),
               "[MeanMetricWrapper] The config has no \"fn\".");
  auto wrapper = [](const char* function, const char* key, const Config& value) {
    return Config::Object{{"class_name", "MeanMetricWrapper"},
                          {"config", Config::Object{{"name", "q"}, {"fn", function}, {key, value}}}};
  };
  EXPECT_ERROR(ValueError, Metric::from_config(wrapper("mean_squared_error", "threshold", 0.25)),
               "[MeanMetricWrapper] Unknown key \"threshold\" with the value 0.25. Expected one of: name, dtype, fn.");
  EXPECT_ERROR(ValueError, Metric::from_config(wrapper("binary_accuracy", "threshold", "half")),
               "[MeanMetricWrapper] threshold: Expected a number, received \"half\".");
}

}  // namespace
}  // namespace kerata
