#include "kerata/utils/labels.h"

#include <algorithm>

#include "core/require.h"

namespace kerata::utils {

Tensor to_categorical(const Tensor& labels, Dim num_classes) {
  const std::vector<std::int64_t> values = labels.to_vector<std::int64_t>();
  Shape shape = labels.shape();
  if (shape.rank() > 1 && shape.back() == 1) shape = Shape(shape.begin(), shape.end() - 1);
  require<ValueError>(!values.empty() || num_classes > 0, "utils.to_categorical",
                      "There are no labels to count. Expected num_classes > 0, received ", num_classes, ".");
  const Dim classes = num_classes > 0 ? num_classes : *std::max_element(values.begin(), values.end()) + 1;
  shape.push_back(std::max<Dim>(classes, 0));
  std::vector<float> rows(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    require<ValueError>(values[i] >= 0 && values[i] < classes, "utils.to_categorical",
                        "A label is no class. Expected labels from 0 to ", classes - 1, ", received ", values[i],
                        " at position ", i, ".");
    rows[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(values[i])] = 1;
  }
  return Tensor::from_span<float>(rows, shape);
}

}  // namespace kerata::utils
