#include "datasets/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kerata/core/error.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using datasets::read_idx;
using testing::ElementsAre;
using testing::HasSubstr;

std::string big(std::uint32_t value) {
  const std::string bytes = little(value, 4);
  return {bytes.rbegin(), bytes.rend()};
}

std::string gzipped(const std::string& content) {
  std::string packed(compressBound(content.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class Idx : public testing::Test {
 protected:
  std::string error_of(const std::string& bytes, Dim rank) {
    const std::string path = folder_.write("hostile.gz", bytes);
    try {
      read_idx(path, rank);
    } catch (const BackendError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  TemporaryFolder folder_;
};

const std::string kImages = big(0x803) + big(2) + big(1) + big(3) + std::string("\x01\x02\x03\xff\x00\x05", 6);

TEST_F(Idx, ReadsGzippedAndPlainFiles) {
  for (const std::string& bytes : {gzipped(kImages), kImages}) {
    const Tensor x = read_idx(folder_.write("images", bytes), 3);
    EXPECT_EQ(x.shape(), (Shape{2, 1, 3}));
    EXPECT_EQ(x.dtype(), DType::uint8);
    EXPECT_THAT(x.to_vector<int>(), ElementsAre(1, 2, 3, 255, 0, 5));
  }
}

TEST_F(Idx, RefusesAnotherKindOfFile) {
  EXPECT_THAT(error_of(gzipped(kImages), 1), HasSubstr("not an IDX file of bytes with 1 axes"));
  EXPECT_THAT(error_of("this is text", 3), HasSubstr("not an IDX file"));
}

TEST_F(Idx, RefusesSizesThatTheFileCannotHold) {
  const std::string huge = big(0x803) + big(0xffffffff) + big(0xffffffff) + big(0xffffffff);
  EXPECT_THAT(error_of(gzipped(huge), 3), HasSubstr("declares more than it can hold"));
  EXPECT_THAT(error_of(gzipped(big(0x801) + big(4000000000u)), 1), HasSubstr("declares more than it can hold"));
}

TEST_F(Idx, RefusesBombs) {
  const std::string bomb = gzipped(big(0x801) + big(80u << 20) + std::string(80u << 20, '\0'));
  ASSERT_LT(bomb.size(), 200000u);
  EXPECT_THAT(error_of(bomb, 1),
              HasSubstr("declares more than it can hold. Received size 83886080 on axis 0, in a file "
                        "that holds at most 67108864 bytes."));
}

TEST_F(Idx, RefusesFilesThatEndTooEarlyOrTooLate) {
  EXPECT_THAT(error_of(gzipped(kImages.substr(0, kImages.size() - 1)), 3), HasSubstr("ends too early"));
  EXPECT_THAT(error_of(gzipped(kImages + "x"), 3), HasSubstr("longer than its header says"));
  EXPECT_THAT(error_of("", 3), HasSubstr("ends too early"));
}

TEST_F(Idx, RefusesEveryCutOfAGzipFile) {
  const std::string whole = gzipped(kImages);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(error_of(whole.substr(0, length), 3).empty()) << length;
  }
}

TEST_F(Idx, RefusesDamagedContent) {
  std::string bytes = gzipped(kImages);
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // the checksum
  EXPECT_THAT(error_of(bytes, 3), HasSubstr("damaged"));
}

}  // namespace
}  // namespace kerata
