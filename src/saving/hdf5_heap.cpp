// Source: HDF5 File Format Specification 3.0, III.D "Local Heaps" and III.E "Global Heap".
#include "saving/hdf5_heap.h"

namespace kerata::saving::hdf5 {
namespace {
constexpr std::uint64_t kFreeListEnd = 1, kSmallestCollection = 4096, kObjectHeader = 16;
}

LocalHeap::LocalHeap(Inspection& file, std::uint64_t address) : file_(file) {
  const std::string header = file.claimed(address, 32, "a local heap");
  Fields fields(file, header, "a local heap");
  fields.signature("HEAP");
  const std::uint64_t version = fields.number(1);
  file.expect(version == 0, "a local heap of version ", version, ". Expected 0.");
  fields.take(3);
  const std::uint64_t size = fields.number(8), first_free = fields.number(8);
  data_ = file.claimed(fields.address(), size, "the data of a local heap");
  check_free_list(first_free);
}

// The library follows this list without a limit, and reads 16 bytes at each place.
void LocalHeap::check_free_list(std::uint64_t first) const {
  std::uint64_t place = first, free_bytes = 0;
  while (place != kFreeListEnd) {
    file_.expect(place <= data_.size() && data_.size() - place >= 16, "the free list of a local heap leaves the heap.");
    Fields fields(file_, std::string_view(data_).substr(place), "a local heap");
    const std::uint64_t next = fields.number(8), size = fields.number(8);
    file_.expect(next != 0 && size >= 16 && size <= data_.size() - place, "a wrong free block in a local heap.");
    free_bytes += size;
    file_.expect(free_bytes <= data_.size(), "the free list of a local heap runs in a circle.");
    place = next;
  }
}

std::string LocalHeap::name(std::uint64_t offset) const {
  file_.expect(offset < data_.size(), "a name lies outside its heap.");
  const std::size_t end = data_.find('\0', offset);
  file_.expect(end != std::string::npos, "a name does not end in its heap.");
  return data_.substr(offset, end - offset);
}

GlobalHeaps::Sizes GlobalHeaps::read_collection(std::uint64_t address) {
  const char* what = "a global heap";
  const std::string header = file_.peek(address, 16, what);
  Fields prefix(file_, header, what);
  prefix.signature("GCOL");
  const std::uint64_t version = prefix.number(1);
  file_.expect(version == 1, "a global heap of version ", version, ". Expected 1.");
  prefix.take(3);
  const std::uint64_t size = prefix.number(8);
  file_.expect(size >= kSmallestCollection && size % 8 == 0, "a global heap of ", size, " bytes. Expected at least ",
               kSmallestCollection, ".");
  const std::string block = file_.claimed(address, size, what);
  Fields fields(file_, std::string_view(block).substr(16), what);
  Sizes sizes;
  while (fields.left() >= kObjectHeader) {
    const std::uint64_t before = fields.left(), index = fields.number(2);
    fields.take(6);
    const std::uint64_t bytes = fields.number(8);
    if (index == 0) {  // the free space that ends the collection; its size counts its header
      file_.expect(bytes == before, "the free space of a global heap has ", bytes, " bytes. Expected ", before, ".");
      break;
    }
    file_.expect(bytes <= fields.left(), "a text of a global heap leaves it.");
    fields.padded(bytes);
    file_.expect(sizes.emplace(index, bytes).second, "a global heap has the number ", index, " twice.");
  }
  return sizes;
}

void GlobalHeaps::check_reference(std::uint64_t length, std::uint64_t collection, std::uint64_t index) {
  if (length == 0 && (collection == 0 || collection == kUndefined)) return;
  const auto known = collections_.find(collection);
  Sizes& sizes =
      (known != collections_.end() ? known : collections_.emplace(collection, read_collection(collection)).first)
          ->second;
  const auto object = sizes.find(index);
  file_.expect(object != sizes.end(), "a text that is not in its global heap, or one that is referred to twice.");
  file_.expect(object->second == length, "a text of ", length, " bytes in a place of ", object->second, ".");
  sizes.erase(object);
}

}  // namespace kerata::saving::hdf5
