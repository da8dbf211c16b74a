// Matrix products in every form that the kernels use: transposed or not, scaled, added to c; columns, rows, outer
// products.
#include "cpu/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace kerata::cpu {
namespace {

template <class T>
std::vector<T> wave(Dim n, double seed) {
  std::vector<T> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(std::sin(seed + 0.7 * static_cast<double>(i)));
  return x;
}

// Within the rounding of a sum of products of this magnitude.
template <class T>
void expect_plain_sums(const GemmShape& s, T alpha, T beta) {
  const std::vector<T> a = wave<T>(s.m * s.k, 1), b = wave<T>(s.k * s.n, 2), before = wave<T>(s.m * s.n, 3);
  std::vector<T> c = before;
  constexpr double kRounding = 8.0 * std::numeric_limits<T>::epsilon();
  gemm(s, alpha, a.data(), b.data(), beta, c.data());
  const auto at = [](const std::vector<T>& x, Dim i) { return static_cast<double>(x[static_cast<std::size_t>(i)]); };
  for (Dim i = 0; i < s.m; ++i)
    for (Dim j = 0; j < s.n; ++j) {
      double sum = 0, magnitude = 1;
      for (Dim l = 0; l < s.k; ++l) {
        const double product =
            at(a, s.trans_a ? l * s.lda + i : i * s.lda + l) * at(b, s.trans_b ? j * s.ldb + l : l * s.ldb + j);
        sum += product;
        magnitude += std::fabs(product);
      }
      const double expected = static_cast<double>(alpha) * sum + static_cast<double>(beta) * at(before, i * s.ldc + j);
      ASSERT_NEAR(at(c, i * s.ldc + j), expected, kRounding * magnitude)
          << s.m << " x " << s.n << " x " << s.k << ", transposed: " << s.trans_a << s.trans_b;
    }
}

TEST(Gemm, AgreesWithPlainSumsInEveryForm) {
  for (bool trans_a : {false, true})
    for (bool trans_b : {false, true})
      for (Dim m : {1, 2, 30, 150})
        for (Dim n : {1, 2, 30, 150})
          for (Dim k : {1, 4, 16, 30, 39, 150})
            for (bool adds : {false, true}) {
              const GemmShape s = gemm_shape(trans_a, trans_b, m, n, k);
              expect_plain_sums<float>(s, adds ? -0.5f : 1.0f, adds ? 1.0f : 0.0f);
              expect_plain_sums<double>(s, adds ? -0.5 : 1.0, adds ? 1.0 : 0.0);
            }
}

// A layer's sizes: rows of b in two halves, blocks of rows of c, several panels.
TEST(Gemm, AgreesWithPlainSumsOnLayers) {
  for (bool adds : {false, true})
    for (const GemmShape& s : {gemm_shape(false, false, 32, 300, 784), gemm_shape(false, false, 7, 33, 301),
                               gemm_shape(false, false, 241, 40, 300), gemm_shape(true, false, 784, 300, 32),
                               gemm_shape(true, false, 500, 10, 33), gemm_shape(false, true, 32, 300, 100)})
      expect_plain_sums<float>(s, adds ? -0.5f : 1.0f, adds ? 1.0f : 0.0f);
}

TEST(Gemm, APackedMatrixServesManyProducts) {
  for (bool trans_b : {false, true})
    for (Dim n : {1, 16, 30, 150})
      for (Dim k : {0, 1, 39, 300}) {
        GemmShape s = gemm_shape(false, trans_b, 0, n, k);
        s.ldc = n + 3;
        const std::vector<float> b = wave<float>(k * n, 2);
        std::vector<float> packed(static_cast<std::size_t>(packed_size(k, n)));
        pack_b(s, b.data(), packed.data());
        for (Dim m : {1, 16, 31}) {
          s.m = m;
          const std::vector<float> a = wave<float>(m * k, 1);
          std::vector<float> found(static_cast<std::size_t>(m * s.ldc), 7.0f), expected(found.size(), 7.0f);
          for (bool add : {false, true}) {
            packed_sgemm(s, 0.5f, a.data(), packed.data(), add, found.data());
            gemm(s, 0.5f, a.data(), b.data(), add ? 1.0f : 0.0f, expected.data());
          }
          for (std::size_t i = 0; i < found.size(); ++i)
            ASSERT_NEAR(found[i], expected[i], 1e-5 * static_cast<double>(k + 1)) << m << " x " << n << " x " << k;
        }
      }
}

TEST(Gemm, LeavesColumnsBetweenTheResultAlone) {
  GemmShape s = gemm_shape(false, false, 3, 1, 4);
  s.ldc = 2;
  const std::vector<float> a = wave<float>(12, 1), b = wave<float>(4, 2);
  std::vector<float> c(6, 7.0f);
  gemm(s, 1.0f, a.data(), b.data(), 0.0f, c.data());
  EXPECT_EQ(c[1], 7.0f);
  EXPECT_EQ(c[3], 7.0f);
  EXPECT_NEAR(c[2], a[4] * b[0] + a[5] * b[1] + a[6] * b[2] + a[7] * b[3], 1e-6);
}

// A pack at the end of a row may overlap the one before it: what was added already must not count again, not even
// as 0 * infinity.
TEST(Gemm, AnInfinityStaysOneWherePacksOverlap) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (Dim k : {17, 30, 33})
    for (std::size_t place : {std::size_t{3}, std::size_t{15}}) {
      std::vector<float> a(static_cast<std::size_t>(2 * k), 1.0f);
      const std::vector<float> b(static_cast<std::size_t>(k), 1.0f);
      a[place] = kInfinity;
      std::vector<float> c(2);
      gemm(gemm_shape(false, false, 2, 1, k), 1.0f, a.data(), b.data(), 0.0f, c.data());
      EXPECT_EQ(c[0], kInfinity);
      EXPECT_EQ(c[1], static_cast<float>(k));
    }
}

}  // namespace
}  // namespace kerata::cpu
