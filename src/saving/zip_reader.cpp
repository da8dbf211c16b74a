#include <zlib.h>

#include <algorithm>
#include <unordered_map>

#include "core/require.h"
#include "saving/zip_directory.h"
#include "saving/zip_format.h"

namespace kerata::saving {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;  // stays in the cache between reading and summing

}  // namespace

struct ZipReader::State {
  explicit State(const std::string& path) : file(path), members(read_zip_directory(file)) {
    for (const ZipMember& member : members) by_name.emplace(member.name, &member);
  }
  files::InputFile file;
  std::vector<ZipMember> members;
  std::unordered_map<std::string_view, const ZipMember*> by_name;
};

ZipReader::ZipReader(const std::string& path) : state_(std::make_unique<State>(path)) {}
ZipReader::~ZipReader() = default;
const std::string& ZipReader::path() const { return state_->file.path(); }
const std::vector<ZipMember>& ZipReader::members() const { return state_->members; }

const ZipMember* ZipReader::find(std::string_view name) const {
  const auto found = state_->by_name.find(name);
  return found == state_->by_name.end() ? nullptr : found->second;
}

std::string ZipReader::read(const ZipMember& member, std::uint64_t limit) const {
  require<ValueError>(member.size <= limit, "zip", path(), ": ", member.name, " is too large. Expected at most ", limit,
                      " bytes, received ", member.size, ".");
  std::string bytes(static_cast<std::size_t>(member.size), '\0');
  ZipStream stream(*this, member);
  stream.read(bytes.data(), bytes.size());
  stream.finish();
  return bytes;
}

namespace {

/// Reads through the member; `take` is given each piece.
template <class Take>
void read_through(const ZipReader& reader, const ZipMember& member, Take take) {
  ZipStream stream(reader, member);
  std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, member.size)), '\0');
  for (std::uint64_t left = member.size; left > 0; left -= piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left)));
    stream.read(piece.data(), piece.size());
    take(piece);
  }
  stream.finish();
}

}  // namespace

void ZipReader::verify(const ZipMember& member) const {
  read_through(*this, member, [](const std::string&) {});
}

void ZipReader::extract(const ZipMember& member, const std::string& to) const {
  files::OutputFile output(to);
  read_through(*this, member, [&](const std::string& piece) { output.write(piece); });
  output.close();
}

struct ZipStream::State {
  State(const files::InputFile& input, const ZipMember& what) : file(input), member(what) {
    if (member.stored) return;
    require<BackendError>(inflateInit2(&inflater, -MAX_WBITS) == Z_OK, "zip", "zlib does not start.");
  }
  ~State() {
    if (!member.stored) inflateEnd(&inflater);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  template <class... Parts>
  void check(bool ok, const Parts&... parts) const {
    require<ValueError>(ok, "zip", file.path(), ": ", member.name, parts...);
  }
  /// Up to `count` bytes; fewer only where the compressed data end.
  std::size_t inflate_into(char* to, std::size_t count);

  const files::InputFile& file;
  const ZipMember& member;
  std::uint64_t position = 0, packed_position = 0;  // what has been read and summed; what has been handed to zlib
  uLong crc = crc32(0, nullptr, 0);
  z_stream inflater{};
  std::string packed;
  bool ended = false;  // zlib has seen the end mark
};

std::size_t ZipStream::State::inflate_into(char* to, std::size_t count) {
  inflater.next_out = reinterpret_cast<Bytef*>(to);
  inflater.avail_out = static_cast<uInt>(count);
  while (inflater.avail_out > 0 && !ended) {
    if (inflater.avail_in == 0) {
      packed.resize(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, member.compressed_size - packed_position)));
      file.read_at(member.data_offset + packed_position, packed.data(), packed.size());
      packed_position += packed.size();
      inflater.next_in = reinterpret_cast<Bytef*>(packed.data());
      inflater.avail_in = static_cast<uInt>(packed.size());
    }
    const int code = inflate(&inflater, Z_NO_FLUSH);
    ended = code == Z_STREAM_END;
    check(ended || code == Z_OK, " is damaged after byte ", position + count - inflater.avail_out, ": ",
          inflater.msg ? inflater.msg : "cut off", ".");
  }
  return count - inflater.avail_out;
}

ZipStream::ZipStream(const ZipReader& reader, const ZipMember& member)
    : state_(std::make_unique<State>(reader.state_->file, member)) {}
ZipStream::~ZipStream() = default;

void ZipStream::read(void* to, std::size_t count) {
  State& state = *state_;
  state.check(count <= state.member.size - state.position, " ends too early. Expected ", count, " bytes after byte ",
              state.position, ", received ", state.member.size - state.position, ".");
  for (auto* bytes = static_cast<char*>(to); count > 0;) {
    const std::size_t piece = std::min(count, kPiece);
    if (state.member.stored) {
      state.file.read_at(state.member.data_offset + state.position, bytes, piece);
    } else {
      const std::size_t got = state.inflate_into(bytes, piece);
      state.check(got == piece, " ends too early. Expected ", piece, " bytes after byte ", state.position,
                  ", received ", got, ".");
    }
    state.crc = crc32_z(state.crc, reinterpret_cast<const Bytef*>(bytes), piece);
    bytes += piece;
    count -= piece;
    state.position += piece;
  }
}

void ZipStream::finish() {
  State& state = *state_;
  const std::uint64_t left = state.member.size - state.position;
  state.check(left == 0, " holds ", left, " bytes more than expected.");
  if (!state.member.stored) {
    char more = 0;
    state.check(state.inflate_into(&more, 1) == 0 && state.inflater.avail_in == 0 &&
                    state.packed_position == state.member.compressed_size,
                " is longer than its header says. Expected ", state.member.size, " bytes.");
  }
  state.check(state.crc == state.member.crc, " is damaged: its checksum does not agree with its content.");
}

}  // namespace kerata::saving
