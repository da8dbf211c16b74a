// Shape rules where sizes are unknown, and views.
#include "graph/node.h"
#include "graph/scope.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"
#include "support/golden.h"

namespace kerata {
namespace {

Tensor symbol(const Shape& shape) { return placeholder({DType::float32, shape}); }
std::vector<Dim> sizes(const Tensor& x) { return x.shape().to_vector(); }
using Sizes = std::vector<Dim>;

/// The values of a recorded result for a concrete input.
Tensor replayed(const Tensor& from, const Tensor& to, const Tensor& output) {
  return replay(std::array{from}, std::array{to}, std::array{output})[0];
}

TEST(UnknownSizes, BroadcastingKeepsTheBatch) {
  const Tensor x = symbol({-1, 3});
  EXPECT_EQ(sizes(x + ops::ones({3})), (Sizes{kBatch, 3}));
  EXPECT_EQ(sizes(x + ops::ones({1, 3})), (Sizes{kBatch, 3}));
  EXPECT_EQ(sizes(x + ops::ones({5, 3})), (Sizes{5, 3}));
  EXPECT_EQ(sizes(x + symbol({-1, 1})), (Sizes{kBatch, 3}));
}

TEST(UnknownSizes, ReshapeCancelsTheBatch) {
  const Tensor x = symbol({-1, 4, 6});
  EXPECT_EQ(sizes(ops::reshape(x, {x.shape()[0], -1})), (Sizes{kBatch, 24}));
  EXPECT_EQ(sizes(ops::reshape(x, {-1, 24})), (Sizes{kBatch, 24}));
  EXPECT_EQ(sizes(ops::reshape(x, {-1, 12}))[1], 12);
  EXPECT_LT(sizes(ops::reshape(x, {-1, 12}))[0], 0);
}

TEST(UnknownSizes, RecordedReshapeTakesTheSizesOfTheReplay) {
  const Tensor x = symbol({-1, 4});
  const Tensor y = ops::reshape(x, {x.shape()[0], 2, -1}) + ops::zeros({x.shape()[0], 1, 2});
  const Tensor value = ops::arange(0, 12).reshape({3, 4});
  EXPECT_EQ(sizes(replayed(x, value, y)), (Sizes{3, 2, 2}));
  golden::expect_near_all(replayed(x, value, y), value.reshape({3, 2, 2}));
}

TEST(UnknownSizes, EveryMoveIsReplayed) {
  const Tensor x = symbol({-1, 2, -1});
  const Tensor value = ops::arange(0, 12).reshape({3, 2, 2});
  const std::vector<Tensor (*)(const Tensor&)> functions = {
      [](const Tensor& t) { return ops::expand_dims(t, 1); },
      [](const Tensor& t) { return ops::squeeze(ops::expand_dims(t, -1), -1); },
      [](const Tensor& t) {
        return ops::transpose(t, {2, 0, 1});
      },
      [](const Tensor& t) {
        return ops::concatenate({t, t}, 2);
      },
      [](const Tensor& t) {
        return ops::concatenate({t, t}, 1);
      },
      [](const Tensor& t) {
        return ops::stack({t, t}, 0);
      },
      [](const Tensor& t) { return ops::flip(t); },
      [](const Tensor& t) {
        return ops::pad(t, {{0, 0}, {1, 0}, {2, 1}});
      },
      [](const Tensor& t) { return t.slice({.axis = 2, .start = -1}); },
      [](const Tensor& t) { return t.slice({.axis = 1, .stop = 1}); },
      [](const Tensor& t) { return t[-1]; },
      [](const Tensor& t) { return ops::zeros_like(t) + 1; },
      [](const Tensor& t) {
        return ops::mean(t, {.axis = {0, 2}});
      },
      [](const Tensor& t) { return ops::var(t, {.axis = -1, .keepdims = true}); },
      [](const Tensor& t) { return ops::logsumexp(t, {.axis = 2}); },
      [](const Tensor& t) { return ops::cumsum(t, 2); },
      [](const Tensor& t) { return ops::sort(t, 2); },
      [](const Tensor& t) { return ops::repeat(t, 2, 1); },
  };
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const Tensor recorded = functions[i](x), expected = functions[i](value), found = replayed(x, value, recorded);
    EXPECT_EQ(sizes(found), sizes(expected)) << "function " << i;
    golden::expect_near_all(found, expected, {1e-6, 1e-6}, "function " + std::to_string(i));
    for (Dim axis = 0; axis < recorded.rank(); ++axis) {
      const Dim size = recorded.shape()[axis];
      EXPECT_TRUE(size < 0 || size == expected.shape()[axis]) << "function " << i;
    }
  }
}

TEST(UnknownSizes, GradientsAreRecordedToo) {
  const Tensor x = symbol({-1, 2, -1});
  const Tensor value = ops::arange(0, 12).reshape({3, 2, 2}) / 10;
  const std::vector<Tensor (*)(const Tensor&)> functions = {
      [](const Tensor& t) {
        return ops::sum(t * ops::mean(t, {.axis = {0, 2}, .keepdims = true}));
      },
      [](const Tensor& t) {
        return ops::sum(ops::square(ops::concatenate({t, t * 2}, 2)));
      },
      [](const Tensor& t) { return ops::sum(ops::square(t.slice({.axis = 2, .start = 1}))); },
      [](const Tensor& t) { return ops::sum(ops::square(ops::sum(t, {.axis = 0}) + t)); },
      [](const Tensor& t) { return ops::sum(ops::exp(ops::max(t, {.axis = 2}))); },
      [](const Tensor& t) { return ops::sum(ops::square(ops::concatenate({t, t}, 2).reshape({-1}))); },
      [](const Tensor& t) { return ops::sum(ops::square(ops::take(t, ops::arange(1), 2))); },
  };
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const Tensor recorded = gradients(functions[i](x), x).single();
    GradientTape tape;
    const Tensor expected = gradients(functions[i](value), value).single();
    golden::expect_near_all(replayed(x, value, recorded), expected, {1e-5, 1e-6}, "function " + std::to_string(i));
  }
}

