// Mistakes that show only when a model is compiled, trained by code of the user's own, or used in the middle of fit().
#include "kerata/graph/gradients.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

Model two_outputs() {
  const Tensor x = Input({4});
  Model model(x, {Dense(1, {.name = "a"})(x), Dense(1, {.name = "b"})(x)});
  return model;
}

TEST(CompileMessages, WhatIsEmpty) {
  Model model = regression_model();
  EXPECT_ERROR(ValueError, model.compile({.optimizer = AnyOptimizer(), .loss = "mse"}),
               "[Model.compile] No optimizer. Expected a name or an object.");
  EXPECT_ERROR(ValueError, model.compile({.loss = "mse", .metrics = {AnyMetric()}}),
               "[Model.compile] A metric is empty. Expected a name, an object or a function.");
  EXPECT_ERROR(ValueError, model.compile({.loss = {"mse", "mae"}}),
               "[Model.compile] loss must be one value, one per output, or given by name. Expected 1 (\"dense_1\"), "
               "received 2.");
  EXPECT_ERROR(ValueError, two_outputs().compile({.loss = "mse", .loss_weights = {{"c", 1.0}}}),
               "[Model.compile] loss_weights names an output that the model does not have: \"c\". Expected one of "
               "\"a\", \"b\".");
}

TEST(FitMessages, Weights) {
  const Data data = regression_data();
  Model model = two_outputs();
  model.compile({.loss = "mse"});
  EXPECT_ERROR(ValueError, model.fit(data.x, {data.y, data.y}, {.verbose = 0, .class_weight = {{0, 1.0}}}),
               "[Model.fit] `class_weight` is only supported for Models with a single output. Received 2 targets.");
  EXPECT_ERROR(
      ValueError, model.train_on_batch(data.x, {data.y, data.y}, {.class_weight = {{0, 1.0}}}),
      "[Model.train_on_batch] `class_weight` is only supported for Models with a single output. Received 2 targets.");
  EXPECT_ERROR(ShapeError, model.fit(data.x, {data.y, data.y}, {.verbose = 0, .sample_weight = ops::ones({20, 3})}),
               "[Model.fit] A single sample_weight for several outputs must hold one weight per sample. Expected "
               "(samples,), received (20, 3). Hint: give one tensor per output.");
  Model one = regression_model();
  EXPECT_ERROR(ShapeError, one.fit(data.x, ops::ones({20, 2, 2}), {.verbose = 0, .class_weight = {{0, 1.0}}}),
               "[Model.fit] class_weight needs one class per sample. Expected targets (samples,), (samples, 1) or "
               "one-hot (samples, classes), received (20, 2, 2).");
  for (const Tensor& y : {Tensor(), Input({1})})
    EXPECT_ERROR_WITH(ValueError, one.fit(data.x, y, {.verbose = 0, .class_weight = {{0, 1.0}}}), "[Model.fit] y");
  EXPECT_ERROR_WITH(ShapeError, one.fit(data.x, ops::full({}, 1), {.verbose = 0, .class_weight = {{0, 1.0}}}),
                    "[Model.fit] y is a scalar.");
  EXPECT_ERROR(ValueError, one.fit(data.x, Tensor(), {.verbose = 0}),
               "[Model.fit] y holds an empty tensor. Expected data.");
  EXPECT_ERROR(ValueError, one.fit(data.x, Input({1}), {.verbose = 0}),
               "[Model.fit] y holds a symbolic tensor. Expected data.");
  EXPECT_ERROR(ShapeError, one.fit(data.x, data.y, {.verbose = 0, .sample_weight = ops::full({}, 1)}),
               "[Model.fit] sample_weight holds a scalar. Expected shape (samples, ...), received ().");
}

TEST(FitMessages, WeightsThatDoNotFitTheLoss) {
  const Data data = regression_data();
  Model model = regression_model();
  EXPECT_ERROR(ShapeError, model.fit(data.x, data.y, {.verbose = 0, .sample_weight = ops::ones({20, 3})}),
               "[multiply] The shapes do not broadcast. Expected sizes that are equal or 1, received (20,) and (20, "
               "3). Hint: sizes are compared from the last axis on; reshape one of them.\n  in the loss "
               "\"mean_squared_error\" called with targets (20, 1) and predictions (20, 1) and weights (20, 3)");
  auto product = [](const Tensor& y, const Tensor& p) { return ops::matmul(y, p); };
  model.compile({.loss = "mse", .metrics = {product}});
  EXPECT_ERROR_WITH(ShapeError, model.fit(data.x, data.y, {.verbose = 0}), "\n  in the metric \"");
  EXPECT_ERROR_WITH(ShapeError, model.fit(data.x, data.y, {.verbose = 0}),
                    "\" called with targets (20, 1) and predictions (20, 1)");
}

TEST(FitMessages, MetricWithoutATarget) {
  const Data data = regression_data();
  Model model = two_outputs();
  model.compile({.loss = {{"a", "mse"}}, .metrics = {{"b", "mae"}}});
  EXPECT_ERROR_WITH(ValueError, model.fit(data.x, {{"a", data.y}}, {.verbose = 0}),
                    "[Model.fit] Output \"b\" has a metric but no target.");
  model.fit(data.x, {data.y, data.y}, {.verbose = 0});
}

