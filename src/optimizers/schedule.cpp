#include "kerata/optimizers/schedule.h"

#include "core/near_name.h"
#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"

namespace kerata {

double Schedule::operator()(Dim step) const { return call(ops::full({}, static_cast<double>(step))).item(); }

Config Schedule::to_config() const {
  fail<StateError>("Schedule", "This schedule cannot be written to a config. Hint: override to_config().");
}

Config config_of(const LearningRate& value) {
  return value.schedule() ? value.schedule()->to_config() : Config(value.constant());
}

void read_config(const Config& from, LearningRate& to) {
  to = from.is_number() ? LearningRate(from.as_number()) : LearningRate(Schedule::from_config(from));
}

namespace optimizers::schedules {
namespace {

void check_steps(const char* where, Dim decay_steps) {
  require<ValueError>(decay_steps > 0, where, "decay_steps must be positive. Received ", decay_steps, '.');
}

Tensor progress(const Tensor& step, Dim decay_steps, bool staircase) {
  const Tensor p = step.cast("float32") / static_cast<double>(decay_steps);
  return staircase ? ops::floor(p) : p;
}

template <class Options>
Config decay_config(const char* class_name, double initial, Dim steps, double rate, const Options& options) {
  Config fields{Config::Object{}};
  fields.set("initial_learning_rate", initial);
  fields.set("decay_steps", steps);
  fields.set("decay_rate", rate);
  write_fields(options, fields);
  return Config::Object{{"class_name", class_name}, {"config", std::move(fields)}};
}

}  // namespace

ExponentialDecay::ExponentialDecay(double initial_learning_rate, Dim decay_steps, double decay_rate)
    : ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, Options{}) {}
ExponentialDecay::ExponentialDecay(double initial_learning_rate, Dim decay_steps, double decay_rate,
                                   const Options& options)
    : initial_learning_rate_(initial_learning_rate),
      decay_steps_(decay_steps),
      decay_rate_(decay_rate),
      options_(options) {
  check_steps("ExponentialDecay", decay_steps);
}
Tensor ExponentialDecay::call(const Tensor& step) const {
  return initial_learning_rate_ * ops::power(decay_rate_, progress(step, decay_steps_, options_.staircase));
}
Config ExponentialDecay::to_config() const {
  return decay_config("ExponentialDecay", initial_learning_rate_, decay_steps_, decay_rate_, options_);
}

InverseTimeDecay::InverseTimeDecay(double initial_learning_rate, Dim decay_steps, double decay_rate)
    : InverseTimeDecay(initial_learning_rate, decay_steps, decay_rate, Options{}) {}
InverseTimeDecay::InverseTimeDecay(double initial_learning_rate, Dim decay_steps, double decay_rate,
                                   const Options& options)
    : initial_learning_rate_(initial_learning_rate),
      decay_steps_(decay_steps),
      decay_rate_(decay_rate),
      options_(options) {
  check_steps("InverseTimeDecay", decay_steps);
}
Tensor InverseTimeDecay::call(const Tensor& step) const {
  return initial_learning_rate_ / (1 + decay_rate_ * progress(step, decay_steps_, options_.staircase));
}
Config InverseTimeDecay::to_config() const {
  return decay_config("InverseTimeDecay", initial_learning_rate_, decay_steps_, decay_rate_, options_);
}

}  // namespace optimizers::schedules

namespace {

template <class T>
std::shared_ptr<Schedule> read_decay(const Config& config) {
  double initial = 0, rate = 0;
  Dim steps = 1;
  if (const Config* value = config.find("initial_learning_rate")) initial = value->as_number();
  if (const Config* value = config.find("decay_steps")) steps = value->as_integer();
  if (const Config* value = config.find("decay_rate")) rate = value->as_number();
  return std::make_shared<T>(initial, steps, rate, read_fields<typename T::Options>(config));
}

}  // namespace

std::shared_ptr<Schedule> Schedule::from_config(const Config& config) {
  const Config *class_name = config.find("class_name"), *fields = config.find("config");
  require<ValueError>(class_name && fields, "schedules", "Expected a number or {class_name, config}, received ",
                      to_string(config), '.');
  if (class_name->as_text() == "ExponentialDecay") return read_decay<optimizers::schedules::ExponentialDecay>(*fields);
  if (class_name->as_text() == "InverseTimeDecay") return read_decay<optimizers::schedules::InverseTimeDecay>(*fields);
  const std::string_view known[] = {"ExponentialDecay", "InverseTimeDecay"};
  fail<ValueError>("schedules", "Unknown schedule \"", class_name->as_text(), "\".",
                   name_hint(class_name->as_text(), known));
}

}  // namespace kerata
