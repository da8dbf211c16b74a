// Tensor: the one tensor type, symbolic or concrete.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kerata/core/device.h"
#include "kerata/core/dtype.h"
#include "kerata/core/shape.h"

#pragma GCC visibility push(default)

namespace kerata {

struct Node;

inline constexpr Dim kEnd = INT64_MAX;
/// Python's slice on one axis: x.slice({.axis = 1, .stop = 5}) is x[:, :5].
struct Slice {
  Dim axis = 0;
  Dim start = 0;
  Dim stop = kEnd;
  Dim step = 1;
};

/// A handle on one value of a graph node: symbolic (from Input, or while tracing: shape and dtype only) or
/// concrete (has data). Copies are the same value. No constructor takes numbers or lists: values come from
/// ops::array, ops::zeros, from_span and the like.
class Tensor {
 public:
  /// No tensor; every member but is_empty() throws StateError.
  Tensor() = default;
  /// Copies `values` (row-major). Throws ShapeError unless their count is shape.size().
  template <class T>
  static Tensor from_span(std::span<const T> values, const Shape& shape) {
    return from_bytes(values.data(), values.size(), dtype_of<T>(), shape);
  }

  bool is_empty() const { return node_ == nullptr; }
  Shape shape() const;  // by value here and everywhere: a reference into a temporary handle would dangle
  DType dtype() const;
  Device device() const;
  Dim rank() const;
  Dim size() const;
  bool is_symbolic() const;

  /// The elements, row-major. Throws StateError for a symbolic tensor or one on a GPU, ValueError when T is not
  /// the tensor's type.
  template <class T>
  std::span<const T> data() const& {
    return {static_cast<const T*>(data_as(dtype_of<T>())), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<const T> data() const&& = delete;  // the span would outlive the tensor: name the tensor first
  /// A copy of the elements, cast to T.
  template <class T>
  std::vector<T> to_vector() const {
    const Tensor converted = host_cast(dtype_of<T>());
    const T* first = static_cast<const T*>(converted.data_as(dtype_of<T>()));
    return std::vector<T>(first, first + converted.size());
  }
  /// The one element. Throws ShapeError when there are several.
  template <class T = double>
  T item() const {
    return static_cast<T>(item_as_double());
  }

  /// Element `index` along axis 0 (negative from the end): rank one less.
  Tensor operator[](Dim index) const;
  Tensor slice(const Slice& slice) const;
  /// One size may be -1: inferred.
  Tensor reshape(const Shape& shape) const;
  Tensor cast(Choice<DType> dtype) const;
  Tensor argmax(Dim axis = -1) const;
  Tensor round(int decimals = 0) const;
  Tensor to(Device device) const;
  /// The Keras mask that rides on this handle (bool), or an empty tensor. Results of ops have none; layers pass it on.
  Tensor mask() const { return mask_ ? *mask_ : Tensor(); }

  // For the library's own code:
  explicit Tensor(std::shared_ptr<Node> node, int index = 0) : node_(std::move(node)), index_(index) {}
  static Tensor from_bytes(const void* values, std::size_t count, DType dtype, const Shape& shape);
  Node* node() const { return node_.get(); }
  const std::shared_ptr<Node>& node_ptr() const { return node_; }
  int index() const { return index_; }
  /// The same value with this mask riding on it; an empty mask takes it off.
  Tensor with_mask(const Tensor& mask) const;

 private:
  const void* data_as(DType dtype) const;
  Tensor host_cast(DType dtype) const;
  double item_as_double() const;

  std::shared_ptr<Node> node_;
  std::shared_ptr<const Tensor> mask_;
  int index_ = 0;
};

/// Prints like NumPy; long axes are cut in the middle.
std::string to_string(const Tensor& x);
std::ostream& operator<<(std::ostream& out, const Tensor& x);
bool operator==(const Tensor&, const Tensor&) = delete;  // ops::equal compares element by element

}  // namespace kerata

#pragma GCC visibility pop
