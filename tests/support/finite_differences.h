// Gradients against central differences in float64, of first and second order.
#pragma once

#include <cmath>
#include <vector>

#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/reduction.h"
#include "support/golden.h"

namespace kerata::test {

/// Values that look random: sin of multiples of an irrational number, in [-1, 1] times scale.
inline Tensor wave(const Shape& shape, double seed, double scale = 1) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = scale * std::sin(static_cast<double>(i + 1) * 2.399963 + seed * 7.1);
  return Tensor::from_span<double>(values, shape);
}

/// A scalar: the sum of x times fixed weights.
inline Tensor weighed(const Tensor& x, double seed = 0.3) { return ops::sum(x * wave(x.shape(), seed)); }

/// d loss / d inputs by central differences.
template <class F>
std::vector<Tensor> differences(const F& loss, const std::vector<Tensor>& inputs, double step = 1e-6) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<double> values = inputs[i].to_vector<double>();
    std::vector<double> slopes;
    for (std::size_t j = 0; j < values.size(); ++j) {
      auto at = [&](double x) {
        std::vector<double> moved = values;
        moved[j] = x;
        std::vector<Tensor> changed = inputs;
        changed[i] = Tensor::from_span<double>(moved, inputs[i].shape());
        return loss(changed).item();
      };
      slopes.push_back((at(values[j] + step) - at(values[j] - step)) / (2 * step));
    }
    result.push_back(Tensor::from_span<double>(slopes, inputs[i].shape()));
  }
  return result;
}

/// f(std::vector<Tensor>) -> Tensor; every input gets its gradient checked.
template <class F>
void expect_gradients(const F& f, const std::vector<Tensor>& inputs, double tolerance = 1e-7) {
  auto loss = [&](const std::vector<Tensor>& x) { return weighed(f(x)); };
  std::vector<Tensor> found;
  {
    GradientTape tape;
    found = gradients(loss(inputs), Tensors(inputs)).list();
  }
  const std::vector<Tensor> expected = differences(loss, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    golden::expect_near_all(found[i], expected[i], {tolerance, tolerance}, "gradient of input " + std::to_string(i));
}

/// First and second order: the gradient is checked as a function of its own.
template <class F>
void expect_both_gradients(const F& f, const std::vector<Tensor>& inputs, double tolerance = 1e-6) {
  expect_gradients(f, inputs, tolerance);
  auto slope = [&](const std::vector<Tensor>& x) {
    GradientTape tape;
    const Tensors grads = gradients(weighed(f(x)), Tensors(x));
    Tensor total = weighed(grads[0], 1.7);
    for (std::size_t i = 1; i < grads.size(); ++i) total = total + weighed(grads[i], 1.7 + static_cast<double>(i));
    return total;
  };
  expect_gradients(slope, inputs, tolerance);
}

}  // namespace kerata::test
