// Schedule: a learning rate that depends on the step; LearningRate: a number or a schedule.
#pragma once

#include <concepts>

#include "kerata/core/registration.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Subclass it and override call() in terms of ops: it becomes part of the compiled step.
class Schedule {
 public:
  virtual ~Schedule() = default;
  /// The rate (scalar) at a step (scalar, float32).
  virtual Tensor call(const Tensor& step) const = 0;
  double operator()(Dim step) const;
  /// The arguments, as Keras's get_config(); throws StateError for a schedule of the user's own without it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  static std::shared_ptr<Schedule> from_config(const Config& config);
  // For register_schedule():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Schedule> make);
};

/// As register_initializer().
template <std::derived_from<Schedule> T>
void register_schedule(const std::string& name) {
  Schedule::add_class(name, typeid(T), &detail::make_class<Schedule, T>);
}

/// A number or a schedule. Numbers must not be negative.
class LearningRate {
 public:
  LearningRate(double constant) : constant_(constant) {}
  template <std::derived_from<Schedule> S>
  LearningRate(S schedule) : schedule_(std::make_shared<S>(std::move(schedule))) {}
  double constant() const { return constant_; }
  const std::shared_ptr<Schedule>& schedule() const { return schedule_; }

  // For the library's own code:
  explicit LearningRate(std::shared_ptr<Schedule> schedule) : schedule_(std::move(schedule)) {}

 private:
  double constant_ = 0;
  std::shared_ptr<Schedule> schedule_;
};
Config config_of(const LearningRate& value);
void read_config(const Config& from, LearningRate& to);

namespace optimizers::schedules {

/// What the schedules that decay at a rate share.
class RateDecay : public Schedule {
 public:
  Config get_config() const override;

 protected:
  RateDecay(const char* class_name, double initial_learning_rate, double decay_steps, double decay_rate, bool staircase,
            std::string name);
  double initial_learning_rate() const { return initial_learning_rate_; }
  double decay_rate() const { return decay_rate_; }
  /// step / decay_steps, with staircase rounded down.
  Tensor progress(const Tensor& step) const;

 private:
  double initial_learning_rate_, decay_steps_, decay_rate_;
  bool staircase_;
  std::string name_;
};

/// initial_learning_rate * decay_rate^(step / decay_steps); staircase: the exponent is rounded down. Throws ValueError
/// unless decay_steps > 0.
class ExponentialDecay : public RateDecay {
 public:
  struct Options {
    bool staircase = false;
    std::string name = "ExponentialDecay";
    static constexpr auto fields() {
      return std::tuple{field("staircase", &Options::staircase), field("name", &Options::name)};
    }
  };
  ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate);
  ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate, const Options& options);
  Tensor call(const Tensor& step) const override;
};

/// initial_learning_rate / (1 + decay_rate * step / decay_steps); staircase: the quotient is rounded down. Throws
/// ValueError unless decay_steps > 0.
class InverseTimeDecay : public RateDecay {
 public:
  struct Options {
    bool staircase = false;
    std::string name = "InverseTimeDecay";
    static constexpr auto fields() {
      return std::tuple{field("staircase", &Options::staircase), field("name", &Options::name)};
    }
  };
  InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate);
  InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate, const Options& options);
  Tensor call(const Tensor& step) const override;
};

}  // namespace optimizers::schedules
}  // namespace kerata

#pragma GCC visibility pop
