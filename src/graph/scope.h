// Scope: what the innermost running call or trace is doing. The one thread-local besides the gradient tape.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>

#include "graph/node.h"

namespace kerata {

/// eager: ops run. dry: shapes only, nothing runs. trace: ops are recorded for a compiled program.
enum class Mode : std::uint8_t { eager, dry, trace };

/// Open while a layer, model or compiled function is called. State within a scope is ordered: a read of a
/// variable after update() sees the new value.
class Scope {
 public:
  Scope(Mode mode, bool training);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// The innermost scope of this thread, or null.
  static Scope* current();

  Mode mode() const { return mode_; }
  bool training() const { return training_; }
  void set_training(bool training) { training_ = training; }
  void update(const Variable& variable, const Tensor& value);
  /// The layer whose call is running, for messages and profiles; set by the layer call, which puts the old one back.
  const std::shared_ptr<const std::string>& layer() const { return layer_; }
  void set_layer(std::shared_ptr<const std::string> name) { layer_ = std::move(name); }
  /// The compute dtype of the running layer's mixed policy, in which reads of its weights come; none elsewhere.
  const std::optional<DType>& autocast() const { return autocast_; }
  void set_autocast(std::optional<DType> dtype) { autocast_ = dtype; }
  void add_loss(const Tensor& scalar) { losses_.push_back(scalar); }
  /// The value that a read of the variable sees here.
  Tensor read(const Variable& variable) const;
  /// Writes the updates of an eager scope into the variables.
  void commit();
  const std::vector<Variable>& updated() const { return updated_; }  // in first-write order
  const std::vector<Tensor>& losses() const { return losses_; }
  std::vector<Tensor> take_losses() { return std::exchange(losses_, {}); }

  /// The random state that traced random ops read (int64 {key, step}), and the number of the next op's stream.
  void set_random_state(const Tensor& state) { random_state_ = state; }
  const Tensor& random_state() const { return random_state_; }
  std::int64_t next_stream() { return stream_++; }

 private:
  Mode mode_;
  bool training_;
  Scope* outer_;
  Tensor content(const Variable& variable) const;
  std::vector<Variable> updated_;
  std::unordered_map<const VariableCell*, Tensor> values_;
  std::vector<Tensor> losses_;
  Tensor random_state_;
  std::int64_t stream_ = 0;
  std::shared_ptr<const std::string> layer_;
  std::optional<DType> autocast_;
};

/// True while a GradientTape lives on this thread.
bool tape_is_open();

/// The gradients of sum(outputs[i] * grads[i]) with respect to each of `wrt`: empty where there is no dependence. An
/// empty grad stands for zeros.
std::vector<Tensor> pull_back(std::span<const Tensor> outputs, std::span<const Tensor> grads,
                              std::span<const Tensor> wrt);

/// Replays a recorded symbolic graph on other inputs inside the current scope: op nodes are applied again,
/// layer calls are expanded. `from` are Input tensors. Throws StateError when an output depends on an input that
/// is not in `from`. Unknown sizes in recorded parameters are resolved from the sizes of `to`.
std::vector<Tensor> replay(std::span<const Tensor> from, std::span<const Tensor> to, std::span<const Tensor> outputs);

/// The global seed (utils::set_random_seed) and a state for one eager random op: int64 {key, step}.
void set_global_seed(std::uint64_t seed);
std::uint64_t global_seed();
Tensor next_random_state();

}  // namespace kerata
