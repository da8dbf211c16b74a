// What the kinds of models share.
#pragma once

#include "models/model_state.h"

namespace kerata::models {

/// Makes the model the replay of this graph.
void set_graph(ModelLayer& model, std::shared_ptr<const FunctionalGraph> graph);
/// One tensor per input, by position or name; nothing is checked but their number and names.
std::vector<Tensor> in_order(const ModelLayer& model, const Tensors& x);

}  // namespace kerata::models
