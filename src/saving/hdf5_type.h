// What the elements of data sets and attributes may be.
#pragma once

#include "kerata/core/dtype.h"
#include "saving/hdf5_inspection.h"

namespace kerata::saving::hdf5 {

/// `raw16` is how h5py stores bfloat16: opaque, 2 bytes; Keras adds an attribute dtype = "bfloat16".
enum class Element : std::uint8_t {
  float16,
  bfloat16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
  raw16,
  text,      // fixed length
  heap_text  // in a global heap, 16 bytes of reference each
};

struct Type {
  Element element;
  std::uint64_t size = 0;  // bytes
  bool is_text() const { return element == Element::text || element == Element::heap_text; }
};

/// The dtype that holds every value; uint16 and uint32 take the next wider signed one, uint64 int64. Not for texts.
DType dtype_of_element(Element element);

/// Reads a datatype message. Refuses whatever h5py makes of no NumPy number, bool or text.
Type read_type(Inspection& file, std::string_view message);

}  // namespace kerata::saving::hdf5
