// Model::to_json and model_from_json.
#include "kerata/kerata.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace kerata::layers;

TEST(ModelJson, ComesBackWithTheSameText) {
  const Tensor title = Input({4}, {.name = "title"}), body = Input({6}, {.name = "body"});
  const Tensor h = Dropout(0.5)(Dense(8, {.activation = "relu"})(body));
  const Tensor x = concatenate({title, h * 2.0});
  const Model model({title, body}, {Dense(1, {.name = "priority"})(x), Dense(3, {.name = "department"})(x)},
                    {.name = "tickets"});
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.to_json(), model.to_json());
  EXPECT_EQ(again.name(), "tickets");
  EXPECT_EQ(again.output_names(), (std::vector<std::string>{"priority", "department"}));
  EXPECT_FALSE(again.compiled());
}

TEST(ModelJson, CompilesAsTheTextSays) {
  Sequential model({Input({4}), Dense(1)});
  model.compile({.optimizer = optimizers::SGD(0.25), .loss = "mae", .metrics = {"mse"}});
  const std::string text = model.to_json();
  EXPECT_EQ(model_from_json(text).to_json(), text);
  EXPECT_FALSE(model_from_json(text, {.compile = false}).compiled());
  std::string unknown = text;
  unknown.replace(unknown.find("\"SGD\""), 5, "\"SGE\"");
  EXPECT_ERROR_WITH(ValueError, model_from_json(unknown), "Unknown optimizer class \"SGE\"");
  EXPECT_FALSE(model_from_json(unknown, {.compile = false}).compiled());
}

TEST(ModelJson, NamesLineAndColumnOfWhatIsNoJson) {
  EXPECT_ERROR(ValueError, model_from_json("{\"class_name\": \"Functional\""),
               "[model_from_json] This is no valid JSON: line 1, column 28: Expected ',' or '}'.");
}

}  // namespace
}  // namespace kerata
