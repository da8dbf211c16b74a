// Reads real data: from KERATA_DATA_DIR when it is set, else the bundled subsets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "datasets/files.h"
#include "kerata/core/error.h"
#include "kerata/datasets/california_housing.h"
#include "kerata/datasets/fashion_mnist.h"
#include "kerata/datasets/imdb.h"
#include "kerata/datasets/mnist.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Sets an environment variable (or unsets it) until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : Environment(name) { setenv(name, value.c_str(), 1); }
  explicit Environment(const char* name) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    unsetenv(name);
  }
  ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

std::vector<int> head(const Tensor& x, Dim count) { return x.slice({.stop = count}).to_vector<int>(); }

TEST(LoadData, MnistHasTheKnownDigits) {
  const auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data();
  EXPECT_EQ(x_train.shape().from(1), (Shape{28, 28}));
  EXPECT_EQ(x_train.dtype(), DType::uint8);
  EXPECT_GE(x_train.shape()[0], 10000);
  EXPECT_GE(x_test.shape()[0], 2000);
  EXPECT_THAT(head(y_train, 10), ElementsAre(5, 0, 4, 1, 9, 2, 1, 3, 1, 4));
  EXPECT_THAT(head(y_test, 10), ElementsAre(7, 2, 1, 0, 4, 1, 4, 9, 5, 9));
  const std::vector<int> first = x_train[0].to_vector<int>();
  EXPECT_EQ(first[5 * 28 + 12], 3);  // the first pixel of the five
  EXPECT_EQ(first[5 * 28 + 11], 0);
}

TEST(LoadData, FashionMnistHasTheKnownClothes) {
  const Splits data = datasets::fashion_mnist::load_data();
  EXPECT_THAT(head(data.y_train, 10), ElementsAre(9, 0, 0, 3, 0, 2, 7, 2, 5, 5));
  EXPECT_THAT(head(data.y_test, 10), ElementsAre(9, 2, 1, 1, 6, 1, 4, 6, 5, 7));
  EXPECT_EQ(data.x_test.shape().from(1), (Shape{28, 28}));
}

TEST(LoadData, CaliforniaHousingIsSplitAsScikitLearnDoesIt) {
  const auto [x_train, y_train, x_test, y_test] = datasets::california_housing::load_data();
  EXPECT_EQ(x_train.shape(), (Shape{15480, 8}));
  EXPECT_EQ(y_test.shape(), (Shape{5160, 1}));
  // train_test_split(X, y, random_state=42): the rows 20046 and 8158 come first.
  EXPECT_FLOAT_EQ(x_test[0].to_vector<float>()[0], 1.6812f);
  EXPECT_FLOAT_EQ(y_test[0].item<float>(), 0.477f);
  EXPECT_FLOAT_EQ(x_train[0].to_vector<float>()[0], 4.2143f);
}

TEST(LoadData, ImdbHasTheKnownReviews) {
  const auto reviews = datasets::imdb::load_sequences();
  ASSERT_GE(reviews.x_train.size(), 5000u);
  const std::vector<std::int32_t>& first = reviews.x_train[0];
  EXPECT_THAT(std::vector(first.begin(), first.begin() + 13),
              ElementsAre(1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66));
  EXPECT_THAT(head(reviews.y_train, 10), ElementsAre(1, 0, 0, 1, 0, 0, 1, 0, 1, 0));
  EXPECT_EQ(reviews.y_train.dtype(), DType::int64);
}

TEST(LoadData, ImdbPadsOnTheLeft) {
  const Splits data = datasets::imdb::load_data({.maxlen = 100});
  const auto reviews = datasets::imdb::load_sequences({.maxlen = 100});
  EXPECT_EQ(data.x_train.shape(), (Shape{static_cast<Dim>(reviews.x_train.size()), 99}));  // Keras keeps len < maxlen
  EXPECT_EQ(data.x_train.shape()[0], data.y_train.shape()[0]);
  const std::vector<int> row = data.x_train[0].to_vector<int>();
  const std::vector<std::int32_t>& first = reviews.x_train[0];
  EXPECT_EQ(std::vector<int>(row.end() - static_cast<std::ptrdiff_t>(first.size()), row.end()),
            std::vector<int>(first.begin(), first.end()));
  EXPECT_EQ(row[99 - first.size() - 1], 0);
}

