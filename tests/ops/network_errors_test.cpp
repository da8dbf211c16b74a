// The text of what the products, loops, random and network ops say to wrong arguments.
#include "graph/node.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "ops/linalg_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"
#include "support/errors.h"

namespace kerata {
namespace {

using ops::ScanStep;

Tensor unknown(const Shape& shape, DType dtype = DType::float32) { return placeholder({dtype, shape}); }

TEST(NetworkOpErrors, Products) {
  EXPECT_ERROR(ShapeError, ops::matmul(ops::zeros({3}), ops::zeros({3, 2}), false, false),
               "[matmul] Expected two tensors of at least 2 axes, received (3,) and (3, 2).");
  EXPECT_ERROR(ValueError, ops::matmul(ops::zeros({2, 3}), ops::zeros({3, 2}, "float64"), false, false),
               "[matmul] Expected one type, received float32 and float64.");
  EXPECT_ERROR(ShapeError,
               apply(ops::kMatmul, {ops::zeros({2, 3}), ops::zeros({3, 2}), ops::zeros({3})},
                     ops::MatmulAttrs{.has_bias = true}),
               "[matmul] Expected a bias of shape (2,), received (3,).");
  EXPECT_ERROR(ShapeError, ops::dot(ops::zeros({2, 3}), ops::zeros({4, 2})),
               "[matmul] The inner sizes differ. Expected b with 3 rows, received a (2, 3) and b (4, 2).");
}

TEST(NetworkOpErrors, Einsum) {
  const Tensor x = ops::zeros({2, 3});
  EXPECT_ERROR(ValueError, ops::einsum("ij->ij", Tensors()), "[einsum] Expected at least one operand, received none.");
  EXPECT_ERROR(ValueError, ops::einsum("i......->i", {ops::zeros({2, 3, 4, 5})}),
               "[einsum] Only one ellipsis is allowed in a term. Received \"i......->i\". Hint: for example "
               "\"ij,jk->ik\".");
  EXPECT_ERROR(ValueError, ops::einsum("ij->ii", {x}),
               "[einsum] Each label of the output must occur once, and in an input. Received \"ij->ii\". Hint: for "
               "example \"ij,jk->ik\".");
  EXPECT_ERROR(ShapeError, ops::einsum("ii->i", {x}),
               "[einsum] Expected equal known sizes for a repeated label, received (2, 3).");
  EXPECT_ERROR(ShapeError, ops::einsum("abcd,ab->cd", {unknown({-1, -1, -1, -1}), unknown({-1, -1})}),
               "[einsum] Too many unknown sizes in (?, ?, ?, ?).");
}

TEST(NetworkOpErrors, Convolution) {
  EXPECT_ERROR(ShapeError, ops::conv(ops::zeros({1, 4, 4, 4}), ops::zeros({3, 3, 2, 3})),
               "[conv] Expected filters divisible by the 2 groups, received 3.");
  EXPECT_ERROR(ShapeError, ops::conv(ops::zeros({1, 4, 4, 4}), ops::zeros({3, 3, 4})),
               "[conv] Expected a kernel of shape (height, width, channels / groups, filters), received (3, 3, 4).");
  EXPECT_ERROR(ValueError, ops::conv(ops::zeros({1, 4, 4, 1}, "int32"), ops::zeros({3, 3, 1, 1}, "int32")),
               "[conv] Expected images and kernel of one floating type, received int32 and int32.");
}

TEST(NetworkOpErrors, BatchNormalization) {
  const Tensor two = ops::ones({2});
  EXPECT_ERROR(ShapeError, ops::batch_norm_training(two, two, two, 1e-3),
               "[batch_norm] Expected at least 2 axes, received (2,).");
  EXPECT_ERROR(ShapeError, ops::batch_norm_training(ops::ones({3, 4}), two, two, 1e-3),
               "[batch_norm] Expected gamma and beta of shape (4,), received (2,) and (2,).");
  EXPECT_ERROR(ValueError, ops::batch_norm_training(ops::ones({3, 2}, "int32"), two, two, 1e-3),
               "[batch_norm] Expected one floating type, received int32, float32, float32.");
}

TEST(NetworkOpErrors, Lstm) {
  const Tensor x = ops::zeros({2, 3, 4}), state = ops::zeros({2, 5}), kernel = ops::zeros({4, 20}),
               recurrent = ops::zeros({5, 20}), bias = ops::zeros({20});
  EXPECT_ERROR(ShapeError, ops::lstm(ops::zeros({2, 3}), state, state, kernel, recurrent, bias, {}),
               "[lstm] Expected an input of shape (batch, steps, features), received (2, 3).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, bias, state, kernel, recurrent, bias, {}),
               "[lstm] Expected a state of shape (batch, units), received (20,).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, ops::zeros({3, 5}), state, kernel, recurrent, bias, {}),
               "[lstm] Expected a state of shape (2, 5), received (3, 5).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, state, ops::zeros({2, 4}), kernel, recurrent, bias, {}),
               "[lstm] Expected a cell state of shape (2, 5), received (2, 4).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, state, state, recurrent, recurrent, bias, {}),
               "[lstm] Expected a kernel of shape (4, 20), received (5, 20).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, state, state, kernel, kernel, bias, {}),
               "[lstm] Expected a recurrent kernel of shape (5, 20), received (4, 20).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, state, state, kernel, recurrent, ops::zeros({5}), {}),
               "[lstm] Expected a bias of shape (20,), received (5,).");
  EXPECT_ERROR(ShapeError, ops::lstm(x, state, state, kernel, recurrent, bias, ops::zeros({2, 4}, "bool")),
               "[lstm] Expected a mask of shape (2, 3), received (2, 4).");
  EXPECT_ERROR(ValueError, ops::lstm(x, state, state, kernel, recurrent, bias, ops::zeros({2, 3})),
               "[lstm] Expected a mask of bool, received float32.");
  EXPECT_ERROR(ValueError, ops::lstm(x, state, state, kernel.cast("float64"), recurrent, bias, {}),
               "[lstm] Expected one floating type, received float32 and float64.");
}

TEST(NetworkOpErrors, Softmax) {
  EXPECT_ERROR(ShapeError, ops::sparse_softmax_cross_entropy(ops::full({}, 1), ops::full({}, 1)),
               "[sparse_softmax_cross_entropy] Expected logits of shape (..., classes), received ().");
  EXPECT_ERROR(ShapeError, ops::sigmoid_cross_entropy(ops::zeros({2, 3}), ops::zeros({3, 2})),
               "[sigmoid_cross_entropy] Expected labels like the logits (float32 (2, 3)), received float32 (3, 2).");
}

TEST(NetworkOpErrors, RandomNumbers) {
  EXPECT_ERROR(ValueError, random::normal({2}, 0, -1), "[normal] Expected stddev >= 0, received -1.");
  EXPECT_ERROR(ValueError, random::truncated_normal({2}, 0, -1),
               "[truncated_normal] Expected stddev >= 0, received -1.");
  EXPECT_ERROR(ValueError, random::truncated_normal({2}, 0, 1, {.dtype = "int32"}),
               "[truncated_normal] Expected float32 or float64, received int32. Hint: draw float32 and cast it.");
  EXPECT_ERROR(ValueError, random::randint({2}, 0, Dim{1} << 60),
               "[randint] Expected bounds within +-2^53, received 0 and 1152921504606846976.");
  for (const std::int64_t seed : {-1, 7})
    EXPECT_ERROR(ValueError, random::uniform({-2, 3}, 0, 1, {.seed = seed}),
                 "[random_uniform] Every size must be known. Expected sizes of at least 0, received (?, 3).");
  EXPECT_ERROR(ShapeError, random::shuffle(ops::full({}, 1)), "[shuffle] Expected at least one axis, received ().");
}

TEST(NetworkOpErrors, Loops) {
  EXPECT_ERROR(ValueError,
               ops::scan(
                   [](const Tensors& c, const Tensors&) {
                     return ScanStep{{c[0], c[0]}};
                   },
                   ops::zeros({2}), {}, {.length = 3}),
               "[scan] The body gives another number of carries. Expected 1, received 2.");
  EXPECT_ERROR(ShapeError,
               ops::scan([](const Tensors& c, const Tensors&) { return ScanStep{c}; }, ops::zeros({2}),
                         {ops::zeros({3, 2}), ops::zeros({4, 2})}),
               "[scan] Every tensor of xs needs as many steps. Expected 3, received (4, 2).");
}

TEST(NetworkOpErrors, GradientsOfTheUsersOwn) {
  auto with_rule = [](const Function<Tensors(const Tensors&)>& rule) {
    const GradientTape tape;
    const Tensor x = ops::array({1.0, 2.0});
    const Tensors y = ops::custom_gradient([&](const Tensors& in) { return ops::WithGradient{in[0] * 2, rule}; }, x);
    return gradients(ops::sum(y[0]), x);
  };
  EXPECT_ERROR(ValueError, with_rule({}), "[custom_gradient] The function gave no gradient rule.");
  EXPECT_ERROR(ValueError, with_rule([](const Tensors& g) {
                 return Tensors{g[0], g[0]};
               }),
               "[custom_gradient] The rule gave 2 gradients. Expected 1, one per input.");
  EXPECT_ERROR(ShapeError, with_rule([](const Tensors&) { return Tensors(ops::ones({3})); }),
               "[custom_gradient] Gradient 0 has a wrong shape. Expected (2,), received (3,).");
  EXPECT_ERROR(ValueError,
               ops::custom_gradient(
                   [](const Tensors&) {
                     return ops::WithGradient{Tensors(), [](const Tensors& g) { return g; }};
                   },
                   ops::ones({2})),
               "[custom_gradient] The function gave no outputs.");
}

}  // namespace
}  // namespace kerata
