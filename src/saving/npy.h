// The .npy format: one array with a header written as a Python dictionary.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "kerata/core/dtype.h"
#include "kerata/core/shape.h"
#include "kerata/graph/tensor.h"

namespace kerata::saving {

/// One array of `size` bytes, versions 1 to 3 of the format; `read(to, count)` gives the next bytes. Sizes are compared
/// before memory is taken. Plain numbers only: an object array (a pickle) is refused. Throws ValueError naming `where`.
/// Source: numpy.lib.format.
Tensor read_npy(std::uint64_t size, const std::string& where, const std::function<void(void*, std::size_t)>& read);

/// Magic, version 1.0, length and dictionary, as NumPy writes them for a row-major array. Throws ValueError for
/// bfloat16.
std::string npy_header(DType dtype, const Shape& shape, const std::string& where);

}  // namespace kerata::saving
