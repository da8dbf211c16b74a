#include "kerata/regularizers/regularizers.h"

#include <limits>

#include "core/class_family.h"
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
  require<ValueError>(value >= 0 && value <= static_cast<double>(std::numeric_limits<float>::max()), "regularizer",
                      "Invalid value for argument ", name, ": expected a non-negative float. Received: ", name, '=',
                      value, '.');
  return value;
}

/// Keras keeps some factors as float32 tensors, and writes them so.
double as_float32(double value) { return static_cast<double>(static_cast<float>(value)); }

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
Config L1L2::get_config() const { return kerata::config_of(options_); }

L1::L1(double l1) : l1_(checked(l1, "l1")) {}
Tensor L1::call(const Tensor& weight) const { return l1_ * ops::sum(ops::abs(weight)); }
Config L1::get_config() const { return Config::Object{{"l1", as_float32(l1_)}}; }

L2::L2(double l2) : l2_(checked(l2, "l2")) {}
Tensor L2::call(const Tensor& weight) const { return l2_ * ops::sum(ops::square(weight)); }
Config L2::get_config() const { return Config::Object{{"l2", l2_}}; }

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
Config OrthogonalRegularizer::get_config() const {
  Config config = kerata::config_of(options_);
  config.set("factor", as_float32(options_.factor));
  return config;
}

}  // namespace regularizers

namespace {

using namespace regularizers;
using Family = ClassFamily<Regularizer>;

struct L1Fields {
  double l1 = 0.01;
  static constexpr auto fields() { return std::tuple{field("l1", &L1Fields::l1)}; }
};
struct L2Fields {
  double l2 = 0.01;
  static constexpr auto fields() { return std::tuple{field("l2", &L2Fields::l2)}; }
};
std::shared_ptr<Regularizer> make_l1(const Config& config, std::string_view name) {
  return std::make_shared<L1>(read_fields<L1Fields>(config, name).l1);
}
std::shared_ptr<Regularizer> make_l2(const Config& config, std::string_view name) {
  return std::make_shared<L2>(read_fields<L2Fields>(config, name).l2);
}

Family& family() {
  static Family instance(
      {"regularizer", "regularizers", "keras.regularizers"},
      {{{"L1", "l1"}, typeid(L1), make_l1},
       {{"L2", "l2"}, typeid(L2), make_l2},
       family_class<Regularizer, L1L2>({"L1L2", "l1l2", "l1_l2"}),
       family_class<Regularizer, OrthogonalRegularizer>({"OrthogonalRegularizer", "orthogonal_regularizer"})});
  return instance;
}

}  // namespace

Config Regularizer::get_config() const { family().fail_no_config(*this, "regularizer"); }
Config Regularizer::to_config() const { return family().to_config(*this); }
std::shared_ptr<Regularizer> Regularizer::from_name(const std::string& name) { return family().from_name(name); }
std::shared_ptr<Regularizer> Regularizer::from_config(const Config& config) { return family().from_config(config); }
void Regularizer::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Regularizer> make) {
  family().add_class(name, type, make);
}
void Regularizer::add_function(const std::string& name, std::shared_ptr<Regularizer> function) {
  family().add_function(name, std::move(function));
}

}  // namespace kerata
