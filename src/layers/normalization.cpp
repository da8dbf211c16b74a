#include "kerata/layers/normalization.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "layers/layer_state.h"

namespace kerata {
namespace {

Config nested(const std::vector<double>& values, const Shape& shape, Dim axis, std::size_t& next) {
  if (axis == shape.rank()) return Config(values[next++]);
  Config::List list;
  for (Dim i = 0; i < shape[axis]; ++i) list.push_back(nested(values, shape, axis + 1, next));
  return Config(std::move(list));
}

/// Nested lists of numbers, all of one depth and equally long.
void flatten(const Config& from, std::size_t depth, std::vector<Dim>& sizes, std::vector<float>& values) {
  const bool is_first = values.empty() && sizes.size() == depth;  // on the way down to the first number
  auto check = [&](bool ok) {
    require<ValueError>(ok, "Config", "Expected nested lists of numbers, all of one size, received ", excerpt(from),
                        '.');
  };
  if (!from.is_list()) {
    check(is_first || sizes.size() == depth);
    double value = 0;
    read_config(from, value);
    check(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()));
    values.push_back(static_cast<float>(value));
    return;
  }
  const Dim size = static_cast<Dim>(from.as_list().size());
  check(depth < Shape::kMaxRank && size > 0 && (is_first || (depth < sizes.size() && sizes[depth] == size)));
  if (is_first) sizes.push_back(size);
  for (const Config& element : from.as_list()) flatten(element, depth + 1, sizes, values);
}

}  // namespace

Config config_of(const Tensor& value) {
  if (value.is_empty()) return nullptr;
  std::size_t next = 0;
  return nested(value.to_vector<double>(), value.shape(), 0, next);
}

void read_config(const Config& from, Tensor& to) {
  to = Tensor();
  if (from.is_null()) return;
  std::vector<Dim> sizes;
  std::vector<float> values;
  flatten(from, 0, sizes, values);
  to = Tensor::from_span<float>(values, Shape(sizes));
}

