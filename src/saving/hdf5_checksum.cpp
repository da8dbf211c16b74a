#include "saving/hdf5_checksum.h"

#include <bit>

namespace kerata::saving::hdf5 {
namespace {

/// Up to 12 bytes as three little-endian words.
struct Words {
  std::uint32_t a, b, c;
  void add(std::string_view bytes) {
    std::uint32_t* words[] = {&a, &b, &c};
    for (std::size_t i = 0; i < bytes.size(); ++i)
      *words[i / 4] += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << 8 * (i % 4);
  }
  void mix() {
    a = (a - c) ^ std::rotl(c, 4), c += b;
    b = (b - a) ^ std::rotl(a, 6), a += c;
    c = (c - b) ^ std::rotl(b, 8), b += a;
    a = (a - c) ^ std::rotl(c, 16), c += b;
    b = (b - a) ^ std::rotl(a, 19), a += c;
    c = (c - b) ^ std::rotl(b, 4), b += a;
  }
  void finish() {
    c = (c ^ b) - std::rotl(b, 14);
    a = (a ^ c) - std::rotl(c, 11);
    b = (b ^ a) - std::rotl(a, 25);
    c = (c ^ b) - std::rotl(b, 16);
    a = (a ^ c) - std::rotl(c, 4);
    b = (b ^ a) - std::rotl(a, 14);
    c = (c ^ b) - std::rotl(b, 24);
  }
};

}  // namespace

std::uint32_t lookup3(std::string_view bytes) {
  const std::uint32_t start = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size());
  Words words{start, start, start};
  if (bytes.empty()) return words.c;
  for (; bytes.size() > 12; bytes.remove_prefix(12)) {
    words.add(bytes.substr(0, 12));
    words.mix();
  }
  words.add(bytes);
  words.finish();
  return words.c;
}

}  // namespace kerata::saving::hdf5
