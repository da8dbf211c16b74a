// The conformance table: one row per op. Each is run on several lists of shapes: float32 must equal float64, and the
// gradients (of smooth ops also the second ones) must equal central differences in float64.
#pragma once

#include <functional>
#include <ostream>

#include "kerata/ops/math.h"
#include "support/finite_differences.h"

namespace kerata::test {

struct Row {
  std::string name;
  std::function<Tensor(const std::vector<Tensor>&)> f;
  std::vector<std::vector<Shape>> shapes;  // lists of input shapes
  bool is_smooth = true;                   // second order is checked too
  double scale = 1.3, shift = 0;           // inputs lie in shift +- scale
};
inline std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

inline std::vector<Tensor> inputs_for(const Row& row, const std::vector<Shape>& shapes) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    inputs.push_back(wave(shapes[i], 0.37 + static_cast<double>(i), row.scale) + row.shift);
  return inputs;
}

inline void check_row(const Row& row) {
  for (const std::vector<Shape>& shapes : row.shapes) {
    const std::vector<Tensor> inputs = inputs_for(row, shapes);
    std::vector<Tensor> narrow;
    std::string text = row.name;
    for (const Tensor& x : inputs) {
      narrow.push_back(x.cast("float32"));
      text += " " + to_string(x.shape());
    }
    SCOPED_TRACE(text);
    const Tensor wide = row.f(inputs);
    EXPECT_EQ(to_string(row.f(narrow).dtype()), "float32");
    golden::expect_near_all(row.f(narrow), wide, {2e-5, 3e-6}, "float32 against float64");
    if (row.is_smooth)
      expect_both_gradients(row.f, inputs, 3e-6);
    else
      expect_gradients(row.f, inputs, 1e-6);
  }
}

class Conformance : public testing::TestWithParam<Row> {};

}  // namespace kerata::test
