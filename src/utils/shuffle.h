// RandomState.shuffle of NumPy, which Keras's data sets are ordered by.
#pragma once

#include <bit>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace kerata {

/// Fisher-Yates from the end; each index is drawn by masking and rejection, as numpy.random.RandomState does.
template <class T>
void numpy_shuffle(std::vector<T>& values, std::mt19937& engine) {
  for (std::size_t i = values.size(); i-- > 1;) {
    const auto last = static_cast<std::uint32_t>(i);
    const auto mask = static_cast<std::uint32_t>(std::bit_ceil(std::uint64_t{last} + 1) - 1);
    std::uint32_t j = 0;
    do {
      j = static_cast<std::uint32_t>(engine()) & mask;
    } while (j > last);
    std::swap(values[i], values[j]);
  }
}

}  // namespace kerata
