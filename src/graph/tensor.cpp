#include "kerata/graph/tensor.h"

#include <cstring>

#include "core/convert.h"
#include "graph/node.h"

namespace kerata {
namespace {

const NodeOutput& checked(const Tensor& x, std::string_view where) {
  require<StateError>(!x.is_empty(), where, "The tensor is empty: it was never given a value.");
  return output_of(x);
}

const NodeOutput& with_data(const Tensor& x, std::string_view where) {
  const NodeOutput& output = checked(x, where);
  require<StateError>(
      output.has_data(), where, "The tensor is symbolic: it has a shape ", output.type.shape,
      " but no data. Hint: run it through Model.predict, or call the layer on concrete data; a model whose "
      "call() looks at values is compiled with {.run_eagerly = true}.");
  return output;
}

}  // namespace

Tensor Tensor::from_bytes(const void* values, std::size_t count, DType dtype, const Shape& shape) {
  require<ShapeError>(shape.size() == static_cast<Dim>(count), "Tensor.from_span", "Expected ", shape.size(),
                      " values for shape ", shape, ", received ", count, '.');
  const Tensor result = concrete({dtype, shape});
  if (count) std::memcpy(output_of(result).data(), values, count * size_of(dtype));
  return result;
}

Shape Tensor::shape() const { return checked(*this, "Tensor.shape").type.shape; }
DType Tensor::dtype() const { return checked(*this, "Tensor.dtype").type.dtype; }
Dim Tensor::rank() const { return checked(*this, "Tensor.rank").type.shape.rank(); }
Dim Tensor::size() const { return checked(*this, "Tensor.size").type.shape.size(); }
bool Tensor::is_symbolic() const { return !checked(*this, "Tensor.is_symbolic").has_data(); }

Device Tensor::device() const {
  const NodeOutput& output = checked(*this, "Tensor.device");
  return output.device();
}

const void* Tensor::data_as(DType dtype) const {
  const NodeOutput& output = with_data(*this, "Tensor.data");
  require<StateError>(output.buffer->device().is_cpu(), "Tensor.data", "The tensor is on ", output.buffer->device(),
                      ". Hint: to(Device::cpu()), or to_vector() which copies.");
  require<ValueError>(output.type.dtype == dtype, "Tensor.data", "The tensor holds ", output.type.dtype, ", not ",
                      dtype, ". Hint: cast(\"", dtype, "\").");
  return output.data();
}

Tensor Tensor::host_cast(DType dtype) const {
  with_data(*this, "Tensor.to_vector");
  const Tensor here = on_host(*this);
  const NodeOutput& output = output_of(here);
  if (output.type.dtype == dtype) return here;
  const Tensor result = concrete({dtype, output.type.shape});
  convert(output.data(), output.type.dtype, output_of(result).data(), dtype,
          static_cast<std::size_t>(output.type.shape.size()));
  return result;
}

double Tensor::item_as_double() const {
  const NodeOutput& output = with_data(*this, "Tensor.item");
  require<ShapeError>(output.type.shape.size() == 1, "Tensor.item", "Expected one element, received shape ",
                      output.type.shape, '.');
  double value = 0;
  const Tensor here = on_host(*this);
  convert(output_of(here).data(), output.type.dtype, &value, DType::float64, 1);
  return value;
}

Tensor Tensor::to(Device device) const {
  const NodeOutput& output = with_data(*this, "Tensor.to");
  if (output.device() == device) return *this;
  const Tensor copy = concrete(output.type, device);
  copy_bytes(device, output_of(copy).data(), output.device(), output.data(), bytes_of(output.type));
  return copy;
}

Tensor Tensor::with_mask(const Tensor& mask) const {
  Tensor result = *this;
  result.mask_ = mask.is_empty() ? nullptr : std::make_shared<const Tensor>(mask);
  return result;
}

}  // namespace kerata
