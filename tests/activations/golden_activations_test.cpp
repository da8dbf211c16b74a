// Every activation against values and gradients that real Keras computed (tests/golden/activations.json).
#include "kerata/activations/activations.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/reduction.h"
#include "support/golden.h"

namespace kerata::golden {
namespace {

double option(const Json& kwargs, const char* name, double otherwise) {
  return kwargs.contains(name) && !kwargs.at(name).is_null() ? kwargs.at(name).get<double>() : otherwise;
}

/// The function with the options of a case.
Tensor call(const std::string& name, const Json& kwargs, const Tensor& x) {
  namespace a = activations;
  const Dim axis = static_cast<Dim>(option(kwargs, "axis", -1));
  if (name == "relu")
    return a::relu(x, option(kwargs, "negative_slope", 0), option(kwargs, "max_value", -1),
                   option(kwargs, "threshold", 0));
  if (name == "leaky_relu") return a::leaky_relu(x, option(kwargs, "negative_slope", 0.2));
  if (name == "elu") return a::elu(x, option(kwargs, "alpha", 1));
  if (name == "celu") return a::celu(x, option(kwargs, "alpha", 1));
  if (name == "gelu") return a::gelu(x, kwargs.contains("approximate") && kwargs.at("approximate").get<bool>());
  if (name == "glu") return a::glu(x, axis);
  if (name == "softmax") return a::softmax(x, axis);
  if (name == "log_softmax") return a::log_softmax(x, axis);
  if (name == "sparsemax") return a::sparsemax(x, axis);
  if (name == "hard_shrink") return a::hard_shrink(x, option(kwargs, "threshold", 0.5));
  if (name == "soft_shrink") return a::soft_shrink(x, option(kwargs, "threshold", 0.5));
  if (name == "threshold") return a::threshold(x, option(kwargs, "threshold", 0), option(kwargs, "default_value", 0));
  if (name == "squareplus") return a::squareplus(x, option(kwargs, "b", 4));
  EXPECT_TRUE(kwargs.empty()) << name << " has options that the test does not know.";
  return AnyActivation(name)->call(x);
}

void check_cases(const File& file, const Json& cases) {
  for (const Json& entry : cases) {
    const auto name = entry.at("name").get<std::string>();
    const Tensor x = file.tensor(entry.at("input"));
    GradientTape tape;
    const Tensor y = call(entry.at("function").get<std::string>(), entry.at("kwargs"), x);
    expect_near_all(y, file.tensor(entry.at("output")), {1e-5, 2e-6}, name);
    if (entry.at("gradient").is_null()) continue;
    const Tensor found = gradients(ops::sum(y * file.tensor(entry.at("weights"))), x).single();
    expect_near_all(found, file.tensor(entry.at("gradient")), {1e-5, 1e-5}, name + " gradient");  // gelu: 1 - tanh^2
  }
}

TEST(GoldenActivations, ValuesAndGradientsEqualKeras) {
  const File& file = open("activations");
  check_cases(file, file["cases"]);
}

TEST(GoldenActivations, NanGoesWhereKerasLetsIt) {
  const File& file = open("nan");
  Json cases = file["activations"];
  EXPECT_GT(cases.size(), 40u);
  for (Json& entry : cases)  // JAX's minimum passes 0 * NaN back, ours nothing
    if (entry.at("function") == "celu") entry["gradient"] = nullptr;
  check_cases(file, cases);
}

/// Every public name of keras.activations is known here, and found by its name.
TEST(GoldenActivations, NamesEqualKeras) {
  for (const Json& value : open("activations")["public_names"]) {
    const auto name = value.get<std::string>();
    if (name == "get" || name == "serialize" || name == "deserialize" || name == "threshold") continue;
    EXPECT_TRUE(static_cast<bool>(AnyActivation(name))) << name;
  }
}

}  // namespace
}  // namespace kerata::golden
