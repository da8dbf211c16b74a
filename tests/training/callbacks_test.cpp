// Hooks: their order, what they see, and what happens when they throw.
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;

// Writes down every hook.
class Diary : public Callback {
 public:
  void on_train_begin() override { note("train_begin"); }
  void on_train_end(const Logs& logs) override { note("train_end", logs); }
  void on_epoch_begin(int epoch) override { note("epoch_begin " + std::to_string(epoch)); }
  void on_epoch_end(int epoch, const Logs& logs) override { note("epoch_end " + std::to_string(epoch), logs); }
  void on_train_batch_begin(int batch) override { note("train_batch_begin " + std::to_string(batch)); }
  void on_train_batch_end(int batch, const Logs& logs) override {
    note("train_batch_end " + std::to_string(batch), logs);
  }
  void on_test_begin() override { note("test_begin"); }
  void on_test_end(const Logs& logs) override { note("test_end", logs); }
  void on_test_batch_begin(int batch) override { note("test_batch_begin " + std::to_string(batch)); }
  void on_test_batch_end(int batch, const Logs& logs) override {
    note("test_batch_end " + std::to_string(batch), logs);
  }
  void on_predict_begin() override { note("predict_begin"); }
  void on_predict_end() override { note("predict_end"); }
  void on_predict_batch_begin(int batch) override { note("predict_batch_begin " + std::to_string(batch)); }
  void on_predict_batch_end(int batch) override { note("predict_batch_end " + std::to_string(batch)); }
  std::vector<std::string> lines;

 private:
  void note(std::string line) { lines.push_back(std::move(line)); }
  void note(std::string line, const Logs& logs) {
    for (const auto& [name, value] : logs) line += " " + name;
    lines.push_back(std::move(line));
  }
};

TEST(Hooks, ComeInKerassOrder) {
  Model model = regression_model();
  const Data data = regression_data();
  Diary diary;
  model.fit(data.x, data.y,
            {.batch_size = 10, .verbose = 0, .callbacks = {diary}, .validation_data = {data.x, data.y}});
  EXPECT_EQ(diary.lines,
            (std::vector<std::string>{"train_begin", "epoch_begin 0", "train_batch_begin 0",
                                      "train_batch_end 0 loss mae", "train_batch_begin 1", "train_batch_end 1 loss mae",
                                      "test_begin", "test_batch_begin 0", "test_batch_end 0 loss mae",
                                      "test_batch_begin 1", "test_batch_end 1 loss mae", "test_end loss mae",
                                      "epoch_end 0 loss mae val_loss val_mae", "train_end loss mae val_loss val_mae"}));
}

TEST(Hooks, OfEvaluateAndPredict) {
  Model model = regression_model();
  const Data data = regression_data();
  Diary diary;
  model.evaluate(data.x, data.y, {.verbose = 0, .callbacks = {diary}});
  model.predict(data.x, {.verbose = 0, .callbacks = {diary}});
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"test_begin", "test_batch_begin 0", "test_batch_end 0 loss mae",
                                                   "test_end loss mae", "predict_begin", "predict_batch_begin 0",
                                                   "predict_batch_end 0", "predict_end"}));
}

TEST(Hooks, StepsPerExecutionGroupsBatches) {
  Model model = regression_model();
  model.compile({.optimizer = "sgd", .loss = "mse", .steps_per_execution = 3});
  const Data data = regression_data();
  Diary diary;
  model.fit(data.x, data.y, {.batch_size = 4, .verbose = 0, .callbacks = {diary}});
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"train_begin", "epoch_begin 0", "train_batch_begin 0",
                                                   "train_batch_end 2 loss", "train_batch_begin 3",
                                                   "train_batch_end 4 loss", "epoch_end 0 loss", "train_end loss"}));
}

class BatchAlias : public Callback {
 public:
  void on_batch_begin(int) override { ++begins; }
  void on_batch_end(int, const Logs& logs) override { losses.push_back(logs["loss"]); }
  int begins = 0;
  std::vector<double> losses;
};

TEST(Hooks, OldNamesOfBatchHooks) {
  Model model = regression_model();
  const Data data = regression_data();
  BatchAlias alias;
  const History history = model.fit(data.x, data.y, {.batch_size = 5, .epochs = 2, .verbose = 0, .callbacks = {alias}});
  EXPECT_EQ(alias.begins, 8);
  EXPECT_EQ(alias.losses.size(), 8u);
  EXPECT_EQ(alias.losses[3], history["loss"][0]);  // the mean over the epoch so far
}

class AddsToLogs : public Callback {
 public:
  void on_epoch_end(int epoch, const Logs& logs) override { logs.set("learning_rate", 0.1 / (epoch + 1)); }
};

TEST(Logs, FiguresThatACallbackAddsReachTheHistory) {
  Model model = regression_model();
  const Data data = regression_data();
  const History history = model.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .callbacks = {AddsToLogs()}});
  EXPECT_EQ(history["learning_rate"], (std::vector<double>{0.1, 0.05}));
}

