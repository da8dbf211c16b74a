// The inside of optimizers, for the trainer.
#pragma once

#include <map>
#include <unordered_map>

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
  std::uint64_t version = 0;    // grows when a traced step is no longer valid (another schedule)
  std::string identifier = {};  // the name it was asked for by; "" for objects
};

struct OptimizerAccess {
  using State = Optimizer::State;
  static Optimizer::State& state(const Optimizer& optimizer) { return *optimizer.state_; }
  /// How many of variables() stand before averages, accumulators and slots: the counter, and the rate without a
  /// schedule.
  static std::size_t num_scalars(const Optimizer& optimizer) { return optimizer.state_->schedule ? 1 : 2; }
  /// The rate as the running step sees it (float32 scalar).
  static Tensor learning_rate(const Optimizer& optimizer);
  static void run(const Optimizer& optimizer, std::vector<Tensor> gradients, const std::vector<Variable>& variables);
};

}  // namespace kerata
