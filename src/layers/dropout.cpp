#include "kerata/layers/dropout.h"

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "layers/dropout_noise.h"
#include "ops/random_attrs.h"

namespace kerata::layers {

Variable seed_state(std::int64_t seed) {
  if (seed < 0) return {};
  const std::int64_t state[2] = {seed, 0};
  return Variable("seed_generator_state", Role::seed, Tensor::from_span<std::int64_t>(state, {2}));
}

Tensor uniform_noise(const Shape& shape, const Variable& seed_state, const CallContext& context) {
  if (seed_state.is_empty()) return random::uniform(shape);
  const Tensor state = seed_state;
  const std::int64_t next[2] = {0, 1};
  context.update(seed_state, state + Tensor::from_span<std::int64_t>(next, {2}));
  return apply(ops::kRandomUniform, {state}, ops::RandomAttrs{.shape = shape});
}

Tensor drop(const Tensor& x, const Tensor& noise, double rate) {
  if (rate >= 1) return ops::zeros_like(x);
  return ops::where(ops::less(noise, 1 - rate), x * (1 / (1 - rate)), 0.0);
}

DropoutLayer::DropoutLayer(double rate, const Options& options)
    : rate_(rate), noise_shape_(options.noise_shape), seed_(seed_state(options.seed)) {
  require<ValueError>(rate >= 0 && rate <= 1, "Dropout",
                      "Invalid value received for argument `rate`. Expected a float "
                      "value between 0 and 1. Received: rate=",
                      rate, '.');
  for (Dim size : options.noise_shape)
    require<ValueError>(size > 0 || size == -1, "Dropout",
                        "Invalid value received for argument `noise_shape`. Expected all "
                        "dimensions to be positive integers or -1. Received: noise_shape=",
                        options.noise_shape, '.');
  set_supports_masking(true);
}

Tensor DropoutLayer::call(const Tensor& x, const CallContext& context) const {
  if (!context.training() || rate_ == 0) return x;
  Shape shape = x.shape();
  if (noise_shape_.rank() > 0) {
    require<ShapeError>(noise_shape_.rank() == x.rank(), "Dropout",
                        "noise_shape must have one size per axis of the input. "
                        "Expected rank ",
                        x.rank(), ", received noise_shape=", noise_shape_, '.');
    for (Dim axis = 0; axis < shape.rank(); ++axis) {
      const Dim size = noise_shape_[axis], of_x = shape[axis];
      require<ShapeError>(size == -1 || size == 1 || size == of_x || of_x < 0, "Dropout",
                          "noise_shape does not broadcast to the input. Expected 1 or ", of_x, " on axis ", axis,
                          ", received noise_shape=", noise_shape_, '.');
      if (size != -1) shape = shape.with(axis, size);
    }
  }
  return drop(x, uniform_noise(shape, seed_, context), rate_);
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::DropoutLayer, double>;
}  // namespace kerata