TEST(LoadData, ImdbOptionsDoWhatKerasDoes) {
  const auto plain = datasets::imdb::load_sequences().x_train[0];
  const auto few = datasets::imdb::load_sequences({.num_words = 100}).x_train[0];
  const auto skip = datasets::imdb::load_sequences({.skip_top = 20}).x_train[0];
  const auto dropped = datasets::imdb::load_sequences({.num_words = 100, .oov_char = -1}).x_train[0];
  const auto moved = datasets::imdb::load_sequences({.start_char = 7, .oov_char = 9, .index_from = 10}).x_train[0];
  const auto bare = datasets::imdb::load_sequences({.start_char = -1, .index_from = 0}).x_train[0];
  ASSERT_EQ(few.size(), plain.size());
  std::vector<std::int32_t> kept;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(few[i], plain[i] < 100 ? plain[i] : 2);
    EXPECT_EQ(skip[i], plain[i] >= 20 ? plain[i] : 2);
    EXPECT_EQ(moved[i], i == 0 ? 7 : plain[i] + 7);
    if (i > 0) {
      EXPECT_EQ(bare[i - 1], plain[i] - 3);
    }
    if (plain[i] < 100) kept.push_back(plain[i]);
  }
  EXPECT_EQ(dropped, kept);
  EXPECT_EQ(bare.size() + 1, plain.size());
}

TEST(LoadData, ImdbSeedOrdersTheReviews) {
  const auto plain = datasets::imdb::load_sequences();
  const auto other = datasets::imdb::load_sequences({.seed = 5}), again = datasets::imdb::load_sequences({.seed = 5});
  EXPECT_EQ(other.x_train, again.x_train);
  EXPECT_NE(other.x_train, plain.x_train);
  EXPECT_EQ(other.x_train.size(), plain.x_train.size());
}

TEST(LoadData, ImdbRefusesOptionsOutOfRange) {
  EXPECT_ERROR(ValueError, datasets::imdb::load_data({.num_words = 0}),
               "[datasets.imdb] Expected num_words > 0 (or -1 for all), received 0.");
  EXPECT_ERROR(ValueError, datasets::imdb::load_data({.skip_top = -1}),
               "[datasets.imdb] Expected skip_top and index_from >= 0, received -1 and 3.");
  EXPECT_ERROR(ValueError, datasets::imdb::load_data({.maxlen = 1}),
               "[datasets.imdb] No review is shorter than maxlen 1. Hint: increase maxlen.");
}

// A folder of data that is not what it should be; KERATA_DATA_DIR names it while the object lives.
class OtherData {
 public:
  OtherData() : data_dir_("KERATA_DATA_DIR", folder_.path().string()) {}
  void write(const std::string& file, const std::string& bytes) const { folder_.write(file, bytes); }
  std::string path(const std::string& file) const { return (folder_.path() / file).string(); }

 private:
  TemporaryFolder folder_;
  Environment data_dir_;
};

std::string int32s(const std::vector<std::int32_t>& values) {
  const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int32_t));
  return npy(dictionary("<i4", "(" + std::to_string(values.size()) + ",)"), bytes);
}

std::string reviews(const std::vector<std::int32_t>& words, const std::vector<std::int32_t>& offsets,
                    const std::vector<std::int32_t>& labels) {
  std::vector<ZipMember> members;
  for (const char* part : {"train", "test"}) {
    const std::string name = part;
    members.push_back(stored("x_" + name + "_flat.npy", int32s(words)));
    members.push_back(stored("x_" + name + "_offsets.npy", int32s(offsets)));
    members.push_back(stored("y_" + name + ".npy", int32s(labels)));
  }
  return zip(members);
}

TEST(LoadData, ImdbRefusesArraysThatDoNotFitTogether) {
  const OtherData data;
  const std::string file = "imdb/imdb_flat.npz", where = "[datasets.imdb] " + data.path(file);
  data.write(file, reviews({1, 14, 22, 1, 5}, {0, 3, 5}, {1, 0}));
  EXPECT_EQ(datasets::imdb::load_sequences().x_train[1], (std::vector<std::int32_t>{1, 5}));
  data.write(file, reviews({1, 14, 22, 1, 5}, {0, 3}, {1, 0}));
  EXPECT_ERROR(BackendError, datasets::imdb::load_data(), where + " holds 2 labels. Expected 3 offsets, received 2.");
  data.write(file, reviews({1, 14, 22, 1, 5}, {0, 3, 6}, {1, 0}));
  EXPECT_ERROR(BackendError, datasets::imdb::load_data(),
               where + ": offsets 3 and 6 of review 1 do not lie in the 5 words.");
  data.write(file, zip({stored("x_train_flat.npy", int32s({1}))}));
  EXPECT_ERROR(BackendError, datasets::imdb::load_data(), where + " has no array x_train_offsets.");
  data.write(file, zip({stored("x_train_flat.npy", npy(dictionary("<f4", "(1,)"), std::string(4, '\0')))}));
  EXPECT_ERROR(BackendError, datasets::imdb::load_data(),
               where + ": x_train_flat is no list of integers. Received float32 (1,).");
}

