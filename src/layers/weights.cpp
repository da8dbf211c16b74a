// What trainers and users do with the weights of a layer and its parts.
#include <unordered_set>

#include "core/require.h"
#include "layers/layer_state.h"

namespace kerata {
namespace {

template <class F>
void for_each_weight(const LayerBase& layer, std::unordered_set<const void*>& seen, const F& visit) {
  const LayerBase::State& state = layer.state();
  for (const auto* weights : {&state.trainable_weights, &state.other_weights})
    for (const WeightEntry& weight : *weights)
      if (seen.insert(weight.variable.cell()).second) visit(weight);
  for (const LayerPart& part : state.parts) for_each_weight(*part.layer.ptr(), seen, visit);
}

}  // namespace

std::vector<Tensor> regularization_losses(const LayerBase& layer) {
  std::vector<Tensor> losses;
  std::unordered_set<const void*> seen;
  if (!layer.trainable()) return losses;
  for_each_weight(layer, seen, [&](const WeightEntry& weight) {
    if (weight.regularizer && weight.variable.trainable()) losses.push_back(weight.regularizer->call(weight.variable));
  });
  return losses;
}

std::vector<std::pair<Variable, AnyConstraint>> weight_constraints(const LayerBase& layer) {
  std::vector<std::pair<Variable, AnyConstraint>> found;
  std::unordered_set<const void*> seen;
  for_each_weight(layer, seen, [&](const WeightEntry& weight) {
    if (weight.constraint) found.emplace_back(weight.variable, weight.constraint);
  });
  return found;
}

void set_weights(const LayerBase& layer, const Tensors& values) {
  const std::vector<Variable> weights = layer.weights();
  const std::string name = display_name(layer);
  require<StateError>(layer.built() || !weights.empty(), name,
                      "The layer has no weights yet. Hint: call it on data or on Input() first.");
  require<ValueError>(values.size() == weights.size(), name, "You called set_weights(weights) on layer '", name,
                      "' with a weight list of length ", values.size(), ", but the layer was expecting ",
                      weights.size(), " weights.");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    require<StateError>(!values[i].is_empty() && !values[i].is_symbolic(), name, "The new value of '",
                        weights[i].path(), "' has no data.");
    require<ShapeError>(values[i].shape() == weights[i].shape(), name, "Layer '", name,
                        "' weight shape is not compatible with the provided weight shape. Expected ",
                        weights[i].shape(), " for '", weights[i].path(), "', received ", values[i].shape(), '.');
  }
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i].assign(values[i]);
}

}  // namespace kerata
