// Many Philox blocks at once, in a form that compilers turn into SIMD code.
#pragma once

#include "core/philox.h"
#include "kerata/core/shape.h"

namespace kerata::cpu {

/// Words of blocks first, first + 1, ...: word w of block first + i lies at words[4 i + w], as philox() gives it.
template <Dim kBlocks>
void philox_run(std::uint64_t key, std::uint64_t stream, std::uint64_t first, std::uint32_t* words) {
  std::uint32_t a[kBlocks], b[kBlocks], c[kBlocks], d[kBlocks];
  for (Dim i = 0; i < kBlocks; ++i) {
    const std::uint64_t counter = first + static_cast<std::uint64_t>(i);
    a[i] = static_cast<std::uint32_t>(counter), b[i] = static_cast<std::uint32_t>(counter >> 32);
    c[i] = static_cast<std::uint32_t>(stream), d[i] = static_cast<std::uint32_t>(stream >> 32);
  }
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    for (Dim i = 0; i < kBlocks; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * a[i], p1 = std::uint64_t{0xCD9E8D57} * c[i];
      a[i] = static_cast<std::uint32_t>(p1 >> 32) ^ b[i] ^ k0;
      b[i] = static_cast<std::uint32_t>(p1);
      c[i] = static_cast<std::uint32_t>(p0 >> 32) ^ d[i] ^ k1;
      d[i] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  for (Dim i = 0; i < kBlocks; ++i)
    words[4 * i] = a[i], words[4 * i + 1] = b[i], words[4 * i + 2] = c[i], words[4 * i + 3] = d[i];
}

}  // namespace kerata::cpu
