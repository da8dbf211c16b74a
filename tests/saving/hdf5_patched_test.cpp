// A valid HDF5 file in which one field lies: loops, overlaps, places outside, sizes that do not fit.
#include <gtest/gtest.h>

#include <string>

#include "kerata/core/error.h"
#include "saving/hdf5_files.h"
#include "support/errors.h"

namespace kerata {
namespace {

using saving::Hdf5Reader;
using saving::Hdf5Writer;

std::string field(std::uint64_t value, int bytes = 8) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value);
  return text;
}

/// "g/x" (7, 11) float32, "g/y" (7, 11) float32, "g/z" () int32, and a text.
class PatchedHdf5 : public testing::Test {
 protected:
  PatchedHdf5() {
    Hdf5Writer writer(path_);
    const std::vector<float> x(77, 1.5f), y(77, 2.5f);
    writer.dataset("g/x", Tensor::from_span<float>(x, {7, 11}));
    writer.dataset("g/y", Tensor::from_span<float>(y, {7, 11}));
    writer.text_attribute("g", "text", "a text of 22 letters..");
    writer.close();
    bytes_ = bytes_of_file(path_);
  }

  /// Where the `nth` (from 0) place of `text` begins.
  std::size_t find(const std::string& text, int nth = 0) const {
    std::size_t place = bytes_.find(text);
    for (; nth > 0 && place != std::string::npos; --nth) place = bytes_.find(text, place + 1);
    EXPECT_NE(place, std::string::npos);
    return place;
  }
  std::uint64_t number(std::size_t place) const {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_.at(place + i));
    return value;
  }
  void patch(std::size_t place, const std::string& to) { bytes_.replace(place, to.size(), to); }
  void expect_refused(const std::string& text) {
    folder_.write("a.h5", bytes_);
    EXPECT_ERROR(ValueError, Hdf5Reader({.path = path_}), "[HDF5] " + path_ + ": " + text);
  }
  void expect_refused_for(const std::string& part) {
    folder_.write("a.h5", bytes_);
    EXPECT_ERROR_WITH(ValueError, Hdf5Reader({.path = path_}), part);
  }

  // Data is found by its values, the message that holds its address by the size behind it.
  std::size_t data_of(float value) const {
    std::string four(4, '\0');
    std::copy_n(reinterpret_cast<const char*>(&value), 4, four.data());
    return find(four + four);
  }
  std::size_t layout_of(float value) const { return find(field(data_of(value)) + field(308)); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("a.h5");
  std::string bytes_;
};

TEST_F(PatchedHdf5, OverlappingData) {
  const std::uint64_t shared = data_of(1.5f);
  patch(layout_of(2.5f), field(shared));
  expect_refused("g/x: data at " + std::to_string(shared) +
                 " lies on bytes that belong to another part of the file, or to itself.");
}

TEST_F(PatchedHdf5, DataOnStructures) {
  patch(layout_of(2.5f), field(8));
  expect_refused("g/y: data at 8 lies on bytes that belong to another part of the file, or to itself.");
}

TEST_F(PatchedHdf5, DataOutsideTheFile) {
  patch(layout_of(2.5f), field(bytes_.size() - 100));
  expect_refused("g/y: data lies outside the file: 308 bytes at " + std::to_string(bytes_.size() - 100) + " of " +
                 std::to_string(bytes_.size()) + ".");
}

TEST_F(PatchedHdf5, AddressesNearTheLargest) {
  patch(layout_of(2.5f), field(~std::uint64_t{0} - 1));
  expect_refused_for("g/y: data lies outside the file: 308 bytes at 18446744073709551614 of ");
}

TEST_F(PatchedHdf5, DataThatIsNotThere) {
  patch(layout_of(2.5f), field(~std::uint64_t{0}));
  expect_refused("g/y: a declared shape of 308 bytes without any data.");
}

TEST_F(PatchedHdf5, ShapeLargerThanItsData) {
  const std::size_t sizes = find(field(7) + field(11));
  patch(sizes, field(std::uint64_t{1} << 20));
  expect_refused("g/x: a shape larger than its limit.");
  patch(sizes + 16, field(std::uint64_t{1} << 20));
  expect_refused("g/x: data of 308 bytes. Expected 46137344 for its shape.");
}

TEST_F(PatchedHdf5, ShapeWhoseProductOverflows) {
  patch(find(field(7) + field(11)), field(std::uint64_t{1} << 61) + field(8));
  expect_refused("g/x: the sizes of a shape are too large.");
}

TEST_F(PatchedHdf5, ShapeWhoseOverflowAZeroHides) {
  patch(find(field(7) + field(11)), field(~std::uint64_t{0}) + field(0));
  expect_refused("g/x: the sizes of a shape are too large.");
}

TEST_F(PatchedHdf5, MoreAxesThanTheMessageHolds) {
  const std::size_t rank = find(field(7) + field(11)) - 7;  // version, rank, flags and reserved bytes come before
  patch(rank, "\x08");
  expect_refused("g/x: a shape is cut off.");
}

TEST_F(PatchedHdf5, GroupThatIsItsOwnChild) {
  const std::size_t root_entry = 96 - 40;
  const std::size_t child = find("SNOD", 0) + 8;  // of the root: its only link, g
  patch(child + 8, bytes_.substr(root_entry + 8, 8));
  expect_refused_for("g: an object header at 96 lies on bytes that belong to another part of the file, or to itself.");
}

TEST_F(PatchedHdf5, TreeOfAnotherGroup) {
  const std::size_t child = find("SNOD", 0) + 8;
  patch(child + 24, bytes_.substr(80, 16));  // what the library keeps at hand about g
  expect_refused("g: a symbol table with two addresses.");
}

