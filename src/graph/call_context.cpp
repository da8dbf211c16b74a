#include "kerata/graph/call_context.h"

#include "graph/scope.h"

namespace kerata {
namespace {

Scope& running_scope(std::string_view where) {
  Scope* scope = Scope::current();
  require<StateError>(scope != nullptr, where, "No call is running. Hint: use the context inside call() only.");
  return *scope;
}

/// Whether a value of this shape may be written: sizes that are not known yet (in a symbolic call) pass.
bool fits(const Shape& value, const Shape& target) {
  bool fits = value.rank() == target.rank();
  for (Dim axis = 0; fits && axis < target.rank(); ++axis) fits = value[axis] < 0 || value[axis] == target[axis];
  return fits;
}

}  // namespace

void CallContext::update(const Variable& variable, const Tensor& value) const {
  require<ShapeError>(fits(value.shape(), variable.shape()), "CallContext.update", "'", variable.path(),
                      "' has another shape. Expected ", variable.shape(), ", received ", value.shape(), '.');
  running_scope("CallContext.update").update(variable, value);
}

void CallContext::add_loss(const Tensor& scalar) const {
  require<ShapeError>(scalar.rank() == 0, "CallContext.add_loss", "Expected a scalar, received ", scalar.shape(), '.');
  running_scope("CallContext.add_loss").add_loss(scalar);
}

}  // namespace kerata
