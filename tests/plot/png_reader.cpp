#include "plot/png_reader.h"

#include <zlib.h>

#include "core/require.h"

namespace kerata::test {
namespace {

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

void check(bool ok, const std::string& what) { require<ValueError>(ok, "read_png", what, '.'); }

}  // namespace

Png read_png(const std::string& file) {
  check(file.starts_with("\x89PNG\r\n\x1a\n"), "no signature");
  Png png;
  std::string packed, last;
  std::size_t depth = 3;
  for (std::size_t at = 8; at < file.size();) {
    const std::uint32_t size = number_at(file, at);
    const std::string type = file.substr(at + 4, 4), body = file.substr(at + 4, size + 4);
    const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
    check(number_at(file, at + 8 + size) == crc, "wrong checksum of " + type);
    if (type == "IHDR") {
      png.width = number_at(body, 4);
      png.height = number_at(body, 8);
      check(body[12] == 8 && (body[13] == 0 || body[13] == 2) && body.substr(14) == std::string(3, '\0'), "not 8 bits");
      png.is_grey = body[13] == 0;
      depth = png.is_grey ? 1 : 3;
    } else if (type == "pHYs") {
      png.pixels_per_metre = number_at(body, 4);
      check(number_at(body, 8) == png.pixels_per_metre && body[12] == 1, "uneven density");
    } else if (type == "IDAT") {
      packed += body.substr(4);
    }
    last = type;
    at += 12 + size;
  }
  check(last == "IEND", "no end");
  const std::size_t row = 1 + png.width * depth;
  std::vector<std::uint8_t> rows(row * png.height);
  uLongf size = rows.size();
  const int ok = uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size());
  check(ok == Z_OK && size == rows.size(), "pixels do not unpack");
  for (std::size_t y = 0; y < png.height; ++y) {
    check(rows[y * row] == 0, "a filter");
    for (std::size_t x = 0; x < png.width; ++x)
      for (std::size_t k = 0; k < 3; ++k) png.rgb.push_back(rows[y * row + 1 + x * depth + (png.is_grey ? 0 : k)]);
  }
  return png;
}

}  // namespace kerata::test
