// Losses of the user's own: a class, a lambda, a named function.
#include "kerata/graph/gradients.h"
#include "kerata/losses/losses.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "support/compiled_run.h"
#include "support/errors.h"

namespace kerata {
namespace {

class Quantile : public Loss {
 public:
  explicit Quantile(double q, Choice<Reduction> reduction = "sum_over_batch_size")
      : Loss("quantile", reduction), q_(q) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    const Tensor e = y_true - y_pred;
    return ops::mean(ops::maximum(q_ * e, (q_ - 1) * e), {.axis = -1});
  }

 private:
  double q_;
};

Tensor cubed(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::power(ops::abs(y_true - y_pred), 3), {.axis = -1});
}

struct Named {
  static constexpr const char* kName = "named";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const { return ops::square(y_true - y_pred); }
};

const Tensor kTruth = ops::array({{1.0, 2.0}, {3.0, 4.0}});
const Tensor kPrediction = ops::array({{0.0, 4.0}, {3.0, 2.0}});  // errors 1, -2, 0, 2

TEST(UserLoss, ClassIsReducedWeightedAndMasked) {
  const Quantile loss(0.75);
  EXPECT_EQ(loss.name(), "quantile");
  EXPECT_DOUBLE_EQ(loss(kTruth, kPrediction).item(), (0.75 + 0.5 + 0 + 1.5) / 4);
  EXPECT_DOUBLE_EQ(Quantile(0.75, "sum")(kTruth, kPrediction).item(), (0.75 + 0.5 + 0 + 1.5) / 2);
  EXPECT_DOUBLE_EQ(loss(kTruth, kPrediction, ops::array({2.0, 0.0})).item(), (0.75 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(loss(kTruth, kPrediction.with_mask(ops::array({false, true}))).item(), 1.5 / 2);
  EXPECT_EQ(Quantile(0.75, "none")(kTruth, kPrediction).to_vector<double>(), (std::vector{0.625, 0.75}));
}

TEST(UserLoss, EagerAndCompiledGradients) {
  const AnyLoss any = Quantile(0.75);
  auto compute = [&](const Tensor& y, const Tensor& p) { return std::vector{gradients((*any)(y, p), p)[0]}; };
  CompiledRun run({kTruth, kPrediction}, true,
                  [&](const std::vector<Tensor>& x, Scope&) { return compute(x[0], x[1]); });
  const GradientTape tape;
  const std::vector<double> found = compute(kTruth, kPrediction)[0].to_vector<double>();
  EXPECT_EQ(found[0], -0.75 / 4);
  EXPECT_EQ(found[1], 0.25 / 4);
  EXPECT_EQ(found[3], -0.75 / 4);
  EXPECT_EQ(run({kTruth, kPrediction})[0].to_vector<double>(), found);
}

TEST(UserLoss, CallablesOfEveryKind) {
  const AnyLoss lambda = [](const Tensor& y_true, const Tensor& y_pred) { return ops::abs(y_true - y_pred); };
  EXPECT_EQ(lambda->name(), "function");
  EXPECT_EQ((*lambda)(kTruth, kPrediction).item(), 1.25);
  const AnyLoss pointer = cubed;
  EXPECT_EQ(pointer->name(), "function");
  EXPECT_EQ((*pointer)(kTruth, kPrediction).item(), 17.0 / 4);
  const AnyLoss named = Named{};
  EXPECT_EQ(named->name(), "named");
  EXPECT_EQ((*named)(kTruth, kPrediction).item(), 9.0 / 4);
  const AnyLoss library = losses::mean_absolute_error;
  EXPECT_EQ(library->name(), "mean_absolute_error");
  EXPECT_EQ((*library)(kTruth, kPrediction).item(), 1.25);
  double factor = 3;  // a lambda that holds something
  const AnyLoss scaled = [factor](const Tensor& t, const Tensor& p) { return factor * ops::abs(t - p); };
  factor = 0;
  EXPECT_EQ((*scaled)(kTruth, kPrediction).item(), 3.75);
}

TEST(UserLoss, CallablesGetTargetsOfTheSameRank) {
  const AnyLoss loss = [](const Tensor& y_true, const Tensor& y_pred) {
    EXPECT_EQ(y_true.shape(), y_pred.shape());
    return ops::abs(y_true - y_pred);
  };
  EXPECT_EQ((*loss)(ops::array({1.0, 2.0}), ops::array({{0.0}, {0.0}})).item(), 1.5);
  EXPECT_EQ((*loss)(ops::array({1, 2}), ops::array({{0.0}, {0.0}})).item(), 1.5);  // and of the loss's type
}

TEST(UserLoss, HasNoConfigUnlessItWritesOne) {
  EXPECT_ERROR(
      StateError, Quantile(0.5).to_config(),
      "[quantile] The class Quantile does not say what its config holds. Hint: override get_config(), and make "
      "the class known by register_loss<Quantile>(\"package>Quantile\").");
  const AnyLoss lambda = [](const Tensor& y_true, const Tensor&) { return y_true; };
  EXPECT_ERROR_WITH(StateError, lambda->to_config(), "[loss] A function without a name cannot be written to a config.");
}

TEST(UserLoss, MayTakeTheStableRouteItself) {
  const AnyLoss loss = [](const Tensor& y_true, const Tensor& y_pred) {
    return 2 * losses::categorical_crossentropy(y_true, y_pred);
  };
  const Tensor logits = ops::array({{100.0, -100.0}}), y = ops::array({{0.0, 1.0}});
  CompiledRun run({y, logits}, true,
                  [&](const std::vector<Tensor>& x, Scope&) { return std::vector{(*loss)(x[0], ops::softmax(x[1]))}; });
  EXPECT_EQ(run({y, logits})[0].item(), 400);
}

}  // namespace
}  // namespace kerata
