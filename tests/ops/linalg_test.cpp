#include "kerata/ops/linalg.h"

#include <cmath>

#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "ops/linalg_attrs.h"
#include "ops/nn_ops.h"
#include "support/errors.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using golden::expect_near_all;
using test::expect_both_gradients;
using test::wave;

struct MatmulCase {
  Shape a, b;
  bool trans_a = false, trans_b = false;
};

class MatmulGradient : public testing::TestWithParam<MatmulCase> {};

TEST_P(MatmulGradient, AgreesWithDifferencesInBothOrders) {
  const MatmulCase& c = GetParam();
  expect_both_gradients([&](const std::vector<Tensor>& x) { return ops::matmul(x[0], x[1], c.trans_a, c.trans_b); },
                        {wave(c.a, 1), wave(c.b, 2)});
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatmulGradient,
                         testing::Values(MatmulCase{{3, 4}, {4, 5}}, MatmulCase{{4, 3}, {4, 5}, true, false},
                                         MatmulCase{{3, 4}, {5, 4}, false, true},
                                         MatmulCase{{4, 3}, {5, 4}, true, true}, MatmulCase{{2, 3, 4}, {4, 5}},
                                         MatmulCase{{2, 3, 4}, {5, 4}, false, true},
                                         MatmulCase{{2, 4, 3}, {4, 5}, true, false}, MatmulCase{{2, 3, 4}, {2, 4, 5}},
                                         MatmulCase{{3, 4}, {2, 4, 5}}, MatmulCase{{2, 1, 3, 4}, {3, 4, 2}},
                                         MatmulCase{{1, 1}, {1, 1}}));

TEST(Matmul, AgreesWithPlainSumsForManySizes) {
  for (Dim m : {1, 2, 17, 64})
    for (Dim n : {1, 7, 16, 65, 300})
      for (Dim k : {1, 3, 33, 130}) {
        const Tensor a = wave({m, k}, 1), b = wave({k, n}, 2);
        const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
        std::vector<double> expected(static_cast<std::size_t>(m * n));
        for (Dim i = 0; i < m; ++i)
          for (Dim l = 0; l < k; ++l)
            for (Dim j = 0; j < n; ++j)
              expected[static_cast<std::size_t>(i * n + j)] +=
                  x[static_cast<std::size_t>(i * k + l)] * y[static_cast<std::size_t>(l * n + j)];
        const std::string what = std::to_string(m) + " x " + std::to_string(k) + " x " + std::to_string(n);
        expect_near_all(ops::matmul(a, b).to_vector<double>(), expected, {1e-12, 1e-12}, what);
        const Tensor a32 = a.cast("float32"), b32 = b.cast("float32");
        expect_near_all(ops::matmul(a32, b32).to_vector<double>(), expected, {1e-5, 2e-5}, what);
        const Tensor at = ops::transpose(a32), bt = ops::transpose(b32);
        for (bool ta : {false, true})
          for (bool tb : {false, true})
            expect_near_all(ops::matmul(ta ? at : a32, tb ? bt : b32, ta, tb).to_vector<double>(), expected,
                            {1e-5, 2e-5}, what);
      }
}

TEST(Matmul, FusedBiasAndActivationEqualSeparateOps) {
  for (const Shape& shape : {Shape{1, 20}, Shape{5, 20}, Shape{3, 4, 20}, Shape{200, 20}}) {
    const Tensor x = wave(shape, 1).cast("float32"), w = wave({20, 33}, 2).cast("float32"),
                 b = wave({33}, 3).cast("float32");
    const Tensor plain = ops::matmul(x, w) + b;
    auto fused = [&](int activation) {
      return apply(ops::kMatmul, {x, w, b}, ops::MatmulAttrs{.has_bias = true, .activation = activation});
    };
    expect_near_all(fused(ops::FusedActivation::none), plain, {1e-6, 1e-6});
    expect_near_all(fused(ops::FusedActivation::relu), ops::maximum(plain, 0), {1e-6, 1e-6});
    expect_near_all(fused(ops::FusedActivation::tanh), ops::tanh(plain), {1e-6, 1e-6});
    expect_near_all(fused(ops::FusedActivation::sigmoid), ops::sigmoid(plain), {1e-6, 1e-6});
  }
}

TEST(Matmul, FusedReluKeepsNaN) {
  for (Dim rows : {1, 3})
    for (Dim columns : {1, 7, 16, 33}) {
      const Tensor x = ops::full({rows, 4}, std::nan("")), w = ops::ones({4, columns}), b = ops::zeros({columns});
      const Tensor y =
          apply(ops::kMatmul, {x, w, b}, ops::MatmulAttrs{.has_bias = true, .activation = ops::FusedActivation::relu});
      for (float value : y.to_vector<float>()) EXPECT_TRUE(std::isnan(value)) << rows << " x " << columns;
    }
}

