#include "kerata/core/shape.h"

#include <ostream>

#include "core/require.h"

namespace kerata {
namespace {

void check_size(const Shape& shape) {
  constexpr Dim kLimit = Dim{1} << 59;  // so that the bytes of the widest type can be counted, too
  Dim product = 1;
  for (Dim d : shape) {
    if (d <= 0) continue;  // unknown or empty axes cannot overflow
    require<ShapeError>(product <= kLimit / d, "Shape", "The number of elements of ", shape,
                        " is above 2^59.");
    product *= d;
  }
}

}  // namespace

Shape::Shape(std::initializer_list<Dim> dims) : Shape(dims.begin(), dims.end()) {}
Shape::Shape(const std::vector<Dim>& dims) : Shape(dims.data(), dims.data() + dims.size()) {}
Shape::Shape(const Dim* begin, const Dim* end) {
  require<ShapeError>(end - begin <= kMaxRank, "Shape", "Expected at most 8 axes, received ", end - begin, '.');
  for (const Dim* d = begin; d != end; ++d) dims_[rank_++] = *d;
  check_size(*this);
}

Dim Shape::size() const {
  Dim product = 1;
  bool known = true;
  for (Dim d : *this) {
    if (d < 0)
      known = false;
    else
      product *= d;
  }
  return known ? product : -1;
}

Dim Shape::operator[](Dim axis) const {
  const Dim i = axis < 0 ? axis + rank_ : axis;
  require<ShapeError>(i >= 0 && i < rank_, "Shape", "There is no axis ", axis, " in ", *this, '.');
  return dims_[i];
}

Shape Shape::from(Dim axis) const {
  const Dim i = axis < 0 ? axis + rank_ : axis;
  require<ShapeError>(i >= 0 && i <= rank_, "Shape.from", "There is no axis ", axis, " in ", *this, '.');
  return Shape(begin() + i, end());
}

Shape Shape::with(Dim axis, Dim size) const {
  const Dim i = axis < 0 ? axis + rank_ : axis;
  require<ShapeError>(i >= 0 && i < rank_, "Shape.with", "There is no axis ", axis, " in ", *this, '.');
  Shape result = *this;
  result.dims_[i] = size;
  check_size(result);
  return result;
}

void Shape::push_back(Dim size) {
  require<ShapeError>(rank_ < kMaxRank, "Shape", "Expected at most 8 axes, received 9.");
  dims_[rank_++] = size;
  check_size(*this);
}

bool Shape::is_known() const {
  for (Dim d : *this)
    if (d < 0) return false;
  return true;
}

bool Shape::operator==(const Shape& other) const {
  if (rank_ != other.rank_) return false;
  for (int i = 0; i < rank_; ++i)
    if (dims_[i] != other.dims_[i] && (dims_[i] >= 0 || other.dims_[i] >= 0)) return false;
  return true;
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (Dim i = 0; i < shape.rank(); ++i) {
    if (i) text += ", ";
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

}  // namespace kerata
