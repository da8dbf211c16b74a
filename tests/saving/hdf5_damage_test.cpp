// Damaged files: reading them ends with a result or with an error of Kerata, in bounded time and memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "fuzz/bytes_file.h"
#include "kerata/core/error.h"
#include "saving/hdf5_files.h"

namespace kerata {
namespace {

using saving::Hdf5Source;
using saving::Hdf5Writer;

/// Groups, numbers, texts of fixed and of variable length in few bytes.
std::string small_file(const TemporaryFolder& folder) {
  Hdf5Writer writer(folder.file("small.h5"));
  writer.dataset("layers/vars/0", Tensor::from_span<float>(std::vector<float>{1, 2, 3}, {3}));
  writer.dataset("bool", Tensor::from_span<int>(std::vector<int>{1}, Shape()).cast("bool"));
  writer.dataset("half", Tensor::from_span<float>(std::vector<float>{1, 2}, {1, 2}).cast("bfloat16"));
  writer.text_attribute("layers", "text", "text");
  writer.texts_attribute("layers/vars", "weight_names", {"kernel", "bias"});
  writer.close();
  return bytes_of_file(folder.file("small.h5"));
}

/// Whether the bytes are read without an error; anything but a kerata::Error fails the test.
bool is_readable(const std::string& bytes) {
  const fuzz::BytesFile file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  try {
    read_everything({.path = file.path()});
    return true;
  } catch (const Error&) {
    return false;
  }
}

class Damage : public testing::Test {
 protected:
  void TearDown() override {
#if !defined(__SANITIZE_ADDRESS__)
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    EXPECT_LT(usage.ru_maxrss, 500 * 1024) << "kB at the peak";
#endif
  }
  void expect_survives(const std::string& bytes, std::size_t place) {
    const auto start = std::chrono::steady_clock::now();
    num_read_ += is_readable(bytes);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << "byte " << place;
    ++num_damaged_;
  }

  const TemporaryFolder folder_;
  std::size_t num_read_ = 0, num_damaged_ = 0;
};

TEST_F(Damage, OfAnyByteIsSurvived) {
  const std::string bytes = small_file(folder_);
  ASSERT_TRUE(is_readable(bytes));
  for (const int mask : {0x01, 0xff}) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      expect_survives(damaged, i);
    }
  }
  EXPECT_LT(num_read_, num_damaged_);
}

TEST_F(Damage, OfKerasFilesIsSurvived) {
  std::uint32_t random = 1;  // where and how: a fixed sequence
  const auto next = [&random] { return random = random * 1664525u + 1013904223u; };
  for (const char* name : {"keras.weights.h5", "keras_whole.h5", "chunked.h5", "latest.h5", "arrays_track_order.h5"}) {
    const std::string bytes = bytes_of_file(hdf5_path(name));
    for (int i = 0; i < 1000; ++i) {
      std::string damaged = bytes;
      const std::size_t place = next() % bytes.size();
      damaged[place] = static_cast<char>(next() >> 24);
      expect_survives(damaged, place);
    }
  }
  EXPECT_LT(num_read_, num_damaged_);
}

TEST_F(Damage, TruncationAtAnyLengthIsAnError) {
  const std::string bytes = small_file(folder_);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(is_readable(bytes.substr(0, size))) << size << " bytes of " << bytes.size();
}

}  // namespace
}  // namespace kerata
