#include "saving/npz_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "kerata/core/error.h"
#include "saving/zip_file.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using saving::load_npz;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

class Npz : public testing::Test {
 protected:
  std::string write(const std::vector<ZipMember>& members) { return folder_.write("a.npz", zip(members)); }
  std::string error_of(const std::string& bytes) {
    const std::string path = folder_.write("hostile.npz", bytes);
    try {
      load_npz(path);
    } catch (const ValueError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  std::string error_of(const ZipMember& member) { return error_of(zip({member})); }

  TemporaryFolder folder_;
};

const std::vector<float> kValues = {1, -2, 3.5f, 4, 5, 6};
const std::string kFloats = npy(dictionary("<f4", "(2, 3)"), bytes_of(kValues));

TEST_F(Npz, ReadsStoredAndDeflatedMembersByName) {
  const auto arrays = load_npz(write({stored("a.npy", kFloats), deflated("folder/b.npy", kFloats)}));
  ASSERT_EQ(arrays.size(), 2u);
  for (const char* name : {"a", "folder/b"}) {
    const Tensor x = arrays.at(name);
    EXPECT_EQ(x.shape(), (Shape{2, 3}));
    EXPECT_EQ(x.dtype(), DType::float32);
    EXPECT_EQ(x.to_vector<float>(), kValues);
  }
}

TEST_F(Npz, ReadsEveryVersionOfTheHeader) {
  for (int version : {1, 2, 3}) {
    const auto arrays = load_npz(write({stored("a.npy", npy(dictionary("<f4", "(6,)"), bytes_of(kValues), version))}));
    EXPECT_EQ(arrays.at("a").to_vector<float>(), kValues) << "version " << version;
  }
}

TEST_F(Npz, ReadsFortranOrder) {
  const std::vector<std::int32_t> by_column = {1, 4, 2, 5, 3, 6};  // [[1, 2, 3], [4, 5, 6]]
  const auto arrays = load_npz(write({stored("a.npy", npy(dictionary("<i4", "(2, 3)", true), bytes_of(by_column)))}));
  EXPECT_THAT(arrays.at("a").to_vector<std::int32_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
  const std::vector<std::int32_t> cube = {0, 4, 2, 6, 1, 5, 3, 7};  // arange(8).reshape(2, 2, 2)
  const auto cubes = load_npz(write({stored("a.npy", npy(dictionary("<i4", "(2, 2, 2)", true), bytes_of(cube)))}));
  EXPECT_THAT(cubes.at("a").to_vector<std::int32_t>(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(Npz, ReadsBigEndianNumbers) {
  const auto arrays =
      load_npz(write({stored("a.npy", npy(dictionary(">i2", "(2,)"), std::string("\x01\x02\xff\xfe", 4)))}));
  EXPECT_THAT(arrays.at("a").to_vector<std::int16_t>(), ElementsAre(0x102, -2));
}

TEST_F(Npz, ReadsScalarsAndEmptyArrays) {
  const auto arrays = load_npz(write({stored("one.npy", npy(dictionary("<f8", "()"), bytes_of<double>({2.5}))),
                                      stored("none.npy", npy(dictionary("<f4", "(0, 3)"), ""))}));
  EXPECT_EQ(arrays.at("one").shape(), Shape{});
  EXPECT_EQ(arrays.at("one").item(), 2.5);
  EXPECT_EQ(arrays.at("none").shape(), (Shape{0, 3}));
}

TEST_F(Npz, RefusesPickles) {
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("|O", "(1,)"), "12345678"))),
              HasSubstr("x.npy holds Python objects"));
}

TEST_F(Npz, RefusesUnknownTypes) {
  for (const char* descr : {"<c8", "<U3", "<u4", "", "f4", "<f16"}) {
    EXPECT_THAT(error_of(stored("x.npy", npy(dictionary(descr, "(1,)"), "12345678"))),
                HasSubstr("type that Kerata lacks"));
  }
}

TEST_F(Npz, RefusesADeclaredSizeThatIsNotThere) {
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("<f4", "(1000000, 1000000)"), "1234"))),
              HasSubstr("another size than its header says"));
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("<f8", "(4294967296, 4294967296, 4294967296)"), ""))),
              HasSubstr("no machine holds"));
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("<f4", "(0, 4)"), "1234"))), HasSubstr("another size"));
}

