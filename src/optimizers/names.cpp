// Optimizers by name and from configs.
#include "core/class_family.h"
#include "kerata/optimizers/optimizers.h"
#include "optimizers/optimizer_access.h"

namespace kerata {
namespace {

using Family = ClassFamily<Optimizer>;

/// Keras 1 and 2: "lr" is the rate, and with a "decay" the rate of a step is lr / (1 + decay * step).
Config in_new_spelling(const Config& config, std::string_view class_name) {
  if (!config.find("lr") && !config.find("decay")) return config;
  Config::Object renewed;
  double decay = 0;
  for (const auto& [key, value] : config.as_object()) {
    if (key == "decay")
      detail::read_key(config, "decay", class_name, &detail::read_value<double>, &decay);
    else
      renewed.emplace_back(key == "lr" ? "learning_rate" : key, value);
  }
  Config result(std::move(renewed));
  if (decay == 0) return result;
  const Config* rate = result.find("learning_rate");
  require<ValueError>(rate && rate->is_number(), class_name, "decay: Expected a number as learning rate beside it.");
  result.set("learning_rate", optimizers::schedules::InverseTimeDecay(rate->as_number(), 1, decay).to_config());
  return result;
}

template <class T>
std::shared_ptr<Optimizer> make(const Config& config, std::string_view class_name) {
  return std::make_shared<T>(read_fields<typename T::Options>(in_new_spelling(config, class_name), class_name));
}

/// Older files hold the base class's arguments, which must have their defaults, and "dynamic".
std::shared_ptr<Optimizer> make_loss_scale(const Config& config, std::string_view class_name) {
  static const Config kDefaults = Config::Object{{"weight_decay", {}},
                                                 {"clipnorm", {}},
                                                 {"global_clipnorm", {}},
                                                 {"clipvalue", {}},
                                                 {"use_ema", false},
                                                 {"ema_momentum", 0.99},
                                                 {"ema_overwrite_frequency", {}},
                                                 {"loss_scale_factor", {}},
                                                 {"dynamic", true},
                                                 {"learning_rate", 0.0},
                                                 {"gradient_accumulation_steps", {}}};
  Config::Object own;
  const Config* inner = nullptr;
  for (const auto& [key, value] : config.as_object()) {
    const Config* known = kDefaults.find(key);
    if (key == "inner_optimizer")
      inner = &value;
    else if (!known)
      own.emplace_back(key, value);
    else
      require<ValueError>(value.is_null() || value == *known, class_name, "LossScaleOptimizer does not support `", key,
                          "`. Instead, set `", key == "dynamic" ? "loss_scale_factor" : key,
                          "` on the `inner_optimizer`.");
  }
  require<ValueError>(inner && !inner->is_null(), class_name, "inner_optimizer: Expected an optimizer, received none.");
  using optimizers::LossScaleOptimizer;
  return std::make_shared<LossScaleOptimizer>(
      AnyOptimizer(Optimizer::from_config(*inner)),
      read_fields<LossScaleOptimizer::Options>(Config(std::move(own)), class_name));
}

Family& family() {
  static Family instance({"optimizer", "optimizers", "keras.optimizers"},
                         {{{"SGD", "sgd"}, typeid(optimizers::SGD), make<optimizers::SGD>},
                          {{"RMSprop", "rmsprop"}, typeid(optimizers::RMSprop), make<optimizers::RMSprop>},
                          {{"Adam", "adam"}, typeid(optimizers::Adam), make<optimizers::Adam>},
                          {{"LossScaleOptimizer"}, typeid(optimizers::LossScaleOptimizer), make_loss_scale}});
  return instance;
}

// Keras looks names up in lower case.
std::string lower(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

}  // namespace

Config Optimizer::get_config() const { family().fail_no_config(*this, name()); }
Config Optimizer::to_config() const { return family().to_config(*this); }

std::shared_ptr<Optimizer> Optimizer::from_config(const Config& config) {
  return config.is_text() ? from_name(config.as_text()) : family().from_config(config);
}

std::shared_ptr<Optimizer> Optimizer::from_name(const std::string& name) {
  auto optimizer = family().from_name(family().has_class(lower(name)) ? lower(name) : name);
  optimizer->state_->identifier = name;
  return optimizer;
}

void Optimizer::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Optimizer> make) {
  family().add_class(name, type, make);
}

}  // namespace kerata
