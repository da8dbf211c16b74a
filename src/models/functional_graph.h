// FunctionalGraph: the operations between the inputs and outputs of a model, in Keras's order.
#pragma once

#include "layers/layer_state.h"
#include "models/op_call.h"

namespace kerata::models {

/// A layer (however often it is called) or one raw op.
struct Operation {
  std::shared_ptr<LayerBase> layer;          // an InputLayer too; null for a raw op
  std::shared_ptr<const KerasOp> op;         // of a raw op that was read from a file
  std::string op_name, op_class;             // of a raw op: "add_1", "Add"
  std::vector<std::shared_ptr<Node>> nodes;  // its calls within this graph, oldest first
  std::string name() const { return layer ? display_name(*layer) : op_name; }
};

class FunctionalGraph {
 public:
  /// Throws ValueError when an input was not made by Input() or stands twice, when an output does not depend on the
  /// inputs alone, or when two operations have the same given name. Gives names to the layers that have none. The forms
  /// say how inputs and outputs were given: a tensor_leaf(), or a list or an object of leaves, nested as Keras allows.
  FunctionalGraph(std::vector<Tensor> inputs, std::vector<Tensor> outputs, Config input_form, Config output_form);

  const std::vector<Tensor>& inputs() const { return inputs_; }
  const std::vector<Tensor>& outputs() const { return outputs_; }
  const Config& input_form() const { return input_form_; }
  const Config& output_form() const { return output_form_; }
  /// By depth from the inputs, then in the order of a walk from the outputs: keras.Function.operations.
  const std::vector<Operation>& operations() const { return operations_; }
  /// No branches and no shared layers: summary() needs no column of connections.
  bool is_sequential() const { return is_sequential_; }
  bool contains(const Node* node) const;
  const Operation& operation_of(const Node* node) const;
  /// Keras counts outputs in the order of the sorted names: what Keras calls output i is outputs()[order[i]].
  const std::vector<std::size_t>& output_order() const { return output_order_; }
  /// Whether each output was given by name.
  bool outputs_are_named() const;
  /// The keys of outputs given by name, else the names of the layers that make them.
  std::vector<std::string> output_names() const;
  std::vector<std::string> input_names() const;

 private:
  struct Builder;
  std::vector<Tensor> inputs_, outputs_;
  Config input_form_, output_form_;
  std::vector<std::size_t> output_order_;
  std::vector<Operation> operations_;
  std::vector<std::pair<const Node*, std::size_t>> operation_at_;  // sorted by node
  bool is_sequential_ = true;
};

/// The symbolic tensors that a node is called on, in Keras's order: inputs, states, masks.
std::vector<Tensor> tensors_into(const Node& node);

/// The number by which Keras knows an output of a layer, and back; they differ for models that give a map.
int keras_output(const LayerBase* layer, int output);
int output_of_keras(const LayerBase* layer, int output);

/// The form of tensors as a program gives them: one, a list, or by name.
Config form_of(const Tensors& tensors);
/// Keras's class for a raw op: "TrueDivide" for "divide", "GetItem" for a cut; its own name where Keras has none.
std::string keras_op_class(const Node& node);

/// Names for operations that have none, numbered per class; throws ValueError for equal names given by the user.
void name_operations(std::vector<Operation>& operations);
/// The same for the parts of a subclassed model and of a Sequential that is not built.
void name_parts(LayerBase& model);
/// "functional", or "functional_2" when two models inside have that class.
std::string default_model_name(const LayerBase& model);

}  // namespace kerata::models
