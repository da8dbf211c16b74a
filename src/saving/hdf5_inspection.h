// Inspection: a walk's view of the file: blocks with one owner each, and fields of blocks, all checked.
#pragma once

#include <map>
#include <string_view>

#include "core/require.h"
#include "saving/hdf5_bytes.h"

namespace kerata::saving::hdf5 {

inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};  // "no address"
/// No header, heap or index of a model comes near.
inline constexpr std::uint64_t kLargestBlock = std::uint64_t{64} << 20;

inline constexpr std::size_t kLongestName = 1024;
/// Whether a name may stand in messages and paths: not empty, not too long, no control characters.
bool is_plain(std::string_view name);

/// The file being walked. A block of bytes belongs to one structure: a loop, or two structures on the same bytes, shows
/// as a second claim and is refused, so that the walk's work and the memory that data takes are bounded by the file.
class Inspection {
 public:
  explicit Inspection(const Hdf5Bytes& bytes) : bytes_(bytes), end_(bytes.size()) {}

  /// Throws ValueError "[HDF5] file: place: parts...".
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail<ValueError>("HDF5", bytes_.label(), ": ", place, parts...);
  }
  template <class... Parts>
  void expect(bool ok, const Parts&... parts) const {
    if (!ok) [[unlikely]]
      refuse(parts...);
  }

  /// What the superblock declares as the end; no more than the file has.
  void set_end(std::uint64_t end);
  std::uint64_t end() const { return end_; }
  /// Takes the bytes for `what`.
  void claim(std::uint64_t address, std::uint64_t count, const char* what);
  /// The bytes, claimed or not.
  std::string claimed(std::uint64_t address, std::uint64_t count, const char* what);
  std::string peek(std::uint64_t address, std::uint64_t count, const char* what) const;
  /// Refuses unless the last 4 bytes are the checksum of the others: the library's own check leaks memory.
  void check_sum(std::string_view block, const char* what) const;
  /// Counts memory that compressed data will take beyond its bytes in the file.
  void expand(std::uint64_t unpacked);

  std::string place;  // what is under inspection, as messages begin: "layers/dense: "

 private:
  void check(std::uint64_t address, std::uint64_t count, const char* what) const;

  const Hdf5Bytes& bytes_;
  std::uint64_t end_, expanded_ = 0;
  std::map<std::uint64_t, std::uint64_t> claims_;  // start -> end
};

/// Little-endian fields of one block, one after the other; reading past its end is refused.
class Fields {
 public:
  Fields(const Inspection& file, std::string_view bytes, const char* what) : file_(file), rest_(bytes), what_(what) {}

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const std::string_view field = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(field[i]);
    return value;
  }
  std::uint64_t address() { return number(8); }
  std::string_view take(std::size_t count) {
    file_.expect(count <= rest_.size(), what_, " is cut off.");
    const std::string_view field = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return field;
  }
  /// Takes `count` bytes and the padding up to a multiple of 8.
  std::string_view padded(std::size_t count) { return take((count + 7) / 8 * 8).substr(0, count); }
  /// Refuses unless the next bytes are these.
  void signature(std::string_view expected) {
    file_.expect(take(expected.size()) == expected, what_, " does not begin with ", expected, ".");
  }
  std::size_t left() const { return rest_.size(); }

 private:
  const Inspection& file_;
  std::string_view rest_;
  const char* what_;
};

}  // namespace kerata::saving::hdf5
