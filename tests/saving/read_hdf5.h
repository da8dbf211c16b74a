// Reads all of an HDF5 file: what tests and the fuzzer do with damaged ones.
#pragma once

#include <string>

#include "saving/hdf5_file.h"

namespace kerata {

/// Opens the file and reads all that is in it; the number of bytes read.
inline std::size_t read_everything(const saving::Hdf5Source& source) {
  const saving::Hdf5Reader reader(source);
  std::size_t bytes = 0;
  const auto visit = [&](const auto& again, const std::string& path) -> void {
    for (const char* name : {"text", "texts", "list", "weight_names", "dtype"}) {
      if (const auto texts = reader.texts_attribute(path, name)) {
        for (const std::string& text : *texts) bytes += text.size();
      }
    }
    if (reader.has_dataset(path)) {
      bytes += static_cast<std::size_t>(reader.read(path).size());
      return;
    }
    for (const std::string& child : reader.children(path)) again(again, path.empty() ? child : path + "/" + child);
  };
  visit(visit, "");
  return bytes;
}

}  // namespace kerata
