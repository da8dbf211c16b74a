#include "kerata/optimizers/optimizer.h"

#include <algorithm>

#include "core/require.h"
#include "graph/deferred_content.h"
#include "graph/node.h"
#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "optimizers/optimizer_access.h"

namespace kerata {
namespace {

Variable make_state(const std::string& optimizer, const std::string& name, const Tensor& initial) {
  Variable variable(name, Role::optimizer_slot, initial);
  variable.cell()->path = optimizer + "/" + name;
  return variable;
}

Variable make_slot(const std::string& optimizer, const std::string& name, const Variable& of) {
  DeferredContent* deferred = DeferredContent::current();
  if (!deferred) return make_state(optimizer, name, ops::zeros(of.shape(), of.dtype()));
  Variable variable = deferred->make(name, Role::optimizer_slot, {of.dtype(), of.shape()});
  variable.cell()->path = optimizer + "/" + name;
  return variable;
}

void check_rate(double rate) {
  require<ValueError>(rate >= 0, "Optimizer", "The learning rate must not be negative. Received ", rate, '.');
}

void check(const OptimizerSettings& s) {
  const int clips = s.clipnorm.has_value() + s.clipvalue.has_value() + s.global_clipnorm.has_value();
  require<ValueError>(clips <= 1, "Optimizer",
                      "Only one of clipnorm, clipvalue and global_clipnorm can be set. Received ", clips, '.');
  for (const auto& [name, value] :
       {std::pair{"clipnorm", s.clipnorm}, std::pair{"clipvalue", s.clipvalue},
        std::pair{"global_clipnorm", s.global_clipnorm}, std::pair{"weight_decay", s.weight_decay}})
    require<ValueError>(!value || *value >= 0, "Optimizer", name, " must not be negative. Received ", value.value_or(0),
                        '.');
  require<ValueError>(!s.use_ema || (s.ema_momentum >= 0 && s.ema_momentum <= 1), "Optimizer",
                      "ema_momentum must be in [0, 1]. Received ", s.ema_momentum, '.');
  require<ValueError>(!s.ema_overwrite_frequency || *s.ema_overwrite_frequency >= 1, "Optimizer",
                      "ema_overwrite_frequency must be at least 1 or none. Received ",
                      s.ema_overwrite_frequency.value_or(0), '.');
  require<ValueError>(!s.gradient_accumulation_steps || *s.gradient_accumulation_steps >= 2, "Optimizer",
                      "gradient_accumulation_steps must be at least 2 or none. Received ",
                      s.gradient_accumulation_steps.value_or(0), '.');
  require<ValueError>(!s.loss_scale_factor || *s.loss_scale_factor > 0, "Optimizer",
                      "loss_scale_factor must be positive. Received ", s.loss_scale_factor.value_or(0), '.');
}

}  // namespace

Optimizer::Optimizer(const LearningRate& learning_rate, const OptimizerSettings& settings)
    : state_(std::make_shared<State>()) {
  check(settings);
  check_rate(learning_rate.constant());
  state_->settings = settings;
  if (settings.name.empty()) state_->settings.name = "optimizer";
  const std::int64_t zero = 0;
  state_->iterations = make_state(name(), "iteration", Tensor::from_span<std::int64_t>({&zero, 1}, Shape{}));
  state_->rate = make_state(name(), "learning_rate", ops::full({}, learning_rate.constant()));
  state_->schedule = learning_rate.schedule();
}

double Optimizer::learning_rate() const {
  if (state_->schedule) return state_->schedule->call(Tensor(state_->iterations).cast("float32")).item();
  return Tensor(state_->rate).item();
}

void Optimizer::set_learning_rate(const LearningRate& rate) {
  if (rate.schedule()) {
    state_->schedule = rate.schedule();
    ++state_->version;
    return;
  }
  require<StateError>(!state_->schedule, name(),
                      "This optimizer was made with a schedule, so its learning rate cannot be set "
                      "to a number. Hint: make the optimizer with a number.");
  check_rate(rate.constant());
  state_->rate.assign(ops::full({}, rate.constant()));
}

std::int64_t Optimizer::iterations() const {
  return Tensor(state_->iterations).item<std::int64_t>() / state_->settings.gradient_accumulation_steps.value_or(1);
}

std::string Optimizer::name() const { return state_->settings.name; }
const OptimizerSettings& Optimizer::settings() const { return state_->settings; }

std::vector<Variable> Optimizer::variables() const {
  std::vector<Variable> all{state_->iterations};
  if (!state_->schedule) all.push_back(state_->rate);
  for (const auto* list : {&state_->averages, &state_->accumulators, &state_->slots})
    all.insert(all.end(), list->begin(), list->end());
  return all;
}

Tensor Optimizer::scale_loss(const Tensor& loss) const {
  const auto& factor = state_->settings.loss_scale_factor;
  return factor ? loss * *factor : loss;
}

Variable Optimizer::slot(const Variable& variable, const std::string& slot_name) const {
  Variable& found = state_->slot_of[{variable.cell(), slot_name}];
  if (found.is_empty()) {
    std::string path = variable.path();
    std::replace(path.begin(), path.end(), '/', '_');
    found = make_slot(name(), path + "_" + slot_name, variable);
    state_->slots.push_back(found);
  }
  return found;
}

void Optimizer::build(const std::vector<Variable>& variables) {
  if (state_->built) return;
  State& state = *state_;
  state.trained = variables;
  for (std::size_t i = 0; i < variables.size(); ++i) state.index.emplace(variables[i].cell(), i);
  auto make_all = [&](const std::string& suffix, std::vector<Variable>& list) {
    for (const Variable& v : variables) {
      std::string path = v.path();
      std::replace(path.begin(), path.end(), '/', '_');
      list.push_back(make_slot(name(), path + "_" + suffix, v));
    }
  };
  if (state.settings.use_ema) make_all("average", state.averages);
  if (state.settings.gradient_accumulation_steps) make_all("gradient_accumulator", state.accumulators);
  build_slots(variables);
  state.built = true;
}

void Optimizer::apply(const Tensors& gradients, const std::vector<Variable>& variables) {
  OptimizerAccess::apply(*this, gradients, variables, {});
}

void OptimizerAccess::apply(Optimizer& optimizer, const Tensors& gradients, const std::vector<Variable>& variables,
                            const Tensor& gate) {
  const std::string name = optimizer.name();
  require<ValueError>(gradients.size() == variables.size(), name, "Expected one gradient per variable (",
                      variables.size(), "), received ", gradients.size(), '.');
  if (variables.empty()) return;
  optimizer.build(variables);
  std::vector<Tensor> present;
  std::vector<Variable> moved;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Variable& v = variables[i];
    require<ValueError>(state(optimizer).index.count(v.cell()) > 0, name, "Unknown variable '", v.path(),
                        "'. This optimizer can only be used "
                        "for the variables it was first called with. Hint: make a new optimizer for other variables.");
    const Tensor& g = gradients.list()[i];
    if (g.is_empty()) continue;
    require<ShapeError>(g.shape() == v.shape(), name, "The gradient of '", v.path(), "' has another shape. Expected ",
                        v.shape(), ", received ", g.shape(), '.');
    present.push_back(g);
    moved.push_back(v);
  }
  require<ValueError>(!present.empty(), name, "No gradients provided for any variable.");
  in_scope([&] { run(optimizer, std::move(present), moved, gate); });
}

