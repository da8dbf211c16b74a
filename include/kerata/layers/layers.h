// All layers.
#pragma once

#include "kerata/layers/activation.h"
#include "kerata/layers/batch_normalization.h"
#include "kerata/layers/conv2d.h"
#include "kerata/layers/convolution2d.h"
#include "kerata/layers/dense.h"
#include "kerata/layers/dropout.h"
#include "kerata/layers/embedding.h"
#include "kerata/layers/flatten.h"
#include "kerata/layers/global_pooling2d.h"
#include "kerata/layers/input.h"
#include "kerata/layers/lstm.h"
#include "kerata/layers/merge.h"
#include "kerata/layers/normalization.h"
#include "kerata/layers/pooling2d.h"
#include "kerata/layers/register_function.h"
#include "kerata/layers/reshape.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {
using kerata::Layer;
using kerata::MultiLayer;
}  // namespace layers
}  // namespace kerata

#pragma GCC visibility pop
