#include "saving/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using saving::load_safetensors;
using saving::save_safetensors;

const std::string kFour("\0\0\x80\x3f", 4);  // 1.0f

std::string file_of(const std::string& header, const std::string& data) {
  return little(header.size(), 8) + header + data;
}

class Safetensors : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  /// What is wrong, without "[safetensors] " and the path.
  std::string error_of(const std::string& bytes) {
    const std::string path = folder_.write("hostile.safetensors", bytes);
    try {
      load_safetensors(path);
    } catch (const ValueError& error) {
      const std::string text = error.what(), start = "[safetensors] " + path;
      EXPECT_NE(text.find(path), std::string::npos) << text;
      return text.starts_with(start) ? text.substr(start.size()) : text;
    }
    return "no error";
  }
  std::string error_of(const std::string& header, const std::string& data) { return error_of(file_of(header, data)); }
  TemporaryFolder folder_;
};

TEST_F(Safetensors, ReadsNumbersByName) {
  const auto tensors = load_safetensors(folder_.write(
      "a", file_of(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[1,5]},)"
                   R"("a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}   )",
                   "\x07" + kFour)));
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("a").item(), 7);
  EXPECT_EQ(tensors.at("a").shape(), Shape{});
  EXPECT_EQ(tensors.at("b").item(), 1);
  EXPECT_EQ(tensors.at("b").shape(), (Shape{1, 1}));
}

TEST_F(Safetensors, WritesWhatItReads) {
  std::map<std::string, Tensor> tensors;
  const Tensor values = Tensor::from_span<float>(std::vector<float>{0, 1, -2.5f, 100, 7, 3}, {2, 3});
  for (const char* dtype :
       {"float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool"})
    tensors.emplace(std::string("layers/größe \"") + dtype, values.cast(Choice<DType>::parse(dtype)));
  tensors.emplace("scalar", Tensor::from_span<float>(std::vector<float>{4}, {}));
  tensors.emplace("empty", Tensor::from_span<float>(std::vector<float>{}, {0, 3}));
  save_safetensors(at("a"), tensors, {{"format", "kerata"}});
  const auto loaded = load_safetensors(at("a"));
  ASSERT_EQ(loaded.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(loaded.at(name).dtype(), tensor.dtype()) << name;
    EXPECT_EQ(loaded.at(name).shape(), tensor.shape()) << name;
    EXPECT_EQ(loaded.at(name).to_vector<double>(), tensor.to_vector<double>()) << name;
  }
  save_safetensors(at("none"), {});
  EXPECT_TRUE(load_safetensors(at("none")).empty());
}

TEST_F(Safetensors, WritesTheFormItself) {
  save_safetensors(at("a"), {{"w", Tensor::from_span<float>(std::vector<float>{1}, {1})}}, {{"format", "pt"}});
  std::ostringstream text;
  text << std::ifstream(at("a"), std::ios::binary).rdbuf();
  std::string header =
      R"({"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(text.str(), file_of(header, kFour));
}

TEST_F(Safetensors, WritesLargeElementsFirst) {
  const Tensor values = Tensor::from_span<float>(std::vector<float>{1}, {1});
  save_safetensors(at("a"), {{"a", values.cast("uint8")}, {"b", values}, {"c", values}, {"d", values.cast("int64")}});
  std::ostringstream text;
  text << std::ifstream(at("a"), std::ios::binary).rdbuf();
  const std::string data = text.str().substr(text.str().size() - 17);
  EXPECT_EQ(data, little(1, 8) + kFour + kFour + little(1, 1));
}

