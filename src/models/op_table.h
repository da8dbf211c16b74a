// Which class of keras.ops stands for which op, both ways.
#pragma once

#include <span>
#include <string_view>

#include "graph/op_def.h"
#include "models/op_call.h"

namespace kerata::models {

/// How a recorded op is written: the call's arguments and the class's options.
struct OpWriting {
  const Node& node;
  const OpRow& row;
  Config::List args;  // leaves of the inputs, in order; numbers for constants of rank 0
  Config kwargs{Config::Object{}}, options{Config::Object{}};
  void option(const char* name, Config value) { options.set(name, std::move(value)); }
  const ValueType& type(std::size_t input = 0) const { return type_of(node.inputs[input]); }
  template <class T>
  const T& attrs() const {
    return node.attrs.as<T>();
  }
};

/// A class of Keras and how its calls are computed; `op`, where the graph holds its calls as one op, and how such an
/// op's options are written (none: it has no options).
struct OpRow {
  std::string_view module, class_name;
  Tensors (*read)(const OpArguments& call);
  const OpDef* op = nullptr;
  void (*write)(OpWriting& writing) = nullptr;
};

std::span<const OpRow> math_op_rows();    // op_table_math.cpp: elementwise, reductions, products
std::span<const OpRow> shape_op_rows();   // op_table_shape.cpp: moving, joining, cutting, indexing
std::span<const OpRow> neural_op_rows();  // op_table_neural.cpp: activations, windows

/// Null when Kerata has no such op.
const OpRow* find_op_row(std::string_view class_name);
const OpRow* find_op_row(const Node& node);
/// Throws ValueError naming the operation and the nearest known class.
const OpRow& op_row(std::string_view class_name, std::string_view operation_name);

/// What one recorded op's call and options look like in Keras. Throws StateError naming the operation where Keras has
/// no such op or cannot say it.
OpWriting write_op(const Node& node, const std::string& name);

}  // namespace kerata::models