std::vector<Variable> OptimizerAccess::early_variables(const Optimizer& optimizer) {
  const State& own = state(optimizer);
  std::vector<Variable> all{own.iterations};
  if (!own.schedule) all.push_back(own.rate);
  if (!own.inner) return all;
  const std::vector<Variable> inner = early_variables(*own.inner);
  all.insert(all.end(), inner.begin(), inner.end());
  return all;
}

std::vector<Variable> OptimizerAccess::slots(const Optimizer& optimizer) {
  const State& own = state(innermost(optimizer));
  std::vector<Variable> all;
  for (const auto* list : {&own.averages, &own.accumulators, &own.slots})
    all.insert(all.end(), list->begin(), list->end());
  return all;
}

void OptimizerAccess::add_scalar(const Optimizer& optimizer, const std::string& name, const Tensor& initial) {
  state(optimizer).slots.push_back(make_state(optimizer.name(), name, initial));
}

void Optimizer::update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables,
                           const Tensor& learning_rate, const UpdateContext& context) const {
  for (std::size_t i = 0; i < variables.size(); ++i) update_step(gradients[i], variables[i], learning_rate, context);
}

void Optimizer::finalize_variable_values(const std::vector<Variable>& variables) {
  if (!state_->settings.use_ema || !state_->built) return;
  for (const Variable& v : variables) {
    const auto found = state_->index.find(v.cell());
    if (found != state_->index.end()) v.assign(state_->averages[found->second]);
  }
}

}  // namespace kerata
