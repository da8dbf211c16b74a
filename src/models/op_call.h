// OpCall: an operation of keras.ops between layers, as a file names it.
#pragma once

#include "graph/node.h"
#include "kerata/core/axes.h"
#include "kerata/core/config.h"
#include "kerata/graph/operators.h"

namespace kerata::models {

struct OpRow;

/// One Operation object of Keras ("Add", "GetItem"), however often it is called.
struct KerasOp {
  const OpRow* row = nullptr;
  std::string name;
  Config config;  // its constructor's arguments, as in the file
};

/// One call of it. Expands into the ops that compute it, and keeps its arguments as they were written, so that a model
/// read from a file is written back the same.
class OpCall final : public Composite {
 public:
  OpCall(std::shared_ptr<const KerasOp> op, Config args, Config kwargs)
      : op_(std::move(op)), args_(std::move(args)), kwargs_(std::move(kwargs)) {}
  const std::shared_ptr<const KerasOp>& op() const { return op_; }
  /// A list and an object; each tensor in them is a leaf: see tensor_leaf().
  const Config& args() const { return args_; }
  const Config& kwargs() const { return kwargs_; }
  std::vector<Tensor> expand(const std::vector<Tensor>& inputs, const CallRecord& record) const override;

 private:
  std::shared_ptr<const KerasOp> op_;
  Config args_, kwargs_;
};

/// The composite of a node if it is an OpCall, else null.
const OpCall* op_call_of(const Node& node);
/// Makes the node; at least one of `tensors` (the leaves, by index) must be symbolic. Throws ValueError naming the op.
std::vector<Tensor> call_op(std::shared_ptr<const OpCall> call, const std::vector<Tensor>& tensors);

/// What stands for input `index` of the node among its arguments. `kind`: "__keras_tensor__", or for constants
/// "__tensor__" and "__numpy__".
Config tensor_leaf(std::size_t index, const std::string& kind = "__keras_tensor__");
/// Whether it is such a leaf; then its index.
bool is_tensor_leaf(const Config& config, std::size_t& index);

/// A number or nested lists of numbers as a tensor (of int32, float32 or bool as they are, unless `dtype` is a name).
/// Throws ValueError with `where` when they are ragged.
Tensor constant_tensor(const Config& value, const Config* dtype, const std::string& where);

/// Reads the arguments of one call. Throws ValueError for what is missing, of a wrong kind or not supported.
class OpArguments {
 public:
  OpArguments(const OpCall& call, const std::vector<Tensor>& tensors) : call_(call), tensors_(tensors) {}

  // Arguments of the call: by position, else by keyword.
  Tensor tensor(std::size_t position, const char* name) const;
  Operand operand(std::size_t position, const char* name) const;
  Tensors list(std::size_t position, const char* name) const;
  const Config* argument(std::size_t position, const char* name) const;  // null when absent or None
  std::size_t num_positional() const { return call_.args().as_list().size(); }
  Tensor tensor_of(const Config& argument) const;

  // Arguments of the constructor.
  const Config* option(const char* name) const;  // null when absent or None
  bool flag(const char* name, bool otherwise) const;
  Dim integer(const char* name) const;
  Dim integer(const char* name, Dim otherwise) const;
  double number(const char* name, double otherwise) const;
  std::vector<Dim> integers(const char* name) const;  // one number is a list of one
  Axes axes(const char* name = "axis") const;
  Shape shape(const char* name) const;  // None is -1
  Size2 size2(const char* name, Size2 otherwise) const;
  DType dtype(const char* name, DType otherwise) const;
  /// Throws unless the option is absent, None or `allowed`.
  void require_plain(const char* name, const Config& allowed) const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const OpCall& call_;
  const std::vector<Tensor>& tensors_;
};

}  // namespace kerata::models
