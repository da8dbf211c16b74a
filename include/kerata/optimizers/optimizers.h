// All optimizers.
#pragma once

#include "kerata/optimizers/adam.h"
#include "kerata/optimizers/rmsprop.h"
#include "kerata/optimizers/sgd.h"

namespace kerata::optimizers {
using kerata::Optimizer;
}
