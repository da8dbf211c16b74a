#include "saving/zip_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "core/require.h"
#include "saving/zip_format.h"

namespace kerata::saving {
namespace {

using zip::number;

constexpr std::uint64_t kMostMembers = 100000, kLargestDirectory = std::uint64_t{64} << 20;
// Deflate cannot shrink below 1 / 1032; honest archives as a whole shrink less than kBombRatio, small ones may.
constexpr std::uint64_t kDeflateLimit = 1032, kBombRatio = 100, kBombFloor = std::uint64_t{64} << 20;

/// One row of the list, and where the member ends.
struct Row {
  ZipMember member;
  unsigned flags = 0, method = 0;
  std::uint32_t attributes = 0;
  std::uint64_t header = 0, end = 0;  // of the local header; behind the data and its descriptor
  bool is_folder() const { return member.name.ends_with('/'); }
};

/// Where the list of members lies.
struct Place {
  std::uint64_t offset = 0, size = 0, count = 0;
};

/// The sizes in zip64's extra field, in the order of the fields that have none; nothing when it lacks one.
class Extra64 {
 public:
  explicit Extra64(std::string_view extra) {
    while (extra.size() >= 4) {
      const std::uint64_t size = number(extra, 2, 2);
      if (size > extra.size() - 4) return;
      if (number(extra, 0, 2) == zip::kExtra64) {
        bytes_ = extra.substr(4, size);
        return;
      }
      extra.remove_prefix(4 + size);
    }
  }
  /// The field itself, or the long one in its place.
  bool resolve(std::uint64_t& field) {
    if (field != zip::kNone32) return true;
    if (bytes_.size() < 8) return false;
    field = number(bytes_, 0, 8);
    bytes_.remove_prefix(8);
    return true;
  }

 private:
  std::string_view bytes_;
};

class Directory {
 public:
  explicit Directory(const files::InputFile& file) : file_(file) {}
  std::vector<ZipMember> read();

 private:
  template <class... Parts>
  void check(bool ok, const Parts&... parts) const {
    require<ValueError>(ok, "zip", file_.path(), parts...);
  }
  template <class... Parts>
  void check_member(bool ok, const Row& row, const Parts&... parts) const {
    if (!ok) [[unlikely]]
      fail<ValueError>("zip", file_.path(), ": ", shown_zip_name(row.member.name), parts...);
  }
  Place find() const;
  std::optional<Place> find64(std::uint64_t end_record) const;
  std::vector<Row> read_rows() const;
  Row read_row(std::string_view bytes, std::size_t& position) const;
  void check_name(const Row& row, std::unordered_set<std::string_view>& names) const;
  void check_method(const Row& row) const;
  void check_sizes(const Row& row) const;
  void check_sum(const std::vector<Row>& rows) const;
  void locate(Row& row) const;
  void compare_sizes(const Row& row, std::string_view local, std::string_view extra) const;
  std::uint64_t descriptor_bytes(const Row& row, std::uint64_t position) const;
  void check_overlap(const std::vector<Row>& rows) const;

