// What the zip format's records begin with, and the numbers in them. Source: PKWARE's APPNOTE.TXT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kerata::saving {

namespace zip {

inline constexpr std::uint32_t kLocalHeader = 0x04034b50, kDirectoryRow = 0x02014b50, kEndRecord = 0x06054b50,
                               kEndRecord64 = 0x06064b50, kEndLocator64 = 0x07064b50, kDataDescriptor = 0x08074b50;
inline constexpr std::size_t kLocalBytes = 30, kRowBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
/// In a field of 16 or 32 bits: the value stands in a zip64 record.
inline constexpr std::uint64_t kNone16 = 0xffff, kNone32 = 0xffffffff;
/// Bits of the flags: encrypted; sizes behind the data; strongly encrypted; name in UTF-8; headers encrypted.
inline constexpr unsigned kEncrypted = 1u << 0, kSizesFollow = 1u << 3, kStrong = 1u << 6, kUtf8 = 1u << 11,
                          kMasked = 1u << 13;
inline constexpr unsigned kStoredMethod = 0, kDeflateMethod = 8;
inline constexpr unsigned kExtra64 = 1;  // the extra field with zip64's sizes

/// A little-endian number; the caller has checked that it is there.
inline std::uint64_t number(std::string_view bytes, std::size_t position, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[position + i]);
  return value;
}

inline void put(std::string& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i, value >>= 8) bytes += static_cast<char>(value);
}

}  // namespace zip

/// Why an archive must not hold a member of this name; null when it may.
const char* wrong_zip_name(std::string_view name);
/// The name as a message may show it.
std::string shown_zip_name(std::string_view name);

}  // namespace kerata::saving
