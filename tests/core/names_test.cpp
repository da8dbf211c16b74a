#include <gtest/gtest.h>

#include <array>

#include "core/near_name.h"
#include "kerata/core/choice.h"
#include "support/errors.h"

namespace kerata {
namespace {

constexpr std::array<std::string_view, 3> kKnown = {"mse", "mean_squared_error", "binary_crossentropy"};

TEST(NearestName, FindsTheOneTypedWrongAndNothingFarAway) {
  EXPECT_EQ(nearest_name("msee", kKnown), "mse");
  EXPECT_EQ(nearest_name("mean_sqared_eror", kKnown), "mean_squared_error");
  EXPECT_EQ(nearest_name("hinge", kKnown), "");
  EXPECT_EQ(nearest_name("sme", kKnown), "mse");  // two neighbours swapped are one mistake
}

TEST(NearestName, HintNamesTheNearestOrAll) {
  EXPECT_EQ(name_hint("msee", kKnown), " Hint: did you mean \"mse\"?");
  EXPECT_EQ(name_hint("hinge", kKnown), " Expected one of: mse, mean_squared_error, binary_crossentropy.");
}

TEST(Choice, ReadsWordsAndRefusesOthersWithTheNearest) {
  EXPECT_EQ(Choice<Padding>::parse("same").value(), Padding::same);
  EXPECT_ERROR(ValueError, Choice<Padding>::parse("sane"),
               "[Choice] Unknown word \"sane\". Hint: did you mean \"same\"?");
}

}  // namespace
}  // namespace kerata
