// Configs of all objects equal Keras's, and come back: tests/golden/configs.json.
#include "kerata/constraints/constraints.h"
#include "kerata/initializers/initializers.h"
#include "kerata/layers/layers.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/optimizers/optimizers.h"
#include "kerata/regularizers/regularizers.h"
#include "layers/config_compare.h"
#include "layers/registry.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;
using test::same_config;

const golden::File& file() { return golden::open("configs"); }

/// from_config, then to_config.
using Rewrite = Config (*)(const Config&);
template <class Base>
Config rewritten(const Config& config) {
  return Base::from_config(config)->to_config();
}
Config rewritten_layer(const Config& config) { return serialize_layer(*layer_from_config(config).ptr()); }

const std::map<std::string, Rewrite> kFamilies = {
    {"layers", rewritten_layer},
    {"initializers", rewritten<Initializer>},
    {"regularizers", rewritten<Regularizer>},
    {"constraints", rewritten<Constraint>},
    {"losses", rewritten<Loss>},
    {"metrics", rewritten<Metric>},
    {"optimizers", rewritten<Optimizer>},
    {"schedules", rewritten<Schedule>},
};

TEST(ConfigGolden, EveryObjectIsReadAndWrittenAsInKeras) {
  for (const auto& [family, rewrite] : kFamilies) {
    EXPECT_FALSE(file()[family.c_str()].empty());
    for (const Json& entry : file()[family.c_str()]) {
      SCOPED_TRACE(family + " " + entry.at("name").get<std::string>());
      const Config keras = golden::config(entry.at("config"));
      EXPECT_TRUE(same_config(rewrite(keras), keras));
    }
  }
}

TEST(ConfigGolden, WhatOlderVersionsWroteBecomesTheSame) {
  for (const Json& entry : file()["old"]) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const Rewrite rewrite = kFamilies.at(entry.at("family").get<std::string>());
    EXPECT_TRUE(same_config(rewrite(golden::config(entry.at("old"))), golden::config(entry.at("config"))));
  }
}

TEST(ConfigGolden, BuiltLayersHoldTheirShapes) {
  std::size_t count = 0;
  for (const Json& entry : file()["layers"]) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const Config keras = golden::config(entry.at("built"));
    const AnyLayer layer = layer_from_config(keras);
    EXPECT_TRUE(same_config(serialize_layer(*layer.ptr()), golden::config(entry.at("config")))) << "not built yet";
    const Config* shapes = keras.find("build_config");
    if (!shapes) continue;
    build_from_config(*layer.ptr(), *shapes);
    EXPECT_TRUE(layer.built());
    EXPECT_TRUE(same_config(serialize_layer(*layer.ptr()), keras));
    ++count;
  }
  EXPECT_EQ(count, 33U);
}

// Layers without a build() have no such shapes, however they were called.
TEST(ConfigGolden, CalledLayersHoldTheirShapesIfKerasSaysSo) {
  for (const Json& entry : file()["layers"]) {
    if (entry.at("config").at("class_name") == "InputLayer") continue;
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const Config keras = golden::config(entry.at("built"));
    const AnyLayer layer = layer_from_config(keras);
    const Config* shapes = keras.find("build_config");
    Tensors inputs = Input({9, 8, 4});
    if (shapes) {
      inputs = {};
      Config::List list{*shapes->find("input_shape")};
      if (list[0].as_list()[0].is_list()) list = list[0].as_list();
      for (const Config& one : list) {
        Shape shape;
        read_config(one, shape);
        inputs.push_back(Input(shape.from(1), {.batch_size = shape[0]}));
      }
    } else if (entry.at("name").get<std::string>().starts_with("Reshape")) {
      inputs = Input({6});
    } else if (entry.at("name") == "Dropout/all") {
      inputs = Input({6});
    }
    static_cast<void>(layer.call_all(inputs));
    EXPECT_TRUE(same_config(serialize_layer(*layer.ptr()), keras));
  }
}

/// With another name.
Config renamed(Config object, const std::string& name) {
  Config arguments = *object.find("config");
  arguments.set("name", name);
  object.set("config", std::move(arguments));
  return object;
}

void expect_golden(const char* family, const std::string& name, const Config& ours, bool has_name) {
  SCOPED_TRACE(name);
  for (const Json& entry : file()[family]) {
    if (entry.at("name") != name) continue;
    const Config keras = golden::config(entry.at("config"));
    EXPECT_TRUE(same_config(has_name ? renamed(ours, keras.find("config")->find("name")->as_text()) : ours, keras));
    return;
  }
  ADD_FAILURE() << "not in the golden file";
}

TEST(ConfigGolden, DefaultLayersAreKeras) {
  using namespace layers;
  const std::vector<std::pair<const char*, AnyLayer>> all = {{"InputLayer", InputLayer({4, -1})},
                                                             {"Dense", Dense(3)},
                                                             {"Activation", Activation("tanh")},
                                                             {"Flatten", Flatten()},
                                                             {"Reshape", Reshape({3, 2})},
                                                             {"Dropout", Dropout(0.25)},
                                                             {"BatchNormalization", BatchNormalization()},
                                                             {"Normalization", Normalization()},
                                                             {"Embedding", Embedding(7, 3)},
                                                             {"LSTM", LSTM(4)},
                                                             {"Conv2D", Conv2D(3, 2)},
                                                             {"Concatenate", Concatenate()},
                                                             {"MaxPooling2D", MaxPooling2D(2)},
                                                             {"AveragePooling2D", AveragePooling2D(2)},
                                                             {"GlobalAveragePooling2D", GlobalAveragePooling2D()},
                                                             {"GlobalMaxPooling2D", GlobalMaxPooling2D()},
                                                             {"Add", Add()},
                                                             {"Subtract", Subtract()},
                                                             {"Multiply", Multiply()},
                                                             {"Average", Average()},
                                                             {"Maximum", Maximum()},
                                                             {"Minimum", Minimum()}};
  for (const auto& [name, layer] : all) expect_golden("layers", name, serialize_layer(*layer.ptr()), true);
  EXPECT_EQ(all.size(), built_in_layers().size());
}

