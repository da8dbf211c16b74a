// OpDef: all that the graph, autodiff and the compiler must know about one op. apply() is the only door into the graph.
#pragma once

#include <span>

#include "backend/kernel.h"
#include "kerata/graph/tensors.h"

namespace kerata {

/// What a vjp rule is given: one forward application and the gradients of its outputs.
struct VjpArgs {
  const std::vector<Tensor>& inputs;
  const std::vector<Tensor>& outputs;
  const std::vector<Tensor>& grads;  // one per output; an empty tensor where nothing flows back
  const Attrs& attrs;
  const std::vector<bool>& needed;  // whether anyone asks for the gradient of input i

  bool needs(std::size_t i) const { return needed[i]; }
  const Tensor& in(std::size_t i = 0) const { return inputs[i]; }
  const Tensor& out(std::size_t i = 0) const { return outputs[i]; }
  const Tensor& grad(std::size_t i = 0) const { return grads[i]; }
};

struct OpDef {
  std::string_view name;
  /// Types of the outputs; throws ShapeError or ValueError. Sizes may be unknown.
  std::vector<ValueType> (*infer)(std::span<const ValueType> in, const Attrs& attrs) = nullptr;
  /// One gradient per input, written in terms of ops; an empty tensor where there is none. Null: see below.
  std::vector<Tensor> (*vjp)(const VjpArgs& args) = nullptr;
  /// Output element i depends only on the (broadcast) input elements i: the fusion pass may take it.
  bool elementwise = false;
  /// Of elementwise ops: a result is one of the operands' elements, its negative or 0, so that no type rounds it.
  bool selects = false;
  /// Reads a random state: never folded or merged while tracing.
  bool random = false;
  /// vjp == nullptr and this set: the gradient is zero everywhere (floor, argmax, comparisons). Not set: an error.
  bool zero_gradient = false;
  /// The result may be written over an input of the same size (of elementwise ops this is always so).
  bool in_place = false;
  /// Output i is always computed into the memory of input i (optimizer steps on variables).
  bool updates_inputs = false;
  /// Bit i: only the type of input i is read, never its data (bit 31: nor that of any later input), so that a compiled
  /// program need not keep it.
  std::uint32_t shape_only = 0;
  /// Bit i: output i may be left out: its pointer is null when a compiled program never reads it.
  std::uint32_t optional_outputs = 0;
  /// The output is input 0's memory under another shape (reshape): no kernel runs.
  bool is_view = false;
};

/// Applies an op: infers the types, then records a node (symbolic inputs, or while tracing) or runs the kernel.
std::vector<Tensor> apply_all(const OpDef& op, std::vector<Tensor> inputs, Attrs attrs = {});
/// The same for ops with one output.
Tensor apply(const OpDef& op, std::vector<Tensor> inputs, Attrs attrs = {});

}  // namespace kerata
