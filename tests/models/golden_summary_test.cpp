// summary() against the text that Keras prints, letter by letter.
#include <cstdlib>

#include "kerata/ops/creation.h"
#include "kerata/saving/load_model.h"
#include "models/model_state.h"
#include "models/summary_recipes.h"
#include "support/golden.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using golden::Json;

const Json& summary_cases() { return golden::open("summaries")["cases"]; }

SummaryOptions options_of(const Json& given, std::string& text) {
  SummaryOptions options;
  for (const auto& [key, value] : given.items()) {
    if (value.is_null()) continue;
    if (key == "line_length")
      options.line_length = value.get<int>();
    else if (key == "expand_nested")
      options.expand_nested = value.get<bool>();
    else if (key == "show_trainable")
      options.show_trainable = value.get<bool>();
    else if (key == "positions")
      options.positions = golden::numbers(value);
    else if (key == "layer_range")
      options.layer_range = {value[0].get<std::string>(), value[1].get<std::string>()};
    else
      throw ValueError("[golden] unknown option " + key);
  }
  options.print_fn = [&text](const std::string& printed) { text = printed; };
  return options;
}

Tensor zeros_for(const Tensor& symbolic, Dim batch) {
  Shape shape{batch};
  for (Dim size : symbolic.shape().from(1)) shape.push_back(size < 0 ? 5 : size);
  return ops::zeros(shape, symbolic.dtype());
}

Model loaded_again(const Model& model) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "model.keras").string();
  model.save(path);
  return load_model(path);
}

void compile_and_train(Model& model, const Json& given) {
  const std::string state = given.at("state").get<std::string>();
  if (state == "built" || state == "unbuilt") return;
  model.compile({.optimizer = given.at("optimizer").get<std::string>(), .loss = "mse"});
  if (state == "loaded") model = loaded_again(model);
  if (state != "trained") return;
  Tensors x, y;
  if (models::is_functional(model.impl())) {
    for (const Tensor& input : model.inputs()) x.push_back(zeros_for(input, 2));
    for (const Tensor& output : model.outputs()) y.push_back(zeros_for(output, 2));
  } else {
    x.push_back(ops::zeros({2, 5}));
    y.push_back(ops::zeros({2, 1}));
  }
  model.fit(x, y, {.batch_size = 2, .verbose = 0});
}

class GoldenSummary : public testing::TestWithParam<std::size_t> {};

TEST_P(GoldenSummary, EqualsKerasText) {
  const Json& given = summary_cases().at(GetParam());
  setenv("COLUMNS", "80", 1);
  Model model = test::summary_recipe(given.at("recipe").get<std::string>());
  compile_and_train(model, given);
  std::string text;
  model.summary(options_of(given.at("options"), text));
  const std::string expected = given.at("text").get<std::string>();
  const bool same = text == expected;  // not EXPECT_EQ, which would print the lines as bytes
  EXPECT_TRUE(same) << "printed:\n" << text << "Keras:\n" << expected;
}

std::string summary_name(const testing::TestParamInfo<std::size_t>& param) {
  std::string name = summary_cases().at(param.param).at("name").get<std::string>();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenSummary, testing::Range<std::size_t>(0, summary_cases().size()), summary_name);

}  // namespace
}  // namespace kerata
