#include "kerata/core/shape.h"

#include <gtest/gtest.h>

#include "support/errors.h"

namespace kerata {
namespace {

TEST(Shape, PrintsUnknownSizesAndTheCommaOfRankOne) {
  EXPECT_EQ(to_string(Shape{-1, 784}), "(?, 784)");
  EXPECT_EQ(to_string(Shape{10}), "(10,)");
  EXPECT_EQ(to_string(Shape{}), "()");
}

TEST(Shape, CountsAxesFromTheEnd) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape[-1], 4);
  EXPECT_EQ(shape.from(1), (Shape{3, 4}));
  EXPECT_EQ(shape.with(-2, 7), (Shape{2, 7, 4}));
  EXPECT_EQ(shape.size(), 24);
  EXPECT_EQ((Shape{2, -1}).size(), -1);
}

TEST(Shape, UnknownSizesAreEqualWhateverTheyStandFor) {
  EXPECT_EQ((Shape{-1, 3}), (Shape{-7, 3}));
  EXPECT_NE((Shape{-1, 3}), (Shape{2, 3}));
}

TEST(Shape, RefusesTooManyAxesAndSizesThatOverflow) {
  EXPECT_ERROR(ShapeError, Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), "[Shape] Expected at most 8 axes, received 9.");
  const Dim big = Dim{1} << 40;
  EXPECT_ERROR(ShapeError, Shape({big, big}),
               "[Shape] The number of elements of (1099511627776, 1099511627776) is above 2^59.");
  EXPECT_ERROR(ShapeError, Shape({2})[3], "[Shape] There is no axis 3 in (2,).");
}

}  // namespace
}  // namespace kerata
