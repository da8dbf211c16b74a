#include "kerata/constraints/constraints.h"

#include "core/class_family.h"
#include "kerata/core/fields.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"

namespace kerata {
namespace constraints {
namespace {

constexpr double kEpsilon = 1e-7;

Tensor norms(const Tensor& w, const Axes& axis) {
  return ops::sqrt(ops::sum(ops::square(w), {.axis = axis, .keepdims = true}));
}

/// One axis is a number in Keras's configs.
Config axis_config(const Axes& axis) { return axis.values().size() == 1 ? Config(axis.values()[0]) : config_of(axis); }

}  // namespace

Tensor MaxNorm::call(const Tensor& weight) const {
  const Tensor norm = norms(weight, axis_);
  return weight * (ops::clip(norm, 0, max_value_) / (kEpsilon + norm));
}
Config MaxNorm::get_config() const { return Config::Object{{"max_value", max_value_}, {"axis", axis_config(axis_)}}; }

Tensor NonNeg::call(const Tensor& weight) const { return ops::maximum(weight, 0); }
Config NonNeg::get_config() const { return Config::Object{}; }

Tensor UnitNorm::call(const Tensor& weight) const { return weight / (kEpsilon + norms(weight, axis_)); }
Config UnitNorm::get_config() const { return Config::Object{{"axis", axis_config(axis_)}}; }

Tensor MinMaxNorm::call(const Tensor& weight) const {
  const Tensor norm = norms(weight, options_.axis);
  const Tensor desired =
      options_.rate * ops::clip(norm, options_.min_value, options_.max_value) + (1 - options_.rate) * norm;
  return weight * (desired / (kEpsilon + norm));
}
Config MinMaxNorm::get_config() const {
  Config config = kerata::config_of(options_);
  config.set("axis", axis_config(options_.axis));
  return config;
}

}  // namespace constraints

namespace {

using namespace constraints;
using Family = ClassFamily<Constraint>;

struct MaxNormFields {
  double max_value = 2;
  Axes axis = 0;
  static constexpr auto fields() {
    return std::tuple{field("max_value", &MaxNormFields::max_value), field("axis", &MaxNormFields::axis)};
  }
};
struct UnitNormFields {
  Axes axis = 0;
  static constexpr auto fields() { return std::tuple{field("axis", &UnitNormFields::axis)}; }
};
std::shared_ptr<Constraint> make_max_norm(const Config& config, std::string_view name) {
  const auto given = read_fields<MaxNormFields>(config, name);
  return std::make_shared<MaxNorm>(given.max_value, given.axis);
}
std::shared_ptr<Constraint> make_unit_norm(const Config& config, std::string_view name) {
  return std::make_shared<UnitNorm>(read_fields<UnitNormFields>(config, name).axis);
}

Family& family() {
  static Family instance({"constraint", "constraints", "keras.constraints"},
                         {{{"MaxNorm", "max_norm"}, typeid(MaxNorm), make_max_norm},
                          family_class<Constraint, MinMaxNorm>({"MinMaxNorm", "min_max_norm"}),
                          family_class<Constraint, NonNeg>({"NonNeg", "non_neg"}),
                          {{"UnitNorm", "unit_norm"}, typeid(UnitNorm), make_unit_norm}});
  return instance;
}

}  // namespace

Config Constraint::get_config() const { family().fail_no_config(*this, "constraint"); }
Config Constraint::to_config() const { return family().to_config(*this); }
std::shared_ptr<Constraint> Constraint::from_name(const std::string& name) { return family().from_name(name); }
std::shared_ptr<Constraint> Constraint::from_config(const Config& config) { return family().from_config(config); }
void Constraint::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Constraint> make) {
  family().add_class(name, type, make);
}
void Constraint::add_function(const std::string& name, std::shared_ptr<Constraint> function) {
  family().add_function(name, std::move(function));
}

}  // namespace kerata
