// The golden models set every option of every class at least once to another value than its default.
#include <gmock/gmock.h>

#include <set>

#include "interchange/golden_models.h"
#include "saving/keras_file.h"

namespace kerata::test {
namespace {

/// The arguments of all objects in the configs of the golden models, by "keras.layers.Dense".
using Arguments = std::map<std::string, std::vector<Config>>;

void collect(const Config& value, Arguments& found) {
  if (value.is_list()) {
    for (const Config& element : value.as_list()) collect(element, found);
  } else if (value.is_object()) {
    const Config *module = value.find("module"), *name = value.find("class_name"), *config = value.find("config");
    if (module && module->is_text() && name && name->is_text() && config && config->is_object())
      found[module->as_text() + "." + name->as_text()].push_back(*config);
    for (const auto& [key, member] : value.as_object()) collect(member, found);
  }
}

const Arguments& arguments() {
  static const Arguments all = [] {
    Arguments found;
    for (const char* stem : {"models", "models_options", "models_tensorflow"})
      for (const GoldenModel& golden : golden_models(stem))
        collect(saving::KerasFile(golden.path("keras")).config(), found);
    return found;
  }();
  return all;
}

/// The fields that no config sets to another value than Options{} has.
template <class Options>
std::set<std::string> untouched(const std::string& path) {
  const Config defaults = config_of(Options{});
  std::set<std::string> left;
  std::apply([&](const auto&... f) { (left.insert(f.name), ...); }, Options::fields());
  const auto found = arguments().find(path);
  if (found == arguments().end()) return {"no object of this class"};
  for (const Config& config : found->second) {
    std::vector<const char*> others;  // positional arguments, which are no Options
    for (const auto& [key, value] : config.as_object()) others.push_back(key.c_str());
    const Config read = config_of(read_fields<Options>(config, path, others));
    std::erase_if(left, [&](const std::string& name) {
      const Config none, *value = read.find(name), *usual = defaults.find(name);
      return !((value ? *value : none) == (usual ? *usual : none));
    });
  }
  // What all classes have is read by one piece of code. `synchronized` is for several replicas of TensorFlow only.
  for (const char* common : {"name", "trainable", "dtype", "synchronized"}) left.erase(common);
  if (path.ends_with(".VarianceScaling"))  // of attention's kernels; no layer here has such
    for (const char* axes : {"input_axes", "output_axes"}) left.erase(axes);
  if (path.ends_with(".SparseCategoricalCrossentropy")) left.erase("axis");  // Keras does not save it
  return left;
}

template <class T>
void expect_touched(const std::string& path) {
  EXPECT_THAT(untouched<typename T::Options>(path), ::testing::IsEmpty()) << path;
}

TEST(OptionsCovered, Layers) {
  using namespace layers;
  expect_touched<Dense>("keras.layers.Dense");
  expect_touched<Activation>("keras.layers.Activation");
  expect_touched<Conv2D>("keras.layers.Conv2D");
  expect_touched<MaxPooling2D>("keras.layers.MaxPooling2D");
  expect_touched<AveragePooling2D>("keras.layers.AveragePooling2D");
  expect_touched<GlobalMaxPooling2D>("keras.layers.GlobalMaxPooling2D");
  expect_touched<GlobalAveragePooling2D>("keras.layers.GlobalAveragePooling2D");
  expect_touched<BatchNormalization>("keras.layers.BatchNormalization");
  expect_touched<Normalization>("keras.layers.Normalization");
  expect_touched<Dropout>("keras.layers.Dropout");
  expect_touched<Embedding>("keras.layers.Embedding");
  expect_touched<LSTM>("keras.layers.LSTM");
  expect_touched<Flatten>("keras.layers.Flatten");
  expect_touched<Reshape>("keras.layers.Reshape");
  expect_touched<Concatenate>("keras.layers.Concatenate");
  for (const char* merge : {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})
    expect_touched<Add>(std::string("keras.layers.") + merge);
}

TEST(OptionsCovered, Objects) {
  expect_touched<initializers::RandomNormal>("keras.initializers.RandomNormal");
  expect_touched<initializers::TruncatedNormal>("keras.initializers.TruncatedNormal");
  expect_touched<initializers::RandomUniform>("keras.initializers.RandomUniform");
  expect_touched<initializers::VarianceScaling>("keras.initializers.VarianceScaling");
  expect_touched<regularizers::L1L2>("keras.regularizers.L1L2");
  expect_touched<regularizers::OrthogonalRegularizer>("keras.regularizers.OrthogonalRegularizer");
  expect_touched<constraints::MinMaxNorm>("keras.constraints.MinMaxNorm");
}

TEST(OptionsCovered, LossesAndMetrics) {
  expect_touched<losses::MeanSquaredError>("keras.losses.MeanSquaredError");
  expect_touched<losses::MeanAbsoluteError>("keras.losses.MeanAbsoluteError");
  expect_touched<losses::BinaryCrossentropy>("keras.losses.BinaryCrossentropy");
  expect_touched<losses::CategoricalCrossentropy>("keras.losses.CategoricalCrossentropy");
  expect_touched<losses::SparseCategoricalCrossentropy>("keras.losses.SparseCategoricalCrossentropy");
  expect_touched<metrics::BinaryAccuracy>("keras.metrics.BinaryAccuracy");
  for (const char* metric : {"Accuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "MeanSquaredError",
                             "MeanAbsoluteError", "RootMeanSquaredError"})
    EXPECT_TRUE(arguments().contains(std::string("keras.metrics.") + metric)) << metric;
}

TEST(OptionsCovered, OptimizersAndSchedules) {
  expect_touched<optimizers::SGD>("keras.optimizers.SGD");
  expect_touched<optimizers::RMSprop>("keras.optimizers.RMSprop");
  expect_touched<optimizers::Adam>("keras.optimizers.Adam");
  expect_touched<optimizers::schedules::ExponentialDecay>("keras.optimizers.schedules.ExponentialDecay");
  expect_touched<optimizers::schedules::InverseTimeDecay>("keras.optimizers.schedules.InverseTimeDecay");
}

}  // namespace
}  // namespace kerata::test
