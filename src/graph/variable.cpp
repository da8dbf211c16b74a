#include "kerata/graph/variable.h"

#include "graph/deferred_content.h"
#include "graph/scope.h"
#include "graph/variable_content.h"
#include "graph/variable_guard.h"

namespace kerata {
namespace {

VariableCell& checked(const std::shared_ptr<VariableCell>& cell) {
  require<StateError>(cell != nullptr, "Variable", "The variable is empty: its layer has not been built.");
  return *cell;
}

}  // namespace

Variable::Variable(std::string name, Role role, const Tensor& initial) {
  require<StateError>(!initial.is_empty() && !initial.is_symbolic(), "Variable", "The first value of '", name,
                      "' must be concrete.");
  *this = unset_variable(std::move(name), role, type_of(initial));
  overwrite(*cell_, initial);
}

Variable::operator Tensor() const {
  checked(cell_);
  const Scope* scope = Scope::current();
  return scope ? scope->read(*this) : cell_->tensor;
}

Tensor Variable::value() const {
  const NodeOutput& output = output_of(checked(cell_).tensor);
  const Tensor copy = concrete(output.type);
  copy_bytes(Device::cpu(), output_of(copy).data(), output.device(), output.data(), bytes_of(output.type));
  return copy;
}

void Variable::assign(const Tensor& value) const {
  VariableCell& cell = checked(cell_);
  const Scope* scope = Scope::current();
  require<StateError>(!scope || scope->mode() == Mode::eager, "Variable.assign", "'", cell.path,
                      "' cannot be assigned while a call is traced. Hint: context.update(variable, value).");
  require<StateError>(!value.is_empty() && !value.is_symbolic(), "Variable.assign", "The new value of '", cell.path,
                      "' has no data.");
  require<ShapeError>(value.shape() == shape(), "Variable.assign", "'", cell.path, "' has another shape. Expected ",
                      shape(), ", received ", value.shape(), '.');
  const AssignGuard guard(cell, "Variable.assign");
  overwrite(cell, value);
}

std::string Variable::name() const { return checked(cell_).name; }
std::string Variable::path() const { return checked(cell_).path; }
Shape Variable::shape() const { return type_of(checked(cell_).tensor).shape; }
DType Variable::dtype() const { return type_of(checked(cell_).tensor).dtype; }
Role Variable::role() const { return checked(cell_).role; }
bool Variable::trainable() const { return role() == Role::trainable && cell_->layer_trainable; }

}  // namespace kerata
