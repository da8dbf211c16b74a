// matmul or conv, then + bias, then activation: one instruction, while the result is hot.
#include "compile/passes.h"
#include "ops/linalg_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class EpilogueFuser {
 public:
  EpilogueFuser(Graph& graph, bool halves)
      : graph_(graph), halves_(halves), uses_(count_uses(graph)), producers_(find_producers(graph)) {}

  void run() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i)
      if (!fuse_bias(i)) fuse_activation(i);
  }

 private:
  // The product or convolution that makes `id` for this one reader, with a result of the type of `like`.
  Instr* fusible(int id, int like, std::size_t reader) {
    const int p = producers_[at(id)];
    if (p < 0 || static_cast<std::size_t>(p) >= reader || uses_[at(id)] != 1) return nullptr;
    Instr& instr = graph_.code[at(p)];
    if (instr.op != &ops::kMatmul && instr.op != &ops::kConv) return nullptr;
    const ValueType &a = graph_.values[at(id)], &b = graph_.values[at(like)];
    return is_floating(a.dtype) && (halves_ || !is_half(a.dtype)) && a.dtype == b.dtype && a.shape == b.shape &&
                   a.shape.rank() >= 2
               ? &instr
               : nullptr;
  }

  template <class F>
  static bool edit(Instr& instr, const F& change) {
    auto apply = [&](auto attrs) {
      if (!change(attrs)) return false;
      instr.attrs = attrs;
      return true;
    };
    return instr.op == &ops::kMatmul ? apply(instr.attrs.as<ops::MatmulAttrs>())
                                     : apply(instr.attrs.as<ops::WindowAttrs>());
  }

  bool fuse_bias(std::size_t i) {
    const Instr add = graph_.code[i];
    if (add.op != &ops::kAdd) return false;
    for (int side : {0, 1}) {
      const int product = add.in[at(side)], bias = add.in[at(1 - side)];
      Instr* instr = fusible(product, add.out[0], i);
      if (!instr || !is_bias(bias, product) || !available(bias, product)) continue;
      const bool done = edit(*instr, [](auto& attrs) {
        if (attrs.has_bias || attrs.activation != ops::FusedActivation::none) return false;
        return attrs.has_bias = true;
      });
      if (!done) continue;
      instr->in.push_back(bias);
      take_over(*instr, i);
      return true;
    }
    return false;
  }

  void fuse_activation(std::size_t i) {
    const Instr act = graph_.code[i];
    const int kind = act.op == &ops::kRelu      ? ops::FusedActivation::relu
                     : act.op == &ops::kTanh    ? ops::FusedActivation::tanh
                     : act.op == &ops::kSigmoid ? ops::FusedActivation::sigmoid
                                                : ops::FusedActivation::none;
    if (kind == ops::FusedActivation::none) return;
    Instr* instr = fusible(act.in[0], act.out[0], i);
    if (!instr) return;
    const bool done = edit(*instr, [&](auto& attrs) {
      if (attrs.activation != ops::FusedActivation::none) return false;
      attrs.activation = kind;
      return true;
    });
    if (done) take_over(*instr, i);
  }

  bool is_bias(int bias, int product) const {
    const ValueType &b = graph_.values[at(bias)], &p = graph_.values[at(product)];
    return b.shape.rank() == 1 && b.shape[0] == p.shape.back() && b.dtype == p.dtype;
  }

  // The bias must exist before the product runs.
  bool available(int bias, int product) const { return producers_[at(bias)] < producers_[at(product)]; }

  // `instr` makes the result of instruction i, which is left without effect (dead code removes it).
  void take_over(Instr& instr, std::size_t i) {
    Instr& absorbed = graph_.code[i];
    const int old = instr.out[0];
    instr.out[0] = absorbed.out[0];
    producers_[at(instr.out[0])] = producers_[at(old)];
    absorbed.out[0] = graph_.add_value(graph_.values[at(old)]);
    producers_.push_back(static_cast<int>(i));
    uses_.push_back(0);
  }

  Graph& graph_;
  const bool halves_;
  std::vector<int> uses_, producers_;
};

}  // namespace

Graph fuse_epilogues(Graph graph, Device device) {
  EpilogueFuser(graph, !device.is_cpu()).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
