// All optimizers.
#pragma once

#include "kerata/optimizers/adam.h"
#include "kerata/optimizers/loss_scale_optimizer.h"
#include "kerata/optimizers/rmsprop.h"
#include "kerata/optimizers/sgd.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace optimizers {
using kerata::Optimizer;
}  // namespace optimizers
}  // namespace kerata

#pragma GCC visibility pop
