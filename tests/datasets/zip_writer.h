// Writes zip archives and .npy arrays byte by byte, honest and dishonest ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace kerata {

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value);
  return text;
}

/// What the archive says about a member; fields set after add() lie.
struct ZipMember {
  std::string name, packed;
  std::uint64_t method = 0, checksum = 0, unpacked_size = 0, packed_size = 0, flags = 0;
  std::int64_t offset = -1;  // -1: the true one
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

inline std::string zip(const std::vector<ZipMember>& members) {
  std::string bytes, directory;
  for (const ZipMember& m : members) {
    const std::string sizes = little(m.checksum, 4) + little(m.packed_size, 4) + little(m.unpacked_size, 4);
    const std::uint64_t offset = m.offset < 0 ? bytes.size() : static_cast<std::uint64_t>(m.offset);
    bytes += little(0x04034b50, 4) + little(20, 2) + little(m.flags, 2) + little(m.method, 2) + little(0, 4) + sizes +
             little(m.name.size(), 2) + little(0, 2) + m.name + m.packed;
    directory += little(0x02014b50, 4) + little(20, 2) + little(20, 2) + little(m.flags, 2) + little(m.method, 2) +
                 little(0, 4) + sizes + little(m.name.size(), 2) + little(0, 12) + little(offset, 4) + m.name;
  }
  return bytes + directory + little(0x06054b50, 4) + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(bytes.size(), 4) + little(0, 2);
}

inline std::string npy(const std::string& dictionary, const std::string& data, int version = 1) {
  return std::string("\x93NUMPY", 6) + static_cast<char>(version) + '\0' +
         little(dictionary.size(), version == 1 ? 2 : 4) + dictionary + data;
}

inline std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

/// A folder of this test that is empty at first and gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kerata_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace kerata
