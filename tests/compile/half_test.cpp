// float16 and bfloat16: an op computes in float32 and rounds its results once.
#include <gtest/gtest.h>

#include "graph/node.h"
#include "kerata/kerata.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

using namespace layers;

constexpr DType kHalves[] = {DType::float16, DType::bfloat16};

Tensor noise(const Shape& shape, std::int64_t seed) { return random::normal(shape, 0, 1, {.seed = seed}); }

// f on halves against f on the same numbers in float32, rounded.
void expect_rounded(const Function<Tensor(const std::vector<Tensor>&)>& f, const std::vector<Tensor>& inputs,
                    const std::string& what) {
  for (const DType half : kHalves) {
    std::vector<Tensor> small, wide;
    for (const Tensor& x : inputs) {
      small.push_back(is_floating(x.dtype()) ? x.cast(half) : x);
      wide.push_back(is_floating(x.dtype()) ? small.back().cast("float32") : x);
    }
    const Tensor eager = f(small), expected = f(wide).cast(half);
    CompiledRun compiled(small, false, [&](const std::vector<Tensor>& x, Scope&) { return std::vector{f(x)}; });
    ASSERT_EQ(eager.dtype(), half) << what;
    EXPECT_EQ(eager.to_vector<float>(), expected.to_vector<float>()) << what << ", " << to_string(half);
    EXPECT_EQ(compiled(small)[0].to_vector<float>(), expected.to_vector<float>()) << what << ", " << to_string(half);
  }
}

TEST(Half, OpsRoundOnce) {
  const Tensor a = noise({5, 7}, 1), b = noise({7, 4}, 2), images = noise({2, 6, 6, 3}, 3),
               kernel = noise({3, 3, 3, 4}, 4);
  using List = std::vector<Tensor>;
  expect_rounded([](const List& x) { return ops::matmul(x[0], x[1]); }, {a, b}, "matmul");
  expect_rounded([](const List& x) { return ops::einsum("ij,jk->ik", x); }, {a, b}, "einsum");
  expect_rounded([](const List& x) { return ops::conv(x[0], x[1], {.padding = "same"}); }, {images, kernel}, "conv");
  expect_rounded([](const List& x) { return ops::max_pool(x[0], 2, {.strides = 2}); }, {images}, "max_pool");
  expect_rounded([](const List& x) { return ops::average_pool(x[0], 2, {.strides = 2}); }, {images}, "average_pool");
  expect_rounded([](const List& x) { return ops::softmax(x[0]); }, {a}, "softmax");
  expect_rounded([](const List& x) { return ops::sum(x[0], {.axis = 1}); }, {a}, "sum");
  expect_rounded([](const List& x) { return ops::mean(x[0]); }, {a}, "mean");
  expect_rounded([](const List& x) { return ops::max(x[0], {.axis = 0}); }, {a}, "max");
  expect_rounded([](const List& x) { return ops::cumsum(x[0], 1); }, {a}, "cumsum");
  expect_rounded([](const List& x) { return ops::exp(x[0]); }, {a}, "exp");
  expect_rounded([](const List& x) { return ops::erf(x[0]); }, {a}, "erf");
  expect_rounded([](const List& x) { return ops::take(x[0], x[1], 0); }, {a, ops::array({4, 0, 2})}, "take");
  expect_rounded([](const List& x) { return ops::concatenate({x[0], x[0]}, 1); }, {a}, "concatenate");
}

TEST(Half, GradientsToo) {
  const Tensor images = noise({2, 5, 5, 2}, 5), kernel = noise({2, 2, 2, 3}, 6);
  for (const DType half : kHalves) {
    auto of = [&](DType dtype) {
      const GradientTape tape;
      const Tensor x = images.cast(half).cast(dtype), w = kernel.cast(half).cast(dtype);
      return gradients(ops::sum(ops::conv(x, w)), {x, w}).list();
    };
    const std::vector<Tensor> small = of(half), wide = of(DType::float32);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(small[i].dtype(), half);
      EXPECT_EQ(small[i].to_vector<float>(), wide[i].cast(half).to_vector<float>());
    }
  }
}

// Their kernels find the old values where the new ones go.
TEST(Half, OptimizersTakeTheirStep) {
  for (const DType half : kHalves) {
    const Tensor first = noise({9, 5}, 1).cast(half), slope = noise({9, 5}, 2).cast(half);
    const Variable variable("v", Role::trainable, first);
    optimizers::SGD(0.25).apply({slope}, {variable});
    const Tensor expected = (first.cast("float32") - slope.cast("float32") * 0.25).cast(half);
    EXPECT_EQ(variable.value().to_vector<float>(), expected.to_vector<float>());
    const Variable other("w", Role::trainable, first);
    optimizers::Adam(0.25).apply({slope}, {other});
    const Tensor moved = first.cast("float32") - ops::sign(slope.cast("float32")) * 0.25;
    for (std::size_t i = 0; i < 45; ++i)
      EXPECT_NEAR(other.value().to_vector<float>()[i], moved.to_vector<float>()[i], 0.02);
  }
}

// Whole layers of a half type: they train, and keep their type.
TEST(Half, ModelsTrain) {
  for (const char* name : {"float16", "bfloat16"}) {
    const DType dtype = Choice<DType>::parse(name);
    utils::set_random_seed(1);
    Model model = Sequential({Input({6, 6, 1}), Conv2D(4, 3, {.activation = "relu", .dtype = dtype}),
                              BatchNormalization({.dtype = dtype}), MaxPooling2D(2, {.dtype = dtype}),
                              Flatten({.dtype = dtype}), Dense(3, {.activation = "softmax", .dtype = dtype})});
    model.compile({.optimizer = optimizers::SGD(0.05), .loss = "sparse_categorical_crossentropy"});
    const Tensor x = noise({32, 6, 6, 1}, 7), y = ops::argmax(noise({32, 3}, 8), 1);
    const std::vector<double> losses = model.fit(x, y, {.batch_size = 8, .epochs = 8, .verbose = 0})["loss"];
    EXPECT_LT(losses.back(), losses.front()) << name;
    EXPECT_EQ(model.predict(x, {.verbose = 0}).dtype(), dtype);
    for (const Variable& weight : model.weights()) EXPECT_EQ(weight.dtype(), dtype) << weight.path();
  }
}

}  // namespace
}  // namespace kerata
