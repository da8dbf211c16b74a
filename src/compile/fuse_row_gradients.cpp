// The gradient of an embedding that an optimizer alone reads: only the rows that a batch names, no zeros for the
// others.
#include <algorithm>

#include "compile/passes.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/optimizer_ops.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class RowGradientFuser {
 public:
  explicit RowGradientFuser(Graph& graph)
      : graph_(graph), uses_(count_uses(graph)), producers_(find_producers(graph)) {}

  void run() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      const OpDef* op = graph_.code[i].op;
      if (op == &ops::kSgdStep) rewrite<ops::SgdAttrs>(i);
      if (op == &ops::kRmspropStep) rewrite<ops::RmspropAttrs>(i);
      if (op == &ops::kAdamStep) rewrite<ops::AdamAttrs>(i);
    }
  }

 private:
  // The instruction that makes gradient g of an optimizer, if it is worth while: less than half of the rows are named.
  Instr* take_grad(int g) {
    const int p = producers_[at(g)];
    if (p < 0 || uses_[at(g)] != 1 || graph_.code[at(p)].op != &ops::kTakeGrad) return nullptr;
    Instr& instr = graph_.code[at(p)];
    const Shape& like = graph_.values[at(g)].shape;
    const bool few = 2 * graph_.values[at(instr.in[1])].shape.size() < like[0] && like.size() > 0;
    return few && instr.attrs.as<ops::AxisAttrs>().axis == 0 ? &instr : nullptr;
  }

  template <class P>
  void rewrite(std::size_t i) {
    P attrs = graph_.code[i].attrs.as<P>();
    const auto n = static_cast<std::size_t>(attrs.variables);
    const std::size_t first = graph_.code[i].out.size();
    for (std::size_t v = 0; v < n; ++v) {
      Instr* grad = take_grad(graph_.code[i].in[first + v]);
      if (!grad) continue;
      std::vector<ValueType> in;
      for (int id : grad->in) in.push_back(graph_.values[at(id)]);
      grad->op = &ops::kRowGradient;
      grad->attrs = {};
      grad->out.clear();
      for (const ValueType& type : grad->op->infer(in, grad->attrs)) grad->out.push_back(graph_.add_value(type));
      graph_.code[i].in[first + v] = grad->out[0];
      graph_.code[i].in.push_back(grad->out[1]);
      attrs.by_rows.push_back(static_cast<Dim>(v));
    }
    graph_.code[i].attrs = attrs;
  }

  Graph& graph_;
  std::vector<int> uses_, producers_;
};

}  // namespace

Graph fuse_row_gradients(Graph graph) {
  RowGradientFuser(graph).run();
  return graph;
}

}  // namespace kerata
