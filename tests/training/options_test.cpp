// Every option of compile, fit, evaluate and predict has an effect; each is set to a value other than its default.
#include <cmath>
#include <functional>

#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

struct Trained {
  History history;
  Tensors weights;
};

Trained train(const FitOptions& options,
              const CompileOptions& compile = {.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}}) {
  Model model = regression_model();
  model.compile(compile);
  const Data data = regression_data();
  FitOptions quiet = options;
  if (quiet.verbose == kAuto) quiet.verbose = 0;
  return {model.fit(data.x, data.y, quiet), model.get_weights()};
}

FitOptions plain() { return {.batch_size = 8, .shuffle = false}; }

// How far training with `change` goes from training without.
double effect(void (*change)(FitOptions&)) {
  FitOptions options = plain();
  change(options);
  return weight_distance(train(options).weights, train(plain()).weights);
}

TEST(FitOptions, ThatChangeTheWeights) {
  EXPECT_EQ(effect([](FitOptions&) {}), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.batch_size = 5; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.epochs = 2; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.shuffle = true; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.validation_split = 0.5; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.class_weight = {{0, 3.0}}; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.sample_weight = ops::full({20}, 0.5); }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.initial_epoch = 1; }), 0);
  EXPECT_GT(effect([](FitOptions& o) { o.steps_per_epoch = 1; }), 0);
}

TEST(FitOptions, EpochsCountFromTheInitialOne) {
  FitOptions options = plain();
  options.epochs = 5, options.initial_epoch = 3;
  EXPECT_EQ(train(options).history.epoch, (std::vector<int>{3, 4}));
  options.epochs = 0, options.initial_epoch = 0;
  EXPECT_TRUE(train(options).history.epoch.empty());
}

TEST(FitOptions, Verbose) {
  auto printed = [](int verbose) {
    testing::internal::CaptureStdout();
    FitOptions options = plain();
    options.verbose = verbose;
    options.epochs = 2;
    train(options);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_EQ(printed(0), "");
  EXPECT_EQ(printed(1).substr(0, 10), "Epoch 1/2\n");
  EXPECT_NE(printed(1).find("3/3 ━━━━━━━━━━━━━━━━━━━━ 0s "), std::string::npos);
  EXPECT_NE(printed(2).find("3/3 - 0s - "), std::string::npos);
  testing::internal::CaptureStdout();
  Model model = regression_model();
  const Data data = regression_data();
  model.fit(data.x, data.y);
  EXPECT_NE(testing::internal::GetCapturedStdout().find("1/1 ━"), std::string::npos);  // auto
}

TEST(FitOptions, Validation) {
  FitOptions options = plain();
  options.epochs = 4;
  EXPECT_FALSE(train(options).history.history.contains("val_loss"));
  const Data other = regression_data(12);
  options.validation_data = {other.x, other.y};
  const History every = train(options).history;
  EXPECT_EQ(every["val_loss"].size(), 4u);
  options.validation_freq = 2;
  const History second = train(options).history;
  EXPECT_EQ(second["val_loss"], (std::vector<double>{every["val_loss"][1], every["val_loss"][3]}));
  options.validation_freq = {1, 4};
  EXPECT_EQ(train(options).history["val_loss"], (std::vector<double>{every["val_loss"][0], every["val_loss"][3]}));
  options.validation_freq = 1;
  options.validation_split = 0.5;  // validation_data takes precedence
  EXPECT_EQ(train(options).history.history, every.history);
  options.validation_batch_size = 3;
  options.validation_steps = 1;
  EXPECT_NE(train(options).history["val_loss"], every["val_loss"]);
}

class CountsTestBatches : public Callback {
 public:
  void on_test_batch_end(int, const Logs&) override { ++batches; }
  int batches = 0;
};

TEST(FitOptions, ValidationBatches) {
  const Data other = regression_data(12);
  auto batches = [&](Dim batch_size, Dim steps) {
    CountsTestBatches counter;
    FitOptions options = plain();
    options.validation_data = {other.x, other.y};
    options.callbacks = {counter};
    options.validation_batch_size = batch_size, options.validation_steps = steps;
    train(options);
    return counter.batches;
  };
  EXPECT_EQ(batches(-1, -1), 2);  // 12 samples in batches of batch_size = 8
  EXPECT_EQ(batches(3, -1), 4);
  EXPECT_EQ(batches(3, 2), 2);
}

TEST(FitOptions, ValidationWeights) {
  FitOptions options = plain();
  const Data other = regression_data(12);
  options.validation_data = {other.x, other.y};
  const double unweighted = train(options).history["val_loss"][0];
  options.validation_data = {other.x, other.y, ops::full({12}, 2)};
  EXPECT_NEAR(train(options).history["val_loss"][0], 2 * unweighted, 1e-5);
}

TEST(FitOptions, ClassWeightIsForTrainingOnly) {
  FitOptions options = plain();
  options.validation_split = 0.5;
  options.epochs = 1;
  Model model = class_model(optimizers::SGD(0.0)), weighted = class_model(optimizers::SGD(0.0));
  const Data data = class_data();
  options.verbose = 0;
  const History without = model.fit(data.x, data.y, options);
  options.class_weight = {{0, 2.0}, {1, 2.0}, {2, 2.0}};
  const History with = weighted.fit(data.x, data.y, options);
  EXPECT_NEAR(with["loss"][0], 2 * without["loss"][0], 1e-5);
  EXPECT_NEAR(with["val_loss"][0], without["val_loss"][0], 1e-6);
}

TEST(FitOptions, StepsPerEpochGoesOnWhereItStopped) {
  // 20 samples in batches of 4: with 2 steps the epochs see batches 0-1, 2-3, 4 (the pass ends), 0-1.
  FitOptions options{.batch_size = 4, .epochs = 4, .shuffle = false, .steps_per_epoch = 2};
  const Trained parts = train(options);
  Model model = regression_model();
  const Data data = regression_data();
  for (const Dim batch : {0, 1, 2, 3, 4, 0, 1})
    model.train_on_batch(data.x.slice({.start = batch * 4, .stop = batch * 4 + 4}),
                         data.y.slice({.start = batch * 4, .stop = batch * 4 + 4}));
  EXPECT_EQ(weight_distance(parts.weights, model.get_weights()), 0);
}

TEST(CompileOptions, Effects) {
  const Trained base = train(plain());
  EXPECT_GT(weight_distance(train(plain(), {.optimizer = "adam", .loss = "mse"}).weights, base.weights), 0);
  EXPECT_GT(weight_distance(train(plain(), {.optimizer = "sgd", .loss = "mae"}).weights, base.weights), 0);
  EXPECT_GT(
      weight_distance(train(plain(), {.optimizer = "sgd", .loss = "mse", .loss_weights = 2.0}).weights, base.weights),
      0);
  EXPECT_EQ(weight_distance(train(plain(), {.optimizer = "sgd", .loss = "mse"}).weights, base.weights), 0);
  EXPECT_TRUE(train(plain(), {.optimizer = "sgd", .loss = "mse", .metrics = "mse"}).history.history.contains("mse"));
  const History both =
      train(plain(), {.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}}).history;
  EXPECT_TRUE(both.history.contains("weighted_mae"));
}

