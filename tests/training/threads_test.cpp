// Many threads on one model, and what must not overlap.
#include <barrier>
#include <chrono>
#include <thread>

#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

constexpr int kThreads = 8;

template <class F>
void in_threads(const F& f) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&f, i] { f(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(PredictThreads, GiveBitEqualResults) {
  const Model model = class_model();
  const Data data = class_data(50);
  const Tensor expected = model.predict(data.x, {.batch_size = 8, .verbose = 0});
  const Model untraced = class_model();  // here all threads trace at once
  std::vector<Tensor> results(kThreads), others(kThreads);
  in_threads([&](int i) {
    for (int round = 0; round < 20; ++round)
      results[static_cast<std::size_t>(i)] = model.predict(data.x, {.batch_size = 8, .verbose = 0});
    others[static_cast<std::size_t>(i)] = untraced.predict(data.x, {.batch_size = 8, .verbose = 0});
  });
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_EQ(weight_distance(results[static_cast<std::size_t>(i)], expected), 0);
    EXPECT_EQ(weight_distance(others[static_cast<std::size_t>(i)], expected), 0);
  }
}

TEST(PredictThreads, ShareAPredictor) {
  const Model model = class_model();
  const Predictor predict = model.make_predictor();
  const std::vector<float> x{0.1f, -0.2f, 0.3f, 0.4f};
  std::vector<float> expected(3);
  predict(x, expected);
  in_threads([&](int) {
    std::vector<float> y(3);
    for (int round = 0; round < 200; ++round) {
      predict(x, y);
      ASSERT_EQ(y, expected);
    }
  });
}

std::barrier<> meeting(kThreads);
std::atomic<bool> must_meet{false};

// All callers wait in here until eight of them have come.
class MeetingLayer : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) const override {
    if (must_meet && !x.is_symbolic()) meeting.arrive_and_wait();
    return x + 1;
  }
};
using Meeting = LayerRef<MeetingLayer>;

TEST(PredictThreads, AreReallyInsideAtOnce) {
  Sequential model({Input({4}), Meeting(), Dense(1)});
  model.compile({.loss = "mse", .run_eagerly = true});
  const Data data = regression_data();
  const Tensor expected = model.predict(data.x, {.verbose = 0});
  must_meet = true;
  std::vector<Tensor> results(kThreads);
  in_threads([&](int i) { results[static_cast<std::size_t>(i)] = model.predict(data.x, {.verbose = 0}); });
  must_meet = false;
  for (const Tensor& result : results) EXPECT_EQ(weight_distance(result, expected), 0);
}

std::atomic<int> traces{0};

// Counts how often its call() is recorded or tried out, and takes its time for it.
class CountingLayer : public Layer {
 public:
  void build(const Shape& input) override { shift_ = add_weight("shift", {input.back()}, {.initializer = "ones"}); }
  Tensor call(const Tensor& x, const CallContext&) const override {
    ++traces;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return x + shift_;
  }

 private:
  Variable shift_;
};
using Counting = LayerRef<CountingLayer>;

Tensor first_calls(const Model& model, int i) {  // four signatures, and one of the last batch of three
  return model.predict(regression_data().x, {.batch_size = 1 + i % 4, .verbose = 0});
}

TEST(PredictThreads, TraceEachSignatureOnce) {
  auto unbuilt = [] { return Sequential({Counting(), Dense(3, {.activation = "tanh"}), Dense(1)}); };
  const Sequential alone = unbuilt(), many = unbuilt();
  traces = 0;
  for (int i = 0; i < kThreads; ++i) first_calls(alone, i);
  const int one_thread = traces.exchange(0);
  std::vector<Tensor> results(kThreads);
  in_threads([&](int i) { results[static_cast<std::size_t>(i)] = first_calls(many, i); });
  EXPECT_EQ(traces, one_thread);
  for (int i = 0; i < kThreads; ++i)
    EXPECT_EQ(weight_distance(results[static_cast<std::size_t>(i)], first_calls(many, i)), 0);
}

TEST(PredictThreads, TraceModelsThatShareLayers) {
  Tensor x = Input({4});
  Counting shared;
  Tensor y = shared(x);
  std::vector<Model> models;
  for (int i = 0; i < kThreads; ++i) models.emplace_back(x, Dense(1 + i)(y));
  std::vector<Tensor> results(kThreads);
  in_threads([&](int i) {
    const auto at = static_cast<std::size_t>(i);
    results[at] = first_calls(models[at], i);
  });
  for (int i = 0; i < kThreads; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_EQ(weight_distance(results[at], first_calls(models[at], i)), 0);
  }
}

