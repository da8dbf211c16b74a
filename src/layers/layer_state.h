// What is behind a layer: its weights, parts, name and recorded calls. For the library's own code.
#pragma once

#include <atomic>
#include <mutex>

#include "graph/node.h"
#include "kerata/layers/layer.h"

namespace kerata {

/// A weight and what its options add to the loss and to updates.
struct WeightEntry {
  Variable variable;
  AnyRegularizer regularizer;
  AnyConstraint constraint;
  std::string local_path;  // below the layer's: "kernel", "lstm_cell/kernel"
  std::string group;       // below the layer's group in files: "", "cell"
};
/// A layer inside a layer.
struct LayerPart {
  std::string name;
  AnyLayer layer;
};

struct LayerBase::State {
  std::string name;           // empty until given or numbered within a model
  bool name_given = false;    // by the user: never changed
  std::string path;           // "my_model/dense_1": prefix of the weights' paths
  std::string weight_prefix;  // "lstm_cell/": what add_weight puts before a name
  std::string weight_group;   // "cell": where files hold the weights added from now on, below the layer's group
  bool trainable = true;
  std::atomic<bool> built = false;
  bool supports_masking = false;
  bool uses_mask = false;
  bool autocast = true;
  bool extra_inputs_are_states = false;  // of a recurrent layer
  bool has_no_build = false;             // its class does nothing in build()
  bool keeps_inner_masks = false;        // models: the masks come with the outputs
  DTypePolicy policy = {};
  AnyRegularizer activity_regularizer;
  detail::CommonOptions common;
  std::unique_ptr<detail::Recipe> recipe;
  std::vector<WeightEntry> trainable_weights, other_weights;
  std::vector<LayerPart> parts;
  std::vector<Shape> build_shapes;         // that the layer was built for
  std::vector<std::weak_ptr<Node>> calls;  // recorded calls, oldest first
  bool was_recorded = false;
  bool is_subclassed_model = false;
  bool is_model = false;  // numbers the names of its parts by class
  // What calls find out; many threads may call at once.
  std::mutex noted;                                    // guards what follows
  std::vector<std::string> input_names, output_names;  // where call() takes or gives tensors by name
  std::vector<Shape> last_shapes;  // of the outputs of the last recorded call, else of the first inline one
  bool warned_of_mask = false;
};

/// The doors into the protected parts of a layer.
struct LayerAccess {
  static void build(LayerBase& layer, const std::vector<Shape>& inputs) { layer.build_all(inputs); }
  static Tensors call(const LayerBase& layer, const Tensors& inputs, const CallContext& context) {
    return layer.call_with(inputs, context);
  }
  static Tensors arrange(const LayerBase& layer, const Tensors& inputs) { return layer.arrange(inputs); }
  static std::vector<Tensor> masks(const LayerBase& layer, const Tensors& inputs, const std::vector<Tensor>& masks,
                                   std::size_t num_outputs) {
    return layer.compute_masks(inputs, masks, num_outputs);
  }
};

/// One call of a layer, whatever is going on: records a node, runs inline in the open scope, or computes.
std::vector<Tensor> invoke(LayerBase& layer, const Tensors& inputs, const CallOptions& options);
/// Records a node on symbolic inputs even when a scope is open (models that build themselves while they are called).
std::vector<Tensor> record_call(LayerBase& layer, const Tensors& inputs, const CallOptions& options);
/// The same with error context.
std::vector<Tensor> invoke_symbolic(LayerBase& layer, const Tensor& input);
/// Runs in the scope that is open. Masks and states as in CallRecord.
std::vector<Tensor> call_inline(LayerBase& layer, const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks,
                                const Tensors& states, bool training);
/// The names by which call() gives its outputs, as far as calls have shown them; or none.
std::vector<std::string> noted_output_names(const LayerBase& layer);
/// Makes the weights if there are none yet. Of several threads one builds and the others wait for it.
void ensure_built(LayerBase& layer, const std::vector<Tensor>& inputs);

/// Whether `part` is `whole` or stands anywhere among its parts: then `whole` cannot become a part of `part`.
bool is_or_holds(const LayerBase& whole, const LayerBase& part);

/// "Dense", "Gated": the C++ class name without namespace and "Layer".
std::string plain_class_name(const LayerBase& layer);
/// Keras's snake_case: "Conv2D" -> "conv2d", "BatchNormalization" -> "batch_normalization".
std::string snake_case(std::string_view class_name);
/// What the layer is called in messages: its name, or the one it would get.
std::string display_name(const LayerBase& layer);
/// Gives a name (numbered, not the user's) and renews the weights' paths.
void set_auto_name(LayerBase& layer, const std::string& name);
/// Renews the paths of all weights below `layer`, whose own path is `path`.
void assign_paths(LayerBase& layer, const std::string& path);

/// The penalties of the trainable weights of a layer and its parts, made in the scope that is open.
std::vector<Tensor> regularization_losses(const LayerBase& layer);
/// The weights that have a constraint, to be applied after each update.
std::vector<std::pair<Variable, AnyConstraint>> weight_constraints(const LayerBase& layer);

/// Whether an unknown weight could be written: number and shapes fit. All or nothing.
void set_weights(const LayerBase& layer, const Tensors& values);

}  // namespace kerata
