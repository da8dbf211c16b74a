// The memory of tensors, for files.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/require.h"
#include "graph/node.h"

namespace kerata::saving {

static_assert(std::endian::native == std::endian::little, "The files are little-endian, and written as memory lies.");

/// Bytes of the array of these sizes that the file declares at `place`. Throws ValueError when no tensor can have them.
inline std::uint64_t array_bytes(const std::vector<Dim>& sizes, DType dtype, const char* format,
                                 const std::string& place) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  require<ValueError>(sizes.size() <= Shape::kMaxRank, format, place, " declares an array of ", sizes.size(),
                      " axes. Expected at most ", Shape::kMaxRank, ".");
  std::uint64_t bytes = size_of(dtype);
  for (const Dim size : sizes) {
    require<ValueError>(size >= 0, format, place, " declares a size of ", size, ". Expected at least 0.");
    require<ValueError>(size == 0 || bytes <= kMost / static_cast<std::uint64_t>(size), format, place,
                        " declares an array that no machine holds.");
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
