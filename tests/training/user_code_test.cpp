// Layers, losses and steps of the user's own in fit(): what they give, and what happens when they throw.
#include "kerata/graph/gradients.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

struct Thrown {};

bool must_throw = false;
int steps_to_throw = -1;  // the training call on data after so many others throws

class FragileLayer : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext& context) const override {
    if (must_throw && context.training()) throw Thrown();
    if (context.training() && !x.is_symbolic() && steps_to_throw-- == 0) throw Thrown();
    return x * 2;
  }
};
using Fragile = LayerRef<FragileLayer>;

Model fragile_model() {
  Sequential model({Input({4}), Dense(3), Fragile(), Dense(1)});
  set_fixed_weights(model);
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

TEST(Exceptions, FromALayersTrace) {
  const Data data = regression_data();
  Model fresh = fragile_model(), model = fragile_model();
  must_throw = true;
  EXPECT_THROW(model.fit(data.x, data.y, {.verbose = 0}), Thrown);
  must_throw = false;
  fresh.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  model.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  EXPECT_EQ(weight_distance(model.get_weights(), fresh.get_weights()), 0);
}

// Op by op a layer can throw in the middle of an epoch: what the steps before it did stays, its own step does nothing.
TEST(Exceptions, FromALayerInTheMiddleOfAnEagerEpoch) {
  const Data data = regression_data();
  Model model = fragile_model(), one_step = fragile_model(), fresh = fragile_model();
  for (Model* each : {&model, &one_step, &fresh})
    each->compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}, .run_eagerly = true});
  const FitOptions options{.batch_size = 8, .verbose = 0, .shuffle = false};
  steps_to_throw = 1;
  EXPECT_THROW(model.fit(data.x, data.y, options), Thrown);
  steps_to_throw = -1;
  one_step.train_on_batch(data.x.slice({.stop = 8}), data.y.slice({.stop = 8}));
  EXPECT_EQ(weight_distance(model.get_weights(), one_step.get_weights()), 0);
  EXPECT_EQ(model.optimizer().iterations(), 1);
  EXPECT_EQ(model.fit(data.x, data.y, options).history, one_step.fit(data.x, data.y, options).history);
  set_fixed_weights(model);
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}, .run_eagerly = true});
  EXPECT_EQ(model.fit(data.x, data.y, options).history, fresh.fit(data.x, data.y, options).history);
  EXPECT_EQ(weight_distance(model.get_weights(), fresh.get_weights()), 0);
}

// An index out of range is found by the kernel in the middle of the epoch.
TEST(Exceptions, FromAKernel) {
  Sequential model({Input({2}, {.dtype = "int32"}), Embedding(5, 3), Flatten(), Dense(1)});
  set_fixed_weights(model);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensors before = model.get_weights();
  const Tensor good = ops::array({{0, 1}, {2, 3}, {4, 0}, {1, 1}}), bad = ops::array({{0, 1}, {2, 3}, {4, 7}, {1, 1}});
  const Tensor y = ops::array({{0.0}, {1.0}, {2.0}, {3.0}});
  EXPECT_ERROR_WITH(ValueError, model.fit(bad, y, {.batch_size = 2, .verbose = 0, .shuffle = false}), "7");
  model.set_weights(before);
  model.fit(good, y, {.batch_size = 2, .verbose = 0, .shuffle = false});
  Sequential fresh({Input({2}, {.dtype = "int32"}), Embedding(5, 3), Flatten(), Dense(1)});
  set_fixed_weights(fresh);
  fresh.compile({.optimizer = "sgd", .loss = "mse"});
  fresh.fit(good, y, {.batch_size = 2, .verbose = 0, .shuffle = false});
  EXPECT_EQ(weight_distance(model.get_weights(), fresh.get_weights()), 0);
}

