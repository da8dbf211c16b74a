// Handwritten digits.
#pragma once

#include "kerata/datasets/splits.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace datasets::mnist {

/// x (n, 28, 28) uint8, 0 to 255; y (n,) uint8, 0 to 9. Complete: 60,000 + 10,000; the bundled subset: 10,000 + 2,000.
/// Files: mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz, or Keras's mnist.npz.
/// Source: LeCun, Cortes, Burges; keras.io/api/datasets/mnist.
Splits load_data();

}  // namespace datasets::mnist
}  // namespace kerata

#pragma GCC visibility pop