TEST(FitMessages, LossThatIsNoScalar) {
  const Data data = regression_data();
  Model model = regression_model();
  model.compile({.loss = losses::MeanSquaredError({.reduction = "none"})});
  EXPECT_ERROR_WITH(ShapeError, model.fit(data.x, data.y, {.verbose = 0}),
                    "[compute_loss] The loss \"mean_squared_error\" must be reduced to a scalar. Received (20,). Hint: "
                    "use a reduction other than \"none\".");
}

// Does in a hook of fit() what fit() must refuse.
class Meddler : public Callback {
 public:
  explicit Meddler(bool compiles) : compiles_(compiles) {}
  void on_train_batch_end(int, const Logs&) override {
    const Data data = regression_data();
    if (compiles_)
      model().compile({.loss = "mae"});
    else
      model().fit(data.x, data.y, {.verbose = 0});
  }

 private:
  bool compiles_;
};

TEST(FitMessages, FromWithinFit) {
  const Data data = regression_data();
  Model model = regression_model();
  EXPECT_ERROR_WITH(StateError, model.fit(data.x, data.y, {.verbose = 0, .callbacks = {Meddler(true)}}),
                    "[Model.compile] The model is being trained. Hint: stop_training(), and compile after fit().");
  EXPECT_ERROR_WITH(StateError, model.fit(data.x, data.y, {.verbose = 0, .callbacks = {Meddler(false)}}),
                    "[Model.fit] The model is already being trained. Hint: wait for the other fit() to end.");
  model.fit(data.x, data.y, {.verbose = 0});  // the failed ones let go of the model
}

class OwnStepLayer : public ModelLayer {
 public:
  OwnStepLayer(const Tensors& inputs, const Tensors& outputs, std::string fault)
      : ModelLayer(inputs, outputs), fault_(std::move(fault)) {}
  Tensors train_step(const Batch& batch, const StepContext& step) const override {
    const Tensors y_pred = call(batch.x, step);
    if (fault_ == "predictions") return {{"loss", compute_loss(batch, {y_pred[0], y_pred[0]}, step)}};
    if (fault_ == "target") return {{"loss", compute_loss({batch.x, Tensors(), Tensors()}, y_pred, step)}};
    return {compute_loss(batch, y_pred, step), y_pred[0]};  // logs without names
  }

 private:
  std::string fault_;
};
using OwnStep = ModelRef<OwnStepLayer, Tensors, Tensors, std::string>;

TEST(FitMessages, FromATrainStepOfTheUsersOwn) {
  const Data data = regression_data();
  const std::pair<const char*, const char*> faults[] = {
      {"predictions", "[compute_loss] Expected 1 predictions, received 2."},
      {"target", "[compute_loss] Output \"dense\" has a loss but no target."},
      {"names", "[train_step] The logs need names. Expected {{\"loss\", loss}, ...} or what update_metrics() gives."}};
  for (const bool eager : {false, true})
    for (const auto& [fault, text] : faults) {
      const Tensor x = Input({4});
      OwnStep model(x, Dense(1)(x), fault);
      model.compile({.optimizer = "sgd", .loss = "mse", .run_eagerly = eager});
      EXPECT_ERROR_WITH(ValueError, model.fit(data.x, data.y, {.verbose = 0}), text);
    }
}

TEST(PredictMessages, OutputWithoutABatch) {
  const Tensor x = Input({4});
  const Model model(x, ops::sum(x));
  EXPECT_ERROR(ShapeError, model.predict(ops::ones({3, 4}), {.verbose = 0}),
               "[Model.predict] Output 0 has no batch axis. Expected (3, ...), received ().");
}

TEST(PredictMessages, Options) {
  Model model = regression_model();
  const Data data = regression_data();
  EXPECT_ERROR(ValueError, model.predict(data.x, {.verbose = 0, .steps = 0}),
               "[Model.predict] steps must be at least 1, or -1 for all. Received 0.");
  EXPECT_ERROR(ValueError, model.predict(data.x, {.verbose = 4}),
               "[Model.predict] verbose must be 0, 1, 2 or kAuto. Received 4.");
  EXPECT_ERROR(ValueError, model.evaluate(data.x, data.y, {.verbose = 0, .steps = -2}),
               "[Model.evaluate] steps must be at least 1, or -1 for all. Received -2.");
  EXPECT_ERROR(ValueError, model.evaluate(data.x, data.y, {.verbose = 4}),
               "[Model.evaluate] verbose must be 0, 1, 2 or kAuto. Received 4.");
  EXPECT_ERROR(ValueError, model.predict(Tensors{Tensor()}, {.verbose = 0}),
               "[Model.predict] Input \"input_layer\" is an empty tensor. Expected data.");
}

TEST(PredictMessages, OfAPredictor) {
  const Tensor x = Input({-1, 2});
  const Model steps(x, Dense(1)(x));
  EXPECT_ERROR(ShapeError, steps.make_predictor(),
               "[Model.make_predictor] An input has an axis of unknown size: (?, ?, 2).");
  const Sequential unbuilt({Dense(1)});
  EXPECT_ERROR(StateError, unbuilt.make_predictor(),
               "[Model.make_predictor] The shape of the model's inputs is not known. Expected a functional model or a "
               "built Sequential. Hint: give the first layer an Input().");
  const Predictor predict = regression_model().make_predictor();
  std::vector<float> in(4), out(1);
  EXPECT_ERROR(ValueError, predict({in}, {out, out}), "[Predictor] Expected 1 outputs, received 2.");
}

}  // namespace
}  // namespace kerata
