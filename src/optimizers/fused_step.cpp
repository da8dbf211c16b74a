#include "optimizers/fused_step.h"

namespace kerata::detail {

void fused_step(const OpDef& op, Attrs attrs, const std::vector<Variable>& variables,
                const std::vector<std::vector<Variable>>& slots, const std::vector<Tensor>& gradients,
                const Tensor& learning_rate, const Tensor& step, const UpdateContext& context) {
  std::vector<Tensor> inputs(variables.begin(), variables.end());
  std::vector<Variable> written = variables;
  for (const std::vector<Variable>& kind : slots)
    for (const Variable& slot : kind) inputs.push_back(slot), written.push_back(slot);
  inputs.insert(inputs.end(), gradients.begin(), gradients.end());
  inputs.push_back(learning_rate);
  inputs.push_back(step);
  if (!context.gate().is_empty()) inputs.push_back(context.gate());
  const std::vector<Tensor> results = apply_all(op, std::move(inputs), std::move(attrs));
  const UpdateContext open;  // the op looks at the gate itself
  for (std::size_t i = 0; i < written.size(); ++i) open.update(written[i], results[i]);
}

}  // namespace kerata::detail
