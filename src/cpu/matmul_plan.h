// How one kMatmul is made of products of matrices.
#pragma once

#include <utility>
#include <vector>

#include "backend/kernel.h"
#include "cpu/gemm.h"
#include "ops/linalg_attrs.h"

namespace kerata::cpu {

/// One product per batch element; operands with one matrix serve all of them.
struct MatmulPlan {
  GemmShape shape;
  Dim batch = 1;
  std::vector<std::pair<Dim, Dim>> offsets = {};  // of a and b per batch element; empty: the products lie in order
  Dim step_a = 0, step_b = 0;
  bool has_bias = false;
  int activation = ops::FusedActivation::none;

  /// Where the matrices of batch element i begin in a and b.
  std::pair<Dim, Dim> at(Dim i) const {
    return offsets.empty() ? std::pair(i * step_a, i * step_b) : offsets[static_cast<std::size_t>(i)];
  }
};

MatmulPlan matmul_plan(const KernelSpec& spec);

}  // namespace kerata::cpu
