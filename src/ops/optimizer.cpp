// Optimizer steps over all variables of an optimizer.
#include "ops/optimizer_ops.h"

#include <algorithm>

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

// inputs [w.., slots.. (kinds of n), g.., rate, step, places..] -> the new weights and slots
std::vector<ValueType> infer_step(std::string_view op, Types in, Dim variables, Dim kinds,
                                  const std::vector<Dim>& by_rows) {
  const auto n = static_cast<std::size_t>(variables), written = n * static_cast<std::size_t>(1 + kinds);
  const std::size_t expected = written + n + 2 + by_rows.size();
  require<ValueError>(in.size() == expected, op, "Expected ", expected, " inputs, received ", in.size(), '.');
  for (std::size_t i = n; i < written + n; ++i) {
    if (i >= written && std::count(by_rows.begin(), by_rows.end(), static_cast<Dim>(i - written)) > 0) continue;
    require<ShapeError>(in[i].shape == in[i % n].shape && in[i].dtype == in[i % n].dtype, op,
                        "Expected a slot or gradient like its "
                        "variable (",
                        in[i % n].dtype, ' ', in[i % n].shape, "), received ", in[i].dtype, ' ', in[i].shape, '.');
  }
  for (std::size_t i = written + n; i < written + n + 2; ++i)
    require<ShapeError>(in[i].shape.size() == 1, op, "Expected a scalar rate and step, received ", in[i].shape, '.');
  return {in.begin(), in.begin() + static_cast<std::ptrdiff_t>(written)};
}

std::vector<ValueType> infer_sgd(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<SgdAttrs>();
  return infer_step("sgd_step", in, p.variables, p.momentum != 0, p.by_rows);
}
std::vector<ValueType> infer_rmsprop(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<RmspropAttrs>();
  return infer_step("rmsprop_step", in, p.variables, 1 + (p.momentum > 0) + p.centered, p.by_rows);
}
std::vector<ValueType> infer_adam(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<AdamAttrs>();
  return infer_step("adam_step", in, p.variables, 2 + p.amsgrad, p.by_rows);
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
