#include "golden_calls.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"

namespace kerata::golden {
namespace {

using Result = std::vector<Tensor>;

Shape shape_of(const Call& c, std::size_t i) { return Shape(c.dims(c.arg(i))); }

std::vector<std::pair<Dim, Dim>> widths(const Call& c) {
  std::vector<std::pair<Dim, Dim>> result;
  if (c.arg(1).is_number()) return {{c.arg(1).get<Dim>(), c.arg(1).get<Dim>()}};
  for (const Json& pair : c.arg(1)) result.emplace_back(pair[0].get<Dim>(), pair[1].get<Dim>());
  return result;
}

/// x[...] of integers and forward slices, axis by axis.
Result getitem(const Call& c) {
  Tensor x = c.tensor(0);
  Dim axis = 0;
  for (const Json& part : c.arg(1)) {
    if (part.is_number()) {
      const Dim index = part.get<Dim>();
      if (axis == 0) {
        x = x[index];
        continue;
      }
      x = x.slice({.axis = axis, .start = index, .stop = index == -1 ? kEnd : index + 1});
      x = ops::squeeze(x, axis);
      continue;
    }
    const Json& s = part.at("slice");
    x = x.slice({.axis = axis,
                 .start = s[0].is_null() ? 0 : s[0].get<Dim>(),
                 .stop = s[1].is_null() ? kEnd : s[1].get<Dim>(),
                 .step = s[2].is_null() ? 1 : s[2].get<Dim>()});
    ++axis;
  }
  return {x};
}

Result split(const Call& c) {
  if (c.arg(1).is_number()) return ops::split(c.tensor(0), c.arg(1).get<Dim>(), c.axis(0)).list();
  return ops::split(c.tensor(0), c.dims(c.arg(1)), c.axis(0)).list();
}

Choice<DType> dtype_of_call(const Call& c, const char* otherwise) {
  const Json* dtype = c.option("dtype");
  return Choice<DType>::parse(dtype ? dtype->get<std::string>() : otherwise);
}

Result full(const Call& c) {
  const Json& value = c.arg(1);
  return {ops::full(shape_of(c, 0), value.is_boolean() ? value.get<bool>() : value.get<double>(),
                    dtype_of_call(c, "float32"))};
}

Result arange(const Call& c) {
  const bool one = c.num_args() == 1, whole = c.arg(0).is_number_integer();
  if (one && whole && !c.option("dtype")) return {ops::arange(c.arg(0).get<Dim>())};
  const double start = one ? 0 : c.arg(0).get<double>(), stop = c.arg(one ? 0 : 1).get<double>();
  return {ops::arange(start, stop, c.num_args() > 2 ? c.arg(2).get<double>() : 1,
                      dtype_of_call(c, whole ? "int32" : "float32"))};
}

Result eye(const Call& c) {
  const Json* k = c.option("k");
  return {ops::eye(c.arg(0).get<Dim>(), {.columns = c.num_args() > 1 ? c.arg(1).get<Dim>() : -1,
                                         .k = k ? k->get<Dim>() : 0,
                                         .dtype = dtype_of_call(c, "float32")})};
}

}  // namespace

void add_shape_calls(std::map<std::string, Adapter>& table) {
  table["reshape"] = [](const Call& c) -> Result { return {ops::reshape(c.tensor(0), shape_of(c, 1))}; };
  table["transpose"] = [](const Call& c) -> Result {
    const Json* axes = c.option("axes");
    return {ops::transpose(c.tensor(0), axes && !axes->is_null() ? c.dims(*axes) : std::vector<Dim>())};
  };
  table["expand_dims"] = [](const Call& c) -> Result {
    Tensor x = c.tensor(0);
    for (Dim axis : c.dims(c.arg(1))) x = ops::expand_dims(x, axis);
    return {x};
  };
  table["squeeze"] = [](const Call& c) -> Result {
    if (c.is_flat()) return {ops::squeeze(c.tensor(0))};
    Tensor x = c.tensor(0);
    std::vector<Dim> axes = c.axes().values();
    for (std::size_t i = axes.size(); i-- > 0;) x = ops::squeeze(x, axes[i]);
    return {x};
  };
  table["broadcast_to"] = [](const Call& c) -> Result { return {ops::broadcast_to(c.tensor(0), shape_of(c, 1))}; };
  table["flip"] = [](const Call& c) -> Result {
    if (c.is_flat()) return {ops::flip(c.tensor(0))};
    Tensor x = c.tensor(0);
    const Axes axes = c.axes();
    for (Dim axis : axes.values()) x = ops::flip(x, axis);
    return {x};
  };
  table["tile"] = [](const Call& c) -> Result { return {ops::tile(c.tensor(0), c.dims(c.arg(1)))}; };
  table["repeat"] = [](const Call& c) -> Result {
    if (c.is_flat()) return {ops::repeat(c.tensor(0), c.arg(1).get<Dim>())};
    if (c.arg(1).is_object()) return {ops::repeat(c.tensor(0), c.tensor(1).to_vector<Dim>(), c.axis(0))};
    return {ops::repeat(c.tensor(0), c.arg(1).get<Dim>(), c.axis(0))};
  };
  table["concatenate"] = [](const Call& c) -> Result { return {ops::concatenate(c.tensors(0), c.axis(0))}; };
  table["stack"] = [](const Call& c) -> Result { return {ops::stack(c.tensors(0), c.axis(0))}; };
  table["split"] = split;
  table["slice"] = [](const Call& c) -> Result { return {ops::slice(c.tensor(0), c.dims(c.arg(1)), shape_of(c, 2))}; };
  table["getitem"] = getitem;
  table["pad"] = [](const Call& c) -> Result {
    const Json* constant = c.option("constant_values");
    const double value = constant ? constant->get<double>() : 0;
    if (const Json* mode = c.option("mode"))
      return {ops::pad(c.tensor(0), widths(c), Choice<PadMode>::parse(mode->get<std::string>()), value)};
    return {ops::pad(c.tensor(0), widths(c), value)};
  };
  table["zeros"] = [](const Call& c) -> Result { return {ops::zeros(shape_of(c, 0), dtype_of_call(c, "float32"))}; };
  table["ones"] = [](const Call& c) -> Result { return {ops::ones(shape_of(c, 0), dtype_of_call(c, "float32"))}; };
  table["full"] = full, table["arange"] = arange, table["eye"] = eye;
  table["linspace"] = [](const Call& c) -> Result {
    const Json *num = c.option("num"), *endpoint = c.option("endpoint");
    return {ops::linspace(c.arg(0).get<double>(), c.arg(1).get<double>(), num ? num->get<Dim>() : 50,
                          {.endpoint = !endpoint || endpoint->get<bool>(), .dtype = dtype_of_call(c, "float32")})};
  };
}

void add_index_calls(std::map<std::string, Adapter>& table) {
  table["take"] = [](const Call& c) -> Result {
    if (c.is_flat() || !c.option("axis")) return {ops::take(c.tensor(0), c.tensor(1))};
    return {ops::take(c.tensor(0), c.tensor(1), c.axis(0))};
  };
  table["take_along_axis"] = [](const Call& c) -> Result {
    return {ops::take_along_axis(c.tensor(0), c.tensor(1), c.axis(-1))};
  };
  table["scatter"] = [](const Call& c) -> Result {
    return {ops::scatter_add(ops::zeros(shape_of(c, 2)), ops::squeeze(c.tensor(0), -1), c.tensor(1))};
  };
  table["scatter_update"] = [](const Call& c) -> Result {
    return {ops::scatter_add(c.tensor(0), ops::squeeze(c.tensor(1), -1), c.tensor(2))};
  };
  table["segment_sum"] = [](const Call& c) -> Result {
    const Shape rows = c.tensor(0).shape().with(0, c.option("num_segments")->get<Dim>());
    return {ops::scatter_add(ops::zeros(rows), c.tensor(1), c.tensor(0))};
  };
  table["one_hot"] = [](const Call& c) -> Result {
    return {ops::one_hot(c.tensor(0), c.arg(1).get<Dim>(), c.axis(-1), dtype_of_call(c, "float32"))};
  };
  table["top_k"] = [](const Call& c) -> Result { return ops::top_k(c.tensor(0), c.arg(1).get<Dim>()).list(); };
  table["argsort"] = [](const Call& c) -> Result {
    if (c.is_flat()) return {ops::argsort(c.tensor(0).reshape({-1}))};
    return {ops::argsort(c.tensor(0), c.axis(-1))};
  };
}

}  // namespace kerata::golden