namespace layers {
namespace {

constexpr double kEpsilon = 1e-7;

}  // namespace

NormalizationLayer::NormalizationLayer(const Options& options) : options_(options) {
  require<ValueError>(options.mean.is_empty() == options.variance.is_empty(), "Normalization",
                      "When setting values directly, both `mean` and `variance` must be set.");
  set_supports_masking(true);
  set_autocast(false);
  if (options.mean.is_empty()) return;
  require<ValueError>(options.mean.shape() == options.variance.shape(), "Normalization",
                      "When setting values directly, "
                      "`mean` and `variance` must have the same shape. Received: mean shape ",
                      options.mean.shape(), " and variance shape ", options.variance.shape(), '.');
  const Dim num_axes = static_cast<Dim>(options.axis.values().size());
  require<ValueError>(options.mean.rank() <= num_axes, "Normalization",
                      "The rank of `mean` must be less than or equal to the "
                      "number of axes (",
                      num_axes, "). Received: mean shape ", options.mean.shape(), '.');
}

void NormalizationLayer::build(const Shape& input) {
  const Dim rank = input.rank();
  keep_axes_.clear();
  reduce_axes_.clear();
  for (Dim axis : options_.axis.values()) {
    require<ValueError>(axis >= -rank && axis < rank, "Normalization",
                        "All `axis` values must be in the range [-ndim, ndim). "
                        "Received inputs with ndim=",
                        rank, ", while axis=", axis, '.');
    keep_axes_.push_back(axis < 0 ? axis + rank : axis);
  }
  std::sort(keep_axes_.begin(), keep_axes_.end());
  std::vector<Dim> sizes(static_cast<std::size_t>(rank), 1), kept;
  for (Dim axis = 0; axis < rank; ++axis) {
    if (!std::binary_search(keep_axes_.begin(), keep_axes_.end(), axis)) {
      reduce_axes_.push_back(axis);
      continue;
    }
    require<ShapeError>(input[axis] >= 0, "Normalization",
                        "All `axis` values to be kept must have a known shape. Received "
                        "inputs.shape=",
                        input, ", with unknown axis at index ", axis, '.');
    kept.push_back(input[axis]);
    sizes[static_cast<std::size_t>(axis)] = input[axis];
  }
  input_ = input;
  broadcast_shape_ = Shape(sizes);
  if (options_.mean.is_empty()) {
    const WeightOptions zeros{.initializer = "zeros", .trainable = false};
    mean_ = add_weight("mean", Shape(kept), zeros);
    variance_ = add_weight("variance", Shape(kept), {.initializer = "ones", .trainable = false});
    count_ = add_weight("count", {}, {.initializer = "zeros", .dtype = "int32", .trainable = false});
    return;
  }
  std::vector<Dim> expanded(static_cast<std::size_t>(rank), 1);
  const Shape given = options_.mean.shape();
  for (Dim i = 1; i <= given.rank(); ++i)
    expanded[static_cast<std::size_t>(keep_axes_[keep_axes_.size() - static_cast<std::size_t>(i)])] = given[-i];
  auto spread = [&](const Tensor& values) {
    return ops::broadcast_to(ops::reshape(values, Shape(expanded)), broadcast_shape_)
        .cast(options_.dtype.compute_dtype());
  };
  given_mean_ = spread(options_.mean);
  given_variance_ = spread(options_.variance);
}

Tensor NormalizationLayer::call(const Tensor& input, const CallContext&) const {
  require<ShapeError>(input.rank() == input_.rank(), "Normalization", "The layer was built for inputs ", input_,
                      ", received ", input.shape(), '.');
  for (Dim axis : keep_axes_)
    require<ShapeError>(input.shape()[axis] == input_[axis] || input.shape()[axis] < 0, "Normalization",
                        "The layer was built for inputs ", input_, ", received ", input.shape(), '.');
  const Tensor x = input.dtype() == options_.dtype.compute_dtype() ? input : input.cast(options_.dtype.compute_dtype());
  const bool given = !given_mean_.is_empty();
  const Tensor mean = given ? given_mean_ : ops::reshape(mean_, broadcast_shape_);
  const Tensor variance = given ? given_variance_ : ops::reshape(variance_, broadcast_shape_);
  const Tensor stddev = ops::maximum(ops::sqrt(variance), kEpsilon);
  return options_.invert ? mean + x * stddev : (x - mean) / stddev;
}

void NormalizationLayer::adapt(const Tensor& data) {
  require<ValueError>(options_.mean.is_empty(), "Normalization.adapt",
                      "The layer was given `mean` and `variance`, so there is nothing to adapt.");
  require<StateError>(!data.is_empty() && !data.is_symbolic(), "Normalization.adapt", "The data must be concrete.");
  require<ShapeError>(data.rank() > 0 && data.size() > 0, "Normalization.adapt", "Expected samples, received shape ",
                      data.shape(), '.');
  if (built()) {
    bool fits = data.rank() == input_.rank();
    for (Dim axis : keep_axes_) fits = fits && data.shape()[axis] == input_[axis];
    require<ShapeError>(fits, "Normalization.adapt", "The layer was built with input_shape=", input_,
                        ", but adapt() is being called with data with an incompatible shape, data.shape=", data.shape(),
                        '.');
  }
  ensure_built(*this, {data});
  const Tensor values = data.cast(DType::float64);
  const Tensor mean = reduce_axes_.empty() ? values : ops::mean(values, {.axis = reduce_axes_});
  const Tensor variance = reduce_axes_.empty() ? ops::zeros_like(values) : ops::var(values, {.axis = reduce_axes_});
  mean_.assign(mean);
  variance_.assign(variance);
}

Config NormalizationLayer::get_config() const {
  Config config = Layer::get_config();
  Config::List axes;
  for (Dim axis : options_.axis.values()) axes.emplace_back(axis);
  config.set("axis", Config(std::move(axes)));
  return config;
}

}  // namespace layers

template class LayerRef<layers::NormalizationLayer>;

}  // namespace kerata
