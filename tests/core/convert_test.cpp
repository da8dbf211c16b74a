#include "core/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace kerata {
namespace {

TEST(Convert, HalfTypesRoundTripEveryBitPattern) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const BFloat16 brain{static_cast<std::uint16_t>(bits)};
    if (!std::isnan(to_float(half))) {
      EXPECT_EQ(to_half(to_float(half)).bits, half.bits) << bits;
    }
    if (!std::isnan(to_float(brain))) {
      EXPECT_EQ(to_bfloat16(to_float(brain)).bits, brain.bits) << bits;
    }
  }
}

// Every half but the infinite ones and NaN: its value by definition, and where rounding goes over to the next one.
TEST(Convert, HalvesAreWhatIeeeSaysAndRoundToTheNearest) {
  for (std::uint16_t bits = 0; bits < 0x7C00; ++bits) {
    const Half half{bits}, next{static_cast<std::uint16_t>(bits + 1)};
    const int exponent = bits >> 10, fraction = bits & 1023;
    const float value =
        std::ldexp(static_cast<float>(exponent ? 1024 + fraction : fraction), std::max(exponent, 1) - 25);
    ASSERT_EQ(to_float(half), value) << bits;
    ASSERT_EQ(to_float(Half{static_cast<std::uint16_t>(bits | 0x8000)}), -value) << bits;
    const float above = bits + 1 == 0x7C00 ? 65536.0f : to_float(next), middle = (value + above) / 2;
    ASSERT_EQ(to_half(middle).bits, bits % 2 ? next.bits : bits) << bits;
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0f)).bits, bits) << bits;
    ASSERT_EQ(to_half(std::nextafter(middle, 1e9f)).bits, next.bits) << bits;
    ASSERT_EQ(to_half(-middle).bits, to_half(middle).bits | 0x8000) << bits;
  }
}

TEST(Convert, HalfRoundsToNearestEvenAndOverflowsToInfinity) {
  EXPECT_EQ(to_half(1.0f + 0x1p-11f).bits, to_half(1.0f).bits);  // a tie goes to the even neighbour
  EXPECT_EQ(to_half(1.0f + 3 * 0x1p-11f).bits, to_half(1.0f + 0x1p-9f).bits);
  EXPECT_EQ(to_float(to_half(65519.0f)), 65504.0f);
  EXPECT_TRUE(std::isinf(to_float(to_half(65520.0f))));
  EXPECT_TRUE(std::isnan(to_float(to_half(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(to_float(to_half(0x1p-25f)), 0.0f);
  EXPECT_EQ(to_float(to_half(0x1.8p-25f)), 0x1p-24f);
}

TEST(Convert, IntegersAreCutOffAtTheirLimitsAndNanIsZero) {
  const std::array<float, 4> from = {300.0f, -300.0f, std::numeric_limits<float>::quiet_NaN(), -1.9f};
  std::array<std::int8_t, 4> to{};
  convert(from.data(), DType::float32, to.data(), DType::int8, from.size());
  EXPECT_EQ(to, (std::array<std::int8_t, 4>{127, -128, 0, -1}));
}

TEST(Convert, ToBoolAsksForNotZero) {
  const std::array<double, 3> from = {0.0, 0.25, -2.0};
  std::array<bool, 3> to{};
  convert(from.data(), DType::float64, to.data(), DType::boolean, from.size());
  EXPECT_EQ(to, (std::array<bool, 3>{false, true, true}));
}

}  // namespace
}  // namespace kerata
