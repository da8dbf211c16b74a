// Algebraic clean-up: instructions that do nothing, or that a neighbour can do on its way.
#include <algorithm>
#include <numeric>

#include "compile/passes.h"
#include "ops/linalg_attrs.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class Simplifier {
 public:
  explicit Simplifier(Graph& graph)
      : graph_(graph), replacement_(graph.values.size()), producers_(graph.values.size(), -1) {
    std::iota(replacement_.begin(), replacement_.end(), 0);
  }

  void run() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      Instr& instr = graph_.code[i];
      for (int& id : instr.in) id = replacement_[at(id)];
      if (const int same = equal_value(instr); same >= 0)
        replacement_[at(instr.out[0])] = same;
      else
        rewrite(instr);
      for (int id : instr.out) producers_[at(id)] = static_cast<int>(i);
    }
    substitute(graph_, replacement_);
  }

 private:
  const ValueType& type(int id) const { return graph_.values[at(id)]; }
  bool same_type(int a, int b) const { return type(a).dtype == type(b).dtype && type(a).shape == type(b).shape; }
  bool is_literal(int id, double number) const {
    const auto found = graph_.constants.find(id);
    return found != graph_.constants.end() && found->second.size() == 1 && found->second.item() == number;
  }
  const Instr* producer(int id, const OpDef& op) const {
    const int i = producers_[at(id)];
    return i >= 0 && graph_.code[at(i)].op == &op ? &graph_.code[at(i)] : nullptr;
  }

  // Whether the wider type has every value of the other.
  static bool keeps_all(DType dtype, DType wider) {
    if (wider == DType::float64) return dtype == DType::float32 || is_half(dtype);
    return wider == DType::float32 && (is_half(dtype) || dtype == DType::boolean);
  }

  // The value that instr's result equals, or -1.
  int equal_value(const Instr& instr) const {
    const OpDef* op = instr.op;
    const int out = instr.out[0];
    auto pick = [&](int id) { return same_type(id, out) ? id : -1; };
    if (op == &ops::kAdd && is_literal(instr.in[1], 0)) return pick(instr.in[0]);
    if (op == &ops::kAdd && is_literal(instr.in[0], 0)) return pick(instr.in[1]);
    if (op == &ops::kSubtract && is_literal(instr.in[1], 0)) return pick(instr.in[0]);
    if (op == &ops::kMultiply && is_literal(instr.in[1], 1)) return pick(instr.in[0]);
    if (op == &ops::kMultiply && is_literal(instr.in[0], 1)) return pick(instr.in[1]);
    if (op == &ops::kDivide && is_literal(instr.in[1], 1)) return pick(instr.in[0]);
    if (op == &ops::kCast || op == &ops::kReshape || op == &ops::kBroadcastTo || op == &ops::kStopGradient ||
        op == &ops::kSumTo)
      if (const int same = pick(instr.in[0]); same >= 0) return same;
    if (op == &ops::kNegative)
      if (const Instr* inner = producer(instr.in[0], ops::kNegative)) return inner->in[0];
    if (op == &ops::kCast)
      if (const Instr* inner = producer(instr.in[0], ops::kCast);
          inner && keeps_all(type(inner->in[0]).dtype, type(instr.in[0]).dtype))
        return pick(inner->in[0]);
    if (op == &ops::kReshape)
      if (const Instr* inner = producer(instr.in[0], ops::kReshape)) return pick(inner->in[0]);
    return -1;
  }

  void rewrite(Instr& instr) {
    if (instr.op == &ops::kReshape)
      if (const Instr* inner = producer(instr.in[0], ops::kReshape)) instr.in[0] = inner->in[0];
    if (only_reshapes(instr)) {
      instr.op = &ops::kReshape;
      instr.attrs = ops::ReshapeAttrs{type(instr.out[0]).shape};
      instr.in.resize(1);
    }
    if (instr.op == &ops::kMatmul) absorb_transposes(instr);
  }

  // Whether an op that adds, removes or moves axes does so with axes of size 1 only.
  bool only_reshapes(const Instr& instr) const {
    const OpDef* op = instr.op;
    const ValueType &from = type(instr.in.empty() ? instr.out[0] : instr.in[0]), &to = type(instr.out[0]);
    if (op == &ops::kTranspose) return keeps_order(from.shape, instr.attrs.as<ops::TransposeAttrs>().axes);
    return is_one_of(
               op, {&ops::kBroadcastTo, &ops::kSumTo, &ops::kSum, &ops::kMean, &ops::kProd, &ops::kMax, &ops::kMin}) &&
           from.dtype == to.dtype && from.shape.size() == to.shape.size();
  }
  static bool is_one_of(const OpDef* op, std::initializer_list<const OpDef*> ops) {
    return std::find(ops.begin(), ops.end(), op) != ops.end();
  }
  static bool keeps_order(const Shape& shape, const std::vector<Dim>& axes) {
    Dim last = -1;
    for (const Dim axis : axes) {
      if (shape[axis] == 1) continue;
      if (axis < last) return false;
      last = axis;
    }
    return true;
  }

  // matmul(transpose(a), b) with the last two axes swapped.
  void absorb_transposes(Instr& instr) {
    ops::MatmulAttrs attrs = instr.attrs.as<ops::MatmulAttrs>();
    for (int side : {0, 1}) {
      const Instr* inner = producer(instr.in[at(side)], ops::kTranspose);
      if (!inner || !swaps_last_axes(inner->attrs.as<ops::TransposeAttrs>().axes)) continue;
      instr.in[at(side)] = inner->in[0];
      bool& flag = side == 0 ? attrs.trans_a : attrs.trans_b;
      flag = !flag;
    }
    instr.attrs = attrs;
  }

  static bool swaps_last_axes(const std::vector<Dim>& axes) {
    const Dim n = static_cast<Dim>(axes.size());
    for (Dim i = 0; i + 2 < n; ++i)
      if (axes[static_cast<std::size_t>(i)] != i) return false;
    return n >= 2 && axes[static_cast<std::size_t>(n) - 2] == n - 1 && axes[static_cast<std::size_t>(n) - 1] == n - 2;
  }

  Graph& graph_;
  std::vector<int> replacement_, producers_;
};

}  // namespace

Graph simplify(Graph graph) {
  Simplifier(graph).run();
  return graph;
}

}  // namespace kerata
