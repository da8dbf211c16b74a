#include "datasets/npz.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "core/require.h"
#include "datasets/files.h"
#include "datasets/gzip.h"
#include "datasets/npy.h"

namespace kerata::datasets {
namespace {

// Honest arrays shrink less than this; only small ones may shrink more (zeros).
constexpr std::uint64_t kBombRatio = 200, kBombFloor = std::uint64_t{64} << 20;

/// One row of the central directory.
struct Member {
  std::string name;
  unsigned flags = 0, method = 0;
  std::uint32_t checksum = 0;
  std::uint64_t packed = 0, unpacked = 0, offset = 0;  // offset: of the local header
};

/// A zip archive in memory; every read is checked against its end.
class Archive {
 public:
  explicit Archive(const std::string& path) : path_(path), bytes_(read_file(path)) {}

  std::vector<Member> members() const {
    const std::size_t end = find_end_record();
    const std::uint64_t count = number(end + 10, 2), directory = number(end + 16, 4);
    require<BackendError>(count != 0xffff && directory != 0xffffffff, "datasets", path_,
                          " is a zip64 archive. Expected one below 4 GiB.");
    std::vector<Member> members;
    std::size_t position = directory;
    for (std::uint64_t i = 0; i < count; ++i) members.push_back(read_row(position));
    check(members, directory);
    return members;
  }

  /// The packed bytes of a member.
  std::string_view packed(const Member& member) const {
    const std::size_t start = data_start(member);
    require<BackendError>(member.packed <= bytes_.size() - start, "datasets", place(member),
                          " reaches beyond the end of the file. Expected at most ", bytes_.size() - start,
                          " bytes, received ", member.packed, ".");
    return std::string_view(bytes_).substr(start, member.packed);
  }

  std::string place(const Member& member) const { return path_ + ": " + member.name; }

 private:
  std::uint64_t number(std::size_t position, std::size_t bytes) const {
    require<BackendError>(position <= bytes_.size() && bytes <= bytes_.size() - position, "datasets", path_,
                          " is cut off: nothing at byte ", position, " of ", bytes_.size(), ".");
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[position + i]);
    return value;
  }

  std::size_t find_end_record() const {
    constexpr std::size_t kRecord = 22, kLongestComment = 65535;
    require<BackendError>(bytes_.size() >= kRecord, "datasets", path_, " is not a zip archive: only ", bytes_.size(),
                          " bytes long.");
    const std::size_t last = bytes_.size() - kRecord, first = last > kLongestComment ? last - kLongestComment : 0;
    for (std::size_t position = last + 1; position-- > first;) {
      if (number(position, 4) == 0x06054b50 && number(position + 20, 2) == last - position) return position;
    }
    fail<BackendError>("datasets", path_, " is not a zip archive, or it is cut off: it has no end record.");
  }

  Member read_row(std::size_t& position) const {
    require<BackendError>(number(position, 4) == 0x02014b50, "datasets", path_,
                          " has a damaged list of members at byte ", position, ".");
    Member member;
    member.flags = static_cast<unsigned>(number(position + 8, 2));
    member.method = static_cast<unsigned>(number(position + 10, 2));
    member.checksum = static_cast<std::uint32_t>(number(position + 16, 4));
    member.packed = number(position + 20, 4);
    member.unpacked = number(position + 24, 4);
    member.offset = number(position + 42, 4);
    const std::size_t name = number(position + 28, 2);
    const std::size_t next = position + 46 + name + number(position + 30, 2) + number(position + 32, 2);
    number(position + 46, 0);
    require<BackendError>(next <= bytes_.size(), "datasets", path_, " has a damaged list of members at byte ", position,
                          ".");
    member.name = bytes_.substr(position + 46, name);
    position = next;
    return member;
  }

  std::size_t data_start(const Member& member) const {
    require<BackendError>(number(member.offset, 4) == 0x04034b50, "datasets", place(member), " is not at byte ",
                          member.offset, " as the list of members says.");
    const std::size_t start = member.offset + 30 + number(member.offset + 26, 2) + number(member.offset + 28, 2);
    number(start, 0);
    return start;
  }

