// What "accuracy" means for targets and predictions of which shapes.
#include "kerata/layers/dense.h"
#include "kerata/layers/input.h"
#include "kerata/metrics/metrics.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "metrics/metric_access.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;

Shape with_batch(const Shape& shape, Dim batch) { return shape.with(0, batch); }

TEST(Accuracy, ResolvedAsKerasDoes) {
  std::size_t count = 0;
  for (const Json& json : golden::open("losses_metrics")["resolution"]) {
    if (json.at("is_loss").get<bool>()) continue;  // losses/names_test.cpp
    SCOPED_TRACE(json.dump());
    const auto word = json.at("word").get<std::string>(), resolved = json.at("resolved").get<std::string>();
    const Shape y_true = golden::shape(json.at("y_true_shape")), y_pred = golden::shape(json.at("y_pred_shape"));
    ++count;
    const AnyMetric metric(word);
    if (word == "mse") {
      EXPECT_EQ(metric->to_config().find("class_name")->as_text(), resolved);
      continue;
    }
    EXPECT_EQ(accuracy_class(y_true, y_pred), resolved);
    EXPECT_EQ(accuracy_class(with_batch(y_true, 3), with_batch(y_pred, 3)), resolved);
    if (y_true.rank() == 2 && y_true.back() == 2) continue;  // (3, 2) and (3, 1): resolved, but they do not fit
    // The metric by that word gives what the resolved class gives.
    const Tensor labels = random::randint(with_batch(y_true, 3), 0, 2), p = random::uniform(with_batch(y_pred, 3));
    const auto expected = Metric::from_config(Config::Object{{"class_name", resolved}});
    metric->update_state(labels, p);
    expected->update_state(labels, p);
    EXPECT_EQ(metric->result(), expected->result());
  }
  EXPECT_EQ(count, 44u);
}

TEST(Accuracy, WrongWayRoundIsNotCounted) {
  AnyMetric metric = "accuracy";
  metric->update_state(ops::array({1, 0, 2, 1}),
                       ops::array({{0, 1, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}).cast("float32"));
  EXPECT_EQ(metric->result(), 0.5);
}

// evaluate()'s names are those of the golden file (q_1 for the second q, in Keras's order).
TEST(Accuracy, NamesThatEvaluateReports) {
  const Tensor x = random::normal({4, 3}), y = ops::array({{1.0}, {0.0}, {1.0}, {0.0}});
  for (const Json& json : golden::open("losses_metrics")["compile_names"]) {
    const Json& arguments = json.at("compile");
    SCOPED_TRACE(arguments.dump());
    std::vector<AnyMetric> plain, weighted;
    auto read = [](const Json& list, std::vector<AnyMetric>& to) {
      for (const Json& item : list.is_array() && !list.empty() && list[0].is_array() ? list[0] : list)
        to.push_back(item.is_string() ? AnyMetric(item.get<std::string>())
                                      : AnyMetric(Metric::from_config(golden::config(item))));
    };
    if (arguments.contains("metrics")) {
      const Json& given = arguments.at("metrics");
      read(given.is_object() ? given.at("out") : given, plain);
    }
    if (arguments.contains("weighted_metrics")) read(arguments.at("weighted_metrics"), weighted);
    Json loss = arguments.at("loss");
    if (loss.is_array()) loss = loss[0];
    if (loss.is_object() && loss.contains("out")) loss = loss.at("out");
    Sequential model({Input({3}), layers::Dense(1, {.activation = "sigmoid", .name = "out"})});
    CompileOptions options{.optimizer = "sgd", .loss = AnyLoss(Loss::from_config(golden::config(loss)))};
    if (!plain.empty()) options.metrics = Metrics::per_output({MetricList(plain)});
    if (!weighted.empty()) options.weighted_metrics = Metrics::per_output({MetricList(weighted)});
    model.compile(options);
    std::vector<std::string> names = model.evaluate(x, y, {.verbose = 0}).names();
    // As in Keras the first of two equal names stands twice.
    EXPECT_EQ(names, json.at("list_order").get<std::vector<std::string>>());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    EXPECT_EQ(names, json.at("map_order").get<std::vector<std::string>>());
  }
}

}  // namespace
}  // namespace kerata