TEST_F(Npz, RefusesZipBombs) {
  ZipMember bomb = deflated("x.npy", kFloats);
  bomb.unpacked_size = 0xf0000000;
  EXPECT_THAT(error_of(bomb), HasSubstr("no honest archive"));
  const std::string zeros(80u << 20, '\0');
  const std::string shape = "(" + std::to_string(zeros.size()) + ",)";
  EXPECT_THAT(error_of(deflated("x.npy", npy(dictionary("|u1", shape), zeros))), HasSubstr("no honest archive"));
}

TEST_F(Npz, RefusesDamagedContent) {
  ZipMember wrong = stored("x.npy", kFloats);
  wrong.packed.back() ^= 1;
  EXPECT_THAT(error_of(wrong), HasSubstr("checksum"));
  ZipMember cut = deflated("x.npy", kFloats);
  cut.packed = cut.packed.substr(0, 8);
  cut.packed_size = 8;
  EXPECT_THAT(error_of(cut), HasSubstr("damaged after byte"));
  ZipMember shorter = deflated("x.npy", kFloats.substr(0, kFloats.size() - 4));
  shorter.unpacked_size += 4;
  EXPECT_THAT(error_of(shorter), HasSubstr("ends too early"));
}

TEST_F(Npz, RefusesOffsetsOutsideTheFile) {
  for (std::int64_t offset : {5, 1 << 20, 0x7fffffff}) {
    ZipMember member = stored("x.npy", kFloats);
    member.offset = offset;
    EXPECT_FALSE(error_of(member).empty());
  }
}

TEST_F(Npz, RefusesDamagedHeaders) {
  for (const std::string text : {"", "{", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4'}", "{'other': 1}",
                                 "{'descr': '<f4}", "{'descr': '<f4', 'fortran_order': 1, 'shape': (6,)}",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': (-6,)}",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': (6,",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': 6}"}) {
    EXPECT_THAT(error_of(stored("x.npy", npy(text, bytes_of(kValues)))), HasSubstr("x.npy")) << text;
  }
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("<f4", "(6,)"), bytes_of(kValues), 4))),
              HasSubstr("x.npy has .npy version 4. Expected 1, 2 or 3."));
  EXPECT_THAT(error_of(stored("x.npy", "no array at all")),
              HasSubstr("x.npy is not an .npy array. Expected it to begin with \\x93NUMPY."));
  EXPECT_THAT(error_of(stored("x.npy", std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12))), HasSubstr("header"));
}

TEST_F(Npz, RefusesOtherFilesAndEveryCut) {
  EXPECT_THAT(error_of("short"), HasSubstr("not a zip archive"));
  EXPECT_THAT(error_of(std::string(1000, 'x')), HasSubstr("not a zip archive"));
  EXPECT_THAT(error_of(stored("x.txt", "text")),
              HasSubstr("x.txt is not an array. Expected members that end in .npy."));
  const std::string whole = zip({stored("a.npy", kFloats), deflated("b.npy", kFloats)});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(error_of(whole.substr(0, length)).empty()) << length;
  }
}

TEST_F(Npz, SurvivesEveryFlippedByte) {
  const std::string whole = zip({deflated("a.npy", kFloats)});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit : {0x01, 0x80}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ bit);
      const std::string path = folder_.write("flipped.npz", bytes);
      try {
        for (const auto& [name, x] : load_npz(path)) EXPECT_EQ(x.to_vector<float>(), kValues) << "byte " << i;
      } catch (const ValueError&) {
      }
    }
  }
}

