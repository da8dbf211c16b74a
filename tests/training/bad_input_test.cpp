// What fit, evaluate, predict and compile say to mistakes; model and data are usable afterwards.
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

class BadInput : public testing::Test {
 protected:
  // After every mistake the model still trains as if nothing had happened.
  void TearDown() override {
    Model fresh = regression_model();
    fresh.fit(data_.x, data_.y, quiet_);
    model_.fit(data_.x, data_.y, quiet_);
    EXPECT_EQ(weight_distance(model_.get_weights(), fresh.get_weights()), 0);
  }
  FitOptions with(void (*change)(FitOptions&)) const {
    FitOptions options = quiet_;
    change(options);
    return options;
  }

  Data data_ = regression_data();
  Model model_ = regression_model();
  FitOptions quiet_{.batch_size = 8, .verbose = 0, .shuffle = false};
};

TEST_F(BadInput, WrongRank) {
  EXPECT_ERROR_WITH(ShapeError, model_.fit(ops::zeros({20, 2, 2}), data_.y, quiet_),
                    "has the wrong rank. Expected (samples, 4), received (20, 2, 2)");
  EXPECT_ERROR_WITH(ShapeError, model_.predict(ops::zeros({20, 2, 2})), "[Model.predict] Input \"");
  EXPECT_ERROR_WITH(ShapeError, model_.fit(ops::full({}, 1), data_.y, quiet_),
                    "is a scalar. Expected shape (samples, ...)");
}

TEST_F(BadInput, WrongLastAxis) {
  EXPECT_ERROR_WITH(ShapeError, model_.fit(ops::zeros({20, 5}), data_.y, quiet_),
                    "has the wrong size on axis 1. Expected (samples, 4), received (20, 5).");
  EXPECT_ERROR_WITH(ShapeError, model_.evaluate(ops::zeros({20, 5}), data_.y), "[Model.evaluate] Input \"");
}

TEST_F(BadInput, DifferentNumbersOfSamples) {
  EXPECT_ERROR(ValueError, model_.fit(data_.x, ops::zeros({19, 1}), quiet_),
               "[Model.fit] Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. "
               "Received 'x' sizes: 20; 'y' sizes: 19.");
  FitOptions weighted = quiet_;
  weighted.sample_weight = ops::ones({3});
  EXPECT_ERROR_WITH(ValueError, model_.fit(data_.x, data_.y, weighted), "'sample_weight' sizes: 3.");
}

TEST_F(BadInput, WrongNumberOfTensors) {
  EXPECT_ERROR_WITH(ValueError, model_.fit({data_.x, data_.x}, data_.y, quiet_), "Wrong number of inputs. Expected 1");
  EXPECT_ERROR_WITH(ValueError, model_.fit({data_.x}, {data_.y, data_.y}, quiet_),
                    "Wrong number of tensors in y. Expected 1");
  EXPECT_ERROR_WITH(ValueError, model_.fit(data_.x, Tensors(), quiet_),
                    "has a loss (mean_squared_error) but no target.");
  EXPECT_ERROR_WITH(ValueError, model_.fit(Tensors(), data_.y, quiet_), "No input data.");
  EXPECT_ERROR_WITH(ValueError, model_.predict(Tensors{Tensor()}), "is an empty tensor");
}

TEST_F(BadInput, WrongNames) {
  Tensor wide = Input({2}, {.name = "wide"}), deep = Input({3}, {.name = "deep"});
  Model two({wide, deep}, {Dense(1, {.name = "main"})(wide), Dense(1, {.name = "aux"})(deep)});
  two.compile({.loss = "mse"});
  const Tensor a = ops::ones({4, 2}), b = ops::ones({4, 3}), y = ops::ones({4, 1});
  EXPECT_ERROR_WITH(ValueError, two.fit({{"wyde", a}, {"deep", b}}, {y, y}),
                    "The model has no input \"wyde\". Hint: did you mean \"wide\"?");
  EXPECT_ERROR_WITH(ValueError, two.fit({{"wide", a}}, {y, y}), "Input \"deep\" is missing in x.");
  EXPECT_ERROR_WITH(ValueError, two.fit({a, b}, {{"main", y}, {"auxx", y}}),
                    "names an output that the model does not have: \"auxx\"");
  EXPECT_ERROR_WITH(ValueError, two.fit({a, b}, {{"main", y}, {"main", y}}), "Output \"aux\" has a loss");
}

