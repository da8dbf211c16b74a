// The file driver through which the HDF5 library reads an Hdf5Bytes.
#pragma once

#include <hdf5.h>

#include "saving/hdf5_bytes.h"

namespace kerata::saving::hdf5 {

/// Sets the driver on a file access list. It reads straight into the memory that the library was given, and refuses to
/// write. `bytes` must outlive the files opened with the list. Negative on failure; call it within a Session.
herr_t use_range_driver(hid_t access_list, const Hdf5Bytes& bytes);

}  // namespace kerata::saving::hdf5
