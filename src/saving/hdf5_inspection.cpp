#include "saving/hdf5_inspection.h"

#include <algorithm>
#include <iterator>

#include "saving/hdf5_checksum.h"

namespace kerata::saving::hdf5 {
namespace {
// Honest weights shrink less than this; only small ones may shrink more (zeros).
constexpr std::uint64_t kBombRatio = 200, kBombFloor = std::uint64_t{64} << 20;
}  // namespace

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::none_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; });
}

void Inspection::set_end(std::uint64_t end) {
  expect(end <= end_, "the file is cut off. Expected ", end, " bytes, received ", end_, ".");
  end_ = end;
}

void Inspection::check(std::uint64_t address, std::uint64_t count, const char* what) const {
  expect(address <= end_ && count <= end_ - address, what, " lies outside the file: ", count, " bytes at ", address,
         " of ", end_, ".");
}

void Inspection::claim(std::uint64_t address, std::uint64_t count, const char* what) {
  check(address, count, what);
  if (count == 0) return;
  const auto after = claims_.lower_bound(address);
  const bool is_free = (after == claims_.end() || address + count <= after->first) &&
                       (after == claims_.begin() || std::prev(after)->second <= address);
  expect(is_free, what, " at ", address, " lies on bytes that belong to another part of the file, or to itself.");
  claims_.emplace_hint(after, address, address + count);
}

std::string Inspection::claimed(std::uint64_t address, std::uint64_t count, const char* what) {
  claim(address, count, what);
  return peek(address, count, what);
}

std::string Inspection::peek(std::uint64_t address, std::uint64_t count, const char* what) const {
  check(address, count, what);
  expect(count <= kLargestBlock, what, " is too large: ", count, " bytes. Expected at most ", kLargestBlock, ".");
  std::string block(count, '\0');
  if (!bytes_.read(address, block.size(), block.data()))
    fail<BackendError>("HDF5", bytes_.label(), " cannot be read at byte ", address, ".");
  return block;
}

void Inspection::check_sum(std::string_view block, const char* what) const {
  const std::size_t size = block.size() - 4;
  expect(Fields(*this, block.substr(size), what).number(4) == lookup3(block.substr(0, size)), what,
         " is damaged: its checksum is wrong.");
}

void Inspection::expand(std::uint64_t unpacked) {
  expanded_ += unpacked;
  expect(expanded_ <= kBombFloor || expanded_ / kBombRatio <= end_, "compressed data unpacks to ", expanded_,
         " bytes, out of proportion to a file of ", end_, " bytes.");
}

}  // namespace kerata::saving::hdf5