TEST_F(Safetensors, MakesTruthValuesOfOtherBytes) {
  const auto tensors = load_safetensors(folder_.write(
      "a", file_of(R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", std::string("\x05\0", 2))));
  EXPECT_EQ(tensors.at("a").to_vector<int>(), (std::vector<int>{1, 0}));
}

TEST_F(Safetensors, RefusesOtherFiles) {
  EXPECT_EQ(error_of("short"), " is no safetensors file: only 5 bytes long.");
  EXPECT_EQ(error_of(little(1000, 8) + "{}"),
            " is no safetensors file, or it is damaged: it declares a header of 1000 bytes. Expected at most 2.");
  EXPECT_EQ(error_of(little(INT64_MAX, 8) + std::string(17 << 20, ' ')),
            " is no safetensors file, or it is damaged: it declares a header of 9223372036854775807 bytes. Expected at "
            "most 16777216.");
  EXPECT_EQ(error_of("", ""), " is no safetensors file: its header does not begin with {.");
  EXPECT_NE(error_of("{\"a\":", ""), "no error");
  EXPECT_NE(error_of(std::string(5000, '{'), ""), "no error");
}

TEST_F(Safetensors, RefusesDamagedEntries) {
  const char* needs = ": a must have dtype, shape and data_offsets.";
  EXPECT_EQ(error_of(R"({"a":1})", ""), needs);
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[]}})", ""), needs);
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[],"offsets":[0,4]}})", kFour), needs);
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"more":1}})", kFour), needs);
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", kFour),
            ": a has elements of a type that Kerata lacks. Expected one of F32, F64, F16, BF16, I8, I16, I32, I64, U8, "
            "BOOL, received F8_E4M3.");
  EXPECT_EQ(error_of(R"({"a":{"dtype":4,"shape":[],"data_offsets":[0,4]}})", kFour),
            ": a has a dtype that is no text.");
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", kFour),
            ": a has a shape that is no list.");
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}})", kFour),
            ": a has a shape that is no list of integers.");
  const auto error_of_shape = [&](const std::string& shape) {
    return error_of(R"({"a":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,4]}})", kFour);
  };
  EXPECT_EQ(error_of_shape("[-1]"), ": a declares a size of -1. Expected at least 0.");
  EXPECT_EQ(error_of_shape("[1,1,1,1,1,1,1,1,1]"), ": a declares an array of 9 axes. Expected at most 8.");
  EXPECT_EQ(error_of_shape("[4294967296,4294967296,4294967296]"), ": a declares an array that no machine holds.");
  for (const char* offsets : {"[0]", "[4,0]", "[-4,0]", "[0,4,8]"})
    EXPECT_EQ(error_of(std::string(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)") + offsets + "}}", kFour),
              ": a has damaged data_offsets. Expected a begin and an end.");
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", kFour),
            ": a has another size than its shape says. Expected 8 bytes for shape (2,), received 4.");
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}})", kFour),
            " has another size than its header says. Expected 4000000000 bytes of tensors, received 4.");
}

TEST_F(Safetensors, RefusesHolesAndOverlaps) {
  const auto two = [](int first, int second) {
    const auto entry = [](int begin) {
      return R"({"dtype":"F32","shape":[],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(begin + 4) +
             "]}";
    };
    return R"({"a":)" + entry(first) + R"(,"b":)" + entry(second) + "}";
  };
  EXPECT_EQ(error_of(two(0, 4), kFour + kFour), "no error");
  EXPECT_EQ(error_of(two(0, 2), kFour + kFour),
            ": b overlaps with another tensor. Expected it to begin at byte 4, received 2.");
  EXPECT_EQ(error_of(two(0, 0), kFour),
            ": b overlaps with another tensor. Expected it to begin at byte 4, received 0.");
  EXPECT_EQ(error_of(two(0, 5), kFour + kFour), ": b lies behind a hole. Expected it to begin at byte 4, received 5.");
  EXPECT_EQ(error_of(two(4, 8), kFour + kFour + kFour),
            ": a lies behind a hole. Expected it to begin at byte 0, received 4.");
  EXPECT_EQ(error_of(two(0, 4), kFour + kFour + "x"),
            " has another size than its header says. Expected 8 bytes of tensors, received 9.");
}

TEST_F(Safetensors, RefusesEveryCut) {
  const std::string whole = file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", kFour);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_NE(error_of(whole.substr(0, length)), "no error") << length;
}

TEST_F(Safetensors, RefusesToSaveUnderTheNameOfTheMetadata) {
  const Tensor value = Tensor::from_span<float>(std::vector<float>{1}, {});
  EXPECT_ERROR(ValueError, save_safetensors(at("a"), {{"__metadata__", value}}),
               "[safetensors] " + at("a") + ": a tensor must not be called __metadata__.");
}

}  // namespace
}  // namespace kerata
