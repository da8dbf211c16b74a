#include "kerata/graph/gradients.h"

#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "core/convert.h"
#include "graph/scope.h"
#include "graph/variable_content.h"
#include "kerata/graph/operators.h"

namespace kerata {
namespace {

thread_local int open_tapes = 0;

// A value of the type of `like`, on its device.
Tensor filled(const Tensor& like, double value) {
  const ValueType& type = type_of(like);
  const Tensor result = concrete(type);
  const std::size_t size = size_of(type.dtype);
  std::byte* data = output_of(result).data();
  for (Dim i = 0; i < type.shape.size(); ++i)
    convert(&value, DType::float64, data + static_cast<std::size_t>(i) * size, type.dtype, 1);
  return result.to(output_of(like).device());
}

Tensor zeros_like(const Tensor& x) {
  if (x.shape().is_known()) return filled(x, 0);
  return x * 0;  // sizes are unknown while a layer is tried out: only the type matters
}

void check_targets(const Tensor& loss, const Tensors& wrt) {
  require<ShapeError>(loss.rank() == 0, "gradients", "The loss is not a scalar. Expected shape (), received ",
                      loss.shape(), ". Hint: ops::mean or ops::sum.");
  require<ValueError>(is_floating(loss.dtype()), "gradients",
                      "The loss has no gradient. Expected a floating type, received ", loss.dtype(), '.');
  for (std::size_t i = 0; i < wrt.size(); ++i)
    require<ValueError>(is_floating(wrt[i].dtype()), "gradients", "Tensor ", i,
                        " of wrt has no gradient. Expected a floating "
                        "type, received ",
                        wrt[i].dtype(), ". Hint: cast it to float32 first.");
}

// The backward walk over one recorded graph.
class Backward {
 public:
  Backward(std::span<const Tensor> outputs, std::span<const Tensor> grads, std::span<const Tensor> wrt) {
    for (const Tensor& x : wrt) targets_.insert(gradient_node(x));
    nodes_ = reachable(outputs);
    for (const auto& node : nodes_)
      for (const Tensor& x : node->inputs)
        if (leads_to_target(x)) {
          needed_.insert(node.get());
          break;
        }
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (!grads[i].is_empty()) add(outputs[i], grads[i]);
  }

  void run() {
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node)
      if (needed_.contains(node->get())) visit(*node);
  }

  Tensor gradient_of(const Tensor& x) const {
    const auto found = grads_.find(gradient_node(x));
    return found == grads_.end() ? Tensor() : found->second[static_cast<std::size_t>(x.index())];
  }

 private:
  bool leads_to_target(const Tensor& x) const {
    return targets_.contains(gradient_node(x)) || needed_.contains(x.node());
  }

  void add(const Tensor& x, const Tensor& grad) {
    auto& slots = grads_[gradient_node(x)];
    slots.resize(x.node()->outputs.size());
    Tensor& slot = slots[static_cast<std::size_t>(x.index())];
    slot = slot.is_empty() ? grad : slot + grad;  // used twice: gradients add up
  }

  void visit(const std::shared_ptr<Node>& node) {
    const auto found = grads_.find(node.get());
    if (found == grads_.end()) return;
    require<StateError>(node->op != nullptr, "gradients",
                        "The graph holds a layer call that was only recorded. Hint: call "
                        "the layers on concrete data under a GradientTape, or inside a train_step.");
    if (node->op->zero_gradient) return;
    require<ValueError>(node->op->vjp != nullptr, node->op->name, "This op has no gradient.");
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < node->outputs.size(); ++i) outputs.emplace_back(node, static_cast<int>(i));
    std::vector<bool> needed;
    for (const Tensor& x : node->inputs) needed.push_back(is_floating(x.dtype()) && leads_to_target(x));
    const std::vector<Tensor> grads = node->op->vjp({node->inputs, outputs, found->second, node->attrs, needed});
    for (std::size_t i = 0; i < grads.size(); ++i)
      if (needed[i] && !grads[i].is_empty()) add(node->inputs[i], grads[i]);
  }

  std::unordered_set<const Node*> targets_, needed_;
  std::vector<std::shared_ptr<Node>> nodes_;
  std::unordered_map<const Node*, std::vector<Tensor>> grads_;
};

}  // namespace

GradientTape::GradientTape() { ++open_tapes; }
GradientTape::~GradientTape() { --open_tapes; }
bool tape_is_open() { return open_tapes > 0; }

std::vector<Tensor> pull_back(std::span<const Tensor> outputs, std::span<const Tensor> grads,
                              std::span<const Tensor> wrt) {
  Backward backward(outputs, grads, wrt);
  backward.run();
  std::vector<Tensor> result;
  for (const Tensor& x : wrt) result.push_back(backward.gradient_of(x));
  return result;
}

Tensors gradients(const Tensor& loss, const Tensors& wrt) {
  check_targets(loss, wrt);
  const Scope* scope = Scope::current();
  require<StateError>(loss.is_symbolic() || tape_is_open() || (scope && scope->mode() != Mode::eager), "gradients",
                      "Nothing was recorded. Hint: put a GradientTape before the computation.");
  const Tensor one = filled(loss, 1);
  std::vector<Tensor> result = pull_back({&loss, 1}, {&one, 1}, wrt.list());
  for (std::size_t i = 0; i < result.size(); ++i)
    if (result[i].is_empty()) result[i] = zeros_like(wrt[i]);
  if (wrt.names().empty()) return Tensors(std::move(result));
  std::vector<Tensors::Named> named;
  for (std::size_t i = 0; i < result.size(); ++i) named.emplace_back(wrt.names()[i], result[i]);
  return Tensors(std::move(named));
}

}  // namespace kerata
