// The .npy format: one array with a header written as a Python dictionary.
#pragma once

#include <string>
#include <string_view>

#include "kerata/core/dtype.h"
#include "kerata/core/shape.h"
#include "kerata/graph/tensor.h"

namespace kerata::datasets {

struct NpyHeader {
  DType dtype;
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  std::size_t header_bytes = 0;  // magic, version, length and dictionary
  std::size_t data_bytes = 0;
};

/// Length of magic, version, length field and dictionary, from the first 12 bytes. Throws BackendError.
std::size_t npy_header_bytes(std::string_view bytes, const std::string& where);

/// Reads versions 1 to 3 from the first bytes of an array; `where` names file and member in errors. Plain numbers only:
/// an object array (a pickle) is refused. Throws BackendError. Source: numpy.lib.format.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& where);

/// The array, in row-major order and this machine's byte order; `data` holds header.data_bytes bytes.
Tensor npy_tensor(const NpyHeader& header, std::string data);

}  // namespace kerata::datasets