// Whichever batch it is in, a whole one or the rest at the end, and whether somebody waits for each epoch or not.
TEST(Exceptions, FromAKernelNameTheLayerAndTheIndex) {
  const Tensor good = ops::zeros({5, 2}, "int32"), y = ops::zeros({5, 1});
  const Tensor first = ops::array({{7, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}), last = ops::flip(first, 0);
  for (const Tensor& bad : {first, last, first + last})
    for (const Dim batch_size : {2, 5})
      for (const int epochs : {1, 2, 3}) {
        Sequential model({Input({2}, {.dtype = "int32"}), Embedding(5, 3, {.name = "words"}), Flatten(), Dense(1)});
        model.compile({.optimizer = "sgd", .loss = "mse"});
        const std::string text = "Index 7 is out of range in layer 'words'. Expected an index in [0, 5).";
        const FitOptions options{.batch_size = batch_size, .epochs = epochs, .verbose = 0, .shuffle = epochs == 3};
        for (int round = 0; round < 2; ++round) {  // all programs are there in the second
          EXPECT_ERROR_WITH(ValueError, model.fit(bad, y, options), text);
          EXPECT_ERROR_WITH(ValueError, model.evaluate(bad, y, {.batch_size = batch_size, .verbose = 0}), text);
          EXPECT_ERROR_WITH(ValueError, model.predict(bad, {.batch_size = batch_size, .verbose = 0}), text);
          EXPECT_EQ(model.fit(good, y, options)["loss"].size(), static_cast<std::size_t>(epochs));
          EXPECT_EQ(model.evaluate(good, y, {.batch_size = batch_size, .verbose = 0}).size(), 1u);
          EXPECT_EQ(model.predict(good, {.batch_size = batch_size, .verbose = 0}).shape(), (Shape{5, 1}));
        }
      }
}

TEST(RunEagerly, GivesWhatTheCompiledStepGives) {
  for (const char* optimizer : {"sgd", "adam", "rmsprop"}) {
    Model compiled = regression_model(optimizer), eager = regression_model(optimizer, true);
    const Data data = regression_data();
    const FitOptions options{.batch_size = 8, .epochs = 3, .verbose = 0, .validation_split = 0.3, .shuffle = false};
    const History a = compiled.fit(data.x, data.y, options), b = eager.fit(data.x, data.y, options);
    for (const auto& [name, values] : a.history)
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], b[name][i], 1e-6) << name;
    EXPECT_LT(weight_distance(compiled.get_weights(), eager.get_weights()), 1e-6);
    EXPECT_LT(weight_distance(compiled.predict(data.x, {.verbose = 0}), eager.predict(data.x, {.verbose = 0})), 1e-6);
  }
}

// A penalty on the slope of the predictions: second order.
class PenalizedLayer : public ModelLayer {
 public:
  struct Options {
    double penalty = 0;
    std::string name = {};
  };
  PenalizedLayer(const Tensors& inputs, const Tensors& outputs, const Options& options)
      : ModelLayer(inputs, outputs), penalty_(options.penalty) {}
  Tensors train_step(const Batch& batch, const StepContext& step) const override {
    Tensors y_pred = call(batch.x, step);
    Tensor loss = compute_loss(batch, y_pred, step);
    Tensor slope = gradients(ops::sum(y_pred.single()), batch.x).single();
    loss += penalty_ * ops::mean(ops::square(slope));
    step.apply_gradients(gradients(loss, trainable_weights()), trainable_weights());
    return step.update_metrics(batch, y_pred, loss);
  }

 private:
  double penalty_;
};
using Penalized = ModelRef<PenalizedLayer, Tensors, Tensors>;

Penalized penalized(double penalty) {
  Tensor x = Input({4});
  Penalized model(x, Dense(1)(Dense(5, {.activation = "tanh"})(x)), {.penalty = penalty});
  set_fixed_weights(model);
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}});
  return model;
}

