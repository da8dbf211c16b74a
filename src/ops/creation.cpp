// Tensors from values.
#include "kerata/ops/creation.h"

#include <algorithm>
#include <cmath>

#include "ops/dispatch.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::ops {
namespace {

/// Concrete, element i from value_of(i).
template <class F>
Tensor made(const ValueType& type, const F& value_of) {
  const Tensor x = concrete(type);
  write_elements(mutable_data<std::byte>(x), type.shape.size(), type.dtype, value_of);
  return x;
}

struct Numbers {
  std::vector<double> values;
  std::vector<Dim> sizes;  // of the axes seen so far
  bool all_bool = true, all_integer = true;
};

void collect(const Values& values, std::size_t depth, Numbers& into) {
  const bool is_list = values.kind() == 'l';
  const bool known_depth = depth < into.sizes.size();
  require<ShapeError>(is_list ? known_depth || into.values.empty() : !known_depth, "ops.array",
                      "The lists are ragged: some hold numbers where others hold lists.");
  if (!is_list) {
    into.all_bool = into.all_bool && values.kind() == 'b';
    into.all_integer = into.all_integer && values.kind() != 'f';
    return into.values.push_back(values.number());
  }
  const auto size = static_cast<Dim>(values.list().size());
  if (!known_depth) into.sizes.push_back(size);
  require<ShapeError>(into.sizes[depth] == size, "ops.array", "The lists are ragged. Expected ", into.sizes[depth],
                      " elements on axis ", depth, ", received ", size, '.');
  for (const Values& element : values.list()) collect(element, depth + 1, into);
}

std::vector<ValueType> infer_full(std::span<const ValueType>, const Attrs& attrs) {
  const auto& p = attrs.as<FullAttrs>();
  return one(p.dtype, p.shape);
}

std::vector<ValueType> infer_full_like(std::span<const ValueType> in, const Attrs& attrs) {
  return one(attrs.as<FullLikeAttrs>().dtype, in[0].shape);
}

void require_sizes(const Shape& shape) {
  for (Dim d : shape)
    require<ValueError>(
        d != -1, "ops.full", "Every size must be known. Expected sizes of at least 0, received ", shape,
        ". Hint: x.shape()[0] of an input stands for its batch size; zeros_like and ones_like follow any tensor.");
}

}  // namespace

const OpDef kFull = {.name = "full", .infer = infer_full, .zero_gradient = true};
const OpDef kFullLike = {.name = "full_like", .infer = infer_full_like, .zero_gradient = true, .shape_only = 0b1};

Tensor array(const Values& values) {
  Numbers numbers;
  collect(values, 0, numbers);
  const bool is_empty = numbers.values.empty();
  const DType dtype = is_empty              ? DType::float32
                      : numbers.all_bool    ? DType::boolean
                      : numbers.all_integer ? DType::int32
                                            : DType::float32;
  return made({dtype, Shape(numbers.sizes)},
              [&](std::int64_t i) { return numbers.values[static_cast<std::size_t>(i)]; });
}

Tensor full(const Shape& shape, double value, Choice<DType> dtype) {
  if (shape.is_known()) return made({dtype, shape}, [=](std::int64_t) { return value; });
  require_sizes(shape);
  // Under a trace or a dry run the unknown sizes are resolved at replay; nothing can run now.
  auto node = std::make_shared<Node>();
  const FullAttrs attrs{shape, value, dtype};
  node->op = &kFull;
  node->attrs = attrs;
  node->outputs.push_back({{dtype, shape}});
  return Tensor(std::move(node));
}

Tensor zeros(const Shape& shape, Choice<DType> dtype) { return full(shape, 0, dtype); }
Tensor ones(const Shape& shape, Choice<DType> dtype) { return full(shape, 1, dtype); }

Tensor filled_like(const Tensor& x, double value, DType dtype) {
  return x.shape().is_known() ? full(x.shape(), value, dtype) : apply(kFullLike, {x}, FullLikeAttrs{value, dtype});
}
Tensor zeros_like(const Tensor& x) { return filled_like(x, 0, x.dtype()); }
Tensor ones_like(const Tensor& x) { return filled_like(x, 1, x.dtype()); }

Tensor arange(Dim stop) {
  return made({DType::int32, {stop < 0 ? 0 : stop}}, [](std::int64_t i) { return i; });
}

Tensor arange(double start, double stop, double step, Choice<DType> dtype) {
  require<ValueError>(step != 0 && std::isfinite((stop - start) / step), "ops.arange",
                      "Expected a finite range and a step other than 0, received ", start, " to ", stop, " by ", step,
                      '.');
  const double count = std::max(0.0, std::ceil((stop - start) / step));
  return made({dtype, {static_cast<Dim>(count)}},
              [=](std::int64_t i) { return start + static_cast<double>(i) * step; });
}

Tensor linspace(double start, double stop, Dim num, const LinspaceOptions& options) {
  require<ValueError>(num >= 0, "ops.linspace", "Expected at least 0 points, received ", num, '.');
  const Dim steps = options.endpoint ? num - 1 : num;
  const double last = static_cast<double>(std::max<Dim>(steps, 1));
  const bool whole = !is_floating(options.dtype);  // integers are rounded down
  return made({options.dtype, {num}}, [=](std::int64_t i) {
    const double t = static_cast<double>(i) / last, value = start * (1 - t) + stop * t;
    return whole ? std::floor(value) : value;
  });
}

Tensor eye(Dim rows, const EyeOptions& options) {
  const Dim columns = options.columns < 0 ? rows : options.columns;
  require<ValueError>(rows >= 0, "ops.eye", "Expected at least 0 rows, received ", rows, '.');
  return made({options.dtype, {rows, columns}},
              [=](std::int64_t i) { return i % columns - i / columns == options.k ? 1.0 : 0.0; });
}

}  // namespace kerata::ops
