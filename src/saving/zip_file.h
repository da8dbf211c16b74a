// Zip archives: .keras and .npz files. Names, sizes and checksums are checked before anything is believed.
//
// The format is read here, with zlib for deflated data, and not by libzip: the checks below need fields that libzip
// does not show (local headers, attributes, the offset of stored data), and two readers of one archive may see
// different files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kerata::saving {

struct ZipMember {
  std::string name;
  std::uint64_t size = 0;  // uncompressed
  std::uint64_t compressed_size = 0;
  std::uint64_t data_offset = 0;  // of the first byte of the data in the archive
  std::uint32_t crc = 0;
  bool stored = false;  // not compressed: the bytes lie in the archive as they are
};

/// Reads. Opening compares the list of members with the header before each member, and refuses absolute names, "..",
/// symbolic links, encrypted members, unknown methods, equal names, overlapping members and zip bombs (a ratio or a sum
/// of sizes out of proportion). Folders are passed over. Throws ValueError naming file and member, BackendError when
/// the file cannot be read.
class ZipReader {
 public:
  explicit ZipReader(const std::string& path);
  ~ZipReader();
  ZipReader(const ZipReader&) = delete;
  ZipReader& operator=(const ZipReader&) = delete;
  const std::string& path() const;
  const std::vector<ZipMember>& members() const;
  /// Null when there is none.
  const ZipMember* find(std::string_view name) const;
  /// The whole member, its checksum verified; at most `limit` bytes.
  std::string read(const ZipMember& member, std::uint64_t limit) const;
  /// Reads through the member once and compares its checksum, keeping nothing.
  void verify(const ZipMember& member) const;
  /// Unpacks one member to a new file, its checksum verified.
  void extract(const ZipMember& member, const std::string& to) const;

 private:
  friend class ZipStream;
  struct State;
  std::unique_ptr<State> state_;
};

/// One member from its beginning, piece by piece.
class ZipStream {
 public:
  ZipStream(const ZipReader& reader, const ZipMember& member);
  ~ZipStream();
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;
  /// Exactly `count` bytes. Throws ValueError when there are fewer, or when they are damaged.
  void read(void* to, std::size_t count);
  /// Throws ValueError unless everything has been read and agrees with the checksum.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a new archive of stored members, as Keras's: zip64 where it must, all times the same, so that equal content
/// gives equal bytes. Throws ValueError for a name that ZipReader would refuse, BackendError when writing fails.
class ZipWriter {
 public:
  /// A member of `zip64_from` bytes or more gets the long form of the headers.
  explicit ZipWriter(const std::string& path, std::uint64_t zip64_from = 0xffffffff);
  ~ZipWriter();  // without close() the file is no archive
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;
  void add(const std::string& name, std::string_view content);
  void add_file(const std::string& name, const std::string& path);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerata::saving
