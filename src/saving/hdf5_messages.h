// The messages of data sets and attributes, checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kerata/core/shape.h"
#include "saving/hdf5_heap.h"
#include "saving/hdf5_type.h"

namespace kerata::saving::hdf5 {

/// Reads a dataspace message: rank 0 to 8, every product of sizes far below 2^63.
Shape read_shape(Inspection& file, std::string_view message);

/// What deflate and shuffle leave to do; no filter: both false.
struct Filters {
  bool shuffle = false, deflate = false;
  int deflate_index = 0;  // its bit in a chunk's mask of filters left out
  bool any() const { return shuffle || deflate; }
};
Filters read_filters(Inspection& file, std::string_view message);

/// Checks that the elements lie in the file, once, and as many as the shape says.
void check_layout(Inspection& file, std::string_view message, const Type& type, const Shape& shape,
                  const Filters& filters, std::uint64_t chunk_index_rank);
/// `is_old`: message 0x0004.
void check_fill_value(Inspection& file, std::string_view message, bool is_old, const Type& type);

struct Attribute {
  std::string name;
  Type type{Element::float32, 4};
  Shape shape;
};
Attribute read_attribute(Inspection& file, GlobalHeaps& heaps, std::string_view message);

/// The bytes of shape.size() elements.
std::uint64_t bytes_of(const Inspection& file, const Type& type, const Shape& shape);

}  // namespace kerata::saving::hdf5