class Controls : public Callback {
 public:
  void on_epoch_end(int epoch, const Logs&) override {
    predictions.push_back(model().predict(ops::ones({1, 4}), {.verbose = 0}).item());
    if (epoch == 0) model().optimizer().set_learning_rate(0.25);
    if (epoch == 1) weights = model().get_weights(), model().set_weights(weights), model().stop_training();
  }
  std::vector<double> predictions;
  Tensors weights;
};

TEST(Hooks, MayPredictSetWeightsAndStop) {
  Model model = regression_model();
  const Data data = regression_data();
  Controls controls;
  const History history = model.fit(data.x, data.y, {.epochs = 10, .verbose = 0, .callbacks = {controls}});
  EXPECT_EQ(history.epoch, (std::vector<int>{0, 1}));
  EXPECT_NE(controls.predictions[0], controls.predictions[1]);
  EXPECT_EQ(model.optimizer().learning_rate(), 0.25);
}

TEST(Hooks, LearningRateTakesEffectWithoutTracingAgain) {
  Model slow = regression_model(optimizers::SGD(0.0)), fast = regression_model(optimizers::SGD(0.1));
  const Data data = regression_data();
  slow.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  const std::string report = slow.executable_report();
  slow.optimizer().set_learning_rate(0.1);
  slow.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  fast.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  EXPECT_EQ(weight_distance(slow.get_weights(), fast.get_weights()), 0);
  EXPECT_EQ(slow.executable_report(), report);
}

class StopsMovingAfterOneBatch : public Callback {
 public:
  void on_train_batch_end(int batch, const Logs&) override {
    if (batch == 0) model().optimizer().set_learning_rate(optimizers::schedules::ExponentialDecay(0.0, 1, 0.5));
  }
};

TEST(Hooks, AnotherScheduleTakesEffectAtTheNextBatch) {
  Model stopped = regression_model(optimizers::SGD(0.1)), once = regression_model(optimizers::SGD(0.1));
  const Data data = regression_data();
  stopped.fit(data.x, data.y,
              {.batch_size = 10, .verbose = 0, .callbacks = {StopsMovingAfterOneBatch()}, .shuffle = false});
  once.fit(data.x.slice({.stop = 10}), data.y.slice({.stop = 10}), {.batch_size = 10, .verbose = 0, .shuffle = false});
  EXPECT_EQ(weight_distance(stopped.get_weights(), once.get_weights()), 0);
}

class EvaluatesInside : public Callback {
 public:
  void on_train_batch_end(int, const Logs&) override {
    static_cast<void>(model().evaluate(ops::ones({3, 4}), ops::ones({3, 1}), {.verbose = 0}));
  }
};

TEST(Hooks, EvaluateBetweenStepsLeavesTrainingAsItIs) {
  Model plain = regression_model(), other = regression_model();
  const Data data = regression_data();
  plain.fit(data.x, data.y, {.batch_size = 8, .epochs = 2, .verbose = 0, .shuffle = false});
  other.fit(data.x, data.y,
            {.batch_size = 8, .epochs = 2, .verbose = 0, .callbacks = {EvaluatesInside()}, .shuffle = false});
  EXPECT_EQ(weight_distance(plain.get_weights(), other.get_weights()), 0);
}

TEST(Callback, ModelOutsideOfARun) {
  struct Reads : Callback {
    Model& get() const { return model(); }
  } reads;
  EXPECT_ERROR_WITH(StateError, reads.get(), "[Callback] No model runs.");
  Model model = regression_model();
  const Data data = regression_data();
  model.fit(data.x, data.y, {.verbose = 0, .callbacks = {reads}});
  EXPECT_THROW(reads.get(), StateError);
}

// A set_model() that uses its model, as it may: it is called with one only.
class LooksAtItsModel : public Callback {
 public:
  void set_model(Model* model) override {
    name = model->name();
    Callback::set_model(model);
  }
  std::string name;
};

TEST(Callback, SetModelIsCalledWithAModelOnly) {
  Model model = regression_model();
  const Data data = regression_data();
  LooksAtItsModel looks;
  model.fit(data.x, data.y, {.verbose = 0, .callbacks = {looks}});
  EXPECT_EQ(looks.name, "sequential");
}

TEST(Callback, AnEmptyOneIsRefused) {
  Model model = regression_model();
  const Data data = regression_data();
  const AnyCallback none{std::shared_ptr<Callback>()};
  const char* text = "[callbacks] A callback is empty. Expected an object of a class derived from Callback.";
  EXPECT_ERROR(ValueError, model.fit(data.x, data.y, {.verbose = 0, .callbacks = {none}}), text);
  EXPECT_ERROR(ValueError, model.evaluate(data.x, data.y, {.verbose = 0, .callbacks = {none}}), text);
  EXPECT_ERROR(ValueError, model.predict(data.x, {.verbose = 0, .callbacks = {none}}), text);
}

