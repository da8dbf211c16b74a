// Source: HDF5 File Format Specification 3.0, IV.A.2 "Data Object Header Messages".
#include "saving/hdf5_messages.h"

#include "saving/hdf5_chunks.h"

namespace kerata::saving::hdf5 {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 59;  // elements of a Shape; and bytes

std::uint64_t times(const Inspection& file, std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  file.expect(!__builtin_mul_overflow(a, b, &product) && product <= kMost, "the sizes of a shape are too large.");
  return product;
}

}  // namespace

std::uint64_t bytes_of(const Inspection& file, const Type& type, const Shape& shape) {
  return times(file, static_cast<std::uint64_t>(shape.size()), type.size);
}

Shape read_shape(Inspection& file, std::string_view message) {
  Fields fields(file, message, "a shape");
  const std::uint64_t version = fields.number(1), rank = fields.number(1), flags = fields.number(1);
  file.expect((version == 1 || version == 2) && flags <= 1, "a shape of an unknown kind.");
  const std::uint64_t kind = fields.number(1);  // reserved in version 1
  file.expect(version == 1 || kind <= 1, "an empty data space, which Keras never writes.");
  file.expect(version == 1 || (kind == 1) == (rank > 0), "a scalar with axes, or an array without.");
  if (version == 1) fields.take(4);
  file.expect(rank <= Shape::kMaxRank, "a shape of ", rank, " axes. Expected at most ", Shape::kMaxRank, ".");
  Shape shape;
  std::uint64_t product = 1;  // zeros count as one: they must not hide an overflow
  for (std::uint64_t axis = 0; axis < rank; ++axis) {
    const std::uint64_t size = fields.number(8);
    product = times(file, product, size ? size : 1);
    shape.push_back(static_cast<Dim>(size));
  }
  for (const Dim size : shape) {  // the sizes up to which the array may grow
    file.expect(!(flags & 1) || fields.number(8) >= static_cast<std::uint64_t>(size), "a shape larger than its limit.");
  }
  return shape;
}

Filters read_filters(Inspection& file, std::string_view message) {
  Fields fields(file, message, "a filter message");
  const std::uint64_t version = fields.number(1), count = fields.number(1);
  file.expect(version == 1 || version == 2, "a filter message of version ", version, ". Expected 1 or 2.");
  if (version == 1) fields.take(6);
  Filters filters;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t id = fields.number(2);
    const bool is_deflate = id == 1, is_shuffle = id == 2;
    file.expect(is_deflate || is_shuffle, "data with filter ", id, ". Expected deflate (1) or shuffle (2).");
    file.expect(!filters.deflate && !(is_shuffle && filters.shuffle), "data with filters in an unusual order.");
    const std::uint64_t name_bytes = version == 1 ? fields.number(2) : 0;
    const std::uint64_t flags = fields.number(2), values = fields.number(2);
    file.expect(flags <= 1 && values == 1 && name_bytes % 8 == 0, "a filter with unusual parameters.");
    fields.take(name_bytes);
    const std::uint64_t value = fields.number(4);
    if (version == 1) fields.take(4);  // an odd number of values is padded
    file.expect(!is_deflate || value <= 9, "a filter with unusual parameters.");
    filters.shuffle |= is_shuffle;
    filters.deflate |= is_deflate;
    if (is_deflate) filters.deflate_index = static_cast<int>(i);
  }
  return filters;
}