TEST(CompileOptions, WeightedMetricsTakeWeightsAndMetricsDoNot) {
  FitOptions options = plain();
  std::vector<float> weights(20, 0.0f);
  weights[0] = 1;
  options.sample_weight = ops::array(weights);
  const History history =
      train(options,
            {.optimizer = optimizers::SGD(0.0), .loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}})
          .history;
  const History first = train({.batch_size = 20, .shuffle = false, .sample_weight = ops::array(weights)},
                              {.optimizer = optimizers::SGD(0.0), .loss = "mae"})
                            .history;
  EXPECT_NEAR(history["weighted_mae"][0], 20 * first["loss"][0], 1e-5);  // of the one sample; the loss is divided by 20
  EXPECT_NE(history["mae"][0], history["weighted_mae"][0]);
}

TEST(CompileOptions, NamesGiveEveryModelMetricsAndOptimizerOfItsOwn) {
  const CompileOptions options{.optimizer = "adam", .loss = "mse", .metrics = {"mae"}};
  Model one = regression_model(), two = regression_model();
  one.compile(options);
  two.compile(options);
  EXPECT_NE(&one.optimizer(), &two.optimizer());
  const Data data = regression_data();
  one.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  two.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  EXPECT_EQ(weight_distance(one.get_weights(), two.get_weights()), 0);
  EXPECT_EQ(one.optimizer().iterations(), 1);
}

TEST(CompileOptions, ObjectsAreSharedWithTheCaller) {
  optimizers::SGD sgd(0.5);
  Model model = regression_model(sgd);
  sgd.set_learning_rate(0);
  const Tensors before = model.get_weights();
  const Data data = regression_data();
  model.fit(data.x, data.y, {.verbose = 0});
  EXPECT_EQ(weight_distance(before, model.get_weights()), 0);
  EXPECT_EQ(sgd.iterations(), 1);
}

