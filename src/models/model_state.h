// What is behind a model, for the library's own code (training, saving).
#pragma once

#include <optional>

#include "kerata/models/model.h"
#include "layers/layer_state.h"

namespace kerata {

namespace training {
struct TrainerState;
}  // namespace training

namespace models {

class FunctionalGraph;

struct ModelState {
  std::shared_ptr<const FunctionalGraph> graph;     // null: subclassed, or a Sequential that is not built
  std::shared_ptr<training::TrainerState> trainer;  // training's own
  /// What compile() was given, with the optimizer that it made of a name, or put within a LossScaleOptimizer; null
  /// before.
  std::shared_ptr<const CompileOptions> compile_options;
  Config jit_compile = "auto";  // of the file the model comes from: Keras's to use, kept for it
  Function<std::vector<Variable>()>
      optimizer_variables;       // set by compile(): for summary; empty until the optimizer is built
  std::optional<Device> device;  // what to() said
  bool is_sequential = false;
  bool is_subclassed = false;   // its call() is the user's
  std::size_t num_outputs = 0;  // of a subclassed model, after its first call
};

/// Whether call() is the replay of a graph (functional models and built Sequentials).
bool is_functional(const ModelLayer& model);
/// Symbolic; throw StateError when there is no graph.
const std::vector<Tensor>& inputs_of(const ModelLayer& model);
const std::vector<Tensor>& outputs_of(const ModelLayer& model);
/// Keras's: names of the Input layers; of the layers that make the outputs ("dense", twice the same for two outputs of
/// one layer). A subclassed model has no input names, and "output_1", ... after its first call.
std::vector<std::string> input_names_of(const ModelLayer& model);
std::vector<std::string> output_names_of(const ModelLayer& model);
/// Whether the outputs were given by name; of a subclassed model, after its first call.
bool outputs_are_named(const ModelLayer& model);
/// Where losses, targets and the like stand in a list, Keras takes outputs given by name in the order of the sorted
/// names: element i of such a list belongs to output order[i].
std::vector<std::size_t> output_order_of(const ModelLayer& model);
/// Keras's model.layers.
std::vector<AnyLayer> layers_of(const ModelLayer& model);

/// Makes the weights of a model that is not built, for inputs of these types (batch included; sizes may be unknown).
void build_model(ModelLayer& model, const std::vector<ValueType>& inputs);
/// The data in the order of the model's inputs, checked against their ranks and sizes (all axes but the batch), with
/// rank repaired ((N) -> (N, 1) and back) and cast to the inputs' dtypes. Takes a list or names. Subclassed: the list
/// as it is. Throws ValueError for a wrong number or name, ShapeError for a wrong rank or size.
std::vector<Tensor> standardize_inputs(const ModelLayer& model, const Tensors& x);
/// The model on tensors inside the scope that is open (trace, dry or eager), with error context; the outputs carry
/// their masks. The losses of activity regularizers and add_loss() are in the scope afterwards.
Tensors call_in_scope(const ModelLayer& model, const Tensors& x, bool training);

}  // namespace models
}  // namespace kerata
