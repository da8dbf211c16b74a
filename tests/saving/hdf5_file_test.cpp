#include "saving/hdf5_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "kerata/core/error.h"
#include "saving/hdf5_files.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;
using saving::Hdf5Reader;
using saving::Hdf5Source;
using saving::Hdf5Writer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const Json& contents() {
  static const Json json = Json::parse(bytes_of_file(hdf5_path("contents.json")));
  return json;
}

/// What Kerata calls the element type of a NumPy array.
std::string kerata_dtype(const std::string& numpy) {
  if (numpy == "uint16") return "int32";
  if (numpy == "uint32" || numpy == "uint64") return "int64";
  return numpy;
}

void expect_dataset(const Hdf5Reader& reader, const std::string& path, const Json& expected) {
  ASSERT_TRUE(reader.has_dataset(path));
  const Tensor x = reader.read(path);
  EXPECT_EQ(to_string(x.dtype()), kerata_dtype(expected["dtype"]));
  EXPECT_EQ(x.shape(), golden::shape(expected["shape"]));
  EXPECT_EQ(reader.info(path).shape, x.shape());
  EXPECT_EQ(x.to_vector<double>(), expected["data"].get<std::vector<double>>());
  std::vector<double> doubles(static_cast<std::size_t>(x.size()));
  reader.read_into(path, DType::float64, doubles.data());
  EXPECT_EQ(doubles, x.to_vector<double>());
}

void expect_contents(const std::string& file, const Hdf5Source& source) {
  const Hdf5Reader reader(source);
  for (const auto& [path, expected] : contents().at(file).items()) {
    SCOPED_TRACE(file + ": " + path);
    if (expected.contains("children")) {
      ASSERT_TRUE(reader.has_group(path));
      EXPECT_EQ(reader.children(path), expected["children"].get<std::vector<std::string>>());
    } else {
      expect_dataset(reader, path, expected);
    }
    for (const auto& [name, text] : expected["texts"].items()) {
      if (text.is_string())
        EXPECT_THAT(reader.text_attribute(path, name), Optional(text.get<std::string>()));
      else
        EXPECT_THAT(reader.texts_attribute(path, name), Optional(text.get<std::vector<std::string>>()));
    }
  }
}

TEST(Hdf5Files, OfKerasAndH5pyAreReadAsH5pyReadsThem) {
  ASSERT_GE(contents().size(), 8u);
  for (const auto& [file, objects] : contents().items()) expect_contents(file, {.path = hdf5_path(file)});
}

TEST(Hdf5Files, AreReadWithinAnotherFile) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of_file(hdf5_path("arrays.h5"));
  const std::string archive = folder.write("model.keras", std::string(1234, 'a') + bytes + "behind");
  const Hdf5Source member{archive, 1234, bytes.size(), "model.keras/model.weights.h5"};
  expect_contents("arrays.h5", member);
  EXPECT_ERROR(ValueError, Hdf5Reader(Hdf5Source{archive, 1234, bytes.size() + 100, "model.keras/model.weights.h5"}),
               "[HDF5] model.keras/model.weights.h5 is cut off. Expected " + std::to_string(bytes.size() + 100) +
                   " bytes at 1234, received a file of " + std::to_string(bytes.size() + 1240) + " bytes.");
  EXPECT_ERROR(ValueError, Hdf5Reader(member).info("no/such"),
               "[HDF5] model.keras/model.weights.h5: there is no data set no/such.");
}

TEST(Hdf5Files, TellWhatIsNotThere) {
  const std::string path = hdf5_path("arrays.h5");
  const Hdf5Reader reader({.path = path});
  EXPECT_FALSE(reader.has_group("float32"));
  EXPECT_FALSE(reader.has_dataset("rank"));
  EXPECT_FALSE(reader.has_group("rank/9"));
  EXPECT_EQ(reader.text_attribute("", "missing"), std::nullopt);
  EXPECT_THAT(reader.texts_attribute("", "none"), Optional(IsEmpty()));
  EXPECT_ERROR(ValueError, reader.children("float32"), "[HDF5] " + path + ": there is no group float32.");
  EXPECT_ERROR(ValueError, reader.read("rank"), "[HDF5] " + path + ": there is no data set rank.");
  EXPECT_ERROR(ValueError, reader.text_attribute("no", "a"), "[HDF5] " + path + ": there is no group or data set no.");
  EXPECT_ERROR(ValueError, reader.text_attribute("", "list"),
               "[HDF5] " + path + ": the root group: attribute list holds 3 texts. Expected one.");
  EXPECT_ERROR(ValueError, reader.text_attribute("float32", "number"),
               "[HDF5] " + path + ": float32: attribute number is no text.");
}

TEST(Hdf5Files, ThatCannotBeOpenedAreNamed) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("missing.h5");
  EXPECT_ERROR(BackendError, Hdf5Reader({.path = missing}),
               "[HDF5] " + missing + " cannot be opened: No such file or directory.");
  EXPECT_ERROR(ValueError, Hdf5Reader({.path = folder.path().string()}),
               "[HDF5] " + folder.path().string() + " is not a file.");
  const std::string text = folder.write("a.h5", std::string(100, 'a'));
  EXPECT_ERROR(ValueError, Hdf5Reader({.path = text}),
               "[HDF5] " + text + ": not an HDF5 file: the signature is missing.");
  const std::string empty = folder.write("b.h5", "");
  EXPECT_ERROR(ValueError, Hdf5Reader({.path = empty}), "[HDF5] " + empty + ": not an HDF5 file: 0 bytes.");
  EXPECT_ERROR_WITH(BackendError, Hdf5Writer(missing + "/x.h5"), "cannot be created: unable to open file");
}

