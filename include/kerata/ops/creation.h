// Tensors from values: array, zeros, arange ...
#pragma once

#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Numbers in nested braces; a class and not templates on initializer_list, so that {0, 0.5} mixes and
/// {{0.1}, {0.2}} is (2, 1). All integers: int32; any fraction: float32; all truth values: bool.
class Values {
 public:
  Values(bool number) : kind_('b'), number_(number) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Values(T number) : kind_('i'), number_(static_cast<double>(number)) {}
  template <std::floating_point T>
  Values(T number) : kind_('f'), number_(static_cast<double>(number)) {}
  Values(std::initializer_list<Values> list) : kind_('l'), list_(list) {}
  char kind() const { return kind_; }
  double number() const { return number_; }
  const std::vector<Values>& list() const { return list_; }

 private:
  char kind_;
  double number_ = 0;
  std::vector<Values> list_;
};

namespace ops {

/// Throws ShapeError when the lists are ragged.
Tensor array(const Values& values);
template <class T>
Tensor array(const std::vector<T>& values) {  // braces never get here: T cannot be deduced from them
  return Tensor::from_span<T>(std::span<const T>(values), {static_cast<Dim>(values.size())});
}

Tensor zeros(const Shape& shape, Choice<DType> dtype = "float32");
Tensor ones(const Shape& shape, Choice<DType> dtype = "float32");
Tensor full(const Shape& shape, double value, Choice<DType> dtype = "float32");
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);
/// 0, 1, ..., stop - 1 as int32.
Tensor arange(Dim stop);
/// start, start + step, ... below stop (above, for a negative step).
Tensor arange(double start, double stop, double step = 1, Choice<DType> dtype = "float32");
struct LinspaceOptions {
  bool endpoint = true;  // false: stop is left out, and the points lie closer to start
  Choice<DType> dtype = "float32";
};
/// `num` points (at least 0) from start to stop.
Tensor linspace(double start, double stop, Dim num = 50, const LinspaceOptions& options = {});
struct EyeOptions {
  Dim columns = -1;  // -1: as many as rows
  Dim k = 0;         // which diagonal
  Choice<DType> dtype = "float32";
};
Tensor eye(Dim rows, const EyeOptions& options = {});

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
