// layer_check: what every layer must do, in one call; for the library's layers and for yours.
#pragma once

#include "kerata/core/function.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace testing {

struct LayerCheckOptions {
  Tensors inputs = {};                    // concrete samples, batch included
  std::vector<Shape> output_shapes = {};  // of the outputs for these inputs; empty: not checked
  Dim num_weights = -1;                   // -1: not checked
  Dim num_trainable_weights = -1;
  bool check_config = true;    // get_config() -> layer_from_config() gives the same layer
  bool check_training = true;  // one compiled training step changes all trainable weights and keeps them finite
  double tolerance = 1e-5;     // eager against compiled results
};

/// Makes fresh layers with `make` and checks: shapes of symbolic and eager calls agree; number of weights; the compiled
/// forward pass equals the eager one; a copy and the config round trip give the same layer; one training step works.
/// Throws ValueError "[layer_check] ..." for the first thing that does not hold.
///
///   testing::layer_check([] { return CustomDense(10); }, {.inputs = random::normal({4, 3}), .num_weights = 2});
void layer_check(const Function<AnyLayer()>& make, const LayerCheckOptions& options);

}  // namespace testing
}  // namespace kerata

#pragma GCC visibility pop
