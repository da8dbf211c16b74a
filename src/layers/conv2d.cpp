#include "kerata/layers/conv2d.h"

#include "kerata/ops/nn.h"
#include "layers/image_layout.h"

namespace kerata::layers {

Conv2DLayer::Conv2DLayer(Dim filters, Size2 kernel_size, const Options& options)
    : filters_(filters), kernel_size_(kernel_size), options_(options) {
  const Size2 strides = options.strides, dilation = options.dilation_rate;
  auto positive = [](Size2 size) { return size.height > 0 && size.width > 0; };
  require<ValueError>(filters > 0, "Conv2D",
                      "Invalid value for argument `filters`. Expected a strictly positive value. "
                      "Received filters=",
                      filters, '.');
  require<ValueError>(options.groups > 0, "Conv2D",
                      "The number of groups must be a positive integer. Received: groups=", options.groups, '.');
  require<ValueError>(filters % options.groups == 0, "Conv2D",
                      "The number of filters must be evenly divisible by the "
                      "number of groups. Received: groups=",
                      options.groups, ", filters=", filters, '.');
  require<ValueError>(positive(kernel_size), "Conv2D", "Expected a positive kernel_size, received (",
                      kernel_size.height, ", ", kernel_size.width, ").");
  require<ValueError>(positive(strides), "Conv2D", "Expected positive strides, received (", strides.height, ", ",
                      strides.width, ").");
  require<ValueError>(positive(dilation), "Conv2D", "Expected a positive dilation_rate, received (", dilation.height,
                      ", ", dilation.width, ").");
  require<ValueError>(strides == Size2(1) || dilation == Size2(1), "Conv2D",
                      "`strides > 1` not supported in conjunction with "
                      "`dilation_rate > 1`. Received: strides=(",
                      strides.height, ", ", strides.width, ") and dilation_rate=(", dilation.height, ", ",
                      dilation.width, ").");
}

void Conv2DLayer::check_input(const Shape& input) const {
  require_image("Conv2D", input);
  if (channels_ == 0) return;
  const Dim channels = input[options_.data_format == DataFormat::channels_last ? -1 : 1];
  require<ShapeError>(channels == channels_ || channels < 0, "Conv2D", "The layer was built for ", channels_,
                      " channels, received an input ", input, '.');
}

void Conv2DLayer::build(const Shape& input) {
  check_input(input);
  const bool channels_last = options_.data_format == DataFormat::channels_last;
  const Dim channels = input[channels_last ? -1 : 1];
  require<ShapeError>(channels > 0, "Conv2D", "The number of channels must be known, received an input ", input, '.');
  require<ValueError>(channels % options_.groups == 0, "Conv2D",
                      "The number of input channels must be evenly divisible by "
                      "the number of groups. Received groups=",
                      options_.groups, ", but the input has ", channels, " channels (full input shape is ", input,
                      ").");
  const Size2 dilation = options_.dilation_rate;
  const Dim reach[2] = {(kernel_size_.height - 1) * dilation.height + 1, (kernel_size_.width - 1) * dilation.width + 1};
  for (Dim i = 0; i < 2; ++i) {
    const Dim size = input[channels_last ? 1 + i : 2 + i];
    require<ShapeError>(options_.padding == Padding::same || size < 0 || size >= reach[i], "Conv2D", "The window (",
                        reach[0], ", ", reach[1], ") is larger than the input ", input,
                        ". Hint: .padding = \"same\", or a smaller kernel.");
  }
  kernel_ = add_weight("kernel", {kernel_size_.height, kernel_size_.width, channels / options_.groups, filters_},
                       {.initializer = options_.kernel_initializer,
                        .regularizer = options_.kernel_regularizer,
                        .constraint = options_.kernel_constraint});
  if (options_.use_bias)
    bias_ = add_weight("bias", {filters_},
                       {.initializer = options_.bias_initializer,
                        .regularizer = options_.bias_regularizer,
                        .constraint = options_.bias_constraint});
  channels_ = channels;
}

Tensor Conv2DLayer::call(const Tensor& x, const CallContext&) const {
  check_input(x.shape());
  Tensor y =
      ops::conv(to_channels_last(x, options_.data_format), kernel_,
                {.strides = options_.strides, .padding = options_.padding, .dilation_rate = options_.dilation_rate});
  if (options_.use_bias) y = y + bias_;
  if (options_.data_format == DataFormat::channels_last) return options_.activation ? options_.activation->call(y) : y;
  y = from_channels_last(y, options_.data_format);  // an activation over the last axis sees what Keras's sees
  return options_.activation ? options_.activation->call(y) : y;
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::Conv2DLayer, Dim, Size2>;
}  // namespace kerata
