// Random tensors. Eager: each draw takes the next global state; traced: the step's state and the op's own stream.
#include "kerata/ops/random.h"

#include "graph/scope.h"
#include "kerata/ops/shape.h"
#include "ops/random_attrs.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

std::vector<ValueType> infer_random(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<RandomAttrs>();
  require<ValueError>(in[0].dtype == DType::int64 && in[0].shape.size() == 2, "random",
                      "Expected a state of two int64, received ", in[0].dtype, ' ', in[0].shape, '.');
  return {{p.dtype, p.shape}};
}

constexpr OpDef random_op(std::string_view name) {
  return {.name = name, .infer = infer_random, .random = true, .zero_gradient = true};
}

}  // namespace

constinit const OpDef kRandomUniform = random_op("random_uniform");
constinit const OpDef kRandomNormal = random_op("random_normal");
constinit const OpDef kTruncatedNormal = random_op("truncated_normal");
constinit const OpDef kBernoulli = random_op("bernoulli");
constinit const OpDef kRandint = random_op("randint");
constinit const OpDef kPermutation = random_op("permutation");

}  // namespace kerata::ops

namespace kerata::random {
namespace {

// A given seed makes the same numbers at every call, as in Keras.
Tensor draw(const OpDef& op, ops::RandomAttrs attrs, std::int64_t seed) {
  require<ValueError>(seed >= -1, op.name, "Expected a seed of at least 0 (or -1 for none), received ", seed, '.');
  Scope* scope = Scope::current();
  const bool eager = !scope || scope->mode() == Mode::eager;
  require<ValueError>(attrs.shape.is_known() || !eager, op.name,
                      "Every size must be known. Expected sizes of at least 0, received ", attrs.shape, '.');
  if (seed >= 0) {
    const std::int64_t state[2] = {seed, 0};
    return apply(op, {Tensor::from_span<std::int64_t>(state, {2})}, attrs);
  }
  if (eager) return apply(op, {next_random_state()}, attrs);
  attrs.stream = scope->next_stream();
  const Tensor& state = scope->random_state();
  return apply(op, {state.is_empty() ? placeholder({DType::int64, {2}}) : state}, attrs);
}

void require_float(std::string_view op, DType dtype) {
  require<ValueError>(dtype == DType::float32 || dtype == DType::float64, op, "Expected float32 or float64, received ",
                      dtype, ". Hint: draw float32 and cast it.");
}

}  // namespace

Tensor uniform(const Shape& shape, double minval, double maxval, const Options& options) {
  require_float("uniform", options.dtype);
  require<ValueError>(minval <= maxval, "uniform", "Expected minval <= maxval, received ", minval, " and ", maxval,
                      '.');
  return draw(ops::kRandomUniform, {.shape = shape, .dtype = options.dtype, .a = minval, .b = maxval}, options.seed);
}

Tensor normal(const Shape& shape, double mean, double stddev, const Options& options) {
  require_float("normal", options.dtype);
  require<ValueError>(stddev >= 0, "normal", "Expected stddev >= 0, received ", stddev, '.');
  return draw(ops::kRandomNormal, {.shape = shape, .dtype = options.dtype, .a = mean, .b = stddev}, options.seed);
}

Tensor truncated_normal(const Shape& shape, double mean, double stddev, const Options& options) {
  require_float("truncated_normal", options.dtype);
  require<ValueError>(stddev >= 0, "truncated_normal", "Expected stddev >= 0, received ", stddev, '.');
  return draw(ops::kTruncatedNormal, {.shape = shape, .dtype = options.dtype, .a = mean, .b = stddev}, options.seed);
}

Tensor bernoulli(const Shape& shape, double p, const Options& options) {
  require<ValueError>(p >= 0 && p <= 1, "bernoulli", "Expected a probability in [0, 1], received ", p, '.');
  const DType dtype = options.dtype;
  const bool native = dtype == DType::float32 || dtype == DType::float64;
  const Tensor result =
      draw(ops::kBernoulli, {.shape = shape, .dtype = native ? dtype : DType::float32, .a = p}, options.seed);
  return native ? result : result.cast(options.dtype);
}

Tensor randint(const Shape& shape, Dim minval, Dim maxval, const Options& options) {
  require<ValueError>(minval < maxval, "randint", "Expected minval < maxval, received ", minval, " and ", maxval, '.');
  constexpr Dim kLimit = Dim{1} << 53;  // bounds are stored as double
  require<ValueError>(minval >= -kLimit && maxval <= kLimit, "randint", "Expected bounds within +-2^53, received ",
                      minval, " and ", maxval, '.');
  const DType dtype = options.dtype;
  const bool native = dtype == DType::int32 || dtype == DType::int64;
  const Tensor result = draw(ops::kRandint,
                             {.shape = shape,
                              .dtype = native ? dtype : DType::int64,
                              .a = static_cast<double>(minval),
                              .b = static_cast<double>(maxval)},
                             options.seed);
  return native ? result : result.cast(options.dtype);
}

Tensor permutation(Dim n, std::int64_t seed) {
  require<ValueError>(n >= 0 && n <= INT32_MAX, "permutation", "Expected 0 <= n < 2^31, received ", n, '.');
  return draw(ops::kPermutation, {.shape = {n}, .dtype = DType::int32}, seed);
}

Tensor shuffle(const Tensor& x, std::int64_t seed) {
  require<ShapeError>(x.rank() >= 1, "shuffle", "Expected at least one axis, received ", x.shape(), '.');
  return ops::take(x, permutation(x.shape()[0], seed), 0);
}

}  // namespace kerata::random
