// Pieces that the tables of ops share.
#pragma once

#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "models/op_table.h"
#include "ops/math_attrs.h"

namespace kerata::models {

inline constexpr std::string_view kNumpyModule = "keras.src.ops.numpy", kNeuralModule = "keras.src.ops.nn",
                                  kMathModule = "keras.src.ops.math", kCoreModule = "keras.src.ops.core";

template <Tensor (*F)(const Tensor&)>
Tensors unary(const OpArguments& call) {
  return F(call.tensor(0, "x"));
}
template <Tensor (*F)(const Operand&, const Operand&)>
Tensors binary(const OpArguments& call) {
  return F(call.operand(0, "x1"), call.operand(1, "x2"));
}

/// Python's axis=None: the elements in one row.
inline Tensor flat_without_axis(const OpArguments& call, const Tensor& x) {
  return call.option("axis") ? x : ops::reshape(x, {-1});
}

/// One axis as a number, several as a list, all of `rank` as None.
inline Config axes_config(const std::vector<Dim>& axes, Dim rank) {
  if (static_cast<Dim>(axes.size()) == rank) return {};
  if (axes.size() == 1) return axes[0];
  return Config(Config::List(axes.begin(), axes.end()));
}

inline void write_axis(OpWriting& writing) { writing.option("axis", writing.attrs<ops::AxisAttrs>().axis); }

}  // namespace kerata::models
