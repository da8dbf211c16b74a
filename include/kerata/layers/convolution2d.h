// Convolution2D: Conv2D in the spelling of Keras 1.
#pragma once

#include "kerata/layers/conv2d.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// Rows and columns of the window apart, images with the channels first; otherwise Conv2D.
class Convolution2D : public Conv2D {
 public:
  struct OldOptions {
    AnyActivation activation = {};
    Choice<Padding> border_mode = "valid";
    Shape input_shape = {};  // (channels, height, width)
  };
  Convolution2D(Integer filters, Integer rows, Integer columns);
  Convolution2D(Integer filters, Integer rows, Integer columns, const OldOptions& options);
};

}  // namespace layers
}  // namespace kerata

#pragma GCC visibility pop
