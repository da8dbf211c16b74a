// The parts that kernels' sources are put together from: types in front of a text, and divisions by known numbers.
#pragma once

#include <span>
#include <string>

#include "cuda/runtime/launch.h"
#include "ops/axis_view.h"

namespace kerata::cuda {

/// "typedef float T;\n"
std::string typed(const char* name, DType dtype);
/// For elements that are only moved: an unsigned integer of 1, 2, 4 or 8 bytes, or Wide for 16.
std::string sized(const char* name, std::size_t bytes);
/// The type of indices below `largest`, and indexing.cuh.
std::string indexing(std::int64_t largest);
/// For tests: every source made from now on has wide indices.
void force_wide_indices(bool wide);

/// As in indexing.cuh.
struct Divide {
  long long divisor = 1;
  unsigned multiplier = 0, shift = 0;
};
Divide divide_by(std::int64_t divisor);

/// The bits of one element repeated over 8 bytes.
std::uint64_t repeated_bits(DType dtype, double value);

}  // namespace kerata::cuda
