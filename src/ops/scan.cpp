#include "ops/scan.h"

#include <algorithm>

#include "graph/scope.h"
#include "kerata/graph/operators.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

std::size_t at(Dim i) { return static_cast<std::size_t>(i); }

Shape stacked(Dim length, const Shape& shape) {
  Shape result{length};
  for (Dim d : shape) result.push_back(d);
  return result;
}

std::vector<ValueType> infer_scan(std::span<const ValueType> in, const Attrs& attrs) {
  const ScanAttrs& scan = attrs.as<ScanAttrs>();
  const Dim length = scan.num_xs > 0 ? in[at(scan.num_carry)].shape[0] : scan.length;
  std::vector<ValueType> types(in.begin(), in.begin() + scan.num_carry);
  for (std::size_t i = at(scan.num_carry); i < scan.body->outputs.size(); ++i) {
    const ValueType& type = type_of(scan.body->outputs[i]);
    types.push_back({type.dtype, stacked(length, type.shape)});
  }
  for (Dim i = 0; i < scan.num_carry; ++i) types.push_back({in[at(i)].dtype, stacked(length, in[at(i)].shape)});
  return types;
}

// A graph of its own from `outputs`, with everything that was made before node `first` handed in as captured inputs.
struct Captured {
  std::vector<Tensor> values, placeholders;
};
Captured capture(std::span<const Tensor> outputs, std::span<const Tensor> own_inputs, std::uint64_t first) {
  Captured captured;
  std::vector<Tensor> stop(own_inputs.begin(), own_inputs.end());
  auto consider = [&](const Tensor& x) {
    if (x.node()->id >= first) return;
    for (const Tensor& known : captured.values)
      if (known.node() == x.node() && known.index() == x.index()) return;
    captured.values.push_back(x);
    stop.push_back(x);
  };
  std::vector<Tensor> open(outputs.begin(), outputs.end());
  for (const Tensor& x : outputs) consider(x);
  // Nodes older than the body are never walked into: their readers inside the body have captured them.
  for (bool grew = true; grew;) {
    const std::size_t before = captured.values.size();
    for (const auto& node : reachable(outputs, stop))
      if (node->id >= first)
        for (const Tensor& x : node->inputs) consider(x);
    grew = captured.values.size() != before;
  }
  for (const Tensor& x : captured.values) captured.placeholders.push_back(placeholder(type_of(x)));
  return captured;
}

// Applies a body that was traced on `placeholders`: values made outside are captured.
std::vector<Tensor> apply_loop(const std::vector<Tensor>& placeholders, const std::vector<Tensor>& outputs,
                               std::uint64_t first, ScanAttrs attrs, std::vector<Tensor> inputs) {
  const Captured captured = capture(outputs, placeholders, first);
  auto body = std::make_shared<ScanBody>();
  for (const Tensor& x : placeholders) body->inputs.push_back(placeholder(type_of(x)));
  body->inputs.insert(body->inputs.end(), captured.placeholders.begin(), captured.placeholders.end());
  std::vector<Tensor> from = placeholders;
  from.insert(from.end(), captured.values.begin(), captured.values.end());
  {
    Scope scope(Mode::trace, false);
    body->outputs = replay(from, body->inputs, outputs);
  }
  attrs.body = std::move(body);
  inputs.insert(inputs.end(), captured.values.begin(), captured.values.end());
  return apply_all(kScan, std::move(inputs), attrs);
}

void check_carry(const Tensors& initial, const Tensors& after) {
  require<ValueError>(after.size() == initial.size(), "scan", "The body gives another number of carries. Expected ",
                      initial.size(), ", received ", after.size(), '.');
  for (std::size_t i = 0; i < initial.size(); ++i)
    require<ShapeError>(after[i].shape() == initial[i].shape() && after[i].dtype() == initial[i].dtype(), "scan",
                        "Carry ", i, " changes its type. Expected ", initial[i].dtype(), ' ', initial[i].shape(),
                        ", received ", after[i].dtype(), ' ', after[i].shape(), '.');
}

// The reverse loop. Carry: gradients of the carry, then sums for the captured values; xs: the carries before each
// step, the xs, the gradients of the stacked outputs and of the saved carries.
class ReverseLoop {
 public:
  explicit ReverseLoop(const VjpArgs& args) : args_(args), attrs_(args.attrs.as<ScanAttrs>()), body_(*attrs_.body) {}

