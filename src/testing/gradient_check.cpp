#include "kerata/testing/gradient_check.h"

#include <algorithm>
#include <cmath>

#include "core/require.h"
#include "graph/node.h"
#include "kerata/graph/gradients.h"
#include "kerata/graph/operators.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/reduction.h"

namespace kerata::testing {
namespace {

// Different for every element, so that no error cancels in the sum.
Tensor weights_for(const Tensor& y) {
  std::vector<double> values(static_cast<std::size_t>(y.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::cos(static_cast<double>(i) + 0.5) + 1.1;
  return Tensor::from_span<double>(values, y.shape());
}

double weighted_sum(const Function<Tensor(const Tensors&)>& f, const Tensors& inputs) {
  const Tensor y = f(inputs).cast("float64");
  return ops::sum(y * weights_for(y)).item();
}

}  // namespace

void gradient_check(const Function<Tensor(const Tensors& inputs)>& f, const Tensors& inputs,
                    const GradientCheckOptions& options) {
  std::vector<Tensor> x, wrt;
  std::vector<std::size_t> positions;
  for (const Tensor& input : inputs) {
    const bool differentiable = is_floating(input.dtype());
    x.push_back(differentiable ? Tensor::from_span<double>(input.to_vector<double>(), input.shape()) : input);
    if (differentiable) wrt.push_back(x.back()), positions.push_back(x.size() - 1);
  }
  std::vector<Tensor> slopes;
  {
    const GradientTape tape;
    const Tensor y = f(Tensors(x)).cast("float64");
    for (const Tensor& slope : gradients(ops::sum(y * weights_for(y)), Tensors(wrt))) slopes.push_back(slope);
  }
  for (std::size_t k = 0; k < wrt.size(); ++k) {
    double* values = mutable_data<double>(wrt[k]);
    const std::vector<double> slope = slopes[k].to_vector<double>();
    for (std::size_t i = 0; i < slope.size(); ++i) {
      const double kept = values[i];
      values[i] = kept + options.step;
      const double above = weighted_sum(f, Tensors(x));
      values[i] = kept - options.step;
      const double below = weighted_sum(f, Tensors(x));
      values[i] = kept;
      const double difference = (above - below) / (2 * options.step);
      const bool near = std::abs(slope[i] - difference) <= options.tolerance * std::max(1.0, std::abs(difference));
      require<ValueError>(near, "gradient_check", "Input ", positions[k], ", element ", i, " of ", wrt[k].shape(),
                          ": the gradient is ", slope[i], ", the finite difference ", difference, '.');
    }
  }
}

}  // namespace kerata::testing
