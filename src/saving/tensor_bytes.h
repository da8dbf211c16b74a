// The memory of tensors, for files.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/require.h"
#include "graph/node.h"

namespace kerata::saving {

static_assert(std::endian::native == std::endian::little, "The files are little-endian, and written as memory lies.");

/// Bytes of an array of these sizes; nothing when no tensor can have them.
inline std::optional<std::uint64_t> array_bytes(const std::vector<Dim>& sizes, DType dtype) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  if (sizes.size() > Shape::kMaxRank) return std::nullopt;
  std::uint64_t bytes = size_of(dtype);
  for (const Dim size : sizes) {
    if (size < 0 || (size > 0 && bytes > kMost / static_cast<std::uint64_t>(size))) return std::nullopt;
    bytes *= static_cast<std::uint64_t>(size);
  }
  return bytes;
}

/// The elements as they lie in memory, row-major. Throws StateError for a symbolic tensor.
inline std::string_view content_of(const Tensor& x, const std::string& name) {
  require<StateError>(!x.is_symbolic(), "saving", name, " has no values to save: it is symbolic.");
  return {mutable_data<char>(x), bytes_of(type_of(x))};
}

}  // namespace kerata::saving