TEST(LoadData, CaliforniaHousingNamesTheLineThatIsNoRow) {
  const OtherData data;
  const std::string file = "california_housing/california_housing.csv",
                    where = "[datasets.california_housing] " + data.path(file), header = "a,b,c,d,e,f,g,h,i\n";
  data.write(file, header + "1,2,3,4,5,6,7,8,9\n1,2,3,4,5,6,7,8,10\n");
  EXPECT_EQ(datasets::california_housing::load_data().x_train.shape(), (Shape{1, 8}));
  data.write(file, header + "1,2,3,4,5,6,7,8,9\n1,2,x,4,5,6,7,8,9\n");
  EXPECT_ERROR(BackendError, datasets::california_housing::load_data(),
               where + " line 3 column 3: expected a number and 9 columns.");
  data.write(file, header + "1,2,3,4,5,6,7,8\n");
  EXPECT_ERROR(BackendError, datasets::california_housing::load_data(),
               where + " line 2 column 8: expected a number and 9 columns.");
  data.write(file, "");
  EXPECT_ERROR(BackendError, datasets::california_housing::load_data(), where + " is empty.");
}

TEST(LoadData, MnistRefusesUnequalNumbersOfImagesAndLabels) {
  const OtherData data;
  const std::string image = std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01", 16) + "x",
                    labels = std::string("\0\0\x08\x01\0\0\0\x02", 8) + "xx";
  for (const char* part : {"train", "t10k"}) {
    data.write("mnist/" + std::string(part) + "-images-idx3-ubyte.gz", image);
    data.write("mnist/" + std::string(part) + "-labels-idx1-ubyte.gz", labels);
  }
  EXPECT_ERROR(BackendError, datasets::mnist::load_data(),
               "[datasets] " + data.path("mnist") + " holds unequal numbers of images and labels.");
}

TEST(FindData, SaysWhereItLookedAndWhatToDo) {
  const TemporaryFolder folder;
  const std::string dir = folder.path().string();
  auto text = [&](const std::string& end) {
    return "[datasets.birds] The files of the data set were not found. Looked in:\n  " + end;
  };
  auto find = [&] { datasets::find_data("birds", {"songs.gz", "names.gz"}, {{dir + "/cache", {"birds.npz"}}}); };
  {
    const Environment data_dir("KERATA_DATA_DIR", dir);
    EXPECT_ERROR_WITH(BackendError, find(), text(dir + "/birds (songs.gz, ...)\n  " + dir + "/cache (birds.npz)\n  "));
    EXPECT_ERROR_WITH(BackendError, find(), "\nHint: set KERATA_DATA_DIR to a folder that holds birds/songs.gz.");
  }
  const Environment none("KERATA_DATA_DIR");
  EXPECT_ERROR_WITH(BackendError, find(),
                    "\nHint: set KERATA_DATA_DIR to a folder that holds birds/songs.gz (it is not set).");
}

TEST(LoadData, DataDirComesFirstAndDamagedFilesAreNamed) {
  const TemporaryFolder folder;
  for (const char* file : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                           "t10k-labels-idx1-ubyte.gz"}) {
    folder.write(std::string("mnist/") + file, "no IDX file");
  }
  const Environment data_dir("KERATA_DATA_DIR", folder.path().string());
  try {
    datasets::mnist::load_data();
    FAIL() << "the damaged file was not read";
  } catch (const BackendError& error) {
    EXPECT_THAT(error.what(), HasSubstr((folder.path() / "mnist/train-images-idx3-ubyte.gz").string()));
  }
}

TEST(LoadData, AnEmptyDataDirFallsThroughToTheOthers) {
  const TemporaryFolder folder;
  const Environment data_dir("KERATA_DATA_DIR", folder.path().string()), home("KERAS_HOME", folder.path().string());
  EXPECT_EQ(datasets::mnist::load_data().x_train.shape()[0], 10000);  // the bundled subset
}

TEST(LoadData, ReadsMnistFromKerasCache) {
  const TemporaryFolder folder;
  const auto array = [](const std::string& shape, std::size_t count) {
    return npy(dictionary("|u1", shape), std::string(count, '\x07'));
  };
  folder.write("datasets/mnist.npz",
               zip({stored("x_train.npy", array("(3, 28, 28)", 3 * 784)), stored("y_train.npy", array("(3,)", 3)),
                    stored("x_test.npy", array("(2, 28, 28)", 2 * 784)), stored("y_test.npy", array("(2,)", 2))}));
  const Environment data_dir("KERATA_DATA_DIR", (folder.path() / "none").string());
  const Environment home("KERAS_HOME", folder.path().string());
  const Splits data = datasets::mnist::load_data();
  EXPECT_EQ(data.x_train.shape(), (Shape{3, 28, 28}));
  EXPECT_THAT(data.y_test.to_vector<int>(), ElementsAre(7, 7));
}

}  // namespace
}  // namespace kerata
