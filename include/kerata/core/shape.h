// Dim and Shape: the sizes of a tensor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

/// A size. Negative: unknown until run time. -1 is what users write; while a layer is tried out on unknown
/// sizes, other negative values stand for "the same unknown size as there".
using Dim = std::int64_t;

/// The sizes of a tensor, at most 8 axes, stored inline: cheap to return by value.
class Shape {
 public:
  static constexpr int kMaxRank = 8;
  Shape() = default;
  /// Throws ShapeError for more than 8 axes or a size product above 2^59.
  Shape(std::initializer_list<Dim> dims);
  explicit Shape(const std::vector<Dim>& dims);
  Shape(const Dim* begin, const Dim* end);

  Dim rank() const { return rank_; }
  /// Number of elements; -1 when a size is unknown.
  Dim size() const;
  Dim front() const { return (*this)[0]; }
  Dim back() const { return (*this)[-1]; }
  /// Negative axes count from the end. Throws ShapeError when there is no such axis.
  Dim operator[](Dim axis) const;
  /// Python's shape[axis:].
  Shape from(Dim axis) const;
  /// A copy with another size on one axis.
  Shape with(Dim axis, Dim size) const;
  void push_back(Dim size);
  bool is_known() const;
  const Dim* begin() const { return dims_; }
  const Dim* end() const { return dims_ + rank_; }
  std::vector<Dim> to_vector() const { return {begin(), end()}; }
  /// Unknown sizes equal each other.
  bool operator==(const Shape& other) const;

 private:
  Dim dims_[kMaxRank] = {};
  int rank_ = 0;
};

/// "(?, 784)", "(10,)", "()".
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace kerata

#pragma GCC visibility pop
