// Sequences of unequal length as one tensor.
#pragma once

#include <vector>

#include "kerata/core/choice.h"
#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {

enum class SequenceSide { pre, post };
template <>
struct ChoiceNames<SequenceSide> {
  static constexpr std::string_view list[] = {"pre", "post"};
};

namespace utils {

struct PadSequencesOptions {
  Dim maxlen = -1;  // -1: the longest sequence
  Choice<DType> dtype = "int32";
  Choice<SequenceSide> padding = "pre";
  Choice<SequenceSide> truncating = "pre";
  double value = 0;
};

/// n sequences -> (n, maxlen), filled up or cut at the chosen side. Source: keras.utils.pad_sequences.
Tensor pad_sequences(const std::vector<std::vector<std::int32_t>>& sequences, const PadSequencesOptions& options = {});
Tensor pad_sequences(const std::vector<std::vector<float>>& sequences, const PadSequencesOptions& options = {});

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
