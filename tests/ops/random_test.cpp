#include "kerata/ops/random.h"

#include <algorithm>
#include <numeric>

#include "core/philox.h"
#include "cpu/philox_run.h"
#include "graph/scope.h"
#include "kerata/ops/reduction.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

// Random123 1.14, tests/kat_vectors: philox4x32 10
TEST(Philox, GivesThePublishedWords) {
  EXPECT_EQ(philox(0, 0, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(~0ull, ~0ull, ~0ull), (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, RunsAgreeWithSingleBlocks) {
  std::uint32_t words[4 * 64];
  const std::uint64_t first = (1ull << 32) - 7;  // the counter carries into its upper word
  cpu::philox_run<64>(0x123456789abcdef0, 5, first, words);
  for (std::uint64_t i = 0; i < 64; ++i) {
    const PhiloxBlock block = philox(0x123456789abcdef0, 5, first + i);
    for (std::size_t w = 0; w < 4; ++w) ASSERT_EQ(words[4 * i + w], block[w]) << i;
  }
}

struct Moments {
  double mean, deviation, lowest, highest;
};
Moments moments(const Tensor& x) {
  const std::vector<double> v = x.to_vector<double>();
  const double n = static_cast<double>(v.size()), mean = std::accumulate(v.begin(), v.end(), 0.0) / n;
  double square = 0;
  for (double value : v) square += (value - mean) * (value - mean);
  return {mean, std::sqrt(square / n), *std::min_element(v.begin(), v.end()), *std::max_element(v.begin(), v.end())};
}

constexpr Dim kMany = 200000;  // standard error of a mean: 0.0022 deviations

class RandomType : public testing::TestWithParam<DType> {};
INSTANTIATE_TEST_SUITE_P(Floating, RandomType, testing::Values(DType::float32, DType::float64));

TEST_P(RandomType, UniformFillsItsRange) {
  const Moments m = moments(random::uniform({kMany}, -2, 6, {.dtype = GetParam(), .seed = 1}));
  EXPECT_NEAR(m.mean, 2, 0.025);
  EXPECT_NEAR(m.deviation, 8 / std::sqrt(12.0), 0.02);
  EXPECT_GE(m.lowest, -2);
  EXPECT_LT(m.lowest, -1.999);
  EXPECT_LT(m.highest, 6);
  EXPECT_GT(m.highest, 5.999);
}

// Between 1 and the next number, low + u (high - low) rounds up for half of all u.
TEST_P(RandomType, UniformStaysBelowItsUpperEndWhereSumsRoundUp) {
  const double high = GetParam() == DType::float32 ? 1 + 0x1p-23 : 1 + 0x1p-52;
  const Moments m = moments(random::uniform({1000}, 1, high, {.dtype = GetParam(), .seed = 1}));
  EXPECT_EQ(m.lowest, 1);
  EXPECT_EQ(m.highest, 1);
}

// Both draws read the same words: the radius comes from 1 - u, which is never 0.
TEST_P(RandomType, NormalIsBoxMullerOfUniform) {
  const std::vector<double> u = random::uniform({1000}, 0, 1, {.dtype = GetParam(), .seed = 4}).to_vector<double>();
  const std::vector<double> z = random::normal({1000}, 0, 1, {.dtype = GetParam(), .seed = 4}).to_vector<double>();
  for (std::size_t i = 0; i < z.size(); i += 2)
    EXPECT_NEAR(z[i] * z[i] + z[i + 1] * z[i + 1], -2 * std::log1p(-u[i]), 2e-5) << i;
}

TEST(Bernoulli, IsUniformBelowItsProbability) {
  const std::vector<float> u = random::uniform({100}, 0, 1, {.seed = 5}).to_vector<float>();
  for (std::size_t edge : {0, 17, 99}) {  // p equal to one of the numbers: that one is not below it
    const std::vector<float> found = random::bernoulli({100}, u[edge], {.seed = 5}).to_vector<float>();
    for (std::size_t i = 0; i < u.size(); ++i) EXPECT_EQ(found[i], u[i] < u[edge] ? 1.0f : 0.0f) << i;
  }
}

TEST_P(RandomType, NormalHasItsMoments) {
  const Tensor x = random::normal({kMany}, 3, 0.5, {.dtype = GetParam(), .seed = 2});
  const Moments m = moments(x);
  EXPECT_NEAR(m.mean, 3, 0.005);
  EXPECT_NEAR(m.deviation, 0.5, 0.005);
  const std::vector<double> v = x.to_vector<double>();
  const auto within = std::count_if(v.begin(), v.end(), [](double z) { return std::abs(z - 3) < 0.5; });
  EXPECT_NEAR(static_cast<double>(within) / kMany, 0.6827, 0.005);
  EXPECT_GT(m.highest, 3 + 0.5 * 3.8);
}

TEST_P(RandomType, TruncatedNormalStaysWithinTwoDeviations) {
  const Tensor x = random::truncated_normal({kMany}, 1, 2, {.dtype = GetParam(), .seed = 3});
  const Moments m = moments(x);
  EXPECT_NEAR(m.mean, 1, 0.02);
  EXPECT_NEAR(m.deviation, 2 * 0.87962566, 0.01);  // of the normal distribution cut at +-2
  EXPECT_GE(m.lowest, 1 - 4);
  EXPECT_LE(m.highest, 1 + 4);
  EXPECT_GT(m.highest, 1 + 3.99);
  const std::vector<double> v = x.to_vector<double>();
  const auto within = std::count_if(v.begin(), v.end(), [](double z) { return std::abs(z - 1) < 2; });
  EXPECT_NEAR(static_cast<double>(within) / kMany, 0.6826895 / 0.9544997, 0.005);
}

TEST_P(RandomType, BernoulliHasItsProbability) {
  const Tensor x = random::bernoulli({kMany}, 0.3, {.dtype = GetParam(), .seed = 4});
  EXPECT_NEAR(moments(x).mean, 0.3, 0.005);
  EXPECT_EQ(ops::sum(random::bernoulli({1000}, 1, {.dtype = GetParam()})).item(), 1000);
  EXPECT_EQ(ops::sum(random::bernoulli({1000}, 0, {.dtype = GetParam()})).item(), 0);
}

TEST(Random, RandintCoversItsRangeEvenly) {
  const std::vector<int> v = random::randint({60000}, -2, 4, {.dtype = "int32", .seed = 5}).to_vector<int>();
  for (int face = -2; face < 4; ++face)
    EXPECT_NEAR(static_cast<double>(std::count(v.begin(), v.end(), face)), 10000, 400) << face;
  EXPECT_EQ(std::count_if(v.begin(), v.end(), [](int x) { return x < -2 || x > 3; }), 0);
  const Dim big = Dim{1} << 50;
  const Moments m = moments(random::randint({20000}, 0, big, {.dtype = "int64", .seed = 6}));
  EXPECT_NEAR(m.mean / static_cast<double>(big), 0.5, 0.01);
}

TEST(Random, PermutationHoldsEachNumberOnce) {
  for (Dim n : {0, 1, 2, 5, 1000}) {
    std::vector<int> v = random::permutation(n, 7).to_vector<int>();
    if (n == 1000) {
      EXPECT_FALSE(std::is_sorted(v.begin(), v.end()));
    }
    std::sort(v.begin(), v.end());
    for (Dim i = 0; i < n; ++i) ASSERT_EQ(v[static_cast<std::size_t>(i)], i);
  }
}

TEST(Random, PermutationsOfThreeAreEquallyLikely) {
  std::map<std::vector<int>, int> counts;
  for (int seed = 0; seed < 6000; ++seed) ++counts[random::permutation(3, seed).to_vector<int>()];
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(Random, ShuffleMovesWholeRows) {
  std::vector<float> rows;
  for (int i = 0; i < 50; ++i) rows.insert(rows.end(), {static_cast<float>(i), static_cast<float>(i) + 0.5f});
  const Tensor x = Tensor::from_span<float>(rows, {50, 2});
  const std::vector<float> v = random::shuffle(x, 8).to_vector<float>();
  EXPECT_NE(v, rows);
  for (std::size_t i = 0; i < v.size(); i += 2) EXPECT_EQ(v[i] + 0.5f, v[i + 1]);
  EXPECT_EQ(std::accumulate(v.begin(), v.end(), 0.0f), std::accumulate(rows.begin(), rows.end(), 0.0f));
}

TEST(Random, SeedsFixTheNumbers) {
  const auto a = random::normal({37}, 0, 1, {.seed = 9}).to_vector<float>();
  EXPECT_EQ(a, random::normal({37}, 0, 1, {.seed = 9}).to_vector<float>());
  EXPECT_NE(a, random::normal({37}, 0, 1, {.seed = 10}).to_vector<float>());
  set_global_seed(3);
  const auto first = random::uniform({5}).to_vector<float>(), second = random::uniform({5}).to_vector<float>();
  EXPECT_NE(first, second);
  set_global_seed(3);
  EXPECT_EQ(random::uniform({5}).to_vector<float>(), first);
}

TEST(Random, ALongerTensorBeginsLikeAShorterOne) {
  const auto shorter = random::uniform({777}, 0, 1, {.seed = 11}).to_vector<float>();
  auto longer = random::uniform({70000}, 0, 1, {.seed = 11}).to_vector<float>();
  longer.resize(shorter.size());
  EXPECT_EQ(longer, shorter);
}

TEST(Random, ReportsBadArguments) {
  EXPECT_ERROR(ValueError, random::uniform({2}, 1, 0), "[uniform] Expected minval <= maxval, received 1 and 0.");
  EXPECT_ERROR(ValueError, random::uniform({2}, 0, 1, {.dtype = "int32"}),
               "[uniform] Expected float32 or float64, received int32. Hint: draw float32 and cast it.");
  EXPECT_ERROR_WITH(ValueError, random::normal({2}, 0, -1), "[normal] Expected stddev >= 0");
  EXPECT_ERROR_WITH(ValueError, random::bernoulli({2}, 1.5), "[bernoulli] Expected a probability in [0, 1]");
  EXPECT_ERROR(ValueError, random::randint({2}, 3, 3), "[randint] Expected minval < maxval, received 3 and 3.");
  EXPECT_ERROR_WITH(ValueError, random::permutation(-1), "[permutation] Expected 0 <= n < 2^31, received -1.");
  EXPECT_ERROR_WITH(ValueError, random::uniform({2}, 0, 1, {.seed = -5}), "Expected a seed of at least 0");
}

}  // namespace
}  // namespace kerata
