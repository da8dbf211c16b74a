// Bad configs: a ValueError that names class and key, whatever stands there.
#include <cmath>
#include <limits>

#include "kerata/layers/layers.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/optimizers/optimizers.h"
#include "layers/registry.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

Config object(const char* class_name, Config::Object arguments) {
  return Config::Object{{"class_name", class_name}, {"config", std::move(arguments)}};
}
AnyLayer layer(const char* class_name, Config::Object arguments) {
  return layer_from_config(object(class_name, std::move(arguments)));
}

TEST(ConfigErrors, NameClassAndKey) {
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", "a"}}), "[Dense] units: Expected an integer, received \"a\".");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", Config::List{3}}}),
               "[Dense] units: Expected an integer, received [3].");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", std::nan("")}}),
               "[Dense] units: Expected an integer, received nan.");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 1e300}}), "[Dense] units: Expected an integer, received 1e+300.");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 2.5}}), "[Dense] units: Expected an integer, received 2.5.");
  EXPECT_ERROR_WITH(ValueError, layer("Dense", {{"units", -3}}), "[Dense] Received an invalid value for `units`");
  EXPECT_ERROR_WITH(ValueError, layer("Dense", {{"units", nullptr}}), "[Dense] Received an invalid value for `units`");
  EXPECT_ERROR(ValueError, layer("Dense", {}), "[Dense] The config has no \"units\".");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"use_bias", nullptr}}),
               "[Dense] use_bias: Expected true or false, received null.");
  EXPECT_ERROR(ValueError, layer("Conv2D", {{"filters", 3}, {"kernel_size", Config::List{1, 2, 3}}}),
               "[Conv2D] kernel_size: Expected two sizes, received [1, 2, 3].");
  EXPECT_ERROR(ValueError, layer("Conv2D", {{"filters", 3}, {"kernel_size", 2}, {"padding", "sane"}}),
               "[Conv2D] padding: Unknown word \"sane\". Hint: did you mean \"same\"?");
  EXPECT_ERROR(ValueError, layer("Dropout", {{"rate", std::nan("")}}),
               "[Dropout] rate: Expected a number, received NaN.");
  EXPECT_ERROR(ValueError, layer("Flatten", {{"name", 7}}), "[Flatten] name: Expected a text, received 7.");
  EXPECT_ERROR(ValueError, layer("Reshape", {{"target_shape", Config::List{1e19}}}),
               "[Reshape] target_shape: Expected an integer, received 1e+19.");
  EXPECT_ERROR_WITH(ValueError, layer("Reshape", {{"target_shape", Config::List(9, Config(1))}}),
                    "[Reshape] target_shape: ");
  EXPECT_ERROR_WITH(ValueError, layer("Reshape", {{"target_shape", Config::List(4, Config(std::int64_t{1} << 40))}}),
                    "[Reshape] target_shape: ");
}

TEST(ConfigErrors, GoThroughObjectsInside) {
  const Config bad = object("GlorotUniform", {{"seed", "x"}});
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"kernel_initializer", bad}}),
               "[Dense] kernel_initializer: [GlorotUniform] seed: Expected an integer, received \"x\".");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"activation", "relo"}}),
               "[Dense] activation: [activations] Unknown activation \"relo\". Hint: did you mean \"relu\"?");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"activation", "rleu"}}),
               "[Dense] activation: [activations] Unknown activation \"rleu\". Hint: did you mean \"relu\"?");
  EXPECT_ERROR_WITH(ValueError, layer("Dense", {{"units", 3}, {"activation", object("__lambda__", {})}}),
                    "[Dense] activation: [activations] A Python lambda is code, which is never run from a file.");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"kernel_regularizer", object("L2", {{"l2", -1.0}})}}),
               "[Dense] kernel_regularizer: [regularizer] Invalid value for argument l2: expected a non-negative "
               "float. Received: l2=-1.");
  EXPECT_ERROR(ValueError,
               layer("Dense", {{"units", 3}, {"dtype", object("QuantizedDTypePolicy", {{"mode", "int8"}})}}),
               "[Dense] dtype: Expected a type or a DTypePolicy, received {\"class_name\": \"QuantizedDTypePolicy\", "
               "\"config\": {\"mode\": \"int8\"}}.");
  EXPECT_ERROR_WITH(ValueError, layer("Dense", {{"units", 3}, {"dtype", "float23"}}),
                    "[Dense] dtype: Unknown word \"float23\".");
}

