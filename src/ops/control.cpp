// stop_gradient and custom_gradient (scan: scan.cpp).
#include "kerata/ops/control.h"

#include "graph/scope.h"
#include "graph/variable_content.h"
#include "kerata/ops/creation.h"
#include "ops/control_attrs.h"

namespace kerata::ops {
namespace {

std::vector<ValueType> infer_same(std::span<const ValueType> in, const Attrs&) { return {in[0]}; }

// Inputs: those of the user's function, then the outputs that it computed; outputs: copies of these.
std::vector<ValueType> infer_custom(std::span<const ValueType> in, const Attrs& attrs) {
  const auto first = static_cast<std::size_t>(attrs.as<CustomGradientAttrs>().num_inputs);
  return {in.begin() + static_cast<std::ptrdiff_t>(first), in.end()};
}

bool same_values(const std::vector<Tensor>& a, const std::vector<Tensor>& b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (a[i].node() != b[i].node() || a[i].index() != b[i].index()) return false;
  return true;
}

std::vector<Tensor> vjp_custom(const VjpArgs& args) {
  const auto& p = args.attrs.as<CustomGradientAttrs>();
  const auto count = static_cast<std::size_t>(p.num_inputs);
  // A replayed graph has other tensors than the ones that the rule was made for: ask the function again.
  Function<Tensors(const Tensors&)> gradient = p.rule->gradient;
  if (!same_values(args.inputs, p.rule->inputs.list(), count)) {
    const std::vector<Tensor> inputs(args.inputs.begin(), args.inputs.begin() + static_cast<std::ptrdiff_t>(count));
    gradient = p.rule->function(Tensors(inputs)).gradient;
  }
  std::vector<Tensor> grads;
  for (std::size_t i = 0; i < args.outputs.size(); ++i)
    grads.push_back(args.grads[i].is_empty() ? zeros_like(args.outputs[i]) : args.grads[i]);
  const Tensors given = gradient(Tensors(grads));
  require<ValueError>(given.size() == count, "custom_gradient", "The rule gave ", given.size(), " gradients. Expected ",
                      count, ", one per input.");
  std::vector<Tensor> result(args.inputs.size());
  for (std::size_t i = 0; i < count; ++i) {
    result[i] = given[i];
    if (result[i].is_empty()) continue;
    require<ShapeError>(result[i].shape() == args.inputs[i].shape(), "custom_gradient", "Gradient ", i,
                        " has a wrong shape. "
                        "Expected ",
                        args.inputs[i].shape(), ", received ", result[i].shape(), '.');
  }
  return result;
}

// The rule keeps its inputs: variables as they are now.
Tensors recorded_operands(const Tensors& given) {
  const Scope* scope = Scope::current();
  if (scope && scope->mode() != Mode::eager) return given;
  if (given.names().empty()) {
    std::vector<Tensor> list;
    for (const Tensor& x : given) list.push_back(recorded_operand(x));
    return Tensors(std::move(list));
  }
  std::vector<Tensors::Named> named;
  for (std::size_t i = 0; i < given.size(); ++i)
    named.emplace_back(given.names()[i], recorded_operand(given.list()[i]));
  return Tensors(std::move(named));
}

}  // namespace

const OpDef kStopGradient = {.name = "stop_gradient", .infer = infer_same, .zero_gradient = true, .is_view = true};
const OpDef kCustomGradient = {.name = "custom_gradient", .infer = infer_custom, .vjp = vjp_custom};

Tensor stop_gradient(const Tensor& x) { return apply(kStopGradient, {x}); }

Tensors custom_gradient(const Function<WithGradient(const Tensors& inputs)>& f, const Tensors& given) {
  const Tensors inputs = recorded_operands(given);
  const WithGradient computed = f(inputs);
  require<ValueError>(static_cast<bool>(computed.gradient), "custom_gradient", "The function gave no gradient rule.");
  require<ValueError>(!computed.outputs.empty(), "custom_gradient", "The function gave no outputs.");
  std::vector<Tensor> all = inputs.list();
  all.insert(all.end(), computed.outputs.begin(), computed.outputs.end());
  auto rule = std::make_shared<const CustomRule>(CustomRule{f, computed.gradient, inputs});
  return Tensors(apply_all(kCustomGradient, std::move(all),
                           CustomGradientAttrs{static_cast<Dim>(inputs.size()), std::move(rule)}));
}

}  // namespace kerata::ops
