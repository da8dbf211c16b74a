// Splits: what every load_data() returns.
#pragma once

#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {

/// auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data(); or data.x_train.
///
/// Every data set is looked for in the folder KERATA_DATA_DIR names (one folder inside per data set), in Keras's own
/// cache (~/.keras/datasets, or KERAS_HOME), and last among the smaller real subsets that come with Kerata. Nothing
/// is downloaded. Throws BackendError when there is nothing, saying where it looked, or when a file is damaged.
struct Splits {
  Tensor x_train, y_train, x_test, y_test;
};

}  // namespace kerata

#pragma GCC visibility pop