TEST(ConfigErrors, UnknownKeysAreRefusedUnlessTheyAreNull) {
  EXPECT_NO_THROW(layer("Dense", {{"units", 3}, {"of_the_future", nullptr}, {"quantization_config", nullptr}}));
  EXPECT_ERROR_WITH(ValueError, layer("Dense", {{"units", 3}, {"lora_rank", 4}}),
                    "[Dense] Unknown key \"lora_rank\" with the value 4.");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"use_bais", true}}),
               "[Dense] Unknown key \"use_bais\" with the value true. Hint: did you mean \"use_bias\"?");
  EXPECT_ERROR(ValueError, layer("Dense", {{"units", 3}, {"quantization_config", "int8"}}),
               "[Dense] quantization_config: This is not supported. Expected null, received \"int8\".");
  EXPECT_ERROR(ValueError, layer("LSTM", {{"units", 3}, {"time_major", true}}),
               "[LSTM] time_major: This is not supported. Expected false, received true.");
  EXPECT_ERROR(ValueError, layer("InputLayer", {{"batch_shape", Config::List{nullptr, 3}}, {"sparse", true}}),
               "[InputLayer] sparse: This is not supported. Expected false, received true.");
  EXPECT_ERROR_WITH(ValueError, Loss::from_config(object("MeanSquaredError", {{"delta", 1.0}})),
                    "[MeanSquaredError] Unknown key \"delta\" with the value 1.");
  EXPECT_ERROR_WITH(ValueError, Optimizer::from_config(object("SGD", {{"beta_1", 0.9}})),
                    "[SGD] Unknown key \"beta_1\" with the value 0.9.");
  EXPECT_ERROR_WITH(ValueError, Initializer::from_config(object("Zeros", {{"value", 1}})),
                    "[Zeros] Unknown key \"value\" with the value 1.");
}

TEST(ConfigErrors, NumbersMustFit) {
  EXPECT_ERROR(ValueError,
               Optimizer::from_config(object("SGD", {{"gradient_accumulation_steps", std::int64_t{1} << 40}})),
               "[SGD] gradient_accumulation_steps: The number 1099511627776 is out of range.");
  EXPECT_ERROR(ValueError, Optimizer::from_config(object("Adam", {{"learning_rate", "fast"}})),
               "[Adam] learning_rate: Expected a number, received \"fast\".");
  EXPECT_ERROR(ValueError, Optimizer::from_config(object("Adam", {{"lr", "fast"}, {"decay", 0.5}})),
               "[Adam] decay: Expected a number as learning rate beside it.");
  EXPECT_ERROR(ValueError, Schedule::from_config(object("ExponentialDecay", {{"decay_rate", 0.5}})),
               "[ExponentialDecay] The config has no \"initial_learning_rate\".");
  EXPECT_ERROR(ValueError, Metric::from_config(object("BinaryAccuracy", {{"threshold", Config::List{}}})),
               "[BinaryAccuracy] threshold: Expected a number, received [].");
}

TEST(ConfigErrors, StatisticsMustBeRectangular) {
  auto normalization = [](Config mean) {
    return layer("Normalization", {{"axis", Config::List{1, 2}}, {"mean", mean}, {"variance", mean}});
  };
  using List = Config::List;
  EXPECT_NO_THROW(normalization(List{List{1, 2}, List{3, 4}}));
  for (const Config& mean : {Config(List{List{1, 2}, List{3}}), Config(List{1, List{2}}), Config(List{List{1}, 2}),
                             Config(List{}), Config(List{List{}}), Config(List{List{"x"}})})
    EXPECT_ERROR_WITH(ValueError, normalization(mean), "[Normalization] mean: Expected ");
  EXPECT_ERROR_WITH(ValueError, normalization(List{1e300}), "[Normalization] mean: Expected ");
  Config deep = 1.0;
  for (int i = 0; i < 150; ++i) deep = List{deep};
  EXPECT_ERROR_WITH(ValueError, normalization(deep), "[Normalization] mean: Expected ");
}