TEST_F(Npz, RefusesMoreAxesThanATensorHas) {
  EXPECT_THAT(error_of(stored("x.npy", npy(dictionary("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "1234"))),
              HasSubstr("x.npy declares an array of 9 axes. Expected at most 8."));
}

TEST_F(Npz, WritesWhatItReads) {
  const std::string path = (folder_.path() / "saved.npz").string();
  std::map<std::string, Tensor> arrays;
  for (const char* dtype : {"float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "bool"}) {
    const Tensor values = Tensor::from_span<float>(std::vector<float>{0, 1, -2.5f, 100, 7, 3}, {2, 3});
    arrays.emplace(std::string("layers/dense/") + dtype, values.cast(Choice<DType>::parse(dtype)));
  }
  arrays.emplace("scalar", Tensor::from_span<float>(std::vector<float>{4}, {}));
  arrays.emplace("empty", Tensor::from_span<float>(std::vector<float>{}, {0, 3}));
  arrays.emplace("list", Tensor::from_span<float>(kValues, {6}));
  saving::save_npz(path, arrays);
  const auto loaded = load_npz(path);
  ASSERT_EQ(loaded.size(), arrays.size());
  for (const auto& [name, array] : arrays) {
    const Tensor& read = loaded.at(name);
    EXPECT_EQ(read.dtype(), array.dtype()) << name;
    EXPECT_EQ(read.shape(), array.shape()) << name;
    EXPECT_EQ(read.to_vector<double>(), array.to_vector<double>()) << name;
  }
}

TEST_F(Npz, ReadsWhatNumPyWrites) {
  const std::string folder = KERATA_SOURCE_DIR "/tests/fuzz/corpus/npz/";
  for (const char* form : {"stored", "packed", "fortran", "big_endian"}) {
    const auto arrays = load_npz(folder + form);
    EXPECT_EQ(arrays.at("x").shape(), (Shape{2, 3})) << form;
    EXPECT_THAT(arrays.at("x").to_vector<int>(), ElementsAre(0, 1, 2, 3, 4, 5)) << form;
  }
  EXPECT_EQ(load_npz(folder + "stored").at("y").item(), 2.5);
  EXPECT_THAT(load_npz(folder + "fortran").at("b").to_vector<int>(), ElementsAre(1, 0));
  const auto arrays = load_npz(folder + "big_endian");
  EXPECT_EQ(arrays.at("x").dtype(), DType::float64);
  EXPECT_EQ(arrays.at("i").dtype(), DType::int16);
  EXPECT_EQ(arrays.at("half").dtype(), DType::float16);
  EXPECT_THAT(arrays.at("half").to_vector<int>(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(Npz, WritesTheBytesOfNumPy) {
  const std::string path = KERATA_SOURCE_DIR "/tests/fuzz/corpus/npz/stored";
  const saving::ZipReader theirs(path);
  saving::save_npz((folder_.path() / "ours.npz").string(), load_npz(path));
  const saving::ZipReader ours((folder_.path() / "ours.npz").string());
  for (const char* name : {"x.npy", "y.npy"})
    EXPECT_EQ(ours.read(*ours.find(name), 1000), theirs.read(*theirs.find(name), 1000)) << name;
}

TEST_F(Npz, RefusesToSaveWhatNumPyLacks) {
  const std::string path = (folder_.path() / "saved.npz").string();
  const Tensor values = Tensor::from_span<float>(kValues, {6});
  EXPECT_ERROR(ValueError, saving::save_npz(path, {{"w", values.cast("bfloat16")}}),
               "[npy] " + path +
                   ": w has no .npy form: NumPy lacks bfloat16. Hint: save as .safetensors, or cast to "
                   "float32.");
  EXPECT_ERROR(ValueError, saving::save_npz(path, {{"../w", values}}),
               "[npz] " + path + ": ../w is no name for an array: it leads out of the archive.");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Npz, NamesAMissingFile) { EXPECT_THROW(load_npz((folder_.path() / "none.npz").string()), BackendError); }

}  // namespace
}  // namespace kerata
