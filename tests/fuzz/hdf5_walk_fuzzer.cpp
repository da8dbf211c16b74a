// HDF5 files: whatever the bytes are, all of their content or a kerata::Error; the HDF5 library sees what the walk let
// pass.
#include "fuzz/bytes_file.h"
#include "kerata/core/error.h"
#include "saving/read_hdf5.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kerata::fuzz::BytesFile file(data, size);
  try {
    kerata::read_everything({.path = file.path()});
  } catch (const kerata::Error&) {
  }
  return 0;
}
