// Data for the inputs of a model: order, number, rank, sizes, dtype.
#include "core/require.h"
#include "kerata/ops/shape.h"
#include "models/functional_graph.h"
#include "models/graph_parts.h"

namespace kerata::models {
namespace {

std::string list_text(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", \"" : "\"") + name + "\"";
  return text + "]";
}

/// As Keras: a missing last axis of size 1 is added, a superfluous one taken off.
Tensor repair_rank(const Tensor& x, const Tensor& input, const std::string& model) {
  const Shape wanted = input.shape(), given = x.shape();
  if (given.rank() == wanted.rank()) return x;
  const Tensor mask = x.mask();
  if (given.rank() == wanted.rank() + 1 && given.back() == 1) return ops::squeeze(x, -1).with_mask(mask);
  if (given.rank() == wanted.rank() - 1 && wanted.back() == 1) return ops::expand_dims(x, -1).with_mask(mask);
  fail<ShapeError>(model, "Invalid input shape for input '", input.node()->name, "'. Expected shape ", wanted,
                   ", but input has incompatible shape ", given, '.');
}

}  // namespace

std::vector<Tensor> in_order(const ModelLayer& model, const Tensors& x) {
  const std::vector<Tensor>& inputs = inputs_of(model);
  const std::string name = display_name(model);
  if (x.names().empty()) {
    require<ValueError>(x.size() == inputs.size(), name, "Layer \"", name, "\" expects ", inputs.size(),
                        " input(s), but it received ", x.size(), " input tensors. Expected ",
                        list_text(input_names_of(model)), '.');
    return x.list();
  }
  std::vector<Tensor> result;
  for (const Tensor& input : inputs) {
    const std::string& wanted = input.node()->name;
    Tensor found;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (x.names()[i] == wanted) found = x[i];
    require<ValueError>(!found.is_empty(), name, "Missing data for input \"", wanted,
                        "\". You passed data with the names ", list_text(x.names()),
                        ". Expected the following names: ", list_text(input_names_of(model)), '.');
    result.push_back(found);
  }
  return result;
}

std::vector<Tensor> standardize_inputs(const ModelLayer& model, const Tensors& x) {
  if (!is_functional(model)) return x.list();
  const std::vector<Tensor>& inputs = inputs_of(model);
  const std::string name = display_name(model);
  std::vector<Tensor> result;
  for (const Tensor& given : in_order(model, x)) {
    const std::size_t i = result.size();
    require<StateError>(!given.is_empty(), name, "The data of input '", inputs[i].node()->name,
                        "' is an empty tensor.");
    Tensor data = repair_rank(given, inputs[i], name);
    const Shape wanted = inputs[i].shape(), found = data.shape();
    for (Dim axis = 1; axis < wanted.rank(); ++axis)
      require<ShapeError>(wanted[axis] < 0 || found[axis] < 0 || wanted[axis] == found[axis], name, "Input ", i,
                          " with name '", inputs[i].node()->name, "' of layer '", name,
                          "' is incompatible with the layer: expected shape=", wanted, ", found shape=", found, '.');
    if (data.dtype() != inputs[i].dtype()) data = data.cast(inputs[i].dtype()).with_mask(given.mask());
    result.push_back(data);
  }
  return result;
}

}  // namespace kerata::models
