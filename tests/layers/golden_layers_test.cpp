// Every case of tests/golden/layers.json: outputs, masks, state, losses, gradients and configs of single layers as
// Keras's.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "compile/executable.h"
#include "graph/scope.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "layers/golden_layer.h"
#include "layers/layer_state.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

using test::GoldenLayer;
constexpr golden::Tolerance kNear{1e-5, 1e-6};

class GoldenLayers : public testing::TestWithParam<std::size_t> {
 protected:
  GoldenLayers() : case_(test::golden_layer_entry(GetParam())) {}

  /// The call of the case on `layer`, as a list.
  std::vector<Tensor> call(const AnyLayer& layer) const {
    return layer.call_all(case_.inputs(), case_.call_options()).list();
  }
  void expect_all_near(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected,
                       const std::string& what) const {
    ASSERT_EQ(actual.size(), expected.size()) << what;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      golden::expect_near_all(actual[i], expected[i], kNear, what + ' ' + std::to_string(i));
      if (!actual[i].is_empty() && !expected[i].is_empty()) {
        EXPECT_EQ(actual[i].dtype(), expected[i].dtype()) << what << ' ' << i;
      }
    }
  }
  bool is_random() const { return case_["random"].get<bool>(); }

  GoldenLayer case_;
};

// A key that a later generator adds must not go unread.
TEST_P(GoldenLayers, HasOnlyKeysThatAreCompared) {
  const std::set<std::string> known = {
      "name",         "class",           "config",          "adapt",          "inputs_is_list",         "inputs",
      "input_masks",  "call_kwargs",     "weights",         "random",         "outputs_is_list",        "outputs",
      "output_masks", "losses",          "count_params",    "second_outputs", "symbolic_output_shapes", "weights_after",
      "cotangents",   "input_gradients", "weight_gradients"};
  for (const auto& [key, value] : test::golden_layer_entry(GetParam()).items()) EXPECT_TRUE(known.contains(key)) << key;
}

TEST_P(GoldenLayers, HasKerasWeights) {
  const AnyLayer layer = case_.make();
  const std::vector<Variable> weights = layer.weights();
  ASSERT_EQ(weights.size(), case_["weights"].size());
  const std::vector<Tensor> values = case_.tensors("weights");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(weights[i].path(), case_["weights"][i].at("path").get<std::string>());
    EXPECT_EQ(weights[i].trainable(), case_["weights"][i].at("trainable").get<bool>()) << weights[i].path();
    EXPECT_EQ(weights[i].dtype(), values[i].dtype()) << weights[i].path();
    golden::expect_near_all(weights[i].value(), values[i], kNear, weights[i].path());
  }
  EXPECT_EQ(layer.count_params(), case_["count_params"].get<Dim>());
}

TEST_P(GoldenLayers, GivesKerasOutputsMasksAndState) {
  const AnyLayer layer = case_.make();
  const std::vector<Tensor> outputs = call(layer);
  ASSERT_EQ(outputs.size(), case_["outputs"].size());
  if (is_random()) {
    EXPECT_EQ(outputs[0].shape(), golden::shape(case_["outputs"][0].at("shape")));
    EXPECT_EQ(to_string(outputs[0].dtype()), case_["outputs"][0].at("dtype").get<std::string>());
  } else {
    expect_all_near(outputs, case_.tensors("outputs"), "output");
  }
  std::vector<Tensor> masks;
  for (const Tensor& y : outputs) masks.push_back(y.mask());
  expect_all_near(masks, case_.tensors("output_masks"), "mask of output");
  if (case_.has("second_outputs")) expect_all_near(call(layer), case_.tensors("second_outputs"), "second output");
  const std::vector<Tensor> after = case_.tensors(case_.has("weights_after") ? "weights_after" : "weights");
  expect_all_near(layer.get_weights().list(), after, "weight after the call");
}

// The program that fit() and predict() run gives what the eager call gives, gradients and new state too.
TEST_P(GoldenLayers, GivesTheSameCompiled) {
  if (is_random()) return;  // other draws in another program: random_layers_test.cpp
  const AnyLayer layer = case_.make();
  const Tensors inputs = case_.inputs();
  const std::vector<Tensor> cotangents = case_.tensors("cotangents"), by_input = case_.tensors("input_gradients");
  std::vector<ValueType> types;
  for (const Tensor& x : inputs) types.push_back({x.dtype(), x.shape()});
  std::vector<Tensor> expected = case_.tensors("outputs");
  const std::size_t num_outputs = expected.size();
  const ExecutablePtr program =
      Executable::compile(trace(types, false, [&](const std::vector<Tensor>& placeholders, Scope&) {
        std::vector<Tensor> x, wrt;
        for (std::size_t i = 0; i < placeholders.size(); ++i) x.push_back(placeholders[i].with_mask(inputs[i].mask()));
        std::vector<Tensor> results = layer.call_all(Tensors(x), case_.call_options()).list();
        Tensor loss = ops::zeros({});
        for (std::size_t i = 0; i < cotangents.size(); ++i) loss = loss + ops::sum(results[i] * cotangents[i]);
        for (std::size_t i = 0; i < by_input.size(); ++i)
          if (!by_input[i].is_empty()) wrt.push_back(placeholders[i]);
        for (const Variable& weight : layer.trainable_weights()) wrt.push_back(weight);
        if (wrt.empty()) return results;
        for (const Tensor& slope : gradients(loss, Tensors(wrt))) results.push_back(slope);
        return results;
      }));
  place_variables(*program);
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  for (std::size_t i = 0; i < inputs.size(); ++i) binding.set_input(i, output_of(inputs[i]).data());
  binding.run();
  for (const Tensor& slope : by_input)
    if (!slope.is_empty()) expected.push_back(slope);
  for (const Tensor& slope : case_.tensors("weight_gradients")) expected.push_back(slope);
  std::vector<Tensor> actual;
  for (std::size_t i = 0; i < program->num_outputs(); ++i) {
    const ValueType& type = program->output_type(i);
    actual.push_back(
        Tensor::from_bytes(binding.output(i), static_cast<std::size_t>(type.shape.size()), type.dtype, type.shape));
  }
  expect_all_near(actual, expected, "(of " + std::to_string(num_outputs) + " outputs, then gradients)");
  const std::vector<Tensor> after = case_.tensors(case_.has("weights_after") ? "weights_after" : "weights");
  expect_all_near(layer.get_weights().list(), after, "weight after the run");
}

