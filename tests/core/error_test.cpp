// The texts of errors.
#include "kerata/core/error.h"

#include <gtest/gtest.h>

namespace kerata {
namespace {

TEST(Error, ControlCharactersOfNamesAreSpelledOut) {
  using namespace std::string_literals;
  ValueError error("a layer '\0\x1b[2J\x7f\r', größe\n\tnext line"s);
  EXPECT_STREQ(error.what(), "a layer '\\x00\\x1b[2J\\x7f\\x0d', größe\n\tnext line");
  error.add_context("in '\0'"s);
  EXPECT_STREQ(error.what(), "a layer '\\x00\\x1b[2J\\x7f\\x0d', größe\n\tnext line\n  in '\\x00'");
}

}  // namespace
}  // namespace kerata
