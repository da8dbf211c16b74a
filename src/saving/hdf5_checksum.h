// The checksum behind HDF5's newer structures.
#pragma once

#include <cstdint>
#include <string_view>

namespace kerata::saving::hdf5 {

/// Bob Jenkins's lookup3, "hashlittle" with initial value 0 (burtleburtle.net/bob/c/lookup3.c, public domain).
std::uint32_t lookup3(std::string_view bytes);

}  // namespace kerata::saving::hdf5
