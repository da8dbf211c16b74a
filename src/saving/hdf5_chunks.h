// Chunked data sets: blocks of equal shape, found through a B-tree, perhaps compressed.
#pragma once

#include "saving/hdf5_messages.h"

namespace kerata::saving::hdf5 {

/// Checks that every chunk of the shape is there once, and that compressed ones unpack to a chunk's size. `layout`:
/// the fields of the layout message behind its class; `index_rank`: half the children of a B-tree node at most.
void check_chunks(Inspection& file, Fields& layout, const Type& type, const Shape& shape, const Filters& filters,
                  std::uint64_t index_rank);

}  // namespace kerata::saving::hdf5
