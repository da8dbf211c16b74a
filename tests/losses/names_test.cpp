// Losses by name: every string that Keras knows.
#include "kerata/losses/losses.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;

// What this version of the library has, by Keras's names.
const std::map<std::string, std::string> kClassNames = {
    {"MeanSquaredError", "mean_squared_error"},
    {"MeanAbsoluteError", "mean_absolute_error"},
    {"BinaryCrossentropy", "binary_crossentropy"},
    {"CategoricalCrossentropy", "categorical_crossentropy"},
    {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"}};

bool is_function_here(const std::string& name) {
  for (const auto& [class_name, function] : kClassNames)
    if (function == name) return true;
  return false;
}

TEST(LossNames, EveryStringOfKerasMeansTheSameOrIsUnknown) {
  std::size_t known = 0;
  for (const auto& [word, meaning] : golden::open("losses_metrics")["names"].at("losses").items()) {
    SCOPED_TRACE(word);
    const auto name = meaning.at("name").get<std::string>();
    const bool is_class = meaning.at("kind") == "class";
    ASSERT_TRUE(is_class || meaning.at("kind") == "function");
    if (is_class ? kClassNames.count(name) == 0 : !is_function_here(name)) {
      EXPECT_ERROR_WITH(ValueError, Loss::from_name(word), "[losses] Unknown loss \"" + word + "\".");
      continue;
    }
    const std::shared_ptr<Loss> loss = Loss::from_name(word);
    EXPECT_EQ(loss->name(), is_class ? kClassNames.at(name) : name);
    const Config config = loss->to_config();
    EXPECT_EQ(config.find(is_class ? "class_name" : "config")->as_text(), name);
    ++known;
  }
  EXPECT_EQ(known, 16u);  // five classes, five functions, and mse, MSE, mae, MAE, bce, BCE
}

// Concrete data for the golden shapes; an unknown size is 2.
Tensor labels_like(const Json& json) {
  std::vector<Dim> sizes;
  for (const Json& size : json) sizes.push_back(size.is_null() ? 2 : size.get<Dim>());
  return ops::ones(Shape(sizes));
}
Tensor probabilities_like(const Json& json) {
  std::vector<Dim> sizes;
  for (const Json& size : json) sizes.push_back(size.is_null() ? 2 : size.get<Dim>());
  return random::uniform(Shape(sizes), 0.1, 0.9);
}

TEST(LossNames, CrossentropyIsResolvedByShape) {
  std::size_t count = 0;
  for (const Json& json : golden::open("losses_metrics")["resolution"]) {
    if (!json.at("is_loss").get<bool>()) continue;
    SCOPED_TRACE(json.dump());
    const std::shared_ptr<Loss> loss = Loss::from_name(json.at("word").get<std::string>());
    const std::shared_ptr<Loss> expected = Loss::from_name(json.at("resolved").get<std::string>());
    const Tensor y_true = labels_like(json.at("y_true_shape")), y_pred = probabilities_like(json.at("y_pred_shape"));
    ++count;
    if (json.at("y_true_shape") == Json::parse("[null,2]") && json.at("y_pred_shape") == Json::parse("[null,1]")) {
      EXPECT_ERROR_WITH(ShapeError, (*loss)(y_true, y_pred), "[binary_crossentropy] Targets and predictions");
      continue;
    }
    EXPECT_EQ((*loss)(y_true, y_pred).item(), (*expected)(y_true, y_pred).item());
    EXPECT_EQ(loss->call(y_true, y_pred).shape(), expected->call(y_true, y_pred).shape());
  }
  EXPECT_EQ(count, 22u);
}

TEST(LossNames, UnknownNamesGiveTheNearestOne) {
  EXPECT_ERROR(ValueError, Loss::from_name("categorical_crossentrpy"),
               "[losses] Unknown loss \"categorical_crossentrpy\". Hint: did you mean \"categorical_crossentropy\"?");
  EXPECT_ERROR(ValueError, Loss::from_name("MeanSquareError"),
               "[losses] Unknown loss \"MeanSquareError\". Hint: did you mean \"MeanSquaredError\"?");
  EXPECT_ERROR(ValueError, AnyLoss("mze"), "[losses] Unknown loss \"mze\". Hint: did you mean \"mse\"?");
  EXPECT_ERROR_WITH(ValueError, Loss::from_name("wasserstein"), "Expected one of: mean_squared_error, mse, MSE, ");
  EXPECT_ERROR_WITH(ValueError, Loss::from_name(""), "[losses] Unknown loss \"\".");
}

}  // namespace
}  // namespace kerata