template <class T>
void expect_default(const char* family, const char* name, bool has_name = false) {
  expect_golden(family, name, T().to_config(), has_name);
}

TEST(ConfigGolden, OtherDefaultsAreKeras) {
  using namespace initializers;
  expect_default<Zeros>("initializers", "Zeros");
  expect_default<Ones>("initializers", "Ones");
  expect_default<Identity>("initializers", "Identity");
  expect_default<STFT>("initializers", "STFT");
  expect_default<RandomNormal>("initializers", "RandomNormal");
  expect_default<TruncatedNormal>("initializers", "TruncatedNormal");
  expect_default<RandomUniform>("initializers", "RandomUniform");
  expect_default<VarianceScaling>("initializers", "VarianceScaling");
  expect_default<Orthogonal>("initializers", "Orthogonal");
  expect_default<GlorotUniform>("initializers", "GlorotUniform");
  expect_default<GlorotNormal>("initializers", "GlorotNormal");
  expect_default<HeUniform>("initializers", "HeUniform");
  expect_default<HeNormal>("initializers", "HeNormal");
  expect_default<LecunUniform>("initializers", "LecunUniform");
  expect_default<LecunNormal>("initializers", "LecunNormal");
  expect_default<regularizers::L1>("regularizers", "L1");
  expect_default<regularizers::L2>("regularizers", "L2");
  expect_default<regularizers::L1L2>("regularizers", "L1L2");
  expect_default<regularizers::OrthogonalRegularizer>("regularizers", "OrthogonalRegularizer");
  expect_default<constraints::MaxNorm>("constraints", "MaxNorm");
  expect_default<constraints::NonNeg>("constraints", "NonNeg");
  expect_default<constraints::UnitNorm>("constraints", "UnitNorm");
  expect_default<constraints::MinMaxNorm>("constraints", "MinMaxNorm");
}

TEST(ConfigGolden, DefaultsOfTrainingAreKeras) {
  expect_default<losses::MeanSquaredError>("losses", "MeanSquaredError");
  expect_default<losses::MeanAbsoluteError>("losses", "MeanAbsoluteError");
  expect_default<losses::BinaryCrossentropy>("losses", "BinaryCrossentropy");
  expect_default<losses::CategoricalCrossentropy>("losses", "CategoricalCrossentropy");
  expect_default<losses::SparseCategoricalCrossentropy>("losses", "SparseCategoricalCrossentropy");
  expect_golden("losses", "mean_squared_error", AnyLoss(losses::mean_squared_error)->to_config(), false);
  expect_golden("losses", "binary_crossentropy", AnyLoss("bce")->to_config(), false);
  expect_default<metrics::Mean>("metrics", "Mean");
  expect_default<metrics::Sum>("metrics", "Sum");
  expect_default<metrics::Accuracy>("metrics", "Accuracy");
  expect_default<metrics::BinaryAccuracy>("metrics", "BinaryAccuracy");
  expect_default<metrics::CategoricalAccuracy>("metrics", "CategoricalAccuracy");
  expect_default<metrics::SparseCategoricalAccuracy>("metrics", "SparseCategoricalAccuracy");
  expect_default<metrics::MeanSquaredError>("metrics", "MeanSquaredError");
  expect_default<metrics::MeanAbsoluteError>("metrics", "MeanAbsoluteError");
  expect_default<metrics::RootMeanSquaredError>("metrics", "RootMeanSquaredError");
  expect_golden("metrics", "MeanMetricWrapper", metrics::MeanMetricWrapper(losses::mean_squared_error).to_config(),
                true);
  expect_default<optimizers::SGD>("optimizers", "SGD", true);
  expect_default<optimizers::RMSprop>("optimizers", "RMSprop", true);
  expect_default<optimizers::Adam>("optimizers", "Adam", true);
  using namespace optimizers::schedules;
  expect_golden("schedules", "ExponentialDecay", ExponentialDecay(0.1, 100, 0.5).to_config(), false);
  expect_golden("schedules", "InverseTimeDecay", InverseTimeDecay(0.1, 100, 0.5).to_config(), false);
}

// What Keras's own config leaves out is written when it is not the default: Keras reads it, and nothing gets lost.
TEST(ConfigGolden, NothingThatKerasForgetsIsLost) {
  using namespace losses;
  const Config mse = MeanSquaredError({.dtype = "float64"}).to_config();
  EXPECT_EQ(*mse.find("config")->find("dtype"), Config("float64"));
  EXPECT_EQ(Loss::from_config(mse)->dtype(), "float64");
  const Config sparse = SparseCategoricalCrossentropy({.axis = 1}).to_config();
  EXPECT_EQ(*sparse.find("config")->find("axis"), Config(1));
  EXPECT_EQ(Loss::from_config(sparse)->to_config(), sparse);
  const Config identity = initializers::Identity(2).to_config();
  EXPECT_EQ(*identity.find("config")->find("gain"), Config(2.0));
}

}  // namespace
}  // namespace kerata