TEST(EvaluateOptions, Effects) {
  Model model = regression_model();
  const Data data = regression_data();
  const double whole = model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_NEAR(double(model.evaluate(data.x, data.y, {.verbose = 0, .sample_weight = ops::full({20}, 3)})), 3 * whole,
              1e-5);
  const double part = model.evaluate(data.x, data.y, {.batch_size = 5, .verbose = 0, .steps = 2});
  EXPECT_NEAR(part, double(model.evaluate(data.x.slice({.stop = 10}), data.y.slice({.stop = 10}), {.verbose = 0})),
              1e-6);
}

class CountsBatches : public Callback {
 public:
  void on_test_batch_end(int, const Logs&) override { ++batches; }
  void on_predict_batch_end(int) override { ++batches; }
  int batches = 0;
};

std::string printed(const std::function<void()>& run) {
  testing::internal::CaptureStdout();
  run();
  return testing::internal::GetCapturedStdout();
}

TEST(EvaluateOptions, BatchesAndVerbose) {
  Model model = regression_model();
  const Data data = regression_data();
  auto evaluate = [&](EvaluateOptions options) {
    CountsBatches counter;
    options.callbacks = {counter};
    static_cast<void>(model.evaluate(data.x, data.y, options));
    return counter.batches;
  };
  EXPECT_EQ(evaluate({.verbose = 0}), 1);
  EXPECT_EQ(evaluate({.batch_size = 8, .verbose = 0}), 3);
  EXPECT_EQ(evaluate({.batch_size = 8, .verbose = 0, .steps = 2}), 2);
  EXPECT_EQ(printed([&] { evaluate({.verbose = 0}); }), "");
  EXPECT_NE(printed([&] { evaluate({}); }).find("1/1 ━"), std::string::npos);
  EXPECT_NE(printed([&] { evaluate({.verbose = 2}); }).find("1/1 - 0s - "), std::string::npos);
}

TEST(PredictOptions, Effects) {
  Model model = regression_model();
  const Data data = regression_data();
  const std::vector<float> all = model.predict(data.x, {.verbose = 0}).to_vector<float>();
  auto predict = [&](PredictOptions options) {
    CountsBatches counter;
    options.callbacks = {counter};
    const std::vector<float> some = model.predict(data.x, options).to_vector<float>();
    EXPECT_EQ(some, std::vector<float>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(some.size())));
    return std::pair{counter.batches, some.size()};
  };
  EXPECT_EQ(predict({.verbose = 0}), (std::pair{1, std::size_t{20}}));
  EXPECT_EQ(predict({.batch_size = 8, .verbose = 0}), (std::pair{3, std::size_t{20}}));
  EXPECT_EQ(predict({.batch_size = 8, .verbose = 0, .steps = 2}), (std::pair{2, std::size_t{16}}));
  EXPECT_EQ(printed([&] { predict({.verbose = 0}); }), "");
  EXPECT_NE(printed([&] { predict({}); }).find("1/1 ━"), std::string::npos);
  EXPECT_NE(printed([&] { predict({.verbose = 2}); }).find("1/1 - 0s - "), std::string::npos);
}

TEST(BatchStepOptions, Effects) {
  Model model = class_model(optimizers::SGD(0.0));
  const Data data = class_data();
  const std::map<int, double> classes = {{0, 3.0}, {1, 3.0}, {2, 3.0}};
  for (const bool training : {false, true}) {
    auto loss = [&](const BatchStepOptions& options) {
      model.compile({.optimizer = optimizers::SGD(0.0), .loss = "sparse_categorical_crossentropy"});
      return (training ? model.train_on_batch(data.x, data.y, options) : model.test_on_batch(data.x, data.y, options))
          .loss();
    };
    const double plain = loss({});
    EXPECT_NEAR(loss({.sample_weight = ops::full({20}, 2)}), 2 * plain, 1e-5);
    EXPECT_NEAR(loss({.class_weight = classes}), 3 * plain, 1e-5);
    EXPECT_ERROR_WITH(ValueError, loss({.sample_weight = ops::ones({20}), .class_weight = classes}),
                      "_on_batch] You cannot give `class_weight` and `sample_weight` at the same time.");
  }
}

TEST(History, HoldsTheParametersOfTheRun) {
  FitOptions options = plain();
  options.epochs = 3;
  const History history = train(options).history;
  EXPECT_EQ(history.params.at("epochs"), 3);
  EXPECT_EQ(history.params.at("steps"), 3);
  EXPECT_EQ(history.params.at("verbose"), 0);
}

}  // namespace
}  // namespace kerata
