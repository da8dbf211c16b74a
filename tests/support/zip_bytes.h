// Writes zip archives and .npy arrays byte by byte, honest and dishonest ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace kerata {

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value);
  return text;
}

/// What the archive says about a member; fields set afterwards lie.
struct ZipMember {
  std::string name, packed;
  std::uint64_t method = 0, checksum = 0, unpacked_size = 0, packed_size = 0, flags = 0;
  std::int64_t offset = -1;  // -1: the true one
  std::uint32_t attributes = 0;
  std::string extra = {}, local_extra = {},
              descriptor = {};  // of the list, of the header before the data, behind the data
  // What the header before the data says: as the list unless set.
  std::optional<std::string> local_name = {};
  std::optional<std::uint64_t> local_method = {}, local_checksum = {}, local_unpacked = {}, local_packed = {};
};

inline ZipMember stored(const std::string& name, const std::string& content) {
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  return {name, content, 0, sum, content.size(), content.size()};
}

inline ZipMember deflated(const std::string& name, const std::string& content) {
  std::string packed(compressBound(content.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  ZipMember member = stored(name, content);
  member.packed = packed;
  member.packed_size = packed.size();
  member.method = 8;
  return member;
}

/// The last record of an archive.
struct ZipEnd {
  std::uint64_t disk = 0, count = 0, size = 0, offset = 0;
  std::string before = {}, comment = {};  // zip64's records go before
};
inline std::string end_record(const ZipEnd& end) {
  return end.before + little(0x06054b50, 4) + little(end.disk, 2) + little(0, 2) + little(end.count, 2) +
         little(end.count, 2) + little(end.size, 4) + little(end.offset, 4) + little(end.comment.size(), 2) +
         end.comment;
}

/// `change` may lie about the end of the archive.
template <class Change>
std::string zip(const std::vector<ZipMember>& members, Change change) {
  std::string bytes, directory;
  for (const ZipMember& m : members) {
    const auto numbers = [&](std::uint64_t method, std::uint64_t checksum, std::uint64_t packed,
                             std::uint64_t unpacked) {
      return little(m.flags, 2) + little(method, 2) + little(0, 4) + little(checksum, 4) + little(packed, 4) +
             little(unpacked, 4);
    };
    const std::string local_name = m.local_name.value_or(m.name);
    const std::uint64_t offset = m.offset < 0 ? bytes.size() : static_cast<std::uint64_t>(m.offset);
    bytes += little(0x04034b50, 4) + little(20, 2) +
             numbers(m.local_method.value_or(m.method), m.local_checksum.value_or(m.checksum),
                     m.local_packed.value_or(m.packed_size), m.local_unpacked.value_or(m.unpacked_size)) +
             little(local_name.size(), 2) + little(m.local_extra.size(), 2) + local_name + m.local_extra + m.packed +
             m.descriptor;
    directory += little(0x02014b50, 4) + little(20, 2) + little(20, 2) +
                 numbers(m.method, m.checksum, m.packed_size, m.unpacked_size) + little(m.name.size(), 2) +
                 little(m.extra.size(), 2) + little(0, 6) + little(m.attributes, 4) + little(offset, 4) + m.name +
                 m.extra;
  }
  ZipEnd end{0, members.size(), directory.size(), bytes.size()};
  change(end);
  return bytes + directory + end_record(end);
}
inline std::string zip(const std::vector<ZipMember>& members) {
  return zip(members, [](ZipEnd&) {});
}

inline std::string npy(const std::string& dictionary, const std::string& data, int version = 1) {
  return std::string("\x93NUMPY", 6) + static_cast<char>(version) + '\0' +
         little(dictionary.size(), version == 1 ? 2 : 4) + dictionary + data;
}

inline std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

}  // namespace kerata
