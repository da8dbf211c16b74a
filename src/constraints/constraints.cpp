#include "kerata/constraints/constraints.h"

#include "core/named_family.h"
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

}  // namespace

Tensor MaxNorm::call(const Tensor& weight) const {
  const Tensor norm = norms(weight, axis_);
  return weight * (ops::clip(norm, 0, max_value_) / (kEpsilon + norm));
}
Config MaxNorm::to_config() const {
  return member_config("MaxNorm", Config(Config::Object{{"max_value", max_value_}, {"axis", config_of(axis_)}}));
}

Tensor NonNeg::call(const Tensor& weight) const { return ops::maximum(weight, 0); }
Config NonNeg::to_config() const { return member_config("NonNeg", Config(Config::Object{})); }

Tensor UnitNorm::call(const Tensor& weight) const { return weight / (kEpsilon + norms(weight, axis_)); }
Config UnitNorm::to_config() const {
  return member_config("UnitNorm", Config(Config::Object{{"axis", config_of(axis_)}}));
}

Tensor MinMaxNorm::call(const Tensor& weight) const {
  const Tensor norm = norms(weight, options_.axis);
  const Tensor desired =
      options_.rate * ops::clip(norm, options_.min_value, options_.max_value) + (1 - options_.rate) * norm;
  return weight * (desired / (kEpsilon + norm));
}
Config MinMaxNorm::to_config() const {
  return member_config("MinMaxNorm", Config(Config::Object{{"min_value", options_.min_value},
                                                           {"max_value", options_.max_value},
                                                           {"rate", options_.rate},
                                                           {"axis", config_of(options_.axis)}}));
}

}  // namespace constraints

namespace {

using namespace constraints;
using Member = FamilyMember<Constraint>;

double number(const Config& config, const char* key, double otherwise) {
  const Config* value = config.find(key);
  return value && !value->is_null() ? value->as_number() : otherwise;
}
Axes axes(const Config& config) {
  Axes result = 0;
  if (const Config* value = config.find("axis"); value && !value->is_null()) read_config(*value, result);
  return result;
}
std::shared_ptr<Constraint> make_max_norm(const Config& config) {
  return std::make_shared<MaxNorm>(number(config, "max_value", 2), axes(config));
}
std::shared_ptr<Constraint> make_non_neg(const Config&) { return std::make_shared<NonNeg>(); }
std::shared_ptr<Constraint> make_unit_norm(const Config& config) { return std::make_shared<UnitNorm>(axes(config)); }
std::shared_ptr<Constraint> make_min_max_norm(const Config& config) {
  return std::make_shared<MinMaxNorm>(MinMaxNorm::Options{
      number(config, "min_value", 0), number(config, "max_value", 1), number(config, "rate", 1), axes(config)});
}

const std::vector<Member>& family() {
  static const std::vector<Member> members = {
      {{"MaxNorm", "max_norm"}, make_max_norm},
      {{"MinMaxNorm", "min_max_norm"}, make_min_max_norm},
      {{"NonNeg", "non_neg"}, make_non_neg},
      {{"UnitNorm", "unit_norm"}, make_unit_norm},
  };
  return members;
}

}  // namespace

Config Constraint::to_config() const {
  fail<StateError>("constraint", "A constraint of your own has no config. Hint: override to_config().");
}
std::shared_ptr<Constraint> Constraint::from_name(const std::string& name) {
  return make_member<Constraint>(family(), "constraint", name, Config(Config::Object{}));
}
std::shared_ptr<Constraint> Constraint::from_config(const Config& config) {
  return member_from_config<Constraint>(family(), "constraint", config);
}

}  // namespace kerata
