#include "kerata/graph/call_context.h"

#include "graph/scope.h"

namespace kerata {
namespace {

Scope& running_scope(std::string_view where) {
  Scope* scope = Scope::current();
  require<StateError>(scope != nullptr, where, "No call is running. Hint: use the context inside call() only.");
  return *scope;
}

}  // namespace

void CallContext::update(const Variable& variable, const Tensor& value) const {
  require<ShapeError>(value.shape() == variable.shape(), "CallContext.update", "'", variable.path(),
                      "' has another shape. Expected ", variable.shape(), ", received ", value.shape(), '.');
  running_scope("CallContext.update").update(variable, value);
}

void CallContext::add_loss(const Tensor& scalar) const {
  require<ShapeError>(scalar.rank() == 0, "CallContext.add_loss", "Expected a scalar, received ", scalar.shape(), '.');
  running_scope("CallContext.add_loss").add_loss(scalar);
}

}  // namespace kerata
