#include "kerata/testing/layer_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compile/executable.h"
#include "graph/placement.h"
#include "kerata/layers/input.h"
#include "kerata/models/model.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/optimizers/sgd.h"
#include "layers/layer_state.h"

namespace kerata::testing {
namespace {

template <class... Parts>
void expect(bool ok, const Parts&... parts) {
  require<ValueError>(ok, "layer_check", parts...);
}

// Inputs of the samples' shapes with an unknown batch.
std::vector<Tensor> symbolic_inputs(const Tensors& samples) {
  std::vector<Tensor> result;
  for (const Tensor& x : samples) result.push_back(Input(x.shape().from(1), {.dtype = x.dtype()}));
  return result;
}

void check_shapes(const AnyLayer& layer, const Tensors& outputs, const LayerCheckOptions& options) {
  const Tensors symbolic = layer.call_all(Tensors(symbolic_inputs(options.inputs)));
  expect(symbolic.size() == outputs.size(), "On symbolic inputs the layer has ", symbolic.size(), " outputs, on data ",
         outputs.size(), '.');
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Shape said = symbolic[i].shape(), had = outputs[i].shape();
    bool agrees = said.rank() == had.rank() && symbolic[i].dtype() == outputs[i].dtype();
    for (Dim axis = 0; agrees && axis < said.rank(); ++axis) agrees = said[axis] < 0 || said[axis] == had[axis];
    expect(agrees, "Output ", i, " is ", outputs[i].dtype(), ' ', had, ", but the symbolic call said ",
           symbolic[i].dtype(), ' ', said, '.');
  }
  for (std::size_t i = 0; i < options.output_shapes.size(); ++i)
    expect(i < outputs.size() && outputs[i].shape() == options.output_shapes[i], "Output ", i,
           " has another shape. Expected ", options.output_shapes[i], ", received ",
           i < outputs.size() ? to_string(outputs[i].shape()) : "none", '.');
}

void check_weights(const AnyLayer& layer, const LayerCheckOptions& options) {
  const Dim all = static_cast<Dim>(layer.weights().size()),
            trainable = static_cast<Dim>(layer.trainable_weights().size());
  expect(options.num_weights < 0 || all == options.num_weights, "Expected ", options.num_weights, " weights, received ",
         all, '.');
  expect(options.num_trainable_weights < 0 || trainable == options.num_trainable_weights, "Expected ",
         options.num_trainable_weights, " trainable weights, received ", trainable, '.');
}

void expect_equal(const Tensors& actual, const Tensors& expected, double tolerance, const char* what) {
  expect(actual.size() == expected.size(), what, " has ", actual.size(), " outputs, expected ", expected.size(), '.');
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const std::vector<double> a = actual[i].to_vector<double>(), b = expected[i].to_vector<double>();
    expect(a.size() == b.size(), what, " gives shape ", actual[i].shape(), ", expected ", expected[i].shape(), '.');
    for (std::size_t k = 0; k < a.size(); ++k)
      expect(
          std::abs(a[k] - b[k]) <= tolerance * std::max(1.0, std::abs(b[k])) || (std::isnan(a[k]) && std::isnan(b[k])),
          what, " gives ", a[k], " for element ", k, " of output ", i, ", expected ", b[k], '.');
  }
}

Tensors run_compiled(const AnyLayer& layer, const Tensors& inputs) {
  std::vector<ValueType> types;
  for (const Tensor& x : inputs) types.push_back({x.dtype(), x.shape()});
  const ExecutablePtr program = Executable::compile(
      trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return layer.call_all(Tensors(x)).list(); }));
  for (const Variable& variable : program->variables()) move_variable(*variable.cell(), program->device());
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    std::memcpy(binding.input(i), output_of(on_host(inputs[i])).data(), bytes_of(types[i]));
  binding.run();
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < program->num_outputs(); ++i) {
    const ValueType& type = program->output_type(i);
    outputs.push_back(
        Tensor::from_bytes(binding.output(i), static_cast<std::size_t>(type.shape.size()), type.dtype, type.shape));
  }
  return Tensors(std::move(outputs));
}

// A second layer with the first one's weights gives its results.
void check_twin(const AnyLayer& twin, const AnyLayer& layer, const Tensors& expected, const LayerCheckOptions& options,
                const char* what) {
  static_cast<void>(twin.call_all(options.inputs));
  expect(twin.weights().size() == layer.weights().size(), what, " has ", twin.weights().size(), " weights, expected ",
         layer.weights().size(), '.');
  if (!layer.weights().empty()) twin.set_weights(layer.get_weights());
  expect_equal(twin.call_all(options.inputs), expected, options.tolerance, what);
}

void check_copies(const AnyLayer& layer, const Tensors& expected, const LayerCheckOptions& options) {
  const auto& recipe = layer.ptr()->state().recipe;
  if (recipe) check_twin(AnyLayer(recipe->remake()), layer, expected, options, "A copy of the layer");
  if (!options.check_config) return;
  const Config config{Config::Object{{"class_name", Config(layer.class_name())}, {"config", layer.get_config()}}};
  const AnyLayer again = layer_from_config(config);
  expect(again.get_config() == layer.get_config(), "The config changes on its way: ", to_string(layer.get_config()),
         " becomes ", to_string(again.get_config()), '.');
  check_twin(again, layer, expected, options, "The layer from its config");
}

void check_training_step(const AnyLayer& layer, const Tensors& outputs, const LayerCheckOptions& options) {
  const std::vector<Tensor> inputs = symbolic_inputs(options.inputs);
  const Tensors results = layer.call_all(Tensors(inputs));
  Tensor sum;
  Tensor target = ops::zeros({options.inputs[0].shape()[0], 1});
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!is_floating(results[i].dtype())) continue;
    const Tensor flat =
        results[i].reshape({results[i].shape()[0], outputs[i].size() / outputs[i].shape()[0]}).cast("float32");
    const Tensor part = ops::sum(flat, {.axis = 1, .keepdims = true});
    sum = sum.is_empty() ? part : sum + part;
  }
  if (sum.is_empty()) return;
  Model model(Tensors(inputs), sum);
  model.compile({.optimizer = optimizers::SGD(0.01), .loss = "mse"});
  std::vector<std::vector<double>> before;
  for (const Variable& weight : layer.trainable_weights()) before.push_back(weight.value().to_vector<double>());
  const History history =
      model.fit(options.inputs, target + 1.5, {.batch_size = options.inputs[0].shape()[0], .verbose = 0});
  expect(std::isfinite(history.history.at("loss")[0]), "The loss of a training step is ", history.history.at("loss")[0],
         '.');
  const std::vector<Variable> weights = layer.trainable_weights();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::vector<double> after = weights[i].value().to_vector<double>();
    expect(std::all_of(after.begin(), after.end(), [](double w) { return std::isfinite(w); }),
           "After a training step '", weights[i].name(), "' is not finite.");
    expect(after != before[i], "A training step does not change '", weights[i].name(), "'.");
  }
}

}  // namespace

void layer_check(const Function<AnyLayer()>& make, const LayerCheckOptions& options) {
  expect(!options.inputs.empty(), "There are no sample inputs. Hint: {.inputs = random::normal({4, 3})}.");
  const AnyLayer layer = make();
  const Tensors outputs = layer.call_all(options.inputs);
  check_shapes(layer, outputs, options);
  check_weights(layer, options);
  expect_equal(run_compiled(layer, options.inputs), outputs, options.tolerance, "The compiled layer");
  check_copies(layer, outputs, options);
  if (options.check_training) check_training_step(layer, outputs, options);
}

}  // namespace kerata::testing
