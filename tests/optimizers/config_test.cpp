// Optimizers by name and from configs; defaults are Keras's.
#include "kerata/optimizers/optimizers.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;
using namespace optimizers;

TEST(OptimizerConfig, DefaultsAreKerass) {
  const Json& signatures = golden::open("signatures")["optimizers"];
  for (const auto& [name, make] : {std::pair{"SGD", AnyOptimizer(SGD())}, std::pair{"RMSprop", AnyOptimizer(RMSprop())},
                                   std::pair{"Adam", AnyOptimizer(Adam())}}) {
    const Config fields = *make->to_config().find("config");
    for (const Json& parameter : signatures.at(name).at("parameters")) {
      const auto key = parameter.at("name").get<std::string>();
      SCOPED_TRACE(name + ("." + key));
      const Config* found = fields.find(key);
      ASSERT_NE(found, nullptr);
      if (key == "name") continue;  // Keras makes it from the class: golden_test.cpp has the paths
      const Json& expected = parameter.at("default");
      if (key == "learning_rate") {
        EXPECT_EQ(static_cast<float>(found->as_number()), expected.get<float>());
      } else {
        EXPECT_EQ(to_string(*found), to_string(golden::config(expected)));
      }
    }
  }
  EXPECT_EQ(SGD().name(), "sgd");
  EXPECT_EQ(RMSprop().name(), "rm_sprop");  // the class in snake_case, as in Keras
  EXPECT_EQ(Adam().name(), "adam");
}

template <class O>
void expect_fields(const char* class_name, const typename O::Options& options) {
  const Config written = O(options).to_config(), plain = O().to_config();
  for (const auto& [key, value] : written.find("config")->as_object()) {
    if (key == "clipnorm" || key == "clipvalue") continue;  // only one of the three clips can be set
    EXPECT_NE(to_string(value), to_string(*plain.find("config")->find(key))) << class_name << ' ' << key;
  }
  const auto again = Optimizer::from_config(written);
  EXPECT_NE(dynamic_cast<const O*>(again.get()), nullptr);
  EXPECT_EQ(to_string(again->to_config()), to_string(written));
  EXPECT_EQ(again->name(), "mine");
  EXPECT_EQ(again->settings().global_clipnorm, 0.5);
}

TEST(OptimizerConfig, EveryFieldIsSaved) {
  expect_fields<SGD>("SGD", {0.5, 0.25, true, 0.125, {}, {}, 0.5, true, 0.75, 3, 2.0, 4, "mine"});
  expect_fields<RMSprop>("RMSprop", {0.5, 0.25, 0.5, 0.125, true, 0.125, {}, {}, 0.5, true, 0.75, 3, 2.0, 4, "mine"});
  expect_fields<Adam>("Adam", {0.5, 0.25, 0.5, 0.125, true, 0.125, {}, {}, 0.5, true, 0.75, 3, 2.0, 4, "mine"});
  for (const Config& written : {SGD({.clipnorm = 0.5}).to_config(), SGD({.clipvalue = 0.5}).to_config()})
    EXPECT_EQ(to_string(Optimizer::from_config(written)->to_config()), to_string(written));
}

TEST(OptimizerConfig, HoldsTheRateOfNow) {
  Adam adam(0.5);
  adam.set_learning_rate(0.25);
  EXPECT_EQ(adam.to_config().find("config")->find("learning_rate")->as_number(), 0.25);
  EXPECT_EQ(Optimizer::from_config(adam.to_config())->learning_rate(), 0.25);
}

TEST(OptimizerConfig, OldSpellingOfTheRate) {
  EXPECT_EQ(SGD({.lr = 0.5}).learning_rate(), 0.5);
  EXPECT_EQ(RMSprop({.lr = 0.5}).learning_rate(), 0.5);
  EXPECT_EQ(Adam({.lr = 0.5}).to_config().find("config")->find("learning_rate")->as_number(), 0.5);
}

TEST(OptimizerConfig, UnknownNames) {
  EXPECT_ERROR(ValueError, Optimizer::from_name("adma"),
               "[optimizers] Unknown optimizer \"adma\". Hint: did you mean \"adam\"?");
  EXPECT_ERROR(ValueError, AnyOptimizer("rmspropp"),
               "[optimizers] Unknown optimizer \"rmspropp\". Hint: did you mean \"rmsprop\"?");
  EXPECT_ERROR(
      ValueError, Optimizer::from_config(Config::Object{{"class_name", "Adom"}}),
      "[optimizers] Unknown optimizer class \"Adom\". Hint: did you mean \"Adam\"? Hint: a class of your own is made "
      "known by register_optimizer<Adom>(\"package>Adom\").");
  EXPECT_ERROR(ValueError, Optimizer::from_config(Config::Object{{"name", "adam"}}),
               "[optimizers] Expected a name or {\"class_name\", \"config\"}, received {\"name\": \"adam\"}.");
}

}  // namespace
}  // namespace kerata
