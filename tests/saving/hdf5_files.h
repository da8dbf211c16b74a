// HDF5 files for tests: those of Keras and h5py in hdf5/, and bytes to damage.
#pragma once

#include <fstream>
#include <string>

#include "saving/read_hdf5.h"
#include "support/temporary_folder.h"

namespace kerata {

inline std::string hdf5_path(const std::string& name) { return KERATA_SOURCE_DIR "/tests/saving/hdf5/" + name; }

inline std::string bytes_of_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace kerata
