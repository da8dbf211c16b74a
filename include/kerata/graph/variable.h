// Variable: a named, mutable tensor. All state of the library lives in Variables.
#pragma once

#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {

/// What a variable is for.
enum class Role : std::uint8_t { trainable, non_trainable, seed, optimizer_slot, metric };

struct VariableCell;

/// A handle; copies share the state.
class Variable {
 public:
  Variable() = default;
  /// Takes a copy of `initial`.
  Variable(std::string name, Role role, const Tensor& initial);

  operator Tensor() const;  // read it like any tensor: a view of the current content
  /// A copy of the current content, in the CPU's memory.
  Tensor value() const;
  /// Replaces the content (cast to the variable's dtype). Eager only; inside call() use CallContext::update.
  /// Throws ShapeError when the shapes differ.
  void assign(const Tensor& value) const;
  std::string name() const;
  /// For reading and messages: "dense_1/kernel".
  std::string path() const;
  Shape shape() const;
  DType dtype() const;
  /// Whether its layer counts it as trainable (its role and its layer's `trainable`).
  bool trainable() const;
  Role role() const;
  bool is_empty() const { return cell_ == nullptr; }

  // For the library's own code:
  explicit Variable(std::shared_ptr<VariableCell> cell) : cell_(std::move(cell)) {}
  VariableCell* cell() const { return cell_.get(); }
  const std::shared_ptr<VariableCell>& cell_ptr() const { return cell_; }

 private:
  std::shared_ptr<VariableCell> cell_;
};
std::ostream& operator<<(std::ostream& out, const Variable& x);

}  // namespace kerata

#pragma GCC visibility pop