struct Thrown {};

// Throws in one hook, given by name.
class Throws : public Diary {
 public:
  explicit Throws(std::string hook) : hook_(std::move(hook)) {}
  void on_train_begin() override { check("train_begin"); }
  void on_train_end(const Logs&) override { check("train_end"); }
  void on_epoch_begin(int) override { check("epoch_begin"); }
  void on_epoch_end(int, const Logs&) override { check("epoch_end"); }
  void on_train_batch_begin(int batch) override {
    if (batch == 1) check("train_batch_begin");
  }
  void on_train_batch_end(int batch, const Logs&) override {
    if (batch == 1) check("train_batch_end");
  }
  void on_test_begin() override { check("test_begin"); }
  void on_test_end(const Logs&) override { check("test_end"); }
  void on_test_batch_begin(int) override { check("test_batch_begin"); }
  void on_test_batch_end(int, const Logs&) override { check("test_batch_end"); }
  void on_predict_begin() override { check("predict_begin"); }
  void on_predict_end() override { check("predict_end"); }
  void on_predict_batch_begin(int) override { check("predict_batch_begin"); }
  void on_predict_batch_end(int) override { check("predict_batch_end"); }
  void set_params(const RunParams&) override { check("set_params"); }
  void set_model(Model* model) override {
    Callback::set_model(model);
    check("set_model");
  }

 private:
  void check(const char* hook) const {
    if (hook_ == hook) throw Thrown();
  }
  std::string hook_;
};

// After a throw the model, reset to its first weights and compiled anew, trains as a fresh one does.
TEST(Exceptions, FromEveryHookLeaveTheModelUsable) {
  const Data data = regression_data();
  const FitOptions options{
      .batch_size = 8, .epochs = 2, .verbose = 0, .validation_data = {data.x, data.y}, .shuffle = false};
  Model fresh = regression_model("adam");
  const History expected = fresh.fit(data.x, data.y, options);
  for (const char* hook :
       {"set_params", "set_model", "train_begin", "train_end", "epoch_begin", "epoch_end", "train_batch_begin",
        "train_batch_end", "test_begin", "test_end", "test_batch_begin", "test_batch_end"}) {
    SCOPED_TRACE(hook);
    Model model = regression_model("adam");
    FitOptions throwing = options;
    throwing.callbacks = {Throws(hook)};
    EXPECT_THROW(model.fit(data.x, data.y, throwing), Thrown);
    EXPECT_EQ(model.predict(data.x, {.verbose = 0}).shape(), Shape({20, 1}));
    set_fixed_weights(model);
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
    const History history = model.fit(data.x, data.y, options);
    EXPECT_EQ(history.history, expected.history);
    EXPECT_EQ(weight_distance(model.get_weights(), fresh.get_weights()), 0);
  }
}

// The hooks before the first step leave nothing to repair: the very next fit() is that of a fresh model.
TEST(Exceptions, BeforeTheFirstStepChangeNothing) {
  const Data data = regression_data();
  const FitOptions options{.batch_size = 8, .verbose = 0, .shuffle = false};
  Model fresh = regression_model("adam"), model = regression_model("adam");
  const History expected = fresh.fit(data.x, data.y, options);
  for (const char* hook : {"set_params", "set_model", "train_begin", "epoch_begin"}) {
    FitOptions throwing = options;
    throwing.callbacks = {Throws(hook)};
    EXPECT_THROW(model.fit(data.x, data.y, throwing), Thrown) << hook;
  }
  EXPECT_EQ(model.fit(data.x, data.y, options).history, expected.history);
  EXPECT_EQ(weight_distance(model.get_weights(), fresh.get_weights()), 0);
}

TEST(Exceptions, FromHooksOfEvaluateAndPredictChangeNothing) {
  const Data data = regression_data();
  Model model = regression_model();
  const Scores scores = model.evaluate(data.x, data.y, {.verbose = 0});
  const std::vector<float> expected = model.predict(data.x, {.verbose = 0}).to_vector<float>();
  for (const char* hook : {"set_params", "set_model", "test_begin", "test_end", "test_batch_begin", "test_batch_end"})
    EXPECT_THROW(model.evaluate(data.x, data.y, {.verbose = 0, .callbacks = {Throws(hook)}}), Thrown) << hook;
  for (const char* hook :
       {"set_params", "set_model", "predict_begin", "predict_end", "predict_batch_begin", "predict_batch_end"})
    EXPECT_THROW(model.predict(data.x, {.verbose = 0, .callbacks = {Throws(hook)}}), Thrown) << hook;
  EXPECT_EQ(model.evaluate(data.x, data.y, {.verbose = 0}).values(), scores.values());
  EXPECT_EQ(model.predict(data.x, {.verbose = 0}).to_vector<float>(), expected);
}

}  // namespace
}  // namespace kerata
