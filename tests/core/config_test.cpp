#include "kerata/core/config.h"

#include <gtest/gtest.h>

#include "kerata/core/fields.h"
#include "support/errors.h"

namespace kerata {
namespace {

struct Sample {
  Dim units = 3;
  double rate = 0.5;
  bool flag = true;
  Choice<Padding> padding = "valid";
  Size2 strides = 1;
  Shape target = {};
  std::string name = {};
  static constexpr auto fields() {
    return std::tuple{field("units", &Sample::units),     field("rate", &Sample::rate),
                      field("flag", &Sample::flag),       field("padding", &Sample::padding),
                      field("strides", &Sample::strides), field("target", &Sample::target),
                      field("name", &Sample::name)};
  }
};

TEST(Config, WritesFieldsInOrderAsJson) {
  Config config{Config::Object{}};
  write_fields(Sample{.units = 4, .target = {-1, 2}, .name = "a\"b"}, config);
  EXPECT_EQ(to_string(config),
            "{\"units\": 4, \"rate\": 0.5, \"flag\": true, \"padding\": \"valid\", \"strides\": [1, 1], "
            "\"target\": [null, 2], \"name\": \"a\\\"b\"}");
}

TEST(Config, ReadsBackWhatItWroteAndKeepsDefaultsOfAbsentKeys) {
  Config config{Config::Object{}};
  write_fields(Sample{.units = 9, .flag = false, .padding = "same", .strides = {2, 3}, .name = "n"}, config);
  const Sample back = read_fields<Sample>(config, "Sample");
  EXPECT_EQ(back.units, 9);
  EXPECT_FALSE(back.flag);
  EXPECT_EQ(back.padding.value(), Padding::same);
  EXPECT_EQ(back.strides, Size2(2, 3));
  EXPECT_EQ(read_fields<Sample>(Config(Config::Object{}), "Sample").units, 3);
}

TEST(Config, RefusesValuesOfTheWrongKind) {
  Config config{Config::Object{{"units", Config("many")}}};
  EXPECT_ERROR(ValueError, read_fields<Sample>(config, "Sample"),
               "[Sample] units: Expected an integer, received \"many\".");
  EXPECT_ERROR(ValueError, Config(0.5).as_integer(), "[Config] Expected an integer, received 0.5.");
  EXPECT_ERROR(ValueError, Config(1).as_text(), "[Config] Expected a text, received 1.");
}

}  // namespace
}  // namespace kerata
