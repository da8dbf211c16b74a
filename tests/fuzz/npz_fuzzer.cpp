// Reads the bytes as an .npz archive and as a .safetensors file.
#include <algorithm>

#include "fuzz/bytes_file.h"
#include "kerata/core/error.h"
#include "saving/npz_file.h"
#include "saving/safetensors.h"
#include "saving/tensor_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kerata;
  const fuzz::BytesFile file(data, size);
  const auto load = [&](auto reader) {
    try {
      for (const auto& [name, array] : reader(file.path())) {
        const std::string_view content = saving::content_of(array, name);
        if (std::count(content.begin(), content.end(), 'x') < 0) std::abort();  // reads every byte
      }
    } catch (const Error&) {
    }
  };
  load(saving::load_npz);
  load(saving::load_safetensors);
  return 0;
}