  void check(const std::vector<Member>& members, std::uint64_t directory) const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const Member& member : members) {
      require<BackendError>((member.flags & 1) == 0 && (member.method == 0 || member.method == 8), "datasets",
                            place(member), " is encrypted or packed by method ", member.method,
                            ". Expected a stored or deflated member.");
      require<BackendError>(member.method != 0 || member.packed == member.unpacked, "datasets", place(member),
                            " is stored with two sizes: ", member.packed, " and ", member.unpacked, ".");
      require<BackendError>(member.unpacked <= std::max(member.packed * kBombRatio, kBombFloor) &&
                                member.unpacked <= member.packed * kDeflateLimit + 64,
                            "datasets", place(member), " declares ", member.unpacked, " bytes in ", member.packed,
                            " packed ones: no honest array.");
      ranges.emplace_back(member.offset, data_start(member) + member.packed);
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const std::uint64_t limit = i + 1 < ranges.size() ? ranges[i + 1].first : directory;
      require<BackendError>(ranges[i].second <= limit, "datasets", path_, " has members that overlap at byte ", limit,
                            ": no honest archive.");
    }
  }

  std::string path_;
  std::string bytes_;
};

/// Unpacks a member in order, as much as is asked for.
class Unpacker {
 public:
  Unpacker(const Archive& archive, const Member& member)
      : packed_(archive.packed(member)), member_(member), place_(archive.place(member)) {
    if (member.method == 0) return;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data()));
    stream_.avail_in = static_cast<uInt>(packed_.size());
    require<BackendError>(inflateInit2(&stream_, -MAX_WBITS) == Z_OK, "datasets", "zlib does not start.");
  }
  ~Unpacker() { inflateEnd(&stream_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  std::string read(std::size_t count) {
    std::string bytes(count, '\0');
    std::size_t done = member_.method == 0 ? packed_.copy(bytes.data(), count, position_) : inflate_into(bytes);
    require<BackendError>(done == count, "datasets", place_, " ends too early. Expected ", count, " bytes after byte ",
                          position_, ", received ", done, ".");
    position_ += done;
    checksum_ = crc32_z(checksum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    return bytes;
  }
  void check_sum() const {
    require<BackendError>(checksum_ == member_.checksum, "datasets", place_,
                          " is damaged: its checksum does not agree with its content.");
  }

 private:
  std::size_t inflate_into(std::string& bytes) {
    stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_out = static_cast<uInt>(bytes.size());  // sizes are below 4 GiB: no zip64
    while (stream_.avail_out > 0) {
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) break;
      require<BackendError>(code == Z_OK, "datasets", place_, " is damaged after byte ",
                            static_cast<std::uint64_t>(stream_.total_out), ": ", stream_.msg ? stream_.msg : "cut off",
                            ".");
    }
    return bytes.size() - stream_.avail_out;
  }

  std::string_view packed_;
  const Member& member_;
  std::string place_;
  z_stream stream_{};
  std::size_t position_ = 0;
  uLong checksum_ = crc32(0, nullptr, 0);
};

Tensor read_member(const Archive& archive, const Member& member) {
  const std::string place = archive.place(member);
  Unpacker unpacker(archive, member);
  require<BackendError>(member.unpacked >= 12, "datasets", place, " is too short for an .npy array.");
  std::string head = unpacker.read(12);
  const std::uint64_t end = npy_header_bytes(head, place);
  require<BackendError>(end <= std::min<std::uint64_t>(member.unpacked, 1u << 20), "datasets", place,
                        " has a damaged .npy header: it declares ", end, " bytes.");
  if (end > head.size()) head += unpacker.read(end - head.size());
  const NpyHeader header = parse_npy_header(head, place);
  const std::uint64_t held = member.unpacked - header.header_bytes;
  require<BackendError>(header.data_bytes == held, "datasets", place,
                        " has another size than its header says. Expected ", header.data_bytes, " bytes for shape ",
                        header.shape, ", received ", held, ".");
  std::string data = unpacker.read(header.data_bytes);
  unpacker.check_sum();
  return npy_tensor(header, std::move(data));
}

}  // namespace

std::map<std::string, Tensor> read_npz(const std::string& path) {
  const Archive archive(path);
  std::map<std::string, Tensor> arrays;
  for (const Member& member : archive.members()) {
    std::string name = member.name;
    require<BackendError>(name.size() > 4 && name.ends_with(".npy"), "datasets", archive.place(member),
                          " is not an array. Expected members that end in .npy.");
    name.resize(name.size() - 4);
    const bool is_new = arrays.emplace(name, read_member(archive, member)).second;
    require<BackendError>(is_new, "datasets", archive.place(member), " stands in the archive twice.");
  }
  return arrays;
}

}  // namespace kerata::datasets
