// Reads the bytes as an IDX file, gzipped or not.
#include "datasets/idx.h"
#include "fuzz/bytes_file.h"
#include "kerata/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kerata;
  const fuzz::BytesFile file(data, size);
  for (const Dim rank : {1, 3}) {
    try {
      static_cast<void>(datasets::read_idx(file.path(), rank));
    } catch (const Error&) {
    }
  }
  return 0;
}
