// The cross-entropies as objects; the maths is in the functions (crossentropy.cpp).
#include "core/require.h"
#include "kerata/losses/losses.h"

namespace kerata::losses {
namespace {

Config config_with(const char* class_name, Config fields) {
  return Config::Object{{"class_name", class_name}, {"config", std::move(fields)}};
}
void check_smoothing(const char* where, double label_smoothing) {
  require<ValueError>(label_smoothing >= 0 && label_smoothing <= 1, where,
                      "label_smoothing must be in [0, 1]. Received ", label_smoothing, '.');
}

}  // namespace

BinaryCrossentropy::BinaryCrossentropy() : BinaryCrossentropy(Options{}) {}
BinaryCrossentropy::BinaryCrossentropy(const Options& options)
    : Loss(options.name, options.reduction, options.dtype), options_(options) {
  check_smoothing("BinaryCrossentropy", options.label_smoothing);
}
Tensor BinaryCrossentropy::call(const Tensor& y_true, const Tensor& y_pred) const {
  Tensor truth = y_true, prediction = y_pred;
  detail::match_ranks(truth, prediction);
  return binary_crossentropy(
      truth, prediction,
      {.from_logits = options_.from_logits, .label_smoothing = options_.label_smoothing, .axis = options_.axis});
}
Config BinaryCrossentropy::to_config() const {
  Config fields;
  write_fields(options_, fields);
  return config_with("BinaryCrossentropy", std::move(fields));
}

CategoricalCrossentropy::CategoricalCrossentropy() : CategoricalCrossentropy(Options{}) {}
CategoricalCrossentropy::CategoricalCrossentropy(const Options& options)
    : Loss(options.name, options.reduction, options.dtype), options_(options) {
  check_smoothing("CategoricalCrossentropy", options.label_smoothing);
}
Tensor CategoricalCrossentropy::call(const Tensor& y_true, const Tensor& y_pred) const {
  Tensor truth = y_true, prediction = y_pred;
  detail::match_ranks(truth, prediction);
  return categorical_crossentropy(
      truth, prediction,
      {.from_logits = options_.from_logits, .label_smoothing = options_.label_smoothing, .axis = options_.axis});
}
Config CategoricalCrossentropy::to_config() const {
  Config fields;
  write_fields(options_, fields);
  return config_with("CategoricalCrossentropy", std::move(fields));
}

SparseCategoricalCrossentropy::SparseCategoricalCrossentropy() : SparseCategoricalCrossentropy(Options{}) {}
SparseCategoricalCrossentropy::SparseCategoricalCrossentropy(const Options& options)
    : Loss(options.name, options.reduction, options.dtype), options_(options) {}
Tensor SparseCategoricalCrossentropy::call(const Tensor& y_true, const Tensor& y_pred) const {
  return sparse_categorical_crossentropy(
      y_true, y_pred,
      {.from_logits = options_.from_logits, .ignore_class = options_.ignore_class, .axis = options_.axis});
}
void SparseCategoricalCrossentropy::check_targets(const Tensor& y_true, const Shape& y_pred) const {
  sparse_categorical_crossentropy.check_targets(y_true, y_pred,
                                                {.ignore_class = options_.ignore_class, .axis = options_.axis});
}
Config SparseCategoricalCrossentropy::to_config() const {
  Config fields;
  write_fields(options_, fields);
  return config_with("SparseCategoricalCrossentropy", std::move(fields));
}

}  // namespace kerata::losses
