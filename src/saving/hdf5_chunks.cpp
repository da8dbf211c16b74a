// Source: HDF5 File Format Specification 3.0, III.A.1 and IV.A.2.i.
#include "saving/hdf5_chunks.h"

#include <zlib.h>

#include <vector>

#include "saving/hdf5_tree.h"

namespace kerata::saving::hdf5 {
namespace {

/// Unpacks into nothing and counts: the library would let the bytes grow without a limit.
bool unpacks_to(const std::string& packed, std::uint64_t expected) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::vector<Bytef> sink(1 << 16);
  std::uint64_t total = 0;
  int status = Z_OK;
  while (status == Z_OK && total <= expected) {
    stream.next_out = sink.data();
    stream.avail_out = static_cast<uInt>(sink.size());
    status = inflate(&stream, Z_NO_FLUSH);
    total += sink.size() - stream.avail_out;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && total == expected;
}

struct Chunking {
  std::vector<std::uint64_t> sizes;  // of a chunk, per axis
  std::uint64_t bytes = 0, count = 1;
};

Chunking read_chunking(Inspection& file, Fields& fields, const Type& type, const Shape& shape) {
  Chunking chunking;
  chunking.bytes = type.size;
  for (const Dim dim : shape) {
    const std::uint64_t size = fields.number(4), length = static_cast<std::uint64_t>(dim);
    file.expect(size > 0 && !__builtin_mul_overflow(chunking.bytes, size, &chunking.bytes) &&
                    chunking.bytes < std::uint64_t{1} << 32,
                "chunks of a wrong size.");
    chunking.sizes.push_back(size);
    chunking.count *= length / size + (length % size != 0);  // no more than the shape's elements: no overflow
  }
  file.expect(fields.number(4) == type.size, "chunks of another element size than the data's.");
  return chunking;
}

}  // namespace

void check_chunks(Inspection& file, Fields& layout, const Type& type, const Shape& shape, const Filters& filters,
                  std::uint64_t index_rank) {
  const std::uint64_t axes = layout.number(1), tree = layout.address(), rank = static_cast<std::uint64_t>(shape.rank());
  file.expect(rank > 0 && axes == rank + 1, "chunks of ", axes, " axes. Expected ", rank + 1, ".");
  const Chunking chunking = read_chunking(file, layout, type, shape);
  file.expect(tree != kUndefined || chunking.count == 0, "a declared shape of ", bytes_of(file, type, shape),
              " bytes without any data.");
  if (tree == kUndefined) return;
  std::uint64_t unpacked = 0;
  file.expect(!__builtin_mul_overflow(chunking.count, chunking.bytes, &unpacked),
              "the sizes of a shape are too large.");
  if (filters.any()) file.expand(unpacked);
  const TreeKind kind{1, 8 + 8 * (rank + 1), index_rank};
  const std::vector<TreeEntry> entries = read_tree(file, tree, kind, [](const std::string&) {});
  file.expect(entries.size() == chunking.count, "data of ", entries.size(), " chunks. Expected ", chunking.count,
              " for its shape.");
  std::vector<std::uint64_t> place(rank, 0);  // of the chunk that must come next
  for (const TreeEntry& entry : entries) {
    Fields key(file, entry.left, "a chunk's key");
    const std::uint64_t stored = key.number(4), left_out = key.number(4);
    for (const std::uint64_t start : place) file.expect(key.number(8) == start, "chunks that are not in order.");
    file.expect(key.number(8) == 0 && left_out <= 3, "a chunk's key of an unknown kind.");
    if (filters.deflate && !(left_out >> filters.deflate_index & 1)) {
      const std::string packed = file.claimed(entry.child, stored, "a chunk");
      file.expect(unpacks_to(packed, chunking.bytes), "a chunk that does not unpack to ", chunking.bytes, " bytes.");
    } else {
      file.expect(stored == chunking.bytes, "a chunk of ", stored, " bytes. Expected ", chunking.bytes, ".");
      file.claim(entry.child, stored, "a chunk");
    }
    for (std::size_t axis = rank; axis-- > 0;) {
      place[axis] += chunking.sizes[axis];
      if (place[axis] < static_cast<std::uint64_t>(shape[static_cast<Dim>(axis)])) break;
      place[axis] = 0;
    }
  }
}

}  // namespace kerata::saving::hdf5
