#include "datasets/idx.h"

#include "core/require.h"
#include "datasets/gzip.h"

namespace kerata::datasets {
namespace {

std::uint32_t read_big_endian(GzipFile& file) {
  unsigned char bytes[4];
  file.read(bytes, 4);
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

Tensor read_idx(const std::string& path, Dim rank) {
  GzipFile file(path);
  const std::uint32_t magic = read_big_endian(file), expected = 0x0800u | static_cast<std::uint32_t>(rank);
  require<BackendError>(magic == expected, "datasets", path, " is not an IDX file of bytes with ", rank,
                        " axes. Expected ", expected, " in its first four bytes, received ", magic, ".");
  std::vector<Dim> sizes;
  std::uint64_t count = 1;
  for (Dim axis = 0; axis < rank; ++axis) {
    const std::uint32_t size = read_big_endian(file);
    require<BackendError>(size == 0 || count <= file.largest_content() / size, "datasets", path,
                          " declares more than it can hold. Received size ", size, " on axis ", axis,
                          ", in a file that holds at most ", file.largest_content(), " bytes.");
    count *= size;
    sizes.push_back(size);
  }
  std::vector<std::uint8_t> values(count);
  file.read(values.data(), values.size());
  file.expect_end();
  return Tensor::from_span<std::uint8_t>(values, Shape(sizes));
}

}  // namespace kerata::datasets
