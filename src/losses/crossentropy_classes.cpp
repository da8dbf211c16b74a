// The cross-entropy of class indices as an object; the maths is in the functions (crossentropy.cpp).
#include "kerata/losses/losses.h"

namespace kerata::losses {

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
Config SparseCategoricalCrossentropy::get_config() const { return kerata::config_of(options_); }

}  // namespace kerata::losses
