// CompileOptions: how a model is trained.
#pragma once

#include <optional>

#include "kerata/losses/loss.h"
#include "kerata/models/metrics_argument.h"
#include "kerata/optimizers/optimizer.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Arguments of Model::compile, in Keras's order.
struct CompileOptions {
  AnyOptimizer optimizer = "rmsprop";
  PerOutput<AnyLoss> loss = {};                        // one for all outputs, a list, or by output name
  PerOutput<std::optional<double>> loss_weights = {};  // a list or by name; none: 1
  Metrics metrics = {};                                // without sample weights
  Metrics weighted_metrics = {};                       // with sample weights
  bool run_eagerly = false;     // the step op by op: for call() that looks at values, and for debugging
  int steps_per_execution = 1;  // batch hooks of callbacks run once per so many steps
  bool auto_scale_loss = true;  // with the policy "mixed_float16": the optimizer within a LossScaleOptimizer
};

}  // namespace kerata

#pragma GCC visibility pop
