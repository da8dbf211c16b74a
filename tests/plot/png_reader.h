// Reads back the PNG files that Kerata writes: signature, checksums, header, pixels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kerata::test {

struct Png {
  std::uint32_t width = 0, height = 0;
  std::uint32_t pixels_per_metre = 0;
  bool is_grey = false;
  std::vector<std::uint8_t> rgb;  // (height, width, 3)
  const std::uint8_t* pixel(std::uint32_t x, std::uint32_t y) const {
    return rgb.data() + (static_cast<std::size_t>(y) * width + x) * 3;
  }
};

/// Throws ValueError for anything but rows of 8 or 24 bits a pixel without filter.
Png read_png(const std::string& file);

}  // namespace kerata::test
