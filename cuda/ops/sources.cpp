#include "cuda/ops/sources.h"

#include <atomic>
#include <bit>
#include <cstring>

#include "ops/dispatch.h"

namespace kerata::cuda {
namespace {

std::atomic<bool> always_wide = false;

}  // namespace

std::string typed(const char* name, DType dtype) {
  return join_text("typedef ", storage_name(dtype), ' ', name, ";\n");
}

std::string sized(const char* name, std::size_t bytes) {
  const char* type = bytes == 1   ? "unsigned char"
                     : bytes == 2 ? "unsigned short"
                     : bytes == 4 ? "unsigned int"
                     : bytes == 8 ? "unsigned long long"
                                  : "Wide";
  return join_text("typedef ", type, ' ', name, ";\n");
}

void force_wide_indices(bool wide) { always_wide = wide; }

std::string indexing(std::int64_t largest) {
  const bool narrow = largest < (std::int64_t{1} << 30) && !always_wide;
  return join_text("typedef ", narrow ? "int" : "long long", " Index;\n", kernel_text("indexing.cuh"));
}

Divide divide_by(std::int64_t divisor) {
  Divide by;
  by.divisor = divisor > 0 ? divisor : 1;
  if (by.divisor == 1 || by.divisor >= std::int64_t{1} << 31) return by;
  const int bits = std::bit_width(static_cast<std::uint64_t>(by.divisor - 1));  // ceil(log2)
  const std::uint64_t power = std::uint64_t{1} << (31 + bits), d = static_cast<std::uint64_t>(by.divisor);
  by.multiplier = static_cast<unsigned>((power + d - 1) / d);
  by.shift = static_cast<unsigned>(bits - 1);
  return by;
}

std::uint64_t repeated_bits(DType dtype, double value) {
  return dispatch_any(dtype, [&]<class T>() {
    const T element = convert_one<T>(value);
    std::uint64_t bits = 0;
    for (std::size_t at = 0; at < sizeof bits; at += sizeof element)
      std::memcpy(reinterpret_cast<char*>(&bits) + at, &element, sizeof element);
    return bits;
  });
}

}  // namespace kerata::cuda
