// The losses against Keras: value and gradient, eager and compiled.
#include "support/golden.h"
#include "kerata/graph/gradients.h"
#include "kerata/losses/losses.h"
#include "kerata/ops/reduction.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

using golden::Json;

struct LossCase {
  std::string name;
  std::shared_ptr<Loss> loss;
  Tensor y_true, y_pred, sample_weight, mask, value, gradient;

  LossCase(const golden::File& file, const Json& json)
      : name(json.at("name").get<std::string>()),
        loss(Loss::from_config(Config::Object{{"class_name", json.at("class").get<std::string>()},
                                              {"config", golden::config(json.at("config"))}})),
        y_true(file.tensor(json.at("y_true"))),
        y_pred(file.tensor(json.at("y_pred"))),
        sample_weight(file.tensor(json.at("sample_weight"))),
        mask(file.tensor(json.at("mask"))),
        value(file.tensor(json.at("value"))),
        gradient(file.tensor(json.at("gradient"))) {
    // Keras leaves the values of no rows at all unreduced, shape (0); a reduced loss is always a scalar here.
    if (y_true.size() == 0) value = ops::sum(value);
  }

  /// {value, gradient of its sum by the predictions}
  std::vector<Tensor> compute(const Tensor& truth, const Tensor& prediction) const {
    const Tensor loss_value = (*loss)(truth, prediction.with_mask(mask), sample_weight);
    return {loss_value, gradients(ops::sum(loss_value), prediction)[0]};
  }
  void check(const std::vector<Tensor>& found, const std::string& how) const {
    golden::expect_near_all(found[0], value, {1e-5, 1e-6}, name + ", value, " + how);
    golden::expect_near_all(found[1], gradient, {1e-5, 1e-6}, name + ", gradient, " + how);
  }
};

// Keras on JAX counts a label outside the classes as loss 0; here it is an error (losses/errors_test.cpp).
bool is_outside(const Json& json) { return json.at("name") == "SparseCategoricalCrossentropy/edge_outside"; }

TEST(LossGolden, EagerValuesAndGradients) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["losses"]) {
    if (is_outside(json)) continue;
    SCOPED_TRACE(json.at("name").get<std::string>());
    const LossCase c(file, json);
    const GradientTape tape;
    c.check(c.compute(c.y_true, c.y_pred), "eager");
  }
}

TEST(LossGolden, CompiledValuesAndGradients) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["losses"]) {
    if (is_outside(json)) continue;
    SCOPED_TRACE(json.at("name").get<std::string>());
    const LossCase c(file, json);
    CompiledRun run({c.y_true, c.y_pred}, true,
                    [&](const std::vector<Tensor>& x, Scope&) { return c.compute(x[0], x[1]); });
    c.check(run({c.y_true, c.y_pred}), "compiled");
  }
}

// Weights and masks that are inputs of the program, as in fit().
TEST(LossGolden, CompiledWithWeightsAndMasksAsInputs) {
  const golden::File& file = golden::open("losses_metrics");
  int count = 0;
  for (const Json& json : file["losses"]) {
    if (json.at("sample_weight").is_null() || json.at("mask").is_null()) continue;
    LossCase c(file, json);
    const std::vector<Tensor> inputs = {c.y_true, c.y_pred, c.sample_weight, c.mask};
    CompiledRun run(inputs, true, [&](const std::vector<Tensor>& x, Scope&) {
      c.sample_weight = x[2];
      c.mask = x[3];
      return c.compute(x[0], x[1]);
    });
    c.check(run(inputs), "compiled");
    ++count;
  }
  EXPECT_GE(count, 5);
}

template <class Options>
Options binary_like(const Json& kwargs) {
  Options options;
  if (kwargs.contains("from_logits")) options.from_logits = kwargs.at("from_logits").get<bool>();
  if constexpr (requires { options.label_smoothing; })
    if (kwargs.contains("label_smoothing")) options.label_smoothing = kwargs.at("label_smoothing").get<double>();
  return options;
}

Tensor call_function(const std::string& name, const Json& kwargs, const Tensor& y_true, const Tensor& y_pred) {
  using namespace losses;
  if (name == "mean_squared_error" && kwargs.empty()) return mean_squared_error(y_true, y_pred);
  if (name == "mean_absolute_error" && kwargs.empty()) return mean_absolute_error(y_true, y_pred);
  if (name == "binary_crossentropy")
    return binary_crossentropy(y_true, y_pred, binary_like<BinaryCrossentropyFunction::Options>(kwargs));
  if (name == "categorical_crossentropy")
    return categorical_crossentropy(y_true, y_pred, binary_like<CategoricalCrossentropyFunction::Options>(kwargs));
  if (name == "sparse_categorical_crossentropy")
    return sparse_categorical_crossentropy(y_true, y_pred,
                                           binary_like<SparseCategoricalCrossentropyFunction::Options>(kwargs));
  throw ValueError("no such function in this test: " + name + kwargs.dump());
}

TEST(LossGolden, Functions) {
  const golden::File& file = golden::open("losses_metrics");
  for (const Json& json : file["loss_functions"]) {
    const auto name = json.at("function").get<std::string>();
    const Json& kwargs = json.at("kwargs");
    SCOPED_TRACE(name + kwargs.dump());
    for (const auto& [key, value] : kwargs.items())
      ASSERT_TRUE(key == "from_logits" || key == "label_smoothing") << key;
    const Tensor y_true = file.tensor(json.at("y_true")), y_pred = file.tensor(json.at("y_pred"));
    const Tensor weights = file.tensor(json.at("weights"));
    auto compute = [&](const Tensor& truth, const Tensor& prediction) {
      const Tensor value = call_function(name, kwargs, truth, prediction);
      return std::vector{value, gradients(ops::sum(value * weights), prediction)[0]};
    };
    CompiledRun run({y_true, y_pred}, true, [&](const std::vector<Tensor>& x, Scope&) { return compute(x[0], x[1]); });
    const GradientTape tape;
    for (const auto& found : {compute(y_true, y_pred), run({y_true, y_pred})}) {
      golden::expect_near_all(found[0], file.tensor(json.at("value")), {1e-5, 1e-6}, "value");
      golden::expect_near_all(found[1], file.tensor(json.at("gradient")), {1e-5, 1e-6}, "gradient");
    }
  }
}

}  // namespace
}  // namespace kerata
