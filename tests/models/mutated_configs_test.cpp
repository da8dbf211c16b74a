// Configs of Keras with something changed at random: each gives a model or a kerata::Error, nothing else.
#include <random>

#include "graph/deferred_content.h"
#include "models/config_case.h"
#include "models/model_config.h"
#include "saving/json.h"

namespace kerata::models {
namespace {

using golden::Json;

/// All values of a tree.
void collect(Json& tree, std::vector<Json*>& all) {
  all.push_back(&tree);
  if (tree.is_structured())
    for (Json& child : tree) collect(child, all);
}

Json replacement(const std::vector<Json*>& all, std::mt19937& random) {
  static const std::vector<Json> kValues = {nullptr,
                                            true,
                                            -1,
                                            0,
                                            1,
                                            7,
                                            1'000'000'000,
                                            4'000'000'000'000'000'000,
                                            -2.5,
                                            1e300,
                                            "",
                                            "x",
                                            "NaN",
                                            Json::array(),
                                            Json::object(),
                                            Json::array({nullptr, -1}),
                                            Json::array({"x", 0, 0})};
  if (random() % 3) return kValues[random() % kValues.size()];
  return *all[random() % all.size()];  // something from elsewhere
}

void mutate(Json& config, std::mt19937& random) {
  for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
    std::vector<Json*> all;
    collect(config, all);
    Json* target = all[random() % all.size()];
    if (target->is_structured() && !target->empty() && random() % 2)
      target->erase(std::next(target->begin(), static_cast<std::ptrdiff_t>(random() % target->size())));
    else
      *target = Json(replacement(all, random));
  }
}

TEST(MutatedConfigs, AreReadOrRefused) {
  const golden::File& file = golden::open("model_configs");
  std::mt19937 random(7);
  int read = 0, refused = 0;
  for (const char* section : {"models", "tf_keras", "operations"})
    for (const Json& one : file[section])
      for (int round = 0; round < (section == std::string("operations") ? 15 : 80); ++round) {
        Json config = one.at("config");
        mutate(config, random);
        const std::string text = config.dump();
        SCOPED_TRACE(one.at("name").get<std::string>() + ": " + text);
        try {
          const DeferredContent deferred(std::uint64_t{16} << 20, "test");
          const Model model = model_from_config(saving::parse_json(text, "test"));
          static_cast<void>(serialize_model(model.impl()));
          ++read;
        } catch (const Error&) {
          ++refused;
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
      }
  EXPECT_GT(read, 500);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace kerata::models