constexpr DType kDTypes[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16, DType::int8,
                             DType::int16,   DType::int32,   DType::int64,   DType::uint8,    DType::boolean};

TEST(Hdf5RoundTrip, KeepsEveryDtypeAndRank) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  std::vector<double> numbers(120);
  std::iota(numbers.begin(), numbers.end(), 0);
  const std::vector<Shape> shapes = {Shape(), {120}, {2, 60}, {4, 5, 6}, {2, 3, 4, 5}, {1, 2, 3, 4, 5}, {0}, {3, 0, 2}};
  const auto value = [&](DType dtype, const Shape& shape) {
    const std::vector<double> some(numbers.begin(), numbers.begin() + shape.size());
    return Tensor::from_span<double>(some, shape).cast(dtype);
  };
  Hdf5Writer writer(path);
  const auto place = [](DType dtype, std::size_t i) { return std::string(to_string(dtype)) + "/" + std::to_string(i); };
  for (const DType dtype : kDTypes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) writer.dataset(place(dtype, i), value(dtype, shapes[i]));
  }
  writer.close();
  const Hdf5Reader reader({.path = path});
  for (const DType dtype : kDTypes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const Tensor x = reader.read(place(dtype, i));
      EXPECT_EQ(x.dtype(), dtype);
      EXPECT_EQ(x.shape(), shapes[i]);
      EXPECT_EQ(x.to_vector<double>(), value(dtype, shapes[i]).to_vector<double>()) << place(dtype, i);
    }
  }
}

TEST(Hdf5RoundTrip, KeepsGroupsAndTexts) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5"), long_text(200'000, 'x');
  Hdf5Writer writer(path);
  writer.group("a/b/c");
  writer.group("a/empty");
  writer.text_attribute("", "text", "größer");
  writer.text_attribute("a/b", "long", long_text);
  writer.texts_attribute("a/b", "names", {"kernel", "", "bias"});
  writer.texts_attribute("a/b", "none", {});
  std::vector<std::string> many;
  for (int i = 0; i < 3000; ++i)
    many.push_back("a long name of a weight, of which there are many " + std::to_string(i));
  writer.texts_attribute("a", "many", many);
  writer.close();
  const Hdf5Reader reader({.path = path});
  EXPECT_THAT(reader.children("a"), ElementsAre("b", "empty"));
  EXPECT_THAT(reader.children("a/b/c"), IsEmpty());
  EXPECT_THAT(reader.text_attribute("", "text"), Optional(std::string("größer")));
  EXPECT_THAT(reader.text_attribute("a/b", "long"), Optional(long_text));
  EXPECT_THAT(reader.texts_attribute("a/b", "names"), Optional(ElementsAre("kernel", "", "bias")));
  EXPECT_THAT(reader.texts_attribute("a/b", "none"), Optional(IsEmpty()));
  EXPECT_THAT(reader.texts_attribute("a", "many"), Optional(many));
}

TEST(Hdf5RoundTrip, FindsEachOfManyNames) {  // the tree of names gets a second level
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  constexpr int kCount = 1000;
  Hdf5Writer writer(path);
  for (int i = 0; i < kCount; ++i)
    writer.dataset("vars/" + std::to_string(i), Tensor::from_span<int>(std::vector{i}, {1}));
  writer.close();
  const Hdf5Reader reader({.path = path});
  EXPECT_EQ(reader.children("vars").size(), static_cast<std::size_t>(kCount));
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(reader.read("vars/" + std::to_string(i)).item<int>(), i);
}

TEST(Hdf5Writer, WritesEqualBytesForEqualContent) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name) {
    Hdf5Writer writer(folder.file(name));
    writer.dataset("a/b", Tensor::from_span<float>(std::vector<float>{1, 2, 3}, {3}));
    writer.text_attribute("a", "text", "text");
    writer.close();
    return bytes_of_file(folder.file(name));
  };
  const std::string first = write("a.h5");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 keeps times in seconds
  EXPECT_EQ(write("b.h5"), first);
}

TEST(Hdf5Writer, RefusesWhatItCannotStore) {
  const std::string kNoName =
      " has a name that cannot be stored. Expected one without control characters, of at most 1024 bytes.";
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  Hdf5Writer writer(path);
  EXPECT_ERROR(ValueError, writer.group("a//b"), "[HDF5] " + path + ": a/" + kNoName);
  EXPECT_ERROR(ValueError, writer.group("a\nb"), "[HDF5] " + path + ": a\nb" + kNoName);
  EXPECT_ERROR(ValueError, writer.group(std::string(1025, 'a')),
               "[HDF5] " + path + ": " + std::string(1025, 'a') + kNoName);
  EXPECT_ERROR(ValueError, writer.text_attribute("", "t", std::string("a\0b", 3)),
               "[HDF5] " + path + ": attribute t holds a zero byte, which HDF5 cannot store.");
  EXPECT_ERROR(ValueError, writer.texts_attribute("", "t", {std::string(65'000, 'a')}),
               "[HDF5] " + path + ": attribute t holds a text of 65000 bytes. Expected at most 64512.");
  writer.dataset("x", Tensor::from_span<float>(std::vector<float>{1}, {1}));
  EXPECT_ERROR_WITH(BackendError, writer.dataset("x", Tensor::from_span<float>(std::vector<float>{1}, {1})),
                    "[HDF5] " + path + ": x: cannot be created: ");
}

TEST(Hdf5Reader, ServesSeveralThreadsAndReadersAtOnce) {
  const Hdf5Source source{.path = hdf5_path("arrays.h5")};
  const Hdf5Reader shared(source);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const Hdf5Reader own(source);
        EXPECT_EQ(own.read("float32").to_vector<float>(), shared.read("float32").to_vector<float>());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace kerata