TEST_F(BadInput, EmptyData) {
  EXPECT_ERROR(ValueError, model_.fit(ops::zeros({0, 4}), ops::zeros({0, 1}), quiet_),
               "[Model.fit] The data is empty. Expected at least one sample, received 0.");
  EXPECT_ERROR_WITH(ValueError, model_.predict(ops::zeros({0, 4})), "The data is empty.");
}

TEST_F(BadInput, NumbersOutOfRange) {
  auto expect = [&](void (*change)(FitOptions&), const std::string& text) {
    EXPECT_ERROR(ValueError, model_.fit(data_.x, data_.y, with(change)), "[Model.fit] " + text);
  };
  expect([](FitOptions& o) { o.batch_size = 0; }, "batch_size must be at least 1. Received 0.");
  expect([](FitOptions& o) { o.epochs = -1; }, "epochs must not be negative. Received -1.");
  expect([](FitOptions& o) { o.initial_epoch = -2; }, "initial_epoch must not be negative. Received -2.");
  expect([](FitOptions& o) { o.validation_split = 1; }, "validation_split must be in [0, 1). Received 1.");
  expect([](FitOptions& o) { o.validation_split = -0.1; }, "validation_split must be in [0, 1). Received -0.1.");
  expect([](FitOptions& o) { o.validation_freq = 0; }, "validation_freq must be at least 1. Received 0.");
  expect(
      [](FitOptions& o) {
        o.validation_freq = {2, 0};
      },
      "The epochs of validation_freq are counted from 1. Received 0.");
  expect([](FitOptions& o) { o.steps_per_epoch = 0; },
         "steps_per_epoch must be at least 1, or -1 for all. Received 0.");
  expect([](FitOptions& o) { o.validation_steps = -3; },
         "validation_steps must be at least 1, or -1 for all. Received -3.");
  expect([](FitOptions& o) { o.validation_batch_size = 0; },
         "validation_batch_size must be at least 1, or -1 for all. Received 0.");
  expect([](FitOptions& o) { o.verbose = 3; }, "verbose must be 0, 1, 2 or kAuto. Received 3.");
  EXPECT_ERROR(ValueError, model_.predict(data_.x, {.batch_size = 0}),
               "[Model.predict] batch_size must be at least 1. Received 0.");
  EXPECT_ERROR(ValueError, model_.evaluate(data_.x, data_.y, {.batch_size = -1}),
               "[Model.evaluate] batch_size must be at least 1. Received -1.");
  EXPECT_ERROR_WITH(ValueError, model_.make_predictor(0), "batch_size must be at least 1. Received 0.");
}

TEST_F(BadInput, SplitThatLeavesNothing) {
  EXPECT_ERROR_WITH(
      ValueError, model_.fit(data_.x, data_.y, {.verbose = 0, .validation_split = 0.99}),
      "Training data contains 20 samples, which is not sufficient to split it into a validation and training set as "
      "specified by `validation_split=0.99`.");
}

TEST_F(BadInput, LabelsOutsideTheClasses) {
  Model model = class_model();
  const Data data = class_data();
  const Tensors before = model.get_weights();
  EXPECT_ERROR(
      ValueError, model.fit(data.x, data.y + 1, quiet_),
      "[sparse_categorical_crossentropy] A label is outside the classes. Expected labels in [0, 3), received 3 at "
      "index " +
          std::to_string([&] {
            const std::vector<int> labels = data.y.to_vector<int>();
            return std::find(labels.begin(), labels.end(), 2) - labels.begin();
          }()) +
          ". Hint: the last layer needs one unit per class, labels count from 0.");
  EXPECT_ERROR_WITH(ValueError, model.evaluate(data.x, data.y - 1), "received -1 at index");
  EXPECT_EQ(weight_distance(before, model.get_weights()), 0);
}

TEST_F(BadInput, ValidationDataIsCheckedBeforeTraining) {
  const Tensors before = model_.get_weights();
  EXPECT_ERROR_WITH(
      ShapeError,
      model_.fit(data_.x, data_.y, {.verbose = 0, .validation_data = {ops::zeros({3, 7}), ops::zeros({3, 1})}}),
      "[Model.fit (validation_data)]");
  EXPECT_EQ(weight_distance(before, model_.get_weights()), 0);
}

TEST_F(BadInput, ClassWeights) {
  EXPECT_ERROR(
      ValueError,
      model_.fit(data_.x, data_.y, {.verbose = 0, .class_weight = {{0, 1.0}}, .sample_weight = ops::ones({20})}),
      "[Model.fit] You cannot give `class_weight` and `sample_weight` at the same time.");
}