TEST(ConfigErrors, WhatIsNoObject) {
  for (const Config& config : {Config(), Config(3), Config("Dense"), Config(Config::List{}), Config(Config::Object{}),
                               Config(Config::Object{{"class_name", 3}, {"config", Config::Object{}}})})
    EXPECT_THROW(static_cast<void>(layer_from_config(config)), ValueError) << to_string(config);
  EXPECT_ERROR(ValueError, layer_from_config(Config::Object{{"class_name", "Dense"}, {"config", Config::List{1, 2}}}),
               "[Dense] Expected an object with the class's arguments, received [1, 2].");
  EXPECT_ERROR_WITH(ValueError,
                    layer_from_config(Config::Object{
                        {"module", "keras.src.ops.numpy"}, {"class_name", "Add"}, {"config", Config::Object{}}}),
                    "[layer_from_config] This is an operation, not a layer: ");
  EXPECT_ERROR(ValueError, Loss::from_config(3),
               "[losses] Expected a name or {\"class_name\", \"config\"}, received 3.");
}

TEST(ConfigErrors, AreShortWhateverStandsThere) {
  const Config large = Config::List(100000, Config("text"));
  try {
    layer("Dense", {{"units", large}});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ValueError& error) {
    EXPECT_LT(std::string(error.what()).size(), 300U);
  }
}

TEST(ConfigErrors, BuildShapesMustBeShapes) {
  const AnyLayer dense = layers::Dense(2);
  for (const Config& config :
       {Config(), Config(3), Config(Config::Object{}), Config(Config::Object{{"input_shape", 3}}),
        Config(Config::Object{{"input_shape", Config::List{"a"}}}),
        Config(Config::Object{{"input_shape", Config::List{nullptr, -7}}})})
    EXPECT_THROW(build_from_config(*dense.ptr(), config), ValueError) << to_string(config);
  EXPECT_ERROR(ValueError, build_from_config(*dense.ptr(), Config::Object{{"shape", 3}}),
               "[dense] build_config: Expected {\"input_shape\": [...]}, received {\"shape\": 3}.");
  EXPECT_FALSE(dense.built());
}

// Every value of every golden config, replaced by something else: read or refused, never a crash.
TEST(ConfigErrors, AnyValueAnywhereIsReadOrRefused) {
  const std::vector<Config> odd = {Config(),
                                   true,
                                   -3,
                                   std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min(),
                                   1e300,
                                   std::nan(""),
                                   std::numeric_limits<double>::infinity(),
                                   "",
                                   "text",
                                   Config::List{},
                                   Config::List{nullptr, "a", 1e300},
                                   Config::Object{},
                                   Config::Object{{"class_name", "Dense"}, {"config", Config::Object{}}}};
  std::size_t read = 0, refused = 0;
  auto attempt = [&](const std::string& family, const Config& config) {
    try {
      if (family == "layers") static_cast<void>(layer_from_config(config).get_config());
      if (family == "losses") static_cast<void>(Loss::from_config(config)->to_config());
      if (family == "metrics") static_cast<void>(Metric::from_config(config)->to_config());
      if (family == "optimizers") static_cast<void>(Optimizer::from_config(config)->to_config());
      if (family == "schedules") static_cast<void>(Schedule::from_config(config)->to_config());
      if (family == "initializers") static_cast<void>(Initializer::from_config(config)->to_config());
      if (family == "regularizers") static_cast<void>(Regularizer::from_config(config)->to_config());
      if (family == "constraints") static_cast<void>(Constraint::from_config(config)->to_config());
      ++read;
    } catch (const ValueError&) {
      ++refused;
    } catch (const ShapeError&) {
      ++refused;
    }
  };
  for (const char* family :
       {"layers", "losses", "metrics", "optimizers", "schedules", "initializers", "regularizers", "constraints"}) {
    for (const golden::Json& entry : golden::open("configs")[family]) {
      const Config whole = golden::config(entry.at("config"));
      if (!whole.find("config")->is_object()) continue;
      for (const auto& [key, value] : whole.find("config")->as_object()) {
        SCOPED_TRACE(std::string(family) + " " + entry.at("name").get<std::string>() + " " + key);
        for (const Config& other : odd) {
          Config arguments = *whole.find("config"), changed = whole;
          arguments.set(key, other);
          changed.set("config", std::move(arguments));
          attempt(family, changed);
        }
      }
    }
  }
  EXPECT_GT(read, 1000U);
  EXPECT_GT(refused, 5000U);
}

}  // namespace
}  // namespace kerata
