#include "kerata/utils/sequences.h"

#include <algorithm>

#include "core/require.h"

namespace kerata::utils {
namespace {

template <class T>
Tensor pad(const std::vector<std::vector<T>>& sequences, const PadSequencesOptions& options) {
  require<ValueError>(options.maxlen >= -1, "utils.pad_sequences",
                      "Expected maxlen >= 0 (or -1 for the longest), "
                      "received ",
                      options.maxlen, ".");
  std::size_t width = 0;
  for (const std::vector<T>& sequence : sequences) width = std::max(width, sequence.size());
  if (options.maxlen >= 0) width = static_cast<std::size_t>(options.maxlen);
  std::vector<T> rows(sequences.size() * width, static_cast<T>(options.value));
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::vector<T>& sequence = sequences[i];
    const std::size_t count = std::min(width, sequence.size());
    const bool cut_front = options.truncating == SequenceSide::pre, fill_front = options.padding == SequenceSide::pre;
    const auto first = sequence.begin() + static_cast<std::ptrdiff_t>(cut_front ? sequence.size() - count : 0);
    const std::size_t offset = i * width + (fill_front ? width - count : 0);
    std::copy_n(first, count, rows.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  return Tensor::from_span<T>(rows, {static_cast<Dim>(sequences.size()), static_cast<Dim>(width)}).cast(options.dtype);
}

}  // namespace

Tensor pad_sequences(const std::vector<std::vector<std::int32_t>>& sequences, const PadSequencesOptions& options) {
  return pad(sequences, options);
}

Tensor pad_sequences(const std::vector<std::vector<float>>& sequences, const PadSequencesOptions& options) {
  return pad(sequences, options);
}

}  // namespace kerata::utils
