#include "kerata/layers/convolution2d.h"

namespace kerata::layers {

Convolution2D::Convolution2D(Integer filters, Integer rows, Integer columns)
    : Convolution2D(filters, rows, columns, OldOptions{}) {}

Convolution2D::Convolution2D(Integer filters, Integer rows, Integer columns, const OldOptions& options)
    : Conv2D(filters, Size2(rows, columns),
             {.padding = options.border_mode,
              .data_format = "channels_first",
              .activation = options.activation,
              .input_shape = options.input_shape}) {}

}  // namespace kerata::layers
