// Optimizer steps over all variables of an optimizer.
#include "ops/optimizer_ops.h"

#include <algorithm>

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

// inputs [w.., slots.. (kinds of n), g.., rate, step, (gate), places..] -> the new weights and slots. Gradients of
// float32 weights may be of a half type.
template <class P>
std::vector<ValueType> infer_step(std::string_view op, Types in, const P& p, Dim kinds) {
  const auto n = static_cast<std::size_t>(p.variables), written = n * static_cast<std::size_t>(1 + kinds);
  const std::size_t scalars = written + n, num_scalars = p.gated ? 3 : 2;
  const std::size_t expected = scalars + num_scalars + p.by_rows.size();
  require<ValueError>(in.size() == expected, op, "Expected ", expected, " inputs, received ", in.size(), '.');
  for (std::size_t i = n; i < scalars; ++i) {
    if (i >= written && std::count(p.by_rows.begin(), p.by_rows.end(), static_cast<Dim>(i - written)) > 0) continue;
    const bool fits = in[i].dtype == in[i % n].dtype ||
                      (i >= written && in[i % n].dtype == DType::float32 && is_half(in[i].dtype));
    require<ShapeError>(in[i].shape == in[i % n].shape && fits, op,
                        "Expected a slot or gradient like its "
                        "variable (",
                        in[i % n].dtype, ' ', in[i % n].shape, "), received ", in[i].dtype, ' ', in[i].shape, '.');
  }
  for (std::size_t i = scalars; i < scalars + num_scalars; ++i)
    require<ShapeError>(in[i].shape.size() == 1, op, "Expected a scalar rate, step and gate, received ", in[i].shape,
                        '.');
  require<ValueError>(!p.gated || in[scalars + 2].dtype == DType::boolean, op, "Expected a bool as gate, received ",
                      in[scalars + 2].dtype, '.');
  return {in.begin(), in.begin() + static_cast<std::ptrdiff_t>(written)};
}

std::vector<ValueType> infer_sgd(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<SgdAttrs>();
  return infer_step("sgd_step", in, p, p.momentum != 0);
}
std::vector<ValueType> infer_rmsprop(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<RmspropAttrs>();
  return infer_step("rmsprop_step", in, p, 1 + (p.momentum > 0) + p.centered);
}
std::vector<ValueType> infer_adam(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<AdamAttrs>();
  return infer_step("adam_step", in, p, 2 + p.amsgrad);
}

std::vector<ValueType> infer_row_gradient(Types in, const Attrs&) {
  const Shape& like = in[0].shape;
  return {{in[2].dtype, like.with(0, in[1].shape.size())}, {DType::int32, {like[0]}}};
}

}  // namespace

const OpDef kSgdStep = {.name = "sgd_step", .infer = infer_sgd, .updates_inputs = true};
const OpDef kRmspropStep = {.name = "rmsprop_step", .infer = infer_rmsprop, .updates_inputs = true};
const OpDef kAdamStep = {.name = "adam_step", .infer = infer_adam, .updates_inputs = true};
const OpDef kRowGradient = {.name = "row_gradient", .infer = infer_row_gradient, .shape_only = 0b1};

}  // namespace kerata::ops
