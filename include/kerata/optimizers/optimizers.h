// All optimizers.
#pragma once

#include "kerata/optimizers/adam.h"
#include "kerata/optimizers/rmsprop.h"
#include "kerata/optimizers/sgd.h"

namespace [[gnu::visibility("default")]] kerata {
namespace optimizers {
using kerata::Optimizer;
}  // namespace optimizers
}  // namespace kerata