  std::vector<Tensor> run() {
    std::vector<Tensor> initial, xs;
    collect(initial, xs);
    const std::uint64_t first = Node().id;
    std::vector<Tensor> own;
    for (const Tensor& x : initial) own.push_back(placeholder(type_of(x)));
    for (const Tensor& x : xs) own.push_back(placeholder({x.dtype(), x.shape().from(1)}));
    std::vector<Tensor> outputs;
    {
      Scope scope(Mode::trace, false);
      outputs = step(own);
    }
    ScanAttrs attrs;
    attrs.length = args_.out(at(num_carry() + num_stacked())).shape()[0];
    attrs.num_carry = static_cast<Dim>(initial.size());
    attrs.num_xs = static_cast<Dim>(xs.size());
    attrs.reverse = !attrs_.reverse;
    std::vector<Tensor> inputs = initial;
    inputs.insert(inputs.end(), xs.begin(), xs.end());
    return distribute(apply_loop(own, outputs, first, attrs, std::move(inputs)));
  }

 private:
  Dim num_carry() const { return attrs_.num_carry; }
  Dim num_stacked() const { return static_cast<Dim>(body_.outputs.size()) - attrs_.num_carry; }
  Dim num_inputs() const { return static_cast<Dim>(body_.inputs.size()); }

  Tensor zeros_for(const Tensor& x) const { return x.shape().is_known() ? zeros(x.shape(), x.dtype()) : x * 0; }
  Tensor grad_or_zeros(Dim output) const {
    const Tensor& grad = args_.grad(at(output));
    return grad.is_empty() ? zeros_for(args_.out(at(output))) : grad;
  }

  void collect(std::vector<Tensor>& initial, std::vector<Tensor>& xs) {
    for (Dim i = 0; i < num_carry(); ++i)
      if (is_floating(args_.in(at(i)).dtype())) carries_.push_back(i), initial.push_back(grad_or_zeros(i));
    for (Dim i = num_carry() + attrs_.num_xs; i < num_inputs(); ++i)
      if (args_.needs(at(i))) sums_.push_back(i), initial.push_back(zeros_for(args_.in(at(i))));
    const Dim saved = num_carry() + num_stacked();
    for (Dim i = 0; i < num_carry(); ++i) xs.push_back(args_.out(at(saved + i)));
    for (Dim i = 0; i < attrs_.num_xs; ++i) xs.push_back(args_.in(at(num_carry() + i)));
    for (Dim i = 0; i < num_stacked(); ++i)
      if (is_floating(args_.out(at(num_carry() + i)).dtype()) && !args_.grad(at(num_carry() + i)).is_empty())
        stacked_grads_.push_back(i), xs.push_back(args_.grad(at(num_carry() + i)));
    for (Dim i = 0; i < num_carry(); ++i)
      if (is_floating(args_.in(at(i)).dtype()) && !args_.grad(at(saved + i)).is_empty())
        saved_grads_.push_back(i), xs.push_back(args_.grad(at(saved + i)));
  }

  // One backward step on placeholders: [carry gradients, sums, carries, xs, stacked gradients, saved gradients].
  std::vector<Tensor> step(const std::vector<Tensor>& own) {
    const std::size_t states = carries_.size() + sums_.size();
    std::vector<Tensor> forward(own.begin() + static_cast<Dim>(states),
                                own.begin() + static_cast<Dim>(states) + num_carry() + attrs_.num_xs);
    for (Dim i = num_carry() + attrs_.num_xs; i < num_inputs(); ++i) forward.push_back(args_.in(at(i)));
    // Fresh nodes stand for the inputs, so that one value in two roles gets two gradients.
    std::vector<Tensor> leaves;
    for (const Tensor& x : forward) leaves.push_back(apply(kReshape, {x}, ReshapeAttrs{x.shape()}));
    const std::vector<Tensor> outputs = replay(body_.inputs, leaves, body_.outputs);
    std::vector<Tensor> grads(outputs.size());
    for (std::size_t i = 0; i < carries_.size(); ++i) grads[at(carries_[i])] = own[i];
    const std::size_t first_grad = states + at(num_carry() + attrs_.num_xs);
    for (std::size_t i = 0; i < stacked_grads_.size(); ++i)
      grads[at(num_carry() + stacked_grads_[i])] = own[first_grad + i];
    const std::vector<Tensor> back = pull_back(outputs, grads, leaves);
    auto grad_of = [&](Dim input) {
      return back[at(input)].is_empty() ? zeros_for(leaves[at(input)]) : back[at(input)];
    };
    std::vector<Tensor> result;
    for (Dim i : carries_) result.push_back(grad_of(i));
    for (std::size_t i = 0; i < saved_grads_.size(); ++i) {
      const std::size_t slot =
          static_cast<std::size_t>(std::find(carries_.begin(), carries_.end(), saved_grads_[i]) - carries_.begin());
      result[slot] = result[slot] + own[first_grad + stacked_grads_.size() + i];
    }
    for (std::size_t i = 0; i < sums_.size(); ++i)
      result.push_back(back[at(sums_[i])].is_empty() ? own[carries_.size() + i]
                                                     : own[carries_.size() + i] + back[at(sums_[i])]);
    for (Dim i = num_carry(); i < num_carry() + attrs_.num_xs; ++i)
      if (args_.needs(at(i))) result.push_back(grad_of(i));
    return result;
  }

