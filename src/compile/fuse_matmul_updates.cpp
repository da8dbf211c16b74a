// A plain SGD step w - rate * a^T g of a matrix whose gradient a^T g nobody else reads: the product adds into w, and
// neither the gradient nor a second pass over the weights is needed.

#include "compile/passes.h"
#include "ops/linalg_attrs.h"
#include "ops/op_list.h"
#include "ops/optimizer_ops.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class UpdateFuser {
 public:
  explicit UpdateFuser(Graph& graph) : graph_(graph), uses_(count_uses(graph)), producers_(find_producers(graph)) {}

  void run() {
    std::vector<Instr> code;
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      const Instr& instr = graph_.code[i];
      if (instr.op == &ops::kSgdStep && is_plain(instr.attrs.as<ops::SgdAttrs>()))
        split(instr, code);
      else
        code.push_back(instr);
    }
    graph_.code = std::move(code);
  }

 private:
  static bool is_plain(const ops::SgdAttrs& attrs) { return attrs.momentum == 0 && !attrs.gated; }
  // The product behind gradient g, if the update of w can take it over.
  const Instr* product(int w, int g) const {
    const int p = producers_[at(g)];
    if (p < 0 || uses_[at(g)] != 1 || !graph_.variables.contains(w)) return nullptr;
    const Instr& instr = graph_.code[at(p)];
    const bool float32 = graph_.values[at(w)].dtype == DType::float32 && graph_.values[at(g)].dtype == DType::float32;
    if (instr.op != &ops::kMatmul || !float32) return nullptr;
    const auto& attrs = instr.attrs.as<ops::MatmulAttrs>();
    if (!attrs.trans_a || attrs.trans_b || attrs.has_bias || attrs.activation != ops::FusedActivation::none)
      return nullptr;
    const bool matrices =
        graph_.values[at(instr.in[0])].shape.rank() == 2 && graph_.values[at(instr.in[1])].shape.rank() == 2;
    return matrices ? &instr : nullptr;
  }

  // sgd_step's inputs are [w_0.., g_0.., rate, step] without momentum.
  void split(const Instr& step, std::vector<Instr>& code) {
    const std::size_t n = step.out.size();
    const int rate = step.in[2 * n], count = step.in[2 * n + 1];
    Instr rest = step;
    rest.in.clear();
    rest.out.clear();
    std::vector<int> gradients;
    for (std::size_t i = 0; i < n; ++i) {
      const int w = step.in[i], g = step.in[n + i];
      if (const Instr* p = product(w, g)) {
        code.push_back({&ops::kMatmulUpdate, {}, {w, p->in[0], p->in[1], rate}, {step.out[i]}, p->layer});
      } else {
        rest.in.push_back(w);
        gradients.push_back(g);
        rest.out.push_back(step.out[i]);
      }
    }
    if (rest.out.empty()) return;
    rest.in.insert(rest.in.end(), gradients.begin(), gradients.end());
    rest.in.push_back(rate);
    rest.in.push_back(count);
    ops::SgdAttrs attrs = step.attrs.as<ops::SgdAttrs>();
    attrs.variables = static_cast<Dim>(rest.out.size());
    rest.attrs = attrs;
    code.push_back(std::move(rest));
  }

  Graph& graph_;
  std::vector<int> uses_, producers_;
};

}  // namespace

Graph fuse_matmul_updates(Graph graph) {
  UpdateFuser(graph).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