TEST(Views, ReshapeAndRowsShareMemory) {
  const Tensor x = ops::arange(0, 24).reshape({4, 6});
  const Tensor reshaped = x.reshape({2, 12});
  EXPECT_EQ(reshaped.data<float>().data(), x.data<float>().data());
  const Tensor rows = x.slice({.start = 1, .stop = 3});
  EXPECT_EQ(rows.data<float>().data(), x.data<float>().data() + 6);
  EXPECT_EQ(sizes(rows), (Sizes{2, 6}));
  const Tensor last = x[-1];
  EXPECT_EQ(last.data<float>().data(), x.data<float>().data() + 18);
  EXPECT_EQ(sizes(last), (Sizes{6}));
}

TEST(Views, RowsOfAVariableAreCopies) {
  const Variable v("v", Role::trainable, ops::arange(0, 6).reshape({3, 2}));
  const Tensor row = Tensor(v)[1];
  v.assign(ops::zeros({3, 2}));
  EXPECT_EQ(row.to_vector<float>(), (std::vector<float>{2, 3}));
}

TEST(Views, NothingIsCopiedWhereNothingChanges) {
  const Tensor x = ops::ones({2, 3});
  EXPECT_EQ(x.cast("float32").node(), x.node());
  EXPECT_EQ(ops::broadcast_to(x, {2, 3}).node(), x.node());
  EXPECT_EQ(ops::transpose(x, {0, 1}).node(), x.node());
  EXPECT_EQ(ops::sum_to(x, x).node(), x.node());
}

TEST(Creation, ArrayTakesNestedListsOfOneShape) {
  EXPECT_EQ(to_string(ops::array({{0, 1}, {2, 3}}).dtype()), "int32");
  EXPECT_EQ(to_string(ops::array({{0, 0.5}}).dtype()), "float32");
  EXPECT_EQ(to_string(ops::array({true, false}).dtype()), "bool");
  EXPECT_EQ(sizes(ops::array({{0.1}, {0.2}})), (Sizes{2, 1}));
  EXPECT_EQ(sizes(ops::array({{{1}}, {{2}}})), (Sizes{2, 1, 1}));
  EXPECT_EQ(sizes(ops::array(3)), (Sizes{}));
}

TEST(Creation, HalfTypesAreMadeAndRead) {
  for (const DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor x = ops::full({3}, 0.5, dtype) + ops::arange(3);
    EXPECT_EQ(x.dtype(), dtype);
    EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{0.5, 1.5, 2.5}));
    EXPECT_EQ(ops::sum(x).item(), 4.5);
    EXPECT_EQ(ops::max(x[1] * x).item(), 3.75);
  }
}

}  // namespace
}  // namespace kerata
