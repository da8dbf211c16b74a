// The conformance table: one row per op. Each is run on several lists of shapes: float32 must equal float64, and the
// gradients (of smooth ops also the second ones) must equal central differences in float64.
#pragma once

#include <cstdlib>
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

/// With KERATA_TEST_DEVICE the same rows run there, and are compared with the CPU.
inline Device row_device() {
  const char* name = std::getenv("KERATA_TEST_DEVICE");
  return name ? Device::named(name) : Device::cpu();
}

/// f, then the gradients of a weighed sum of it.
inline std::vector<Tensor> with_gradients(const Row& row, const std::vector<Tensor>& inputs) {
  GradientTape tape;
  std::vector<Tensor> all{row.f(inputs)};
  const Tensors found = gradients(weighed(all[0]), Tensors(inputs));
  for (const Tensor& gradient : found) all.push_back(gradient);
  return all;
}

inline void check_row_on(const Row& row, Device device) {
  for (const std::vector<Shape>& shapes : row.shapes)
    for (DType dtype : {DType::float32, DType::float64}) {
      std::vector<Tensor> here, there;
      std::string text = row.name + " " + std::string(to_string(dtype));
      for (const Tensor& x : inputs_for(row, shapes)) {
        here.push_back(x.cast(dtype));
        there.push_back(here.back().to(device));
        text += " " + to_string(x.shape());
      }
      SCOPED_TRACE(text);
      const std::vector<Tensor> expected = with_gradients(row, here), found = with_gradients(row, there);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].device(), device) << i;
        golden::expect_near_all(found[i].to(Device::cpu()), expected[i], {1e-5, 2e-6}, "value " + std::to_string(i));
      }
    }
}

inline void check_row(const Row& row) {
  if (const Device device = row_device(); !device.is_cpu()) return check_row_on(row, device);
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