  const files::InputFile& file_;
  Place place_;
};

// The record is searched from the end; it counts when its comment reaches exactly to the end of the file.
Place Directory::find() const {
  constexpr std::uint64_t kLongestComment = 65535;
  check(file_.size() >= zip::kEndBytes, " is not a zip archive: it is only ", file_.size(), " bytes long.");
  const auto tail_size = static_cast<std::size_t>(std::min(file_.size(), zip::kEndBytes + kLongestComment));
  const std::string tail = file_.read_at(file_.size() - tail_size, tail_size);
  for (std::size_t i = tail.size() - zip::kEndBytes + 1; i-- > 0;) {
    if (number(tail, i, 4) != zip::kEndRecord || number(tail, i + 20, 2) != tail.size() - i - zip::kEndBytes) continue;
    Place place{number(tail, i + 16, 4), number(tail, i + 12, 4), number(tail, i + 10, 2)};
    const std::uint64_t disks = number(tail, i + 4, 4), here = number(tail, i + 8, 2);
    std::uint64_t end = file_.size() - tail.size() + i;
    if (const std::optional<Place> place64 = find64(end)) {
      const auto agrees = [](std::uint64_t field, std::uint64_t field64, std::uint64_t none) {
        return field == none || field == field64;
      };
      check(agrees(place.offset, place64->offset, zip::kNone32) && agrees(place.size, place64->size, zip::kNone32) &&
                agrees(place.count, place64->count, zip::kNone16),
            " has two end records that do not agree.");
      place = *place64;
      end -= zip::kLocatorBytes + zip::kEnd64Bytes;
    } else {
      check(disks == 0 && here == place.count, " is a part of an archive in several files. Expected a whole one.");
    }
    check(place.offset <= end && place.size == end - place.offset,
          " has a damaged end record: its list of members lies elsewhere. Expected it to end at byte ", end, ".");
    return place;
  }
  fail<ValueError>("zip", file_.path(), " is not a zip archive, or it is cut off: it has no end record.");
}

std::optional<Place> Directory::find64(std::uint64_t end_record) const {
  if (end_record < zip::kLocatorBytes) return std::nullopt;
  const std::string locator = file_.read_at(end_record - zip::kLocatorBytes, zip::kLocatorBytes);
  if (number(locator, 0, 4) != zip::kEndLocator64) return std::nullopt;
  const std::uint64_t offset = number(locator, 8, 8);
  check(end_record >= zip::kLocatorBytes + zip::kEnd64Bytes &&
            offset == end_record - zip::kLocatorBytes - zip::kEnd64Bytes && number(locator, 4, 4) == 0 &&
            number(locator, 16, 4) <= 1,
        " has a damaged zip64 end record.");
  const std::string record = file_.read_at(offset, zip::kEnd64Bytes);
  check(number(record, 0, 4) == zip::kEndRecord64 && number(record, 4, 8) == zip::kEnd64Bytes - 12 &&
            number(record, 16, 8) == 0 && number(record, 24, 8) == number(record, 32, 8),
        " has a damaged zip64 end record.");
  return Place{number(record, 48, 8), number(record, 40, 8), number(record, 32, 8)};
}

Row Directory::read_row(std::string_view bytes, std::size_t& position) const {
  const auto check_row = [&](bool ok) {
    check(ok, " has a damaged list of members at byte ", place_.offset + position, ".");
  };
  const std::string_view rest = bytes.substr(position);
  check_row(rest.size() >= zip::kRowBytes && number(rest, 0, 4) == zip::kDirectoryRow);
  const std::size_t name = number(rest, 28, 2), extra = number(rest, 30, 2), comment = number(rest, 32, 2);
  check_row(name + extra + comment <= rest.size() - zip::kRowBytes);
  Row row;
  row.flags = static_cast<unsigned>(number(rest, 8, 2));
  row.method = static_cast<unsigned>(number(rest, 10, 2));
  row.attributes = static_cast<std::uint32_t>(number(rest, 38, 4));
  row.header = number(rest, 42, 4);
  row.member.name = rest.substr(zip::kRowBytes, name);
  row.member.crc = static_cast<std::uint32_t>(number(rest, 16, 4));
  row.member.compressed_size = number(rest, 20, 4);
  row.member.size = number(rest, 24, 4);
  row.member.stored = row.method == zip::kStoredMethod;
  Extra64 sizes(rest.substr(zip::kRowBytes + name, extra));
  check_row(sizes.resolve(row.member.size) && sizes.resolve(row.member.compressed_size) && sizes.resolve(row.header));
  position += zip::kRowBytes + name + extra + comment;
  return row;
}

std::vector<Row> Directory::read_rows() const {
  check(place_.count <= kMostMembers && place_.size <= kLargestDirectory, " lists ", place_.count, " members in ",
        place_.size, " bytes. Expected at most ", kMostMembers, " in ", kLargestDirectory, " bytes.");
  check(place_.count * zip::kRowBytes <= place_.size, " lists ", place_.count, " members in ", place_.size,
        " bytes, which do not fit in there.");
  const std::string bytes = file_.read_at(place_.offset, static_cast<std::size_t>(place_.size));
  std::vector<Row> rows;
  rows.reserve(static_cast<std::size_t>(place_.count));
  std::size_t position = 0;
  while (rows.size() < place_.count) rows.push_back(read_row(bytes, position));
  check(position == bytes.size(), " has a damaged list of members: it holds more than ", place_.count, " of them.");
  return rows;
}

void Directory::check_name(const Row& row, std::unordered_set<std::string_view>& names) const {
  const char* wrong = wrong_zip_name(row.member.name);
  check_member(wrong == nullptr, row, " is no name for a member: ", wrong ? wrong : "", ".");
  check_member(names.insert(row.member.name).second, row, " stands in the archive twice.");
  const std::uint32_t type = row.attributes >> 16 & S_IFMT;
  check_member(type != S_IFLNK, row, " is a symbolic link. Expected a file.");
  check_member(type == 0 || type == S_IFREG || (type == S_IFDIR && row.is_folder()), row,
               " is a special file. Expected an ordinary one.");
}

void Directory::check_method(const Row& row) const {
  check_member((row.flags & (zip::kEncrypted | zip::kStrong | zip::kMasked)) == 0, row,
               " is encrypted. Expected a stored or deflated member.");
  check_member(row.method == zip::kStoredMethod || row.method == zip::kDeflateMethod, row, " is compressed by method ",
               row.method, ". Expected a stored or deflated member.");
}

void Directory::check_sizes(const Row& row) const {
  const std::uint64_t size = row.member.size, packed = row.member.compressed_size;
  check_member(packed <= place_.offset, row, " reaches beyond the end of the file. Expected at most ", place_.offset,
               " bytes, received ", packed, ".");
  check_member(!row.member.stored || size == packed, row, " is stored with two sizes: ", packed, " and ", size, ".");
  check_member(size <= packed * kDeflateLimit + 64, row, " declares ", size, " bytes in ", packed,
               " compressed ones: no honest archive.");
  check_member(!row.is_folder() || size == 0, row, " is a folder with content. Expected none.");
}

// Members do not overlap, so that the sum of their compressed sizes is below the file's: nothing overflows.
void Directory::check_sum(const std::vector<Row>& rows) const {
  std::uint64_t size = 0, packed = 0;
  for (const Row& row : rows) {
    size += row.member.size;
    packed += row.member.compressed_size;
  }
  check(size <= std::max(packed * kBombRatio, kBombFloor), " declares ", size, " bytes in ", packed,
        " compressed ones: no honest archive.");
}

/// The header before the data must say what the list says.
void Directory::locate(Row& row) const {
  check_member(row.header <= place_.offset && zip::kLocalBytes <= place_.offset - row.header, row,
               " does not lie in the archive. Expected an offset below ", place_.offset, ", received ", row.header,
               ".");
  const std::string local = file_.read_at(row.header, zip::kLocalBytes);
  check_member(number(local, 0, 4) == zip::kLocalHeader, row, " is not at byte ", row.header,
               " as the list of members says.");
  const std::size_t name = number(local, 26, 2), extra = number(local, 28, 2);
  const std::uint64_t rest = place_.offset - row.header - zip::kLocalBytes;
  check_member(name + extra <= rest && row.member.compressed_size <= rest - name - extra, row,
               " overlaps with the list of members.");
  const std::string texts = file_.read_at(row.header + zip::kLocalBytes, name + extra);
  constexpr unsigned kCompared = zip::kEncrypted | zip::kSizesFollow | zip::kStrong | zip::kUtf8 | zip::kMasked;
  check_member(texts.substr(0, name) == row.member.name, row,
               " has another name in front of its data: ", shown_zip_name(texts.substr(0, name)), ".");
  check_member((number(local, 6, 2) & kCompared) == (row.flags & kCompared) && number(local, 8, 2) == row.method, row,
               " has other flags or another method in front of its data.");
  compare_sizes(row, local, std::string_view(texts).substr(name));
  row.member.data_offset = row.header + zip::kLocalBytes + name + extra;
  row.end = row.member.data_offset + row.member.compressed_size;
  if (row.flags & zip::kSizesFollow) row.end += descriptor_bytes(row, row.end);
}

void Directory::compare_sizes(const Row& row, std::string_view local, std::string_view extra) const {
  std::uint64_t size = number(local, 22, 4), packed = number(local, 18, 4);
  const std::uint64_t crc = number(local, 14, 4);
  Extra64 sizes(extra);
  const bool complete = sizes.resolve(size) && sizes.resolve(packed);
  const auto agrees = [&](std::uint64_t here, std::uint64_t listed) {
    return here == listed || (here == 0 && (row.flags & zip::kSizesFollow) != 0);
  };
  check_member(complete && agrees(size, row.member.size) && agrees(packed, row.member.compressed_size) &&
                   agrees(crc, row.member.crc),
               row, " has another size or checksum in front of its data.");
}

/// Behind data whose size was not known when it was written: checksum and sizes, with or without a mark, short or long.
std::uint64_t Directory::descriptor_bytes(const Row& row, std::uint64_t position) const {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(24, place_.offset - position));
  const std::string bytes = file_.read_at(position, count);
  for (const std::size_t width : {4, 8}) {
    for (const std::size_t mark : {4, 0}) {
      if (bytes.size() < mark + 4 + 2 * width) continue;
      if (mark > 0 && number(bytes, 0, 4) != zip::kDataDescriptor) continue;
      if (number(bytes, mark, 4) == row.member.crc && number(bytes, mark + 4, width) == row.member.compressed_size &&
          number(bytes, mark + 4 + width, width) == row.member.size)
        return mark + 4 + 2 * width;
    }
  }
  check_member(false, row, " has another size or checksum behind its data.");
  return 0;
}

void Directory::check_overlap(const std::vector<Row>& rows) const {
  std::vector<const Row*> sorted;
  for (const Row& row : rows) sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(), [](const Row* a, const Row* b) { return a->header < b->header; });
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i)
    check_member(sorted[i]->end <= sorted[i + 1]->header, *sorted[i], " overlaps with ",
                 shown_zip_name(sorted[i + 1]->member.name), " at byte ", sorted[i + 1]->header,
                 ": no honest archive.");
}

std::vector<ZipMember> Directory::read() {
  place_ = find();
  std::vector<Row> rows = read_rows();
  std::unordered_set<std::string_view> names;
  for (Row& row : rows) {
    check_name(row, names);
    check_method(row);
    check_sizes(row);
    locate(row);
  }
  check_overlap(rows);
  check_sum(rows);
  std::vector<ZipMember> members;
  for (Row& row : rows)
    if (!row.is_folder()) members.push_back(std::move(row.member));
  return members;
}

}  // namespace

const char* wrong_zip_name(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > 4096) return "it is longer than 4096 bytes";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it holds control characters";
    if (c == '\\') return "it holds a backslash";
  }
  if (name[0] == '/' || (name.size() > 1 && name[1] == ':')) return "it is absolute";
  if (name.ends_with('/')) name.remove_suffix(1);
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return "it leads out of the archive";
    start = end + 1;
  }
  return nullptr;
}

std::string shown_zip_name(std::string_view name) {
  std::string shown(name.substr(0, 200));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return name.size() > shown.size() ? shown + "..." : shown;
}

std::vector<ZipMember> read_zip_directory(const files::InputFile& file) { return Directory(file).read(); }

}  // namespace kerata::saving
