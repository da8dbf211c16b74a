// ValidationData: what .validation_data takes.
#pragma once

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {

/// {x, y}, {x, y, sample_weight} or {{a, b}, {c, d}}; empty: none.
class ValidationData {
 public:
  ValidationData() = default;
  ValidationData(const Tensors& x, const Tensors& y, const Tensors& sample_weight = {})
      : x_(x), y_(y), sample_weight_(sample_weight), given_(true) {}
  bool given() const { return given_; }
  const Tensors& x() const { return x_; }
  const Tensors& y() const { return y_; }
  const Tensors& sample_weight() const { return sample_weight_; }

 private:
  Tensors x_, y_, sample_weight_;
  bool given_ = false;
};

}  // namespace kerata

#pragma GCC visibility pop
