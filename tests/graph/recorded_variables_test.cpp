// What a gradient tape keeps of variables that are written after they were read.
#include <gtest/gtest.h>

#include "graph/scope.h"
#include "kerata/graph/gradients.h"
#include "kerata/layers/layer.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata {
namespace {

using Numbers = std::vector<double>;

Variable variable(const Values& values) { return Variable("w", Role::trainable, ops::array(values).cast("float64")); }
Tensor f64(const Values& values) { return ops::array(values).cast("float64"); }
Numbers gradient(const Tensor& loss, const Tensor& x) {
  return gradients(ops::sum(loss), x).single().to_vector<double>();
}

TEST(RecordedVariables, KeepTheContentThatWasRead) {
  const Variable w = variable({3.0, 5.0});
  const GradientTape tape;
  const Tensor x = f64({2.0, 7.0}), y = x * w * w;
  w.assign(f64({100, 200}));
  EXPECT_EQ(gradient(y, x), (Numbers{9, 25}));
  EXPECT_EQ(gradient(y, w), (Numbers{2 * 2 * 3, 2 * 7 * 5}));
  EXPECT_EQ(w.value().to_vector<double>(), (Numbers{100, 200}));
}

TEST(RecordedVariables, AddUpTheGradientsOfAllTheirContents) {
  const Variable w = variable({3.0});
  const GradientTape tape;
  Tensor y = w * w;
  w.assign(f64({10.0}));
  y = y + w * w;
  w.assign(f64({50.0}));
  EXPECT_EQ(gradient(y, w), (Numbers{2 * 3 + 2 * 10}));
}

TEST(RecordedVariables, HaveSecondOrderGradientsOfTheirOldContent) {
  const Variable w = variable({2.0});
  const GradientTape tape;
  const Tensor y = w * w * w;
  w.assign(f64({100.0}));
  const Tensor first = gradients(ops::sum(y), w).single();
  w.assign(f64({200.0}));
  EXPECT_EQ(first.item(), 12);
  EXPECT_EQ(gradient(first, w), (Numbers{12}));
}

TEST(RecordedVariables, KeepTheContentOfTheirViews) {
  const Variable w = variable({2.0, 3.0});
  const Tensor plain = ops::reshape(w, {1, 2});
  const GradientTape tape;
  const Tensor column = ops::reshape(w, {2, 1}), y = column * column;
  w.assign(f64({100, 200}));
  EXPECT_EQ(column.to_vector<double>(), (Numbers{2, 3}));
  EXPECT_EQ(plain.to_vector<double>(), (Numbers{2, 3}));
  EXPECT_EQ(gradient(y, w), (Numbers{4, 6}));
}

TEST(RecordedVariables, KeepTheirContentForARuleOfTheUser) {
  const Variable w = variable({3.0});
  const GradientTape tape;
  const Tensor y =
      ops::custom_gradient(
          [](const Tensors& in) {
            return ops::WithGradient{in[0] * in[0], [in](const Tensors& g) -> Tensors { return {g[0] * in[0] * 10}; }};
          },
          Tensors(w))
          .single();
  w.assign(f64({7.0}));
  EXPECT_EQ(gradient(y, w), (Numbers{30}));
}

TEST(RecordedVariables, ShareTheMemoryUntilTheFirstWrite) {
  const Variable w = variable({3.0});
  const void* memory = output_of(w).data();
  const GradientTape tape;
  const Tensor y = w * 2;
  const Tensor& operand = y.node()->inputs[0];
  EXPECT_EQ(output_of(operand).data(), memory);
  w.assign(f64({4.0}));
  EXPECT_NE(output_of(operand).data(), memory);
  EXPECT_EQ(output_of(w).data(), memory);  // compiled programs know it by its address
  EXPECT_EQ(operand.item(), 3);
}

// y = x w; then w doubles.
class DoublingLayer : public Layer {
 public:
  void build(const Shape& input) override {
    w_ = add_weight("w", {input.back()}, {.initializer = "ones", .dtype = "float64"});
  }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    const Tensor y = x * w_ * w_;
    context.update(w_, w_ * 2);
    return y;
  }

 private:
  Variable w_;
};
using Doubling = LayerRef<DoublingLayer>;

TEST(RecordedVariables, OfALayerThatReadsAndUpdatesInOneCall) {
  Doubling layer({.dtype = "float64"});
  const Tensor x = f64({{2.0, 7.0}});
  static_cast<void>(layer(x));
  const Variable w = layer.weights()[0];
  w.assign(f64({3.0, 5.0}));
  const GradientTape tape;
  const Tensor y = layer(x);
  EXPECT_EQ(w.value().to_vector<double>(), (Numbers{6, 10}));
  EXPECT_EQ(gradient(y, x), (Numbers{9, 25}));
  EXPECT_EQ(gradient(y, w), (Numbers{12, 70}));
  const Tensor again = layer(x);  // with the new content
  EXPECT_EQ(gradient(again, w), (Numbers{2 * 2 * 6, 2 * 7 * 10}));
}

}  // namespace
}  // namespace kerata
