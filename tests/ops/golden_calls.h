// How a case of ops.json is called here.
#pragma once

#include <functional>
#include <map>

#include "kerata/core/axes.h"
#include "kerata/graph/operators.h"
#include "support/golden.h"

namespace kerata::golden {

/// One case; tensors among its arguments are made once, so that gradients can be asked for them.
class Call {
 public:
  Call(const File& file, const Json& entry);
  const Json& arg(std::size_t i) const { return entry_->at("args").at(i); }
  std::size_t num_args() const { return entry_->at("args").size(); }
  const Json* option(const char* name) const;  // null when not given
  Tensor tensor(const Json& value) const;
  Tensor tensor(std::size_t i) const { return tensor(arg(i)); }
  Tensors tensors(std::size_t i) const;
  Operand operand(std::size_t i) const;
  std::vector<Dim> dims(const Json& value) const;  // one number or a list
  Axes axes() const;                               // the option "axis"
  /// The option "axis" of an op that takes one; nullptr-like "null" flattens x first.
  Dim axis(Dim otherwise) const;
  bool is_flat() const;  // axis: null
  /// All array arguments in order.
  const std::vector<Tensor>& inputs() const { return inputs_; }

 private:
  void collect(const File& file, const Json& value);
  const Json* entry_;
  std::map<std::string, Tensor> made_;
  std::vector<Tensor> inputs_;
};

using Adapter = std::function<std::vector<Tensor>(const Call&)>;
void add_math_calls(std::map<std::string, Adapter>& table);
void add_reduction_calls(std::map<std::string, Adapter>& table);
void add_shape_calls(std::map<std::string, Adapter>& table);
void add_index_calls(std::map<std::string, Adapter>& table);

}  // namespace kerata::golden
