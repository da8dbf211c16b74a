// The cases of tests/golden/initializers.json: exact values, statistics of large samples, orthogonality, fans, names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kerata/initializers/initializers.h"
#include "kerata/layers/normalization.h"
#include "support/golden.h"

namespace kerata {
namespace {

const golden::File& file() { return golden::open("initializers"); }

Config entry_config(const golden::Json& entry) {
  return Config(Config::Object{{"class_name", entry.at("class").get<std::string>()},
                               {"config", golden::config(entry.at("config"))}});
}

bool same(const Config& a, const Config& b) {  // the order of keys does not count
  if (a.is_number() && b.is_number()) return a.as_number() == b.as_number();
  if (a.is_list() && b.is_list())
    return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(), b.as_list().end(), same);
  if (!a.is_object() || !b.is_object()) return a == b;
  if (a.as_object().size() != b.as_object().size()) return false;
  return std::all_of(a.as_object().begin(), a.as_object().end(), [&](const auto& member) {
    return b.find(member.first) && same(member.second, *b.find(member.first));
  });
}

struct Statistics {
  double mean = 0, std = 0, min = 0, max = 0;
};

Statistics statistics(const std::vector<double>& values) {
  Statistics result;
  const double count = static_cast<double>(values.size());
  for (double value : values) result.mean += value / count;
  for (double value : values) result.std += (value - result.mean) * (value - result.mean) / count;
  result.std = std::sqrt(result.std);
  result.min = *std::min_element(values.begin(), values.end());
  result.max = *std::max_element(values.begin(), values.end());
  return result;
}

bool is_bounded(const golden::Json& entry) {
  const auto name = entry.at("class").get<std::string>();
  const golden::Json& config = entry.at("config");
  if (config.contains("distribution")) return config.at("distribution") != "untruncated_normal";
  return name != "RandomNormal";
}

// Other random numbers than Keras's, from the same distribution: five standard errors for mean and deviation; the ends
// of a bounded one are reached to within 1 % of the deviation.
TEST(GoldenInitializers, HaveKerasStatistics) {
  for (const golden::Json& entry : file()["cases"]) {
    SCOPED_TRACE(entry.dump());
    const auto initializer = Initializer::from_config(entry_config(entry));
    const Tensor values = initializer->call(golden::shape(entry.at("shape")), DType::float32);
    EXPECT_EQ(values.dtype(), DType::float32);
    const Statistics ours = statistics(values.to_vector<double>());
    const double std = entry.at("std").get<double>(), mean = entry.at("mean").get<double>();
    const double root = std::sqrt(static_cast<double>(values.size()));
    EXPECT_NEAR(ours.mean, mean, 5 * std * std::sqrt(2.0) / root);
    EXPECT_NEAR(ours.std / std, 1, 5 / root);
    const double slack = (is_bounded(entry) ? 0.01 : 1.5) * std;
    EXPECT_NEAR(ours.min, entry.at("min").get<double>(), slack);
    EXPECT_NEAR(ours.max, entry.at("max").get<double>(), slack);
    const Tensor again = initializer->call(golden::shape(entry.at("shape")), DType::float32);
    EXPECT_EQ(again.to_vector<float>() == values.to_vector<float>(), entry.at("same_when_called_again").get<bool>());
  }
}

TEST(GoldenInitializers, HaveKerasConfigs) {
  for (const char* list : {"cases", "exact", "orthogonal"}) {
    for (const golden::Json& entry : file()[list]) {
      const Config config = entry_config(entry);
      const Config ours = Initializer::from_config(config)->to_config();
      EXPECT_EQ(*ours.find("class_name"), *config.find("class_name"));
      EXPECT_TRUE(same(*ours.find("config"), *config.find("config")))
          << to_string(ours) << ", expected " << to_string(config);
    }
  }
}

TEST(GoldenInitializers, HaveKerasExactValues) {
  for (const golden::Json& entry : file()["exact"]) {
    SCOPED_TRACE(entry.at("class").dump() + entry.at("config").dump());
    Config config = entry_config(entry);
    if (entry.at("class") == "Identity")  // Keras's config loses the gain: it is the first value
      config.set("config", Config(Config::Object{{"gain", entry.at("values").at("data")[0].get<double>()}}));
    const Tensor values = Initializer::from_config(config)->call(golden::shape(entry.at("shape")), DType::float32);
    golden::expect_near_all(values, file().tensor(entry.at("values")), {1e-5, 1e-6});
    EXPECT_EQ(values.dtype(), DType::float32);
  }
}

TEST(GoldenInitializers, OrthogonalIsOrthogonal) {
  for (const golden::Json& entry : file()["orthogonal"]) {
    const Shape shape = golden::shape(entry.at("shape"));
    const double gain = entry.at("config").at("gain").get<double>();
    const Tensor values = Initializer::from_config(entry_config(entry))->call(shape, DType::float32);
    EXPECT_EQ(values.shape(), shape);
    const std::vector<double> q = values.to_vector<double>();
    const auto cols = static_cast<std::size_t>(shape.back()), rows = q.size() / cols;
    const bool by_rows = rows < cols;
    const std::size_t count = by_rows ? rows : cols, length = by_rows ? cols : rows;
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < count; ++j) {
        double dot = 0;
        for (std::size_t k = 0; k < length; ++k)
          dot += by_rows ? q[i * cols + k] * q[j * cols + k] : q[k * cols + i] * q[k * cols + j];
        EXPECT_NEAR(dot, i == j ? gain * gain : 0, 1e-6 * gain * gain) << i << ' ' << j;
      }
  }
}

TEST(GoldenInitializers, FansAreKeras) {
  for (const golden::Json& entry : file()["fans"]) {
    auto axes = [&](const char* key) {
      std::vector<Dim> result;
      if (!entry.at(key).is_null()) result = entry.at(key).get<std::vector<Dim>>();
      return result;
    };
    const auto [fan_in, fan_out] =
        initializers::compute_fans(golden::shape(entry.at("shape")), axes("input_axes"), axes("output_axes"));
    EXPECT_EQ(fan_in, entry.at("fan_in").get<Dim>()) << entry;
    EXPECT_EQ(fan_out, entry.at("fan_out").get<Dim>()) << entry;
  }
}

TEST(GoldenInitializers, GoByKerasNames) {
  for (const auto& [alias, class_name] : file()["aliases"].items()) {
    if (class_name == "Initializer") continue;  // the base class
    const Config config = Initializer::from_name(alias)->to_config();
    EXPECT_EQ(config.find("class_name")->as_text(), class_name.get<std::string>()) << alias;
  }
}

TEST(GoldenInitializers, LayersHaveKerasDefaults) {
  const golden::Json& defaults = file()["layer_defaults"];
  EXPECT_EQ(LayerBase::Options().dtype.name(), defaults.at("floatx").get<std::string>());
  const float one[] = {1}, zero[] = {0};
  const Tensor mean = Tensor::from_span<float>(zero, {1}), x = Tensor::from_span<float>(one, {1, 1});
  const Tensor y = layers::Normalization({.mean = mean, .variance = mean})(x);
  EXPECT_NEAR(y.item() * defaults.at("epsilon").get<double>(), 1, 1e-6);  // divided by epsilon, not by 0
}

TEST(GoldenInitializers, HasOnlyKeysThatAreCompared) {
  const std::set<std::string> known = {"keras_version", "backend", "generator", "generator_sha256", "cases", "exact",
                                       "orthogonal",    "fans",    "aliases",   "layer_defaults"};
  for (const auto& [key, value] : file().json().items()) EXPECT_TRUE(known.contains(key)) << key;
}

}  // namespace
}  // namespace kerata
