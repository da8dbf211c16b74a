// Kernels give the same bits for any number of threads; a prepared kernel may run on several threads at once.
#include <functional>

#include "backend/parallel.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/random.h"
#include "ops/nn_ops.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using test::wave;

std::vector<std::vector<float>> values(const std::vector<Tensor>& tensors) {
  std::vector<std::vector<float>> result;
  for (const Tensor& x : tensors) result.push_back(x.to_vector<float>());
  return result;
}

// What f gives on one thread, and on all of them.
void expect_equal_bits(const std::function<std::vector<Tensor>()>& f) {
  std::vector<Tensor> one;
  parallel_for(2, 1, [&](std::int64_t begin, std::int64_t) {
    if (begin == 0) one = f();
  });
  const auto many = values(f()), single = values(one);
  ASSERT_EQ(many.size(), single.size());
  for (std::size_t i = 0; i < many.size(); ++i) EXPECT_EQ(many[i], single[i]) << "output " << i;
}

Tensor large(const Shape& shape, double seed) { return wave(shape, seed).cast("float32"); }

TEST(Threads, RandomNumbersAreTheSame) {
  expect_equal_bits([] {
    const random::Options seed{.seed = 5};
    return std::vector{random::uniform({50001}, -1, 2, seed), random::normal({50001}, 0, 1, seed),
                       random::bernoulli({50001}, 0.4, seed), random::truncated_normal({50001}, 0, 1, seed),
                       random::randint({50001}, 0, 99, {.dtype = "int32", .seed = 5})};
  });
}

TEST(Threads, SoftmaxAndLossesAreTheSame) {
  const Tensor x = large({3000, 17}, 1), z = large({3000, 17}, 2);
  const Tensor labels = random::randint({3000}, 0, 17, {.dtype = "int32", .seed = 1});
  expect_equal_bits([&] {
    return std::vector{ops::softmax(x), ops::log_softmax(x), ops::softmax(x, 0),
                       ops::sparse_softmax_cross_entropy(x, labels), ops::sigmoid_cross_entropy(x, z)};
  });
}

TEST(Threads, BatchNormalizationIsTheSame) {
  const Tensor x = large({4000, 37}, 1), gamma = large({37}, 2), beta = large({37}, 3);
  expect_equal_bits([&] {
    GradientTape tape;
    std::vector<Tensor> r = ops::batch_norm_training(x, gamma, beta, 1e-3);
    const Tensors g = gradients(ops::sum(r[0] * x), {x, gamma, beta});
    r.insert(r.end(), g.begin(), g.end());
    return r;
  });
}

TEST(Threads, PoolingIsTheSame) {
  const Tensor x = large({9, 20, 20, 19}, 1);
  expect_equal_bits([&] {
    GradientTape tape;
    const Tensor a = ops::max_pool(x, 3, {.strides = 2, .padding = "same"}),
                 b = ops::average_pool(x, 2, {.strides = 2});
    return std::vector{a, b, gradients(ops::sum(ops::square(a)) + ops::sum(ops::square(b)), x).single()};
  });
}

TEST(Threads, VectorMatrixProductsAreTheSame) {
  const Tensor x = large({1, 784}, 1), w = large({784, 300}, 2);
  expect_equal_bits([&] { return std::vector{ops::matmul(x, w, false, false)}; });
}

TEST(Threads, ProductsOfLayersAreTheSame) {
  const Tensor x = large({32, 784}, 1), w = large({784, 300}, 2), g = large({32, 300}, 3), v = large({100, 300}, 4);
  expect_equal_bits([&] {
    return std::vector{ops::matmul(x, w, false, false), ops::matmul(x, g, true, false), ops::matmul(g, v, false, true)};
  });
}

TEST(Threads, LstmIsTheSame) {
  const std::vector<Tensor> x{large({37, 9, 40}, 1), large({37, 33}, 2),  large({37, 33}, 3),
                              large({40, 132}, 4),   large({33, 132}, 5), large({132}, 6)};
  expect_equal_bits([&] {
    GradientTape tape;
    std::vector<Tensor> r = ops::lstm(x[0], x[1], x[2], x[3], x[4], x[5], {});
    const Tensors g = gradients(ops::sum(ops::square(r[0])) + ops::sum(r[2]), Tensors(x));
    r.insert(r.end(), g.begin(), g.begin() + 3);  // the others are products for BLAS
    return r;
  });
}

TEST(Threads, BlasProductsAgreeWithinRounding) {
  const Tensor x = large({640, 784}, 1), w = large({784, 300}, 2);
  Tensor one;
  parallel_for(2, 1, [&](std::int64_t begin, std::int64_t) {
    if (begin == 0) one = ops::matmul(x, w, false, false);
  });
  golden::expect_near_all(ops::matmul(x, w, false, false), one, {1e-6, 2e-5});
}

TEST(Threads, OneConvolutionRunsOnSeveralThreadsAtOnce) {
  const Tensor x = large({2, 12, 12, 8}, 1), k = large({3, 3, 8, 16}, 2);
  const std::vector<float> expected = ops::conv(x, k).to_vector<float>();
  std::vector<std::vector<float>> found(8);
  parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) found[static_cast<std::size_t>(i)] = ops::conv(x, k).to_vector<float>();
  });
  for (const auto& one : found)
    golden::expect_near_all(std::vector<double>(one.begin(), one.end()), {expected.begin(), expected.end()},
                            {1e-6, 1e-6});
}

}  // namespace
}  // namespace kerata