TEST_F(BadInput, SymbolicData) {
  EXPECT_ERROR_WITH(ValueError, model_.fit(Input({4}), data_.y, quiet_), "is symbolic. Expected data");
}

TEST(BeforeCompile, FitAndEvaluateNeedIt) {
  Sequential model({Input({4}), Dense(1)});
  const Data data = regression_data();
  EXPECT_ERROR_WITH(StateError, model.fit(data.x, data.y),
                    "[Model.fit] The model has no loss and no optimizer yet. You must call `compile()`");
  EXPECT_ERROR_WITH(StateError, model.evaluate(data.x, data.y), "[Model.evaluate]");
  EXPECT_ERROR_WITH(StateError, model.train_on_batch(data.x, data.y), "[Model.train_on_batch]");
  EXPECT_ERROR_WITH(StateError, model.optimizer(), "[Model.optimizer]");
  EXPECT_FALSE(model.compiled());
  EXPECT_EQ(model.predict(data.x, {.verbose = 0}).shape(), Shape({20, 1}));
}

TEST(Compile, UnknownNames) {
  EXPECT_ERROR_WITH(ValueError, CompileOptions{.loss = "mean_square_error"},
                    "[losses] Unknown loss \"mean_square_error\". Hint: did you mean \"mean_squared_error\"?");
  EXPECT_ERROR_WITH(ValueError, CompileOptions{.optimizer = "adan"},
                    "[optimizers] Unknown optimizer \"adan\". Hint: did you mean \"adam\"?");
  EXPECT_ERROR_WITH(ValueError, Metrics("acuracy"),
                    "[metrics] Unknown metric \"acuracy\". Hint: did you mean \"accuracy\"?");
}

TEST(Compile, NamesOfOutputs) {
  Tensor x = Input({4});
  Model model(x, {Dense(1, {.name = "a"})(x), Dense(1, {.name = "b"})(x)});
  EXPECT_ERROR_WITH(ValueError, model.compile({.loss = {{"a", "mse"}, {"c", "mse"}}}),
                    "loss names an output that the model does not have: \"c\". Expected one of \"a\", \"b\".");
  EXPECT_ERROR_WITH(ValueError, model.compile({.loss = {"mse", "mse", "mse"}}),
                    "Expected 2 (\"a\", \"b\"), received 3.");
  EXPECT_ERROR_WITH(ValueError, model.compile({.loss = "mse", .metrics = {{"mae", "mse"}, {"a", "mae"}}}),
                    "Hint: a list of lists is written Metrics::per_output({...}).");
  EXPECT_ERROR_WITH(ValueError,
                    model.compile({.loss = "mse", .metrics = Metrics::per_output({{"mae"}, {"mae"}, {"mae"}})}),
                    "metrics must hold one list per output. Expected 2, received 3.");
  EXPECT_ERROR_WITH(ValueError, model.compile({.loss = "mse", .steps_per_execution = 0}),
                    "steps_per_execution must be at least 1.");
}

TEST(Compile, WithoutAnyLoss) {
  Sequential model({Input({4}), Dense(1)});
  model.compile({.optimizer = "sgd"});
  const Data data = regression_data();
  EXPECT_ERROR_WITH(ValueError, model.fit(data.x, data.y),
                    "No loss to compute. Provide a `loss` argument in `compile()`.");
}

TEST(Results, SayWhatThereIs) {
  Model model = regression_model();
  const Data data = regression_data();
  const History history = model.fit(data.x, data.y, {.verbose = 0});
  EXPECT_ERROR(ValueError, history["los"], "[History] There is no \"los\". Expected one of: \"loss\", \"mae\".");
  const Scores scores = model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_ERROR(ValueError, scores["mse"], "[Scores] There is no \"mse\". Expected one of: \"loss\", \"mae\".");
  EXPECT_ERROR(ValueError, scores[2], "[Scores] There is no figure 2. Expected an index below 2.");
  EXPECT_ERROR(ValueError, scores.unpack<3>(), "[Scores.unpack] Expected 3 figures, there are 2.");
}

TEST(Results, PredictOfSeveralOutputs) {
  Tensor x = Input({4});
  Model model(x, {Dense(1, {.name = "a"})(x), Dense(2, {.name = "b"})(x)});
  EXPECT_ERROR_WITH(ValueError, model.predict(ops::ones({3, 4})), "The model has 2 outputs. Hint: predict_all()");
  const Tensors all = model.predict_all(ops::ones({3, 4}), {.verbose = 0});
  EXPECT_EQ(all["b"].shape(), Shape({3, 2}));
}

}  // namespace
}  // namespace kerata
