// The way back through max pooling, relu and a convolution's bias in one pass over the large gradient: max_pool_grad
// applies relu's mask and sums the bias gradient while it writes.
#include "compile/passes.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class PoolGradientFuser {
 public:
  explicit PoolGradientFuser(Graph& graph)
      : graph_(graph), uses_(count_uses(graph)), producers_(find_producers(graph)) {}

  void run() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      if (graph_.code[i].op == &ops::kWhere) fuse_mask(i);
      if (graph_.code[i].op == &ops::kSum) fuse_bias(i);
    }
  }

 private:
  Instr* producer(int id, const OpDef& op) {
    const int p = producers_[at(id)];
    return p >= 0 && graph_.code[at(p)].op == &op ? &graph_.code[at(p)] : nullptr;
  }

  bool is_zero(int id) const {
    const auto found = graph_.constants.find(id);
    return found != graph_.constants.end() && graph_.values[at(id)].shape.size() == 1 && found->second.item() == 0;
  }

  // where(y > 0, max_pool_grad(y, dy), 0): the gradient goes to the maxima, so the mask is that of the maxima.
  void fuse_mask(std::size_t i) {
    Instr& where = graph_.code[i];
    const Instr* greater = producer(where.in[0], ops::kGreater);
    Instr* grad = producer(where.in[1], ops::kMaxPoolGrad);
    if (!greater || !grad || uses_[at(where.in[1])] != 1 || !is_zero(where.in[2]) || !is_zero(greater->in[1])) return;
    if (greater->in[0] != grad->in[0]) return;
    auto attrs = grad->attrs.as<ops::WindowAttrs>();
    attrs.activation = ops::FusedActivation::relu;
    grad->attrs = attrs;
    std::swap(grad->out[0], where.out[0]);
    std::swap(producers_[at(grad->out[0])], producers_[at(where.out[0])]);
  }

  bool over_pixels(const Instr& sum) const {
    const auto& attrs = sum.attrs.as<ops::ReduceAttrs>();
    return !attrs.keepdims && attrs.axes == std::vector<Dim>{0, 1, 2} && graph_.values[at(sum.in[0])].shape.rank() == 4;
  }

  // sum(max_pool_grad(y, dy)) over all pixels becomes a second output.
  void fuse_bias(std::size_t i) {
    Instr& sum = graph_.code[i];
    Instr* grad = producer(sum.in[0], ops::kMaxPoolGrad);
    if (!grad || !over_pixels(sum)) return;
    auto attrs = grad->attrs.as<ops::WindowAttrs>();
    if (attrs.has_bias) return;
    attrs.has_bias = true;
    grad->attrs = attrs;
    const int total = sum.out[0];
    grad->out.push_back(total);
    sum.out[0] = graph_.add_value(graph_.values[at(total)]);  // read by nobody: dead
    producers_[at(total)] = producers_[at(sum.in[0])];
    producers_.push_back(static_cast<int>(i));
    uses_.push_back(0);
  }

  Graph& graph_;
  std::vector<int> uses_, producers_;
};

}  // namespace

Graph fuse_pool_gradients(Graph graph) {
  PoolGradientFuser(graph).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
