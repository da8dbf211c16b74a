#include "kerata/datasets/fashion_mnist.h"

#include "datasets/digits.h"

namespace kerata::datasets::fashion_mnist {

Splits load_data() {
  return read_digits(find_data("fashion_mnist", digit_files(), {{keras_cache("fashion-mnist"), digit_files()}}));
}

}  // namespace kerata::datasets::fashion_mnist
