#include <algorithm>
#include <cmath>

#include "core/require.h"
#include "graph/node.h"
#include "kerata/initializers/initializers.h"
#include "kerata/ops/random.h"

namespace kerata::initializers {
namespace {

/// a (rows, cols), row-major, rows >= cols. Replaced by Q of its QR factorization with a positive diagonal of R:
/// modified Gram-Schmidt, twice, so that the columns are orthogonal to machine precision.
void orthonormalize(std::vector<double>& a, std::size_t rows, std::size_t cols) {
  auto dot = [&](std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += a[r * cols + i] * a[r * cols + j];
    return sum;
  };
  for (std::size_t j = 0; j < cols; ++j) {
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t i = 0; i < j; ++i) {
        const double along = dot(i, j);
        for (std::size_t r = 0; r < rows; ++r) a[r * cols + j] -= along * a[r * cols + i];
      }
    const double norm = std::sqrt(dot(j, j));
    for (std::size_t r = 0; r < rows; ++r) a[r * cols + j] /= norm;
  }
}

}  // namespace

Tensor Orthogonal::call(const Shape& shape, DType dtype) const {
  require<ShapeError>(shape.rank() >= 2, "Orthogonal",
                      "The tensor to initialize must be at least two-dimensional. Received: shape=", shape, " of rank ",
                      shape.rank(), '.');
  const std::size_t num_cols = static_cast<std::size_t>(shape.back());
  const std::size_t num_rows = num_cols == 0 ? 0 : static_cast<std::size_t>(shape.size()) / num_cols;
  const std::size_t rows = std::max(num_rows, num_cols), cols = std::min(num_rows, num_cols);
  const Tensor normal = random::normal({static_cast<Dim>(rows), static_cast<Dim>(cols)}, 0, 1,
                                       {.dtype = DType::float64, .seed = options_.seed});
  std::vector<double> q = normal.to_vector<double>();
  orthonormalize(q, rows, cols);
  std::vector<double> values(q.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c)
      values[num_rows < num_cols ? c * rows + r : r * cols + c] = options_.gain * q[r * cols + c];
  const Tensor result = Tensor::from_span<double>(values, shape);
  return dtype == DType::float64 ? result : result.cast(dtype);
}

Config Orthogonal::get_config() const { return kerata::config_of(options_); }

}  // namespace kerata::initializers
