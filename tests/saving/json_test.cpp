// JSON as Python writes it.
#include "saving/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/errors.h"

namespace kerata::saving {
namespace {

std::string again(const std::string& text) { return to_json(parse_json(text, "test")); }

TEST(Json, ReadsAndWritesWhatPythonWrites) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-7",
                           "9223372036854775807",
                           "0.1",
                           "1.0",
                           "-0.0",
                           "1e-05",
                           "0.0001",
                           "1e+16",
                           "123456789012345.0",
                           "1.7976931348623157e+308",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "\"\"",
                           "\"a\\\"b\\\\c\\n\\t\"",
                           "\"\\u00e9\\ud83d\\ude00\\u007f\\u0001\"",
                           "[]",
                           "{}",
                           "[1, [2.5, {\"a\": null}], \"x\"]",
                           "{\"b\": 1, \"a\": {\"c\": [true]}}"})
    EXPECT_EQ(again(text), text);
}

TEST(Json, ReadsAnySpelling) {
  EXPECT_EQ(again(" {\"a\" :\r\n\t[ 1 , 2E2,3.50 ] } "), "{\"a\": [1, 200.0, 3.5]}");
  EXPECT_EQ(again("\"\\/\\b\\f\\r\\u0041\xC3\xA9\xF0\x9F\x98\x80\""), "\"/\\b\\f\\rA\\u00e9\\ud83d\\ude00\"");
  EXPECT_EQ(again("18446744073709551616"), "1.8446744073709552e+19");  // beyond 64 bits
}

TEST(Json, AgreesWithAnotherParser) {
  const std::string text =
      R"({"s": "h\u00e9 \"x\" \\", "n": [-1, 2.5, 1e3, 1E-7, 12345678901], "o": {"t": true, "z": null}})";
  EXPECT_EQ(nlohmann::json::parse(again(text)), nlohmann::json::parse(text));
}

void expect_refused(const std::string& text, const std::string& message) {
  EXPECT_ERROR(ValueError, parse_json(text, "a.json"), "[a.json] This is no valid JSON: " + message);
}

TEST(Json, NamesLineAndColumn) {
  expect_refused("", "line 1, column 1: The text ends where a value is expected.");
  expect_refused("{\n  \"a\": [1,\n   }", "line 3, column 4: Expected a value.");
  expect_refused("[1 2]", "line 1, column 4: Expected ',' or ']'.");
  expect_refused("{\"a\" 1}", "line 1, column 6: Expected ':' after a key.");
  expect_refused("{a: 1}", "line 1, column 2: Expected a key in quotes.");
  expect_refused("{\"a\": 1 \"b\"}", "line 1, column 9: Expected ',' or '}'.");
  expect_refused("[1] x", "line 1, column 5: Something follows the end of the document.");
  expect_refused("\"abc", "line 1, column 5: A text has no end.");
  expect_refused("\"a\nb\"", "line 1, column 3: A control character stands in a text.");
  expect_refused("\"\\q\"", "line 1, column 3: Unknown escape in a text.");
  expect_refused("\"\\u12g4\"", "line 1, column 4: Expected four hexadecimal digits after \\u.");
  expect_refused("\"\\ud800x\"", "line 1, column 8: Half of a surrogate pair stands alone.");
  expect_refused("\"\\udc00\"", "line 1, column 8: Half of a surrogate pair stands alone.");
  expect_refused("\"\xC3(\"", "line 1, column 2: A text is no valid UTF-8.");
  expect_refused("\"\xED\xA0\x80\"", "line 1, column 2: A text is no valid UTF-8.");
  expect_refused("01", "line 1, column 1: A number begins with 0.");
  expect_refused("1.", "line 1, column 1: A number ends in a point.");
  expect_refused("1e", "line 1, column 1: A number has no exponent after its e.");
  expect_refused("1e999", "line 1, column 1: A number is outside of the range of float64.");
  expect_refused("nul", "line 1, column 1: Expected a value.");
  expect_refused("{\"a\": 1, \"b\": 2, \"a\": 3}",
                 "line 1, column 25: The key \"a\" stands twice in the object that ends here.");
}

TEST(Json, WritesUtf8AndNothingElse) {
  EXPECT_EQ(to_json(Config("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")), "\"\\u00e4\\u20ac\\ud83d\\ude00\"");
  // A lone byte, a cut character, an overlong one, half of a surrogate pair, one beyond Unicode.
  for (const char* text : {"a\xff", "a\x80", "a\xe2\x82", "a\xc3z", "a\xc0\xaf", "a\xe0\x80\xaf", "a\xed\xa0\x80",
                           "a\xf4\x90\x80\x80", "a\xf8\x88\x80\x80\x80"})
    EXPECT_ERROR(
        ValueError, to_json(Config(text)),
        "[JSON] A text is not UTF-8, from byte 1 on: \"" + std::string(text) + "\". Hint: give names in UTF-8.");
}

TEST(Json, Limits) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_NO_THROW(parse_json(nested(200), "test"));
  expect_refused(nested(202), "line 1, column 202: More than 200 levels of lists and objects.");
  std::string many = "[";
  for (int i = 0; i < 4'000'000; ++i) many += "1,";
  EXPECT_ERROR_WITH(ValueError, parse_json(many + "1]", "test"), "More than 4 million values.");
}

TEST(Json, ManyKeysTakeLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
  EXPECT_EQ(parse_json(text + "}", "test").as_object().size(), 200'000u);
}

}  // namespace
}  // namespace kerata::saving
