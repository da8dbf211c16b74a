// Model::compile and what it leaves behind.
#include "core/require.h"
#include "kerata/optimizers/loss_scale_optimizer.h"
#include "optimizers/optimizer_access.h"
#include "training/trainer_state.h"

namespace kerata {
namespace training {

bool ProgramCache::Key::operator==(const Key& other) const {
  if (types.size() != other.types.size() || layout != other.layout || graph != other.graph ||
      version != other.version || device != other.device || rounds_to_tf32 != other.rounds_to_tf32 ||
      is_deterministic != other.is_deterministic)
    return false;
  for (std::size_t i = 0; i < types.size(); ++i)
    if (types[i].dtype != other.types[i].dtype || !(types[i].shape == other.types[i].shape)) return false;
  return true;
}

ProgramPtr ProgramCache::find(const Key& key) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (!(entry->first == key)) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entries_.front().second;
  }
  return nullptr;
}

void ProgramCache::add(const Key& key, ProgramPtr program) {
  entries_.emplace_front(key, std::move(program));
  if (entries_.size() > kMost) entries_.pop_back();
}

TrainerState& state_of(const ModelLayer& model) {
  static std::mutex mutex;  // for the first use only: two threads may predict with a new model
  const std::lock_guard lock(mutex);
  auto& trainer = model.model_state().trainer;
  if (!trainer) trainer = std::make_shared<TrainerState>();
  return *trainer;
}

CompiledModel& compiled(const ModelLayer& model, std::string_view where) {
  TrainerState& state = state_of(model);
  require<StateError>(state.compiled != nullptr, where,
                      "The model has no loss and no optimizer yet. You must call `compile()` before "
                      "using it so. Hint: model.compile({.optimizer = \"adam\", .loss = ...}).");
  return *state.compiled;
}

const std::vector<Variable>& trainable_of(CompiledModel& compiled, const ModelLayer& model) {
  const std::size_t weights = model.weights().size();
  if (compiled.weights_then != weights) {
    compiled.trainable = model.trainable_weights();
    compiled.weights_then = weights;
  }
  return compiled.trainable;
}

}  // namespace training

void Model::compile(const CompileOptions& options) {
  using namespace training;
  require<ValueError>(static_cast<bool>(options.optimizer), "Model.compile",
                      "No optimizer. Expected a name or an object.");
  require<ValueError>(options.steps_per_execution >= 1, "Model.compile",
                      "steps_per_execution must be at least 1. Received ", options.steps_per_execution, '.');
  auto fresh = std::make_shared<CompiledModel>();
  fresh->options = options;
  const std::string& identifier = OptimizerAccess::state(*options.optimizer).identifier;
  fresh->optimizer = identifier.empty() ? options.optimizer : AnyOptimizer(identifier);
  if (options.auto_scale_loss && impl().state().policy == DTypePolicy("mixed_float16") &&
      !OptimizerAccess::state(*fresh->optimizer).inner)
    fresh->optimizer = optimizers::LossScaleOptimizer(fresh->optimizer);
  if (models::is_functional(impl())) resolve(*fresh, impl());
  if (impl().built()) trainable_of(*fresh, impl());
  TrainerState& state = state_of(impl());
  require<StateError>(!state.is_fitting, "Model.compile",
                      "The model is being trained. Hint: stop_training(), and compile after fit().");
  const std::lock_guard lock(state.mutex);
  state.compiled = fresh;
  auto kept = std::make_shared<CompileOptions>(options);
  kept->optimizer = fresh->optimizer;
  impl().model_state().compile_options = std::move(kept);
  impl().model_state().jit_compile = "auto";
  impl().model_state().optimizer_variables = [optimizer = fresh->optimizer]() -> std::vector<Variable> {
    if (!OptimizerAccess::state(*optimizer).built) return {};
    return optimizer->variables();
  };
}

bool Model::compiled() const { return training::state_of(impl()).compiled != nullptr; }

Optimizer& Model::optimizer() { return *training::compiled(impl(), "Model.optimizer").optimizer; }

void Model::stop_training() { training::state_of(impl()).stop_training = true; }

std::string Model::executable_report() const {
  using namespace training;
  TrainerState& state = state_of(impl());
  const std::lock_guard lock(state.mutex);
  std::string text;
  auto add = [&](std::string_view what, const ProgramCache& cache) {
    for (const auto& [key, program] : cache.entries())
      text += join_text(what, ", batch ", key.types.empty() ? Dim{0} : key.types[0].shape[0], ": ",
                        program->executable->report().text(), '\n');
  };
  if (state.compiled) add("train", state.compiled->train), add("test", state.compiled->test);
  add("predict", state.predict);
  return text;
}

}  // namespace kerata
