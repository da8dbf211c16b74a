// model_to_dot() against the text that Keras and pydot write, letter by letter; node names apart.
#include <gmock/gmock.h>

#include <regex>

#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/plot/model_to_dot.h"
#include "models/summary_recipes.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;
using testing::HasSubstr;
using utils::model_to_dot;

const Json& dot_cases() { return golden::open("dots")["cases"]; }

utils::ModelToDotOptions options_of(const Json& given) {
  utils::ModelToDotOptions options;
  const std::map<std::string, bool*> flags = {{"show_shapes", &options.show_shapes},
                                              {"show_dtype", &options.show_dtype},
                                              {"show_layer_names", &options.show_layer_names},
                                              {"expand_nested", &options.expand_nested},
                                              {"subgraph", &options.subgraph},
                                              {"show_layer_activations", &options.show_layer_activations},
                                              {"show_trainable", &options.show_trainable}};
  for (const auto& [key, value] : given.items()) {
    if (key == "dpi")
      options.dpi = value.get<int>();
    else if (key == "rankdir")
      options.rankdir = Choice<utils::RankDirection>::parse(value.get<std::string>());
    else if (key == "splines")
      options.splines = Choice<utils::Splines>::parse(value.get<std::string>());
    else
      *flags.at(key) = value.get<bool>();
  }
  return options;
}

/// pydot takes a cluster that stands alone for an undirected graph, ends every graph with an empty line, and quotes
/// some labels only.
std::string as_kerata_writes(std::string text) {
  text = std::regex_replace(text, std::regex(" -- "), " -> ");
  text = std::regex_replace(text, std::regex("\n\n+"), "\n");
  text = std::regex_replace(text, std::regex("label=(\\w+);"), "label=\"$1\";");
  return std::regex_replace(text, std::regex("^\n+"), "");
}

class GoldenDot : public testing::TestWithParam<std::size_t> {};

TEST_P(GoldenDot, EqualsKerasText) {
  const Json& given = dot_cases().at(GetParam());
  const Model model = test::summary_recipe(given.at("recipe").get<std::string>());
  const std::string text = model_to_dot(model, options_of(given.at("options"))).to_string();
  EXPECT_EQ(text, as_kerata_writes(given.at("text").get<std::string>())) << given.at("recipe");
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenDot, testing::Range<std::size_t>(0, dot_cases().size()),
                         [](const testing::TestParamInfo<std::size_t>& param) {
                           return dot_cases().at(param.param).at("recipe").get<std::string>() + "_" +
                                  std::to_string(param.param);
                         });

TEST(ModelToDot, MarkupInNamesIsEscaped) {
  Tensor x = layers::Input({2}, {.name = "a<b&c>\"d\""});
  const Model model(x, x, {.name = "quo\"te"});
  EXPECT_THAT(model_to_dot(model).to_string(), HasSubstr("<b>a&lt;b&amp;c&gt;\"d\"</b>"));
  EXPECT_THAT(model_to_dot(model, {.subgraph = true}).to_string(), HasSubstr("subgraph \"cluster_quo\\\"te\" {"));
}

TEST(ModelToDot, ErrorsNameTheCause) {
  const Sequential unbuilt({layers::Dense(3)});
  EXPECT_ERROR(
      ValueError, model_to_dot(unbuilt),
      "[model_to_dot] This model has not yet been built. Build the model first by calling build() or by calling "
      "the model on a batch of data.");
  Tensor x = layers::Input({2});
  EXPECT_ERROR(ValueError, model_to_dot(Model(x, x), {.dpi = 0}), "[model_to_dot] Expected a dpi above 0, received 0.");
}

}  // namespace
}  // namespace kerata
