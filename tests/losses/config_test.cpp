// Losses to and from configs; each option has its effect.
#include "kerata/losses/losses.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/nn.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;

TEST(LossConfig, RoundTripOfEveryGoldenConfig) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["losses"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const Config given = golden::config(json.at("config"));
    const auto loss =
        Loss::from_config(Config::Object{{"class_name", json.at("class").get<std::string>()}, {"config", given}});
    const Config written = loss->to_config();
    EXPECT_EQ(written.find("class_name")->as_text(), json.at("class").get<std::string>());
    for (const auto& [key, value] : given.as_object()) {
      const Config* found = written.find("config")->find(key);
      if (!found) {  // what Keras does not write, at its default
        EXPECT_TRUE(key == "dtype" || key == "axis") << key;
        continue;
      }
      const Config expected = key == "reduction" && value.is_null() ? Config("none") : value;  // Keras takes both
      EXPECT_EQ(to_string(*found), to_string(expected)) << key;
    }
    EXPECT_EQ(to_string(Loss::from_config(written)->to_config()), to_string(written));
    EXPECT_EQ(loss->name(), given.find("name")->as_text());
  }
}

// Each field set to a value other than the default is written and read again.
template <class L, class Options>
void expect_fields(const char* class_name, const Options& options) {
  const Config written = L(options).to_config();
  EXPECT_EQ(written.find("class_name")->as_text(), class_name);
  const Config plain = L().to_config();
  for (const auto& [key, value] : written.find("config")->as_object())
    EXPECT_TRUE(!plain.find("config")->find(key) || value != *plain.find("config")->find(key)) << key;
  const auto again = Loss::from_config(written);
  EXPECT_NE(dynamic_cast<const L*>(again.get()), nullptr);
  EXPECT_EQ(to_string(again->to_config()), to_string(written));
  EXPECT_EQ(again->name(), "mine");
  EXPECT_EQ(again->dtype(), "float64");
  EXPECT_EQ(again->reduction(), Reduction::sum);
}

TEST(LossConfig, EveryFieldIsSaved) {
  using namespace losses;
  expect_fields<MeanSquaredError>("MeanSquaredError", MeanSquaredError::Options{"sum", "mine", "float64"});
  expect_fields<MeanAbsoluteError>("MeanAbsoluteError", MeanAbsoluteError::Options{"sum", "mine", "float64"});
  expect_fields<BinaryCrossentropy>("BinaryCrossentropy",
                                    BinaryCrossentropy::Options{true, 0.25, 1, "sum", "mine", "float64"});
  expect_fields<CategoricalCrossentropy>("CategoricalCrossentropy",
                                         CategoricalCrossentropy::Options{true, 0.25, 1, "sum", "mine", "float64"});
  expect_fields<SparseCategoricalCrossentropy>(
      "SparseCategoricalCrossentropy", SparseCategoricalCrossentropy::Options{true, 3, "sum", 1, "mine", "float64"});
}

TEST(LossConfig, AFunctionIsWrittenAsOne) {
  const AnyLoss loss = losses::binary_crossentropy;
  EXPECT_EQ(*loss->to_config().find("class_name"), Config("function"));
  EXPECT_EQ(*loss->to_config().find("config"), Config("binary_crossentropy"));
  EXPECT_EQ(Loss::from_config("mse")->name(), "mean_squared_error");
  EXPECT_EQ(*Loss::from_config(Loss::from_name("ce")->to_config())->to_config().find("config"), Config("crossentropy"));
}

TEST(LossConfig, MissingKeysKeepTheirDefaults) {
  const auto loss = Loss::from_config(Config::Object{{"class_name", "MeanAbsoluteError"}});
  EXPECT_EQ(loss->name(), "mean_absolute_error");
  EXPECT_EQ(loss->reduction(), Reduction::sum_over_batch_size);
}

TEST(LossConfig, BadConfigsAreErrors) {
  EXPECT_ERROR_WITH(ValueError, Loss::from_config(Config::Object{{"class_name", "MeanSquareError"}}),
                    "[losses] Unknown loss class \"MeanSquareError\". Hint: did you mean \"MeanSquaredError\"?");
  EXPECT_ERROR_WITH(ValueError, Loss::from_config(Config::Object{{"name", "mse"}}),
                    "[losses] Expected a name or {\"class_name\", \"config\"}, received {\"name\": \"mse\"}.");
  const Config fields = Config::Object{{"reduction", "average"}};
  EXPECT_ERROR_WITH(ValueError,
                    Loss::from_config(Config::Object{{"class_name", "MeanSquaredError"}, {"config", fields}}),
                    "Unknown word \"average\".");
}

TEST(LossConfig, DtypeIsWhatTheLossIsComputedIn) {
  const Tensor y = ops::array({{1.0, 2.0}}), p = ops::array({{1.5, 2.5}});
  EXPECT_EQ(losses::MeanSquaredError()(y, p).dtype(), DType::float32);
  EXPECT_EQ(losses::MeanSquaredError()(y, p.cast("float64")).dtype(), DType::float64);
  EXPECT_EQ(losses::MeanSquaredError({.dtype = "float64"})(y, p).dtype(), DType::float64);
  EXPECT_EQ(losses::SparseCategoricalCrossentropy({.dtype = "float64"})(ops::array({1}), p).dtype(), DType::float64);
  EXPECT_ERROR(ValueError, losses::MeanSquaredError({.dtype = "int32"}),
               "[Loss] A loss is a floating-point number. Expected dtype float32 or float64, received \"int32\".");
  EXPECT_ERROR_WITH(ValueError, losses::MeanSquaredError({.dtype = "float23"}), "float32");
}

// The loss in float64 keeps what float32 rounds away.
TEST(LossConfig, Float64IsExact) {
  const Tensor y = ops::full({1, 1}, 1.0, "float64"), p = ops::full({1, 1}, 1.0 + 1e-9, "float64");
  EXPECT_NEAR(losses::MeanAbsoluteError()(y, p).item(), 1e-9, 1e-15);
  EXPECT_EQ(losses::MeanAbsoluteError({.dtype = "float32"})(y, p).item(), 0);
}

}  // namespace
}  // namespace kerata
