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

TEST(ModelJson, NamesLineAndColumnOfWhatIsNoJson) {
  EXPECT_ERROR(ValueError, model_from_json("{\"class_name\": \"Functional\""),
               "[model_from_json] This is no valid JSON: line 1, column 28: Expected ',' or '}'.");
}

}  // namespace
}  // namespace kerata
