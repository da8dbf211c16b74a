#include "ops/fused.h"

namespace kerata::ops {
namespace {

std::vector<ValueType> infer_fused(std::span<const ValueType>, const Attrs& attrs) {
  const FusedProgram& program = *attrs.as<FusedAttrs>().program;
  std::vector<ValueType> types;
  for (int r : program.outputs)
    types.push_back({program.steps[static_cast<std::size_t>(r - program.num_inputs)].dtype, program.shape});
  return types;
}

}  // namespace

// No vjp: gradients are taken before the compiler fuses.
const OpDef kFused{.name = "fused", .infer = infer_fused, .elementwise = true};

FusedAttrs fused_attrs(FusedProgram program) {
  std::string text;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    text += join_text(i ? " r" : "r", program.num_inputs + static_cast<int>(i), '=', program.steps[i].op->name, '(');
    for (std::size_t k = 0; k < program.steps[i].args.size(); ++k)
      text += join_text(k ? ",r" : "r", program.steps[i].args[k]);
    text += ')';
    const DType made = program.steps[i].dtype;
    if (made != DType::float32 && made != DType::boolean) text += join_text(':', made);
  }
  text += " ->";
  for (int r : program.outputs) text += join_text(" r", r);
  return {std::move(text), std::make_shared<const FusedProgram>(std::move(program))};
}

}  // namespace kerata::ops