TEST(TrainStep, OfTheUsersOwnWithoutPenaltyIsThePlainOne) {
  Penalized own = penalized(0);
  Model plain = regression_model();
  const Data data = regression_data();
  const History a = own.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .shuffle = false});
  const History b = plain.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .shuffle = false});
  EXPECT_EQ(a.history.size(), b.history.size());
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(a["loss"][i], b["loss"][i], 1e-6);
  EXPECT_LT(weight_distance(own.get_weights(), plain.get_weights()), 1e-6);
}

TEST(TrainStep, GradientPenaltyMakesTheModelFlatter) {
  const Data data = regression_data();
  auto slope = [&](double penalty) {
    Penalized model = penalized(penalty);
    model.fit(data.x, data.y, {.epochs = 60, .verbose = 0});
    GradientTape tape;
    return ops::mean(ops::square(gradients(ops::sum(model(data.x)), data.x).single())).item();
  };
  EXPECT_LT(slope(5), 0.7 * slope(0));
}

TEST(TrainStep, LogsOfItsOwnReachTheHistory) {
  for (const bool eager : {false, true}) {
    Tensor x = Input({4});
    OwnLogs model(x, Dense(1)(x));
    model.compile({.optimizer = "sgd", .loss = "mse", .run_eagerly = eager});
    const Data data = regression_data();
    const History history = model.fit(data.x, data.y, {.batch_size = 8, .verbose = 0});
    EXPECT_EQ(history.history.size(), 2u);
    EXPECT_EQ(history["rows"], std::vector<double>{4});  // of the last batch
  }
}

// The figures of the batches, read after the callback has evaluated, if it does.
class Evaluates : public Callback {
 public:
  explicit Evaluates(bool does) : does_(does) {}
  void on_train_batch_end(int batch, const Logs& logs) override {
    const Data other = regression_data(9);
    if (does_) model().evaluate(other.x, other.y, {.batch_size = 4, .verbose = 0});
    figures.emplace_back();
    for (const auto& [name, value] : logs) figures.back().push_back(value);
    static_cast<void>(batch);
  }
  std::vector<std::vector<double>> figures;

 private:
  bool does_;
};

TEST(TrainStep, LogsStayWhatTheyAreWhenACallbackEvaluates) {
  const Data data = regression_data();
  const auto run = [&](bool own, bool eager, bool evaluates) {
    Evaluates callback(evaluates);
    const auto fit = [&](auto model) {
      set_fixed_weights(model);
      model.compile({.optimizer = "sgd", .loss = "mse", .run_eagerly = eager});
      const FitOptions options{.batch_size = 8, .epochs = 2, .verbose = 0, .callbacks = {callback}, .shuffle = false};
      return model.fit(data.x, data.y, options);
    };
    const Tensor x = Input({4});
    const History history = own ? fit(OwnLogs(x, Dense(1)(x))) : fit(Model(x, Dense(1)(x)));
    return std::pair(callback.figures, history.history);
  };
  for (const bool eager : {false, true}) {
    EXPECT_EQ(run(true, eager, true), run(true, eager, false)) << eager;
    // The metrics begin anew after an evaluation: the first figures are those of one batch either way.
    EXPECT_EQ(run(false, eager, true).first[0], run(false, eager, false).first[0]) << eager;
  }
}

TEST(Losses, LambdasAndObjectsTrainAlike) {
  const Data data = regression_data();
  auto train = [&](const AnyLoss& loss) {
    Model model = regression_model();
    model.compile({.optimizer = "sgd", .loss = loss});
    model.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
    return model.get_weights();
  };
  auto lambda = [](const Tensor& y, const Tensor& p) { return ops::mean(ops::square(y - p), {.axis = -1}); };
  EXPECT_LT(weight_distance(train(lambda), train("mse")), 1e-7);
  EXPECT_LT(weight_distance(train(losses::MeanSquaredError()), train("mse")), 1e-7);
  EXPECT_LT(weight_distance(train(losses::mean_squared_error), train("mse")), 1e-7);
}

}  // namespace
}  // namespace kerata
