#include "kerata/optimizers/schedule.h"

#include <cmath>

#include "core/class_family.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"

namespace kerata {

double Schedule::operator()(Dim step) const { return call(ops::full({}, static_cast<double>(step))).item(); }

Config config_of(const LearningRate& value) {
  return value.schedule() ? value.schedule()->to_config() : Config(value.constant());
}

void read_config(const Config& from, LearningRate& to) {
  if (from.is_object())
    to = LearningRate(Schedule::from_config(from));
  else if (!from.is_null()) {
    double rate = 0;
    read_config(from, rate);
    to = LearningRate(rate);
  }
}

namespace optimizers::schedules {

RateDecay::RateDecay(const char* class_name, double initial_learning_rate, double decay_steps, double decay_rate,
                     bool staircase, std::string name)
    : initial_learning_rate_(initial_learning_rate),
      decay_steps_(decay_steps),
      decay_rate_(decay_rate),
      staircase_(staircase),
      name_(std::move(name)) {
  require<ValueError>(decay_steps > 0, class_name, "decay_steps must be positive. Received ", decay_steps, '.');
}

Tensor RateDecay::progress(const Tensor& step) const {
  const Tensor p = step.cast("float32") / decay_steps_;
  return staircase_ ? ops::floor(p) : p;
}

Config RateDecay::get_config() const {
  const bool is_whole = decay_steps_ == std::floor(decay_steps_) && decay_steps_ < 0x1p53;
  return Config::Object{
      {"initial_learning_rate", initial_learning_rate_},
      {"decay_steps", is_whole ? Config(static_cast<std::int64_t>(decay_steps_)) : Config(decay_steps_)},
      {"decay_rate", decay_rate_},
      {"staircase", staircase_},
      {"name", name_}};
}

ExponentialDecay::ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate)
    : ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, Options{}) {}
ExponentialDecay::ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                   const Options& options)
    : RateDecay("ExponentialDecay", initial_learning_rate, decay_steps, decay_rate, options.staircase, options.name) {}
Tensor ExponentialDecay::call(const Tensor& step) const {
  return initial_learning_rate() * ops::power(decay_rate(), progress(step));
}

InverseTimeDecay::InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate)
    : InverseTimeDecay(initial_learning_rate, decay_steps, decay_rate, Options{}) {}
InverseTimeDecay::InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                   const Options& options)
    : RateDecay("InverseTimeDecay", initial_learning_rate, decay_steps, decay_rate, options.staircase, options.name) {}
Tensor InverseTimeDecay::call(const Tensor& step) const {
  return initial_learning_rate() / (1 + decay_rate() * progress(step));
}

}  // namespace optimizers::schedules

namespace {

namespace schedules = optimizers::schedules;

template <class T>
std::shared_ptr<Schedule> read_decay(const Config& config, std::string_view class_name) {
  const char* const numbers[] = {"initial_learning_rate", "decay_steps", "decay_rate"};
  const auto options = read_fields<typename T::Options>(config, class_name, numbers);
  double values[3] = {};
  for (int i = 0; i < 3; ++i) {
    require<ValueError>(config.find(numbers[i]) != nullptr, class_name, "The config has no \"", numbers[i], "\".");
    detail::read_key(config, numbers[i], class_name, &detail::read_value<double>, &values[i]);
  }
  return std::make_shared<T>(values[0], values[1], values[2], options);
}

ClassFamily<Schedule>& family() {
  static ClassFamily<Schedule> instance(
      {"schedule", "schedules", "keras.optimizers.schedules"},
      {{{"ExponentialDecay"}, typeid(schedules::ExponentialDecay), read_decay<schedules::ExponentialDecay>},
       {{"InverseTimeDecay"}, typeid(schedules::InverseTimeDecay), read_decay<schedules::InverseTimeDecay>}});
  return instance;
}

}  // namespace

Config Schedule::get_config() const { family().fail_no_config(*this, "Schedule"); }
Config Schedule::to_config() const { return family().to_config(*this); }
std::shared_ptr<Schedule> Schedule::from_config(const Config& config) { return family().from_config(config); }
void Schedule::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Schedule> make) {
  family().add_class(name, type, make);
}

}  // namespace kerata