  std::vector<Tensor> distribute(const std::vector<Tensor>& results) const {
    std::vector<Tensor> grads(args_.inputs.size());
    std::size_t next = 0;
    for (Dim i : carries_) grads[at(i)] = results[next++];
    for (Dim i : sums_) grads[at(i)] = results[next++];
    for (Dim i = num_carry(); i < num_carry() + attrs_.num_xs; ++i)
      if (args_.needs(at(i))) grads[at(i)] = results[next++];
    return grads;
  }

  const VjpArgs& args_;
  const ScanAttrs& attrs_;
  const ScanBody& body_;
  std::vector<Dim> carries_, sums_, stacked_grads_, saved_grads_;
};

std::vector<Tensor> vjp_scan(const VjpArgs& args) { return ReverseLoop(args).run(); }

}  // namespace

const OpDef kScan{.name = "scan", .infer = infer_scan, .vjp = vjp_scan, .optional_outputs = ~0u};

ScanResult scan(const Function<ScanStep(const Tensors& carry, const Tensors& x)>& body, const Tensors& initial,
                const Tensors& xs, const ScanOptions& options) {
  require<ValueError>(!xs.empty() || options.length >= 0, "scan",
                      "Nothing says how many steps to take. Hint: {.length = n}.");
  const Dim length = xs.empty() ? options.length : xs[0].shape()[0];
  for (std::size_t i = 0; i < xs.size(); ++i)
    require<ShapeError>(xs[i].rank() > 0 && (xs[i].shape()[0] == length || xs[i].shape()[0] < 0 || length < 0), "scan",
                        "Every tensor of xs needs as many steps. Expected ", length, ", received ", xs[i].shape(), '.');
  const std::uint64_t first = Node().id;
  std::vector<Tensor> own, carries, slices;
  for (const Tensor& x : initial) carries.push_back(placeholder(type_of(x)));
  for (const Tensor& x : xs) slices.push_back(placeholder({x.dtype(), x.shape().from(1)}));
  own = carries;
  own.insert(own.end(), slices.begin(), slices.end());
  std::vector<Tensor> outputs;
  {
    const Scope* outer = Scope::current();
    Scope scope(Mode::trace, outer && outer->training());
    if (outer) {  // the body belongs to the layer whose call is running
      scope.set_layer(outer->layer());
      scope.set_autocast(outer->autocast());
    }
    const ScanStep step = body(carries, slices);
    check_carry(initial, step.carry);
    require<StateError>(scope.updated().empty() && scope.losses().empty(), "scan",
                        "The body writes state. Hint: carry the value and update it after the loop.");
    outputs.assign(step.carry.begin(), step.carry.end());
    outputs.insert(outputs.end(), step.outputs.begin(), step.outputs.end());
  }
  ScanAttrs attrs;
  attrs.length = length;
  attrs.num_carry = static_cast<Dim>(initial.size());
  attrs.num_xs = static_cast<Dim>(xs.size());
  attrs.reverse = options.reverse;
  std::vector<Tensor> inputs(initial.begin(), initial.end());
  inputs.insert(inputs.end(), xs.begin(), xs.end());
  std::vector<Tensor> results = apply_loop(own, outputs, first, attrs, std::move(inputs));
  const auto middle = results.begin() + attrs.num_carry;
  const auto end = results.begin() + static_cast<Dim>(outputs.size());
  return {Tensors(std::vector<Tensor>(results.begin(), middle)), Tensors(std::vector<Tensor>(middle, end))};
}

}  // namespace kerata::ops
