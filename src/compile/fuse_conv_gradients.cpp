// The way back through convolution, relu and max pooling passes over each large gradient as seldom as possible: relu's
// mask is applied while max_pool_grad writes, the bias gradient is summed while conv_kernel_grad reads.
#include "compile/passes.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class ConvGradientFuser {
 public:
  explicit ConvGradientFuser(Graph& graph)
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

  // sum(dy) over all pixels becomes the second output of conv_kernel_grad(x, dy), which takes the earlier place.
  void fuse_bias(std::size_t i) {
    if (!over_pixels(graph_.code[i])) return;
    for (std::size_t k = 0; k < graph_.code.size(); ++k) {
      Instr& grad = graph_.code[k];
      if (grad.op != &ops::kConvKernelGrad || grad.in[1] != graph_.code[i].in[0]) continue;
      auto attrs = grad.attrs.as<ops::WindowAttrs>();
      if (attrs.has_bias) return;
      if (i < k && producers_[at(grad.in[0])] > static_cast<int>(i)) return;  // x is made only after the sum
      attrs.has_bias = true;
      grad.attrs = attrs;
      int& total = graph_.code[i].out[0];
      grad.out.push_back(total);
      total = graph_.add_value(graph_.values[at(total)]);  // read by nobody: the sum is dead
      if (i < k) std::swap(graph_.code[i], graph_.code[k]);
      producers_ = find_producers(graph_);
      uses_.push_back(0);
      return;
    }
  }

  Graph& graph_;
  std::vector<int> uses_, producers_;
};

}  // namespace

Graph fuse_conv_gradients(Graph graph) {
  ConvGradientFuser(graph).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
