#include "compile/trace.h"

namespace kerata {

TracedFunction trace(const std::vector<ValueType>& inputs, bool training,
                     const Function<std::vector<Tensor>(const std::vector<Tensor>& placeholders, Scope& scope)>& f) {
  TracedFunction result;
  for (const ValueType& type : inputs) {
    require<ShapeError>(type.shape.is_known(), "trace", "Expected known sizes, received ", type.shape, '.');
    result.inputs.push_back(placeholder(type));
  }
  result.random_state = placeholder({DType::int64, {2}});
  Scope scope(Mode::trace, training);
  scope.set_random_state(result.random_state);
  result.outputs = f(result.inputs, scope);
  for (const Variable& variable : scope.updated()) result.updates.emplace_back(variable, scope.read(variable));
  return result;
}

}  // namespace kerata
