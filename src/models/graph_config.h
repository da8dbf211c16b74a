// The parts that configs of models are made of and read from.
#pragma once

#include "models/functional_graph.h"
#include "models/model_config.h"
#include "models/model_state.h"

namespace kerata::models {

/// A functional model's config: {"name", "trainable", "layers", "input_layers", "output_layers"}.
Config functional_config(const ModelLayer& model);
/// A Sequential's config: {"name", "trainable", "dtype", "layers", "build_input_shape"}.
Config sequential_config(const ModelLayer& model);
/// Args and kwargs of a recorded layer call as Keras's Layer.__call__ records them; `tensor` writes one tensor.
Config layer_call_config(const LayerBase& layer, const Node& node, const Function<Config(const Tensor&)>& tensor);

/// `form` with each tensor leaf (see tensor_leaf()) replaced.
using FillLeaf = Function<Config(std::size_t index, const std::string& kind)>;
Config fill_form(const Config& form, const FillLeaf& leaf);

/// One call as a file has it: arguments whose tensors are leaves, and where each comes from.
struct CallConfig {
  struct Source {
    std::size_t entry = 0, call = 0;  // output `index` of call `call` of layer `entry`
    int index = 0;
    Tensor constant = {};  // or this
  };
  Config args, kwargs;
  std::vector<Source> sources;
};
/// Calls a layer as it was called. Throws ValueError naming the layer and an argument that is not known.
std::vector<Tensor> call_layer(LayerBase& layer, const CallConfig& call, const std::vector<Tensor>& tensors);

/// An operation of TensorFlow between layers (TFOpLambda, SlicingOpLambda of tf-keras) as one of keras.ops. Throws
/// ValueError naming layer and function when there is none.
struct LegacyOp {
  std::shared_ptr<const KerasOp> op;
  CallConfig call;
};
LegacyOp legacy_op(const Config& layer, const std::string& name, const CallConfig& call);

/// From functional_config()'s form, or that of Keras 1 and 2.
std::shared_ptr<LayerBase> functional_from_config(const Config& config, const LoadOptions& options);
/// From {"name", "layers", ...}, or the bare list of Keras 1.
std::shared_ptr<LayerBase> sequential_from_config(const Config& config, const LoadOptions& options);

}  // namespace kerata::models
