#include "kerata/regularizers/regularizers.h"

#include <cmath>

#include "core/named_family.h"
#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata {
namespace regularizers {
namespace {

double checked(double value, const char* name) {
  require<ValueError>(value >= 0 && std::isfinite(value), "regularizer", "Invalid value for argument ", name,
                      ": expected a non-negative float. Received: ", name, '=', value, '.');
  return value;
}

/// x divided by its norm along `axis` (or by 1 where that is tiny), as keras.utils.normalize does it.
Tensor normalized(const Tensor& x, Dim axis) {
  const Tensor squares = ops::sum(ops::square(x), {.axis = axis, .keepdims = true});
  return x * ops::rsqrt(ops::maximum(squares, 1e-14));
}

}  // namespace

L1L2::L1L2(const Options& options) : options_{checked(options.l1, "l1"), checked(options.l2, "l2")} {}
Tensor L1L2::call(const Tensor& weight) const {
  if (options_.l2 == 0) return options_.l1 * ops::sum(ops::abs(weight));
  const Tensor second = options_.l2 * ops::sum(ops::square(weight));
  return options_.l1 == 0 ? second : options_.l1 * ops::sum(ops::abs(weight)) + second;
}
Config L1L2::to_config() const {
  return member_config("L1L2", Config(Config::Object{{"l1", options_.l1}, {"l2", options_.l2}}));
}

L1::L1(double l1) : l1_(checked(l1, "l1")) {}
Tensor L1::call(const Tensor& weight) const { return l1_ * ops::sum(ops::abs(weight)); }
Config L1::to_config() const { return member_config("L1", Config(Config::Object{{"l1", l1_}})); }

L2::L2(double l2) : l2_(checked(l2, "l2")) {}
Tensor L2::call(const Tensor& weight) const { return l2_ * ops::sum(ops::square(weight)); }
Config L2::to_config() const { return member_config("L2", Config(Config::Object{{"l2", l2_}})); }

OrthogonalRegularizer::OrthogonalRegularizer(const Options& options)
    : options_{checked(options.factor, "factor"), options.mode} {}
Tensor OrthogonalRegularizer::call(const Tensor& weight) const {
  require<ShapeError>(weight.rank() == 2, "OrthogonalRegularizer",
                      "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=", weight.shape(), '.');
  const bool rows = options_.mode == OrthogonalMode::rows;
  const Tensor unit = normalized(weight, rows ? 1 : 0);
  const Tensor product = rows ? ops::matmul(unit, ops::transpose(unit)) : ops::matmul(ops::transpose(unit), unit);
  const Dim size = weight.shape()[rows ? 0 : 1];
  const Tensor off_diagonal = product * (1.0 - ops::eye(size, {.dtype = weight.dtype()}));
  const double pairs = static_cast<double>(size) * (static_cast<double>(size) - 1) / 2;
  return options_.factor * 0.5 * ops::sum(ops::abs(off_diagonal)) / pairs;
}
Config OrthogonalRegularizer::to_config() const {
  return member_config("OrthogonalRegularizer", Config(Config::Object{{"factor", options_.factor},
                                                                      {"mode", std::string(options_.mode.name())}}));
}

}  // namespace regularizers

namespace {

using namespace regularizers;
using Member = FamilyMember<Regularizer>;

double number(const Config& config, const char* key, double otherwise) {
  const Config* value = config.find(key);
  return value && !value->is_null() ? value->as_number() : otherwise;
}
std::shared_ptr<Regularizer> make_l1(const Config& config) { return std::make_shared<L1>(number(config, "l1", 0.01)); }
std::shared_ptr<Regularizer> make_l2(const Config& config) { return std::make_shared<L2>(number(config, "l2", 0.01)); }
std::shared_ptr<Regularizer> make_l1l2(const Config& config) {
  return std::make_shared<L1L2>(L1L2::Options{number(config, "l1", 0), number(config, "l2", 0)});
}
std::shared_ptr<Regularizer> make_orthogonal(const Config& config) {
  OrthogonalRegularizer::Options options{number(config, "factor", 0.01)};
  if (const Config* mode = config.find("mode")) options.mode = Choice<OrthogonalMode>::parse(mode->as_text());
  return std::make_shared<OrthogonalRegularizer>(options);
}

const std::vector<Member>& family() {
  static const std::vector<Member> members = {
      {{"L1", "l1"}, make_l1},
      {{"L2", "l2"}, make_l2},
      {{"L1L2", "l1l2", "l1_l2"}, make_l1l2},
      {{"OrthogonalRegularizer", "orthogonal_regularizer"}, make_orthogonal},
  };
  return members;
}

}  // namespace

Config Regularizer::to_config() const {
  fail<StateError>("regularizer", "A regularizer of your own has no config. Hint: override to_config().");
}
std::shared_ptr<Regularizer> Regularizer::from_name(const std::string& name) {
  return make_member<Regularizer>(family(), "regularizer", name, Config(Config::Object{}));
}
std::shared_ptr<Regularizer> Regularizer::from_config(const Config& config) {
  return member_from_config<Regularizer>(family(), "regularizer", config);
}

}  // namespace kerata