TEST(Matmul, UpdateSubtractsTheScaledProduct) {
  for (const char* dtype : {"float32", "float64"}) {
    const auto type = Choice<DType>::parse(dtype);
    const Tensor w = wave({7, 5}, 1).cast(type), a = wave({4, 7}, 2).cast(type), g = wave({4, 5}, 3).cast(type);
    const Tensor rate = ops::full({}, 0.25, type);
    expect_near_all(apply(ops::kMatmulUpdate, {w, a, g, rate}), w - 0.25 * ops::matmul(a, g, true, false),
                    {1e-6, 1e-6});
  }
}

TEST(Matmul, TakesEmptySizes) {
  expect_near_all(ops::matmul(ops::zeros({2, 0}), ops::zeros({0, 3})), ops::zeros({2, 3}));
  EXPECT_EQ(ops::matmul(ops::zeros({0, 3}), ops::zeros({3, 2})).shape(), (Shape{0, 2}));
}

TEST(Matmul, ReportsSizesThatDoNotFit) {
  EXPECT_ERROR(ShapeError, ops::matmul(ops::zeros({2, 3}), ops::zeros({4, 5})),
               "[matmul] The inner sizes differ. Expected b with 3 rows, received a (2, 3) and b (4, 5).");
  EXPECT_ERROR(ShapeError, ops::matmul(ops::zeros({2, 2, 3}), ops::zeros({3, 3, 5})),
               "[matmul] Leading axes do not broadcast. Received (2, 2, 3) and (3, 3, 5).");
  EXPECT_ERROR_WITH(ShapeError, ops::matmul(ops::zeros({}), ops::zeros({3})), "Hint: multiply() for scalars.");
}

TEST(Einsum, ReportsBadSubscripts) {
  const Tensor x = ops::zeros({2, 3});
  EXPECT_ERROR_WITH(ValueError, ops::einsum("i1->i", {x}), "[einsum] Labels must be letters. Received \"i1->i\".");
  EXPECT_ERROR_WITH(ValueError, ops::einsum("ij,jk", {x}), "Expected 2 operands for \"ij,jk\", received 1.");
  EXPECT_ERROR_WITH(ShapeError, ops::einsum("ijk->i", {x}), "Expected 3 axes for operand 0");
  EXPECT_ERROR_WITH(ValueError, ops::einsum("ij->ik", {x}),
                    "Each label of the output must occur once, and in an input.");
  EXPECT_ERROR_WITH(ShapeError, ops::einsum("ij,jk->ik", {x, ops::zeros({4, 2})}), "One label has two sizes.");
}

TEST(Einsum, GradientAgreesWithDifferences) {
  test::expect_gradients(
      [](const std::vector<Tensor>& x) {
        return ops::einsum("bqhd,bkhd->bhqk", {x[0], x[1]});
      },
      {wave({2, 3, 2, 4}, 1), wave({2, 2, 2, 4}, 2)});
  test::expect_gradients(
      [](const std::vector<Tensor>& x) {
        return ops::einsum("ij,jk,lk->il", {x[0], x[1], x[2]});
      },
      {wave({2, 3}, 1), wave({3, 4}, 2), wave({2, 4}, 3)});
}

// matmul, dot and einsum against keras.ops.
TEST(LinalgGolden, EqualsKeras) {
  const golden::File& file = golden::open("ops");
  int seen = 0;
  for (const golden::Json& c : file["cases"]) {
    const std::string op = c.at("op");
    if (op != "matmul" && op != "dot" && op != "einsum") continue;
    ++seen;
    const golden::Json& args = c.at("args");
    std::vector<Tensor> x;
    for (std::size_t i = op == "einsum" ? 1 : 0; i < args.size(); ++i) x.push_back(file.tensor(args[i]));
    auto run = [&](const std::vector<Tensor>& in) {
      if (op == "matmul") return ops::matmul(in[0], in[1]);
      if (op == "dot") return ops::dot(in[0], in[1]);
      return ops::einsum(args[0].get<std::string>(), Tensors(in));
    };
    const Tensor expected = file.tensor(c.at("output")), actual = run(x);
    EXPECT_EQ(actual.dtype(), expected.dtype()) << c.at("name");
    expect_near_all(actual, expected, {1e-5, 1e-6}, c.at("name"));
    if (!c.contains("gradient")) continue;
    GradientTape tape;
    const Tensor cotangent = file.tensor(c.at("gradient").at("cotangents")[0]);
    const Tensor loss = ops::sum(run(x) * cotangent);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Tensor wanted = file.tensor(c.at("gradient").at("inputs")[i]);
      if (wanted.is_empty()) continue;
      expect_near_all(gradients(loss, x[i]).single(), wanted, {1e-5, 1e-6},
                      c.at("name").get<std::string>() + " gradient");
    }
  }
  EXPECT_GE(seen, 35);
}

}  // namespace
}  // namespace kerata
