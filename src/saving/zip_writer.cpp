#include <zlib.h>

#include <algorithm>
#include <unordered_set>

#include "core/require.h"
#include "files/file_io.h"
#include "saving/zip_file.h"
#include "saving/zip_format.h"

namespace kerata::saving {
namespace {

using zip::put;

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr unsigned kPlainVersion = 20, kZip64Version = 45, kUnix = 3, kRegularFile = 0100600;
constexpr unsigned kFirstDay = 1 << 5 | 1;  // 1 January 1980, where the format's calendar begins

struct Row {
  std::string name;
  std::uint64_t size = 0, header = 0;
  uLong crc = 0;
  bool is_long = false;
  unsigned flags() const {
    const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
    return is_ascii ? 0 : zip::kUtf8;
  }
};

/// The fields that header and list have in common.
void put_common(std::string& bytes, const Row& row) {
  put(bytes, row.is_long ? kZip64Version : kPlainVersion, 2);
  put(bytes, row.flags(), 2);
  put(bytes, zip::kStoredMethod, 2);
  put(bytes, 0, 2);  // midnight
  put(bytes, kFirstDay, 2);
  put(bytes, row.crc, 4);
  put(bytes, row.is_long ? zip::kNone32 : row.size, 4);
  put(bytes, row.is_long ? zip::kNone32 : row.size, 4);
  put(bytes, row.name.size(), 2);
}

std::string local_header(const Row& row) {
  std::string bytes;
  put(bytes, zip::kLocalHeader, 4);
  put_common(bytes, row);
  put(bytes, row.is_long ? 20 : 0, 2);
  bytes += row.name;
  if (!row.is_long) return bytes;
  put(bytes, zip::kExtra64, 2);
  put(bytes, 16, 2);
  put(bytes, row.size, 8);
  put(bytes, row.size, 8);
  return bytes;
}

std::string directory_row(const Row& row) {
  const bool far = row.header >= zip::kNone32;
  std::string extra;
  if (row.is_long || far) {
    put(extra, zip::kExtra64, 2);
    put(extra, (row.is_long ? 16u : 0u) + (far ? 8u : 0u), 2);
    if (row.is_long) put(extra, row.size, 8), put(extra, row.size, 8);
    if (far) put(extra, row.header, 8);
  }
  std::string bytes;
  put(bytes, zip::kDirectoryRow, 4);
  put(bytes, (kUnix << 8) | (extra.empty() ? kPlainVersion : kZip64Version), 2);
  put_common(bytes, row);
  put(bytes, extra.size(), 2);
  put(bytes, 0, 6);  // no comment, first disk, no internal attributes
  put(bytes, std::uint64_t{kRegularFile} << 16, 4);
  put(bytes, far ? zip::kNone32 : row.header, 4);
  return bytes + row.name + extra;
}

/// The end of the archive, with zip64's records where a number needs them.
std::string end_records(std::uint64_t count, std::uint64_t offset, std::uint64_t size, bool is_long) {
  std::string bytes;
  if (is_long || count >= zip::kNone16 || offset >= zip::kNone32 || size >= zip::kNone32) {
    put(bytes, zip::kEndRecord64, 4);
    put(bytes, zip::kEnd64Bytes - 12, 8);
    put(bytes, (kUnix << 8) | kZip64Version, 2);
    put(bytes, kZip64Version, 2);
    put(bytes, 0, 8);  // the first disk, twice
    put(bytes, count, 8);
    put(bytes, count, 8);
    put(bytes, size, 8);
    put(bytes, offset, 8);
    put(bytes, zip::kEndLocator64, 4);
    put(bytes, 0, 4);
    put(bytes, offset + size, 8);
    put(bytes, 1, 4);
  }
  put(bytes, zip::kEndRecord, 4);
  put(bytes, 0, 4);
  put(bytes, std::min(count, zip::kNone16), 2);
  put(bytes, std::min(count, zip::kNone16), 2);
  put(bytes, std::min(size, zip::kNone32), 4);
  put(bytes, std::min(offset, zip::kNone32), 4);
  put(bytes, 0, 2);
  return bytes;
}

uLong sum(uLong crc, std::string_view bytes) {
  return crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

}  // namespace

struct ZipWriter::State {
  State(const std::string& path, std::uint64_t limit) : file(path), zip64_from(limit) {}

  Row begin(const std::string& name, std::uint64_t size) {
    const char* wrong = wrong_zip_name(name);
    require<ValueError>(wrong == nullptr && !name.ends_with('/'), "zip", file.path(), ": ", shown_zip_name(name),
                        " is no name for a member: ", wrong ? wrong : "it is a folder", ".");
    require<ValueError>(names.insert(name).second, "zip", file.path(), ": ", name, " is added twice.");
    return {name, size, file.position(), crc32(0, nullptr, 0), size >= zip64_from};
  }

  files::OutputFile file;
  std::uint64_t zip64_from;
  std::vector<Row> rows;
  std::unordered_set<std::string> names;
};

ZipWriter::ZipWriter(const std::string& path, std::uint64_t zip64_from)
    : state_(std::make_unique<State>(path, zip64_from)) {}
ZipWriter::~ZipWriter() = default;

void ZipWriter::add(const std::string& name, std::string_view content) {
  Row row = state_->begin(name, content.size());
  row.crc = sum(row.crc, content);
  state_->file.write(local_header(row));
  state_->file.write(content);
  state_->rows.push_back(std::move(row));
}

void ZipWriter::add_file(const std::string& name, const std::string& path) {
  const files::InputFile input(path);
  Row row = state_->begin(name, input.size());
  state_->file.write(local_header(row));
  std::string piece;
  for (std::uint64_t done = 0; done < input.size(); done += piece.size()) {
    piece = input.read_at(done, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, input.size() - done)));
    row.crc = sum(row.crc, piece);
    state_->file.write(piece);
  }
  state_->file.rewrite(row.header, local_header(row));  // now with the checksum
  state_->rows.push_back(std::move(row));
}

void ZipWriter::close() {
  const std::uint64_t offset = state_->file.position();
  bool is_long = false;
  for (const Row& row : state_->rows) {
    state_->file.write(directory_row(row));
    is_long = is_long || row.is_long;
  }
  state_->file.write(end_records(state_->rows.size(), offset, state_->file.position() - offset, is_long));
  state_->file.close();
}

}  // namespace kerata::saving
