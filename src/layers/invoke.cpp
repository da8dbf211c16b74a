// The call protocol of layers: one door for symbolic, traced and eager calls.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "core/require.h"
#include "graph/scope.h"
#include "kerata/ops/math.h"
#include "layers/layer_state.h"

namespace kerata {
namespace {

// The layer whose call() is running on this thread.
thread_local const LayerBase* running = nullptr;

/// What changes while a layer's call() runs, put back on the way out.
class Running {
 public:
  Running(const LayerBase& layer, Scope& scope, bool training)
      : scope_(scope), outer_(running), training_(scope.training()), name_(scope.layer()), autocast_(scope.autocast()) {
    running = &layer;
    scope.set_training(training);
    scope.set_layer(std::make_shared<const std::string>(display_name(layer)));
    const LayerBase::State& state = layer.state();
    if (state.autocast && state.policy.is_mixed()) scope.set_autocast(state.policy.compute_dtype());
  }
  ~Running() {
    running = outer_;
    scope_.set_training(training_);
    scope_.set_layer(name_);
    scope_.set_autocast(autocast_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Scope& scope_;
  const LayerBase* outer_;
  bool training_;
  std::shared_ptr<const std::string> name_;
  std::optional<DType> autocast_;
};

template <class F>
auto with_error_context(const LayerBase& layer, const std::vector<Tensor>& inputs, const F& function) {
  try {
    return function();
  } catch (Error& error) {
    constexpr std::size_t kMost = 8;
    std::string shapes;
    for (std::size_t i = 0; i < std::min(inputs.size(), kMost); ++i) {
      if (!shapes.empty()) shapes += ", ";
      shapes += inputs[i].is_empty() ? "nothing" : to_string(inputs[i].shape());
    }
    if (inputs.size() > kMost) shapes += join_text(", ... (", inputs.size(), ')');
    error.add_context(join_text("in layer '", display_name(layer), "' (", plain_class_name(layer), ") called with ",
                                inputs.size() == 1 ? "input " : "inputs ", shapes));
    throw;
  }
}

bool contains(const LayerBase& layer, const LayerBase& part) {
  for (const LayerPart& candidate : layer.state().parts)
    if (candidate.layer.ptr().get() == &part || contains(*candidate.layer.ptr(), part)) return true;
  return false;
}

// Weights of a layer that nobody owns would be trained by no one and saved nowhere.
void check_is_part(const LayerBase& layer) {
  if (!running || running == &layer || contains(*running, layer) || layer.weights().empty()) return;
  fail<StateError>(
      plain_class_name(*running), "Layer '", display_name(layer), "' (", plain_class_name(layer),
      ") is used in call() but is not part of the layer. Hint: in the constructor, keep it with add_layer(\"",
      display_name(layer), "\", ...).");
}

std::vector<Tensor> collect_masks(const LayerBase& layer, const std::vector<Tensor>& inputs,
                                  const CallOptions& options) {
  if (options.mask.empty()) {
    std::vector<Tensor> masks;
    for (const Tensor& x : inputs) masks.push_back(x.mask());
    return masks;
  }
  require<ValueError>(options.mask.size() <= inputs.size(), plain_class_name(layer), "Expected one mask per input (",
                      inputs.size(), "), received ", options.mask.size(), '.');
  std::vector<Tensor> masks = options.mask.list();
  masks.resize(inputs.size());
  return masks;
}

void check_inputs(const LayerBase& layer, const Tensors& inputs) {
  require<ValueError>(!inputs.empty(), plain_class_name(layer), "The layer was called without inputs.");
  for (const Tensor& x : inputs)
    require<StateError>(!x.is_empty(), plain_class_name(layer), "An input is an empty tensor.");
}

void warn_of_lost_mask(LayerBase& layer) {
  {
    const std::lock_guard lock(layer.state().noted);
    if (std::exchange(layer.state().warned_of_mask, true)) return;
  }
  std::fprintf(
      stderr,
      "kerata: Layer '%s' (of type %s) was passed an input with a mask attached to it. However, this layer does "
      "not support masking and will therefore destroy the mask information. Downstream layers will not see "
      "the mask.\n",
      display_name(layer).c_str(), plain_class_name(layer).c_str());
}

bool is_same(const Tensor& a, const Tensor& b) {
  return !a.is_empty() && !b.is_empty() && a.node() == b.node() && a.index() == b.index();
}

/// The outputs with the masks that the layer gives them.
std::vector<Tensor> mask_outputs(LayerBase& layer, const Tensors& inputs, const std::vector<Tensor>& masks,
                                 std::vector<Tensor> outputs) {
  LayerBase::State& state = layer.state();
  bool any_mask = false;
  for (const Tensor& mask : masks) any_mask = any_mask || !mask.is_empty();
  const std::vector<Tensor> given = LayerAccess::masks(layer, inputs, masks, outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (i < given.size() && !given[i].is_empty()) {
      outputs[i] = outputs[i].with_mask(given[i]);
    } else if (!state.keeps_inner_masks && !outputs[i].mask().is_empty()) {
      for (const Tensor& mask : masks)  // an input handed through; a mask made inside stays
        if (is_same(mask, outputs[i].mask())) outputs[i] = outputs[i].with_mask({});
    }
  }
  if (any_mask && !state.supports_masking && !state.keeps_inner_masks) warn_of_lost_mask(layer);
  return outputs;
}

void add_activity_loss(const LayerBase& layer, const std::vector<Tensor>& outputs, Scope& scope) {
  const AnyRegularizer& regularizer = layer.state().activity_regularizer;
  if (!regularizer || scope.mode() == Mode::dry) return;
  for (const Tensor& x : outputs) {
    const Tensor loss = regularizer->call(x);
    scope.add_loss(x.rank() > 0 ? loss / static_cast<double>(std::max<Dim>(1, x.shape()[0])) : loss);
  }
}

Tensors named(const std::vector<std::string>& names, std::vector<Tensor> list) {
  if (names.size() != list.size() || list.empty()) return Tensors(std::move(list));
  std::vector<Tensors::Named> result;
  for (std::size_t i = 0; i < list.size(); ++i) result.emplace_back(names[i], list[i]);
  return Tensors(std::move(result));
}

using Names = std::vector<std::string> LayerBase::State::*;

void note_names(LayerBase::State& state, Names names, const Tensors& list) {
  if (list.names().empty()) return;
  const std::lock_guard lock(state.noted);
  if (state.*names != list.names()) state.*names = list.names();
}

std::vector<std::string> noted_names(LayerBase::State& state, Names names) {
  const std::lock_guard lock(state.noted);
  return state.*names;
}

enum class Note { first, last };
void note_shapes(LayerBase::State& state, const std::vector<Tensor>& outputs, Note which) {
  const std::lock_guard lock(state.noted);
  if (which == Note::first && !state.last_shapes.empty()) return;
  state.last_shapes.clear();
  for (const Tensor& x : outputs) state.last_shapes.push_back(x.shape());
}

Tensor stand_in(const Tensor& x) { return x.is_symbolic() ? placeholder(type_of(x)) : x; }

std::vector<Tensor> stand_ins(const std::vector<Tensor>& list) {
  std::vector<Tensor> result;
  for (const Tensor& x : list) result.push_back(x.is_empty() ? x : stand_in(x));
  return result;
}

bool any_symbolic(const std::vector<Tensor>& list) {
  for (const Tensor& x : list)
    if (!x.is_empty() && x.is_symbolic()) return true;
  return false;
}

/// Types of the outputs, found by running call() on stand-ins.
std::vector<ValueType> dry_run(LayerBase& layer, const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks,
                               const Tensors& states, bool training) {
  Scope scope(Mode::dry, training);
  const std::vector<Tensor> x = stand_ins(inputs);
  ensure_built(layer, x);
  std::vector<ValueType> types;
  for (const Tensor& y : call_inline(layer, x, stand_ins(masks), Tensors(stand_ins(states.list())), training))
    types.push_back(type_of(y));
  return types;
}

}  // namespace

std::vector<std::string> noted_output_names(const LayerBase& layer) {
  return noted_names(layer.state(), &LayerBase::State::output_names);
}

void ensure_built(LayerBase& layer, const std::vector<Tensor>& inputs) {
  LayerBase::State& state = layer.state();
  if (state.built) return;
  static std::recursive_mutex building;  // one for all layers: a build may build parts that other layers share
  const std::lock_guard lock(building);
  if (state.built) return;
  std::vector<Shape> shapes;
  for (const Tensor& x : inputs) shapes.push_back(x.shape());
  const std::size_t trainable = state.trainable_weights.size(), others = state.other_weights.size();
  const std::ptrdiff_t parts = static_cast<std::ptrdiff_t>(state.parts.size());
  Scope scope(Mode::eager, false);
  try {
    LayerAccess::build(layer, shapes);
  } catch (...) {
    state.trainable_weights.resize(trainable);
    state.other_weights.resize(others);
    if (!state.is_model) state.parts.erase(state.parts.begin() + parts, state.parts.end());
    throw;
  }
  state.build_shapes = std::move(shapes);
  state.built = true;
}

std::vector<Tensor> call_inline(LayerBase& layer, const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks,
                                const Tensors& states, bool training) {
  LayerBase::State& state = layer.state();
  Scope& scope = *Scope::current();
  std::vector<Tensor> outputs;
  {
    const Running guard(layer, scope, training);
    const DType compute = state.policy.compute_dtype();
    std::vector<Tensor> x = inputs;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (state.autocast && is_floating(x[i].dtype()) && x[i].dtype() != compute) x[i] = x[i].cast(compute);
      if (!masks[i].is_empty() || !x[i].mask().is_empty()) x[i] = x[i].with_mask(masks[i]);
    }
    const Tensors result =
        LayerAccess::call(layer, named(noted_names(state, &LayerBase::State::input_names), std::move(x)),
                          CallContext(training, masks, states));
    note_names(state, &LayerBase::State::output_names, result);
    outputs = result.list();
    for (const Tensor& y : outputs)
      require<StateError>(!y.is_empty(), plain_class_name(layer), "call() returned an empty tensor.");
    add_activity_loss(layer, outputs, scope);
  }
  note_shapes(state, outputs, Note::first);
  return mask_outputs(layer, Tensors(inputs), masks, std::move(outputs));
}

std::vector<Tensor> record_call(LayerBase& layer, const Tensors& given, const CallOptions& options) {
  check_inputs(layer, given);
  LayerBase::State& state = layer.state();
  const Tensors arranged = LayerAccess::arrange(layer, given);
  const std::vector<Tensor>& inputs = arranged.list();
  note_names(state, &LayerBase::State::input_names, arranged);
  const std::vector<Tensor> masks = collect_masks(layer, inputs, options);
  const Training training = options.training.value();
  const std::vector<ValueType> types = dry_run(layer, inputs, masks, options.initial_state, training == Training::yes);
  auto node = std::make_shared<Node>();
  node->composite = layer.shared_from_this();
  node->inputs = inputs;
  node->call = {training, inputs.size(), std::vector<int>(inputs.size(), -1), options.initial_state.size()};
  // As Keras: a mask that only rides on the input is noted where the call gives one tensor of the layer's type, no
  // more.
  const bool is_plain = inputs.size() == 1 && options.initial_state.empty() && training == Training::inherit &&
                        inputs[0].dtype() == state.policy.compute_dtype();
  const bool notes_riding = state.uses_mask && (state.is_model || is_plain);
  for (std::size_t i = 0; i < masks.size(); ++i) {
    if (masks[i].is_empty() || (options.mask.empty() && !notes_riding)) continue;
    node->call.mask_at[i] = static_cast<int>(node->inputs.size());
    node->inputs.push_back(masks[i]);
  }
  for (const Tensor& x : options.initial_state) node->inputs.push_back(x);
  std::vector<Tensor> outputs;
  for (const ValueType& type : types) {
    node->outputs.push_back({type});
    outputs.emplace_back(node, static_cast<int>(outputs.size()));
  }
  if (state.calls.size() >= 8 && (state.calls.size() & (state.calls.size() - 1)) == 0)
    std::erase_if(state.calls, [](const std::weak_ptr<Node>& call) { return call.expired(); });
  state.calls.push_back(node);
  state.was_recorded = true;
  note_shapes(state, outputs, Note::last);
  return mask_outputs(layer, arranged, masks, std::move(outputs));
}

std::vector<Tensor> invoke_symbolic(LayerBase& layer, const Tensor& input) {
  return with_error_context(layer, {input}, [&] { return record_call(layer, input, {}); });
}

std::vector<Tensor> invoke(LayerBase& layer, const Tensors& inputs, const CallOptions& options) {
  return with_error_context(layer, inputs.list(), [&]() -> std::vector<Tensor> {
    Scope* scope = Scope::current();
    if (!scope && (any_symbolic(inputs.list()) || any_symbolic(options.mask.list()) ||
                   any_symbolic(options.initial_state.list())))
      return record_call(layer, inputs, options);
    check_inputs(layer, inputs);
    const Tensors arranged = LayerAccess::arrange(layer, inputs);
    note_names(layer.state(), &LayerBase::State::input_names, arranged);
    const std::vector<Tensor> masks = collect_masks(layer, arranged.list(), options);
    const Training wanted = options.training.value();
    const bool training = wanted == Training::inherit ? scope && scope->training() : wanted == Training::yes;
    if (scope) {
      ensure_built(layer, arranged.list());
      check_is_part(layer);
      return call_inline(layer, arranged.list(), masks, options.initial_state, training);
    }
    Scope eager(Mode::eager, training);
    ensure_built(layer, arranged.list());
    std::vector<Tensor> outputs = call_inline(layer, arranged.list(), masks, options.initial_state, training);
    eager.commit();
    return outputs;
  });
}

std::vector<Tensor> LayerBase::expand(const std::vector<Tensor>& all, const CallRecord& record) const {
  Scope* scope = Scope::current();
  require<StateError>(scope != nullptr, display_name(*this), "A recorded call is replayed outside of any call.");
  const auto begin = all.begin();
  const std::vector<Tensor> inputs(begin, begin + static_cast<std::ptrdiff_t>(record.num_inputs));
  std::vector<Tensor> masks;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int at = i < record.mask_at.size() ? record.mask_at[i] : -1;
    masks.push_back(at >= 0 ? all[static_cast<std::size_t>(at)] : inputs[i].mask());
  }
  const Tensors states(std::vector<Tensor>(all.end() - static_cast<std::ptrdiff_t>(record.num_states), all.end()));
  const bool training = record.training == Training::inherit ? scope->training() : record.training == Training::yes;
  LayerBase& layer = const_cast<LayerBase&>(*this);  // a layer that is called for the first time builds itself
  return with_error_context(layer, inputs, [&] {
    ensure_built(layer, inputs);
    return call_inline(layer, inputs, masks, states, training);
  });
}

}  // namespace kerata