void check_layout(Inspection& file, std::string_view message, const Type& type, const Shape& shape,
                  const Filters& filters, std::uint64_t chunk_index_rank) {
  enum { kCompact, kContiguous, kChunked, kVirtual };
  Fields fields(file, message, "a layout message");
  const std::uint64_t version = fields.number(1), kind = fields.number(1), bytes = bytes_of(file, type, shape);
  file.expect(version == 3 || version == 4, "a layout of version ", version, ". Expected 3 or 4.");
  file.expect(kind != kVirtual, "a virtual data set (made of parts of other files), which Keras never writes.");
  file.expect(kind <= kChunked, "a layout of unknown class ", kind, ".");
  file.expect(kind == kChunked || !filters.any(), "filters on data that is not chunked.");
  if (kind == kChunked) {
    file.expect(version == 3, "chunks with an index of HDF5 1.10, which Keras never writes.");
    check_chunks(file, fields, type, shape, filters, chunk_index_rank);
  } else if (kind == kCompact) {
    const std::uint64_t stored = fields.number(2);
    file.expect(stored == bytes, "data of ", stored, " bytes. Expected ", bytes, " for its shape.");
    fields.take(stored);
  } else {
    const std::uint64_t address = fields.address(), stored = fields.number(8);
    file.expect(stored == bytes, "data of ", stored, " bytes. Expected ", bytes, " for its shape.");
    file.expect(address != kUndefined || bytes == 0, "a declared shape of ", bytes, " bytes without any data.");
    if (bytes > 0) file.claim(address, bytes, "data");
  }
}

void check_fill_value(Inspection& file, std::string_view message, bool is_old, const Type& type) {
  Fields fields(file, message, "a fill value");
  bool has_value = true;
  if (!is_old) {
    const std::uint64_t version = fields.number(1);
    file.expect(version >= 1 && version <= 3, "a fill value of version ", version, ". Expected 1 to 3.");
    if (version == 3) {
      const std::uint64_t flags = fields.number(1);
      file.expect(flags < 0x40, "a fill value of an unknown kind.");
      has_value = flags & 0x20;
    } else {
      const std::uint64_t allocated = fields.number(1), written = fields.number(1), defined = fields.number(1);
      file.expect(allocated <= 3 && written <= 2 && defined <= 1, "a fill value of an unknown kind.");
      has_value = defined || version == 1;
    }
  }
  if (!has_value) return;
  const std::uint64_t size = fields.number(4);
  // All ones: not defined.
  file.expect(size == 0 || size == type.size || size == 0xffffffff, "a fill value of ", size, " bytes. Expected ",
              type.size, ".");
  if (size == type.size) fields.take(size);
}

Attribute read_attribute(Inspection& file, GlobalHeaps& heaps, std::string_view message) {
  Fields fields(file, message, "an attribute");
  const std::uint64_t version = fields.number(1), flags = fields.number(1);
  file.expect(version >= 1 && version <= 3, "an attribute of version ", version, ". Expected 1 to 3.");
  file.expect(version == 1 || flags == 0, "an attribute with a shared type, which Keras never writes.");
  const std::uint64_t name_bytes = fields.number(2), type_bytes = fields.number(2), shape_bytes = fields.number(2);
  if (version == 3) file.expect(fields.number(1) <= 1, "an attribute's name of unknown character set.");
  const auto part = [&](std::uint64_t size) { return version == 1 ? fields.padded(size) : fields.take(size); };
  const std::string_view name = part(name_bytes);
  const bool ends = !name.empty() && name.find('\0') == name.size() - 1;
  file.expect(ends, "an attribute whose name does not end where it should.");
  Attribute attribute;
  attribute.name = name.substr(0, name.size() - 1);
  file.expect(is_plain(attribute.name), "an attribute whose name is empty, too long or holds a control character.");
  const std::string place = file.place;
  file.place += "attribute " + attribute.name + ": ";
  attribute.type = read_type(file, part(type_bytes));
  attribute.shape = read_shape(file, part(shape_bytes));
  const std::string_view data = fields.take(bytes_of(file, attribute.type, attribute.shape));
  if (attribute.type.element == Element::heap_text) {
    for (Fields texts(file, data, "an attribute"); texts.left() > 0;) {
      const std::uint64_t length = texts.number(4), collection = texts.address();
      heaps.check_reference(length, collection, texts.number(4));
    }
  }
  file.place = place;
  return attribute;
}

}  // namespace kerata::saving::hdf5
