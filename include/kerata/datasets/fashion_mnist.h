// Pictures of clothes, shaped as MNIST.
#pragma once

#include "kerata/datasets/splits.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace datasets::fashion_mnist {

/// x (n, 28, 28) uint8, 0 to 255; y (n,) uint8: T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker,
/// Bag, Ankle boot. Complete: 60,000 + 10,000; the bundled subset: 4,000 + 1,000.
/// Files: fashion_mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz, or Keras's fashion-mnist folder.
/// Source: Zalando Research; keras.io/api/datasets/fashion_mnist.
Splits load_data();

}  // namespace datasets::fashion_mnist
}  // namespace kerata

#pragma GCC visibility pop