// Adds what a model of its own predicts for a row of ones.
class AskingLayer : public Layer {
 public:
  AskingLayer() : helper_(add_layer("helper", Model(Sequential({Input({4}), Dense(1)})))) {}
  Tensor call(const Tensor& x, const CallContext&) const override {
    return x + helper_.predict(ops::ones({1, 4}), {.verbose = 0});
  }

 private:
  Model helper_;
};
using Asking = LayerRef<AskingLayer>;

TEST(PredictThreads, MayPredictWhileTheyTrace) {
  const Sequential model({Input({4}), Asking()});
  std::vector<Tensor> results(kThreads);
  in_threads([&](int i) { results[static_cast<std::size_t>(i)] = first_calls(model, i); });
  for (const Tensor& result : results) EXPECT_EQ(weight_distance(result, first_calls(model, 0)), 0);
}

TEST(TrainThreads, ModelsWithoutCommonVariablesTrainAtOnce) {
  const Data data = regression_data();
  const FitOptions options{.batch_size = 4, .epochs = 5, .verbose = 0, .shuffle = false};
  Model alone = regression_model("adam");
  alone.fit(data.x, data.y, options);
  std::vector<Model> models;
  for (int i = 0; i < kThreads; ++i) models.push_back(regression_model("adam"));
  in_threads([&](int i) { models[static_cast<std::size_t>(i)].fit(data.x, data.y, options); });
  for (const Model& model : models) EXPECT_EQ(weight_distance(model.get_weights(), alone.get_weights()), 0);
}

// Runs another call from a second thread while the fit waits in a hook.
class Overlap : public Callback {
 public:
  explicit Overlap(Function<void()> other) : other_(std::move(other)) {}
  void on_train_batch_end(int batch, const Logs&) override {
    if (batch != 0) return;
    std::thread thread([this] {
      try {
        other_();
      } catch (const StateError& error) {
        text = error.what();
      }
    });
    thread.join();
  }
  std::string text;

 private:
  Function<void()> other_;
};

std::string overlapping(Model& model, Function<void()> other) {
  const Data data = regression_data();
  Overlap overlap(std::move(other));
  model.fit(data.x, data.y, {.batch_size = 10, .verbose = 0, .callbacks = {overlap}});
  return overlap.text;
}

TEST(Overlap, OfFitWithOtherCallsOnTheSameVariables) {
  Model model = regression_model();
  const Data data = regression_data();
  const Tensors weights = model.get_weights();
  const Predictor predict = model.make_predictor();
  std::vector<float> y(1);
  const std::string in_use = "is in use by another thread.";
  EXPECT_NE(
      overlapping(model, [&] { static_cast<void>(model.predict(data.x, {.verbose = 0})); }).find("[Model.predict]"),
      std::string::npos);
  EXPECT_NE(overlapping(model, [&] { model.set_weights(weights); }).find(in_use), std::string::npos);
  EXPECT_NE(overlapping(model, [&] { model.evaluate(data.x, data.y, {.verbose = 0}); }).find(in_use),
            std::string::npos);
  EXPECT_NE(overlapping(model, [&] { predict(std::vector<float>(4), y); }).find(in_use), std::string::npos);
  EXPECT_NE(overlapping(model, [&] { model.fit(data.x, data.y, {.verbose = 0}); }).find("already being trained"),
            std::string::npos);
  EXPECT_EQ(overlapping(model, [] {}), "");
}

TEST(Overlap, ThroughAnotherModelThatSharesALayer) {
  Tensor x = Input({4});
  Dense shared(3);
  Model one(x, Dense(1)(shared(x))), two(x, Dense(2)(shared(x)));
  one.compile({.optimizer = "sgd", .loss = "mse"});
  two.compile({.optimizer = "sgd", .loss = "mse"});
  const Data data = regression_data();
  const std::string text = overlapping(one, [&] { two.fit(data.x, ops::zeros({20, 2}), {.verbose = 0}); });
  EXPECT_NE(text.find("is in use by another thread."), std::string::npos) << text;
  two.fit(data.x, ops::zeros({20, 2}), {.verbose = 0});  // afterwards it may
}

}  // namespace
}  // namespace kerata