TEST_F(PatchedHdf5, FreeListOfNamesInACircle) {
  const std::size_t heap = find("HEAP", 0), free = number(heap + 16), data = number(heap + 24);
  ASSERT_NE(free, 1u);
  patch(data + free, field(free) + field(16));
  expect_refused("the root group: the free list of a local heap runs in a circle.");
}

TEST_F(PatchedHdf5, FreeListAtTheEndOfItsHeap) {
  const std::size_t heap = find("HEAP", 0);
  patch(heap + 16, field(number(heap + 8) - 8));
  expect_refused("the root group: the free list of a local heap leaves the heap.");
}

TEST_F(PatchedHdf5, NameOutsideItsHeap) {
  patch(find("SNOD", 0) + 8, field(1 << 20));
  expect_refused("the root group: a name lies outside its heap.");
}

TEST_F(PatchedHdf5, KeyOutsideItsHeap) {
  patch(find("TREE", 0) + 24, field(1 << 20));
  expect_refused("the root group: a name lies outside its heap.");
}

TEST_F(PatchedHdf5, KeyThatHidesItsNames) {
  patch(find("TREE", 0) + 40, field(0));
  expect_refused("the root group: names that do not fit the keys of their B-tree.");
}

TEST_F(PatchedHdf5, WrongChecksum) {
  bytes_ = bytes_of_file(hdf5_path("latest.h5"));
  const std::string good = bytes_;
  patch(44, "\x01");
  expect_refused("the superblock is damaged: its checksum is wrong.");
  bytes_ = good;
  const std::size_t name = find("group");
  patch(name, "other");
  expect_refused("the root group: an object header is damaged: its checksum is wrong.");
}

TEST_F(PatchedHdf5, NameThatDoesNotEnd) {
  const std::size_t heap = find("HEAP", 0), size = number(heap + 8), data = number(heap + 24);
  patch(heap + 16, field(1));
  patch(data + 8, std::string(size - 8, 'a'));
  expect_refused("the root group: a name does not end in its heap.");
}

TEST_F(PatchedHdf5, NeighboursOfATreeInACircle) {
  const std::size_t tree = find("TREE", 0);
  patch(tree + 16, field(tree));
  expect_refused("the root group: a B-tree node with wrong neighbours.");
}

TEST_F(PatchedHdf5, TreeBelowItself) {
  const std::size_t tree = find("TREE", 0);
  patch(tree + 5, "\x01");
  patch(tree + 32, field(tree));
  expect_refused("the root group: a B-tree node at " + std::to_string(tree) +
                 " lies on bytes that belong to another part of the file, or to itself.");
}

TEST_F(PatchedHdf5, TooManyEntries) {
  patch(find("SNOD", 0) + 6, "\x09");
  expect_refused("the root group: a symbol table node of version 1 with 9 entries.");
  patch(find("SNOD", 0) + 6, "\x01");
  patch(find("TREE", 0) + 6, "\x21");
  expect_refused("the root group: a B-tree node with 33 children.");
}

TEST_F(PatchedHdf5, TwoObjectsOfOneName) {
  const std::size_t entries = find("SNOD", 1) + 8;
  patch(entries + 40, bytes_.substr(entries, 8));
  expect_refused("g: names that are not sorted, or twice the same.");
}

TEST_F(PatchedHdf5, TextLongerThanItsPlace) {
  const std::size_t collection = find("GCOL"), reference = find(field(22, 4) + field(collection));
  patch(reference, field(1 << 20, 4));
  expect_refused("g: attribute text: a text of 1048576 bytes in a place of 22.");
  patch(reference, field(22, 4));
  patch(reference + 12, field(9, 4));
  expect_refused("g: attribute text: a text that is not in its global heap, or one that is referred to twice.");
}

TEST_F(PatchedHdf5, GlobalHeapThatIsNoHeap) {
  const std::size_t collection = find("GCOL"), reference = find(field(22, 4) + field(collection));
  patch(reference + 4, field(8));
  expect_refused("g: attribute text: a global heap does not begin with GCOL.");
  patch(reference + 4, field(collection));
  patch(collection + 8, field(~std::uint64_t{7}));
  expect_refused_for("g: attribute text: a global heap lies outside the file: 18446744073709551608 bytes at ");
}

TEST_F(PatchedHdf5, FreeSpaceOfNoBytesInAGlobalHeap) {  // the library would stay there for ever
  const std::size_t collection = find("GCOL"), free = collection + 16 + 16 + 24;
  patch(free + 8, field(0));
  expect_refused_for("g: attribute text: the free space of a global heap has 0 bytes. Expected ");
}

TEST_F(PatchedHdf5, ContinuationOfAHeaderInItself) {
  const std::uint64_t header = number(find("SNOD", 0) + 16);
  patch(header + 16, field(0x10, 2));  // g's first message becomes a continuation
  patch(header + 24, field(header) + field(16));
  expect_refused("g: an object header at " + std::to_string(header) +
                 " lies on bytes that belong to another part of the file, or to itself.");
}

TEST_F(PatchedHdf5, FileInSeveralParts) {
  patch(48, field(1024));
  expect_refused("a file in several parts (driver information), which Keras never writes.");
}

TEST_F(PatchedHdf5, EndBehindTheFile) {
  const std::string size = std::to_string(bytes_.size());
  patch(40, field(bytes_.size() + 1));
  expect_refused("the file is cut off. Expected " + std::to_string(bytes_.size() + 1) + " bytes, received " + size +
                 ".");
}

TEST_F(PatchedHdf5, OtherSizesOfAddresses) {
  patch(13, "\x04");
  expect_refused("a superblock with addresses or sizes that do not have 8 bytes.");
}

}  // namespace
}  // namespace kerata
