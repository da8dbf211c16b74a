// The inside of optimizers, for the trainer.
#pragma once

#include <map>
#include <unordered_map>

#include "graph/scope.h"
#include "kerata/optimizers/optimizer.h"

namespace kerata {

struct Optimizer::State {
  OptimizerSettings settings;
  Variable iterations;  // int64 scalar: calls of apply()
  Variable rate;        // float32 scalar; unused with a schedule
  std::shared_ptr<Schedule> schedule;
  bool built = false;
  std::vector<Variable> trained;  // what it was built with
  std::unordered_map<const VariableCell*, std::size_t> index;
  std::vector<Variable> averages, accumulators;  // per trained variable, when asked for
  std::vector<Variable> slots;                   // in order of making
  std::map<std::pair<const VariableCell*, std::string>, Variable> slot_of;
  std::uint64_t version = 0;              // grows when a traced step is no longer valid (another schedule)
  std::string identifier = {};            // the name it was asked for by; "" for objects
  std::shared_ptr<Optimizer> inner = {};  // the one that a LossScaleOptimizer wraps; its own state lies in slots
};

struct OptimizerAccess {
  using State = Optimizer::State;
  static Optimizer::State& state(const Optimizer& optimizer) { return *optimizer.state_; }
  /// The one with the rule and its slots: `optimizer` itself, or what it wraps.
  static const Optimizer& innermost(const Optimizer& optimizer) {
    return optimizer.state_->inner ? *optimizer.state_->inner : optimizer;
  }
  /// Grows when a traced step is no longer valid.
  static std::uint64_t version(const Optimizer& optimizer) {
    return optimizer.state_->version + (optimizer.state_->inner ? optimizer.state_->inner->state_->version : 0);
  }
  /// Those of variables() that are there before the first step: counters, and rates without a schedule.
  static std::vector<Variable> early_variables(const Optimizer& optimizer);
  /// Averages, accumulators and slots of the innermost.
  static std::vector<Variable> slots(const Optimizer& optimizer);
  /// Adds a slot that belongs to no variable.
  static void add_scalar(const Optimizer& optimizer, const std::string& name, const Tensor& initial);
  /// The rate as the running step sees it (float32 scalar).
  static Tensor learning_rate(const Optimizer& optimizer);
  /// Optimizer::apply; while the gate (a bool scalar; empty: open) is false, nothing changes.
  static void apply(Optimizer& optimizer, const Tensors& gradients, const std::vector<Variable>& variables,
                    const Tensor& gate);
  /// The step itself, in the scope that is open.
  static void run(const Optimizer& optimizer, std::vector<Tensor> gradients, const std::vector<Variable>& variables,
                  const Tensor& gate);
  /// Calls f in the scope that is open, or in an eager one.
  template <class F>
  static void in_scope(const F& f);
};

template <class F>
void OptimizerAccess::in_scope(const F& f) {
  if (Scope::current()) return f();
  Scope scope(Mode::eager, true);
  f();
  scope.commit();
}

}  // namespace kerata
