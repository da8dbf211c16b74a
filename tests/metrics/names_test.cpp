// Metrics by name: every string that Keras knows.
#include "kerata/metrics/metrics.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

// What this version of the library has, by the class names of Keras.
const std::map<std::string, std::string> kClasses = {{"Accuracy", "accuracy"},
                                                     {"BinaryAccuracy", "binary_accuracy"},
                                                     {"CategoricalAccuracy", "categorical_accuracy"},
                                                     {"SparseCategoricalAccuracy", "sparse_categorical_accuracy"},
                                                     {"Mean", "mean"},
                                                     {"Sum", "sum"},
                                                     {"MeanSquaredError", "mean_squared_error"},
                                                     {"MeanAbsoluteError", "mean_absolute_error"},
                                                     {"RootMeanSquaredError", "root_mean_squared_error"}};
// Of these only the mean of the loss function, so far.
const std::map<std::string, std::string> kMeansOfLosses = {
    {"BinaryCrossentropy", "binary_crossentropy"},
    {"CategoricalCrossentropy", "categorical_crossentropy"},
    {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"}};

TEST(MetricNames, EveryStringOfKerasMeansTheSameOrIsUnknown) {
  std::size_t known = 0;
  for (const auto& [word, meaning] : golden::open("losses_metrics")["names"].at("metrics").items()) {
    SCOPED_TRACE(word);
    ASSERT_EQ(meaning.at("kind"), "class");
    const auto name = meaning.at("name").get<std::string>();
    if (kClasses.count(name)) {
      const std::shared_ptr<Metric> metric = Metric::from_name(word);
      EXPECT_EQ(metric->name(), kClasses.at(name));
      // "accuracy" is resolved by the shapes, so it has no class of its own yet.
      if (name != "Accuracy") {
        EXPECT_EQ(metric->to_config().find("class_name")->as_text(), name);
      }
    } else if (kMeansOfLosses.count(name)) {
      const std::shared_ptr<Metric> metric = Metric::from_name(word);
      EXPECT_EQ(metric->name(), kMeansOfLosses.at(name));
      EXPECT_EQ(metric->to_config().find("config")->find("fn")->find("config")->as_text(), kMeansOfLosses.at(name));
    } else {
      const std::string said = word == "MeanMetricWrapper" ? "[MeanMetricWrapper] The config has no \"fn\"."
                                                           : "[metrics] Unknown metric \"" + word + "\".";
      EXPECT_ERROR_WITH(ValueError, Metric::from_name(word), said);
      continue;
    }
    ++known;
  }
  EXPECT_EQ(known, 30u);
}

TEST(MetricNames, UnknownNamesGiveTheNearestOne) {
  EXPECT_ERROR(ValueError, Metric::from_name("acuracy"),
               "[metrics] Unknown metric \"acuracy\". Hint: did you mean \"accuracy\"?");
  EXPECT_ERROR(ValueError, AnyMetric("binary_acuracy"),
               "[metrics] Unknown metric \"binary_acuracy\". Hint: did you mean \"binary_accuracy\"?");
  EXPECT_ERROR_WITH(ValueError, Metric::from_name("perplexity"), "Expected one of: accuracy, acc, Accuracy, ");
}

TEST(MetricNames, ANameIsANewMetricEachTime) {
  const auto one = Metric::from_name("mse"), two = Metric::from_name("mse");
  one->update_state(Tensor::from_span<float>(std::vector<float>{1}, {1, 1}),
                    Tensor::from_span<float>(std::vector<float>{3}, {1, 1}));
  EXPECT_EQ(one->result(), 4);
  EXPECT_EQ(two->result(), 0);
}

}  // namespace
}  // namespace kerata