TEST_P(GoldenLayers, KnowsItsOutputShapes) {
  const AnyLayer layer = case_.make();
  std::vector<Tensor> inputs;
  for (const Tensor& x : case_.inputs())
    inputs.push_back(Input(x.shape().from(1), {.dtype = Choice<DType>(x.dtype())}));
  const Tensors outputs = layer.call_all(Tensors(inputs));
  ASSERT_EQ(outputs.size(), case_["symbolic_output_shapes"].size());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EXPECT_EQ(outputs[i].shape(), golden::shape(case_["symbolic_output_shapes"][i])) << i;
}

TEST_P(GoldenLayers, HasKerasLosses) {
  const AnyLayer layer = case_.make();
  Scope scope(Mode::eager, false);
  static_cast<void>(call(layer));
  double sum = 0;
  for (const Tensor& loss : scope.losses()) sum += loss.item();
  for (const Tensor& loss : regularization_losses(*layer.ptr())) sum += loss.item();
  const double expected = case_.has("losses") ? golden::number(case_["losses"]) : 0;
  EXPECT_NEAR(sum, expected, 1e-5 * std::abs(expected));
}

TEST_P(GoldenLayers, HasKerasGradients) {
  if (is_random()) return;
  const AnyLayer layer = case_.make();
  const Tensors inputs = case_.inputs();
  const std::vector<Tensor> cotangents = case_.tensors("cotangents"), by_input = case_.tensors("input_gradients");
  const GradientTape tape;
  const std::vector<Tensor> outputs = call(layer);
  ASSERT_EQ(outputs.size(), cotangents.size());
  Tensor loss = ops::zeros({});
  for (std::size_t i = 0; i < outputs.size(); ++i) loss = loss + ops::sum(outputs[i] * cotangents[i]);
  ASSERT_EQ(inputs.size(), by_input.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (by_input[i].is_empty()) continue;
    golden::expect_near_all(gradients(loss, inputs[i]).single(), by_input[i], kNear, "gradient of input");
  }
  const std::vector<Variable> weights = layer.trainable_weights();
  ASSERT_EQ(weights.size(), case_["weight_gradients"].size());
  if (weights.empty()) return;
  expect_all_near(gradients(loss, Tensors(weights)).list(), case_.tensors("weight_gradients"), "gradient of weight");
}

/// As the golden file has it: objects without module and registered name, types as their names.
Config plain(const Config& config) {
  if (!config.is_object()) return config;
  Config result{Config::Object{}};
  const bool is_object = config.find("class_name") && config.find("config");
  if (is_object && *config.find("class_name") == Config("DTypePolicy")) return *config.find("config")->find("name");
  for (const auto& [key, value] : config.as_object())
    if (!is_object || (key != "module" && key != "registered_name")) result.set(key, plain(value));
  return result;
}

bool same(const Config& a, const Config& b) {
  if (a.is_number() && b.is_number())  // Keras holds l1 as a float32
    return std::abs(a.as_number() - b.as_number()) <= 1e-7 * std::abs(b.as_number());
  if (a.is_list() && b.is_list()) {
    if (a.as_list().size() != b.as_list().size()) return false;
    for (std::size_t i = 0; i < a.as_list().size(); ++i)
      if (!same(a.as_list()[i], b.as_list()[i])) return false;
    return true;
  }
  if (!a.is_object() || !b.is_object()) return a == b;
  if (a.as_object().size() != b.as_object().size()) return false;
  for (const auto& [key, value] : a.as_object())
    if (!b.find(key) || !same(value, *b.find(key))) return false;
  return true;
}

TEST_P(GoldenLayers, HasKerasConfig) {
  const Config expected = golden::config(case_["config"]);
  const Config config = plain(layer_from_config(case_.config()).get_config());
  for (const auto& [key, value] : expected.as_object()) {
    const Config* ours = config.find(key);
    ASSERT_NE(ours, nullptr) << key << " is missing";
    EXPECT_TRUE(same(*ours, value)) << key << ": " << to_string(*ours) << ", expected " << to_string(value);
  }
  for (const auto& [key, value] : config.as_object()) EXPECT_NE(expected.find(key), nullptr) << key << " is too much";
}

std::string case_name(const testing::TestParamInfo<std::size_t>& param) { return test::golden_layer_name(param.param); }

INSTANTIATE_TEST_SUITE_P(All, GoldenLayers, testing::ValuesIn(test::golden_layer_indices()), case_name);

}  // namespace
}  // namespace kerata
