// Models whose forward pass leaves states behind: the calls go on from each other as in Keras, one thread at a time.
#include <thread>

#include "support/golden.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;
using golden::Json;

constexpr golden::Tolerance kTolerance{1e-5, 2e-6};

// One row each of tests/golden/make_stateful.py, which has the calls.
class Replayed {
 public:
  explicit Replayed(bool run_eagerly)
      : data_(golden::open("stateful")),
        x_(data_.tensor(data_["x"])),
        y_(data_.tensor(data_["y"])),
        batch_(data_["batch_size"].get<Dim>()),
        model_(Sequential({Input({4, 3}, {.batch_size = batch_}), first_, second_, Dense(1)})) {
    model_.set_weights(data_.tensors(data_["weights"]));
    model_.compile({.optimizer = optimizers::SGD(0.1), .loss = "mse", .run_eagerly = run_eagerly});
  }

  void run() {
    int number = 0;
    for (const Json& call : data_["calls"]) {
      const std::string name = call.at("name").get<std::string>();
      SCOPED_TRACE(std::to_string(number++) + ": " + name);
      if (call.contains("outputs"))
        golden::expect_near_all(outputs_of(name), data_.tensor(call.at("outputs")), kTolerance);
      else if (call.contains("loss"))
        golden::expect_near_all({loss_of(name)}, {golden::number(call.at("loss"))}, kTolerance);
      else if (name == "fit")
        compare(call.at("history"));
      else
        first_->reset_state(), second_->reset_state();
    }
    EXPECT_EQ(number, 14);
  }

 private:
  Tensor some() const { return x_.slice({.stop = batch_}); }
  Tensor outputs_of(const std::string& name) {
    if (name == "call") return model_(some());
    if (name == "predict_on_batch") return model_.predict(some(), {.batch_size = batch_, .verbose = 0});
    return model_.predict(x_, {.batch_size = batch_, .verbose = 0, .steps = name == "predict" ? -1 : 2});
  }
  double loss_of(const std::string& name) {
    const Tensor y = y_.slice({.stop = batch_});
    if (name == "test_on_batch") return model_.test_on_batch(some(), y).loss();
    if (name == "train_on_batch") return model_.train_on_batch(some(), y).loss();
    return model_.evaluate(x_, y_, {.batch_size = batch_, .verbose = 0}).loss();
  }
  void compare(const Json& expected) {
    const FitOptions options{.batch_size = batch_,
                             .epochs = 2,
                             .verbose = 0,
                             .validation_data = {ops::flip(x_, 0), y_, {}},
                             .shuffle = false,
                             .validation_batch_size = batch_};
    const History history = model_.fit(x_, y_, options);
    ASSERT_EQ(history.history.size(), expected.size());
    for (const auto& [key, values] : expected.items())
      golden::expect_near_all(history[key], golden::numbers(values), kTolerance, key);
  }

  const golden::File& data_;
  Tensor x_, y_;
  Dim batch_;
  LSTM first_{3, {.return_sequences = true, .stateful = true}}, second_{2, {.go_backwards = true, .stateful = true}};
  Model model_;
};

TEST(Stateful, CallsGoOnFromEachOtherAsInKeras) { Replayed(false).run(); }
TEST(Stateful, AlsoWithoutPrograms) { Replayed(true).run(); }

TEST(Stateful, APredictorCarriesTheModelsStates) {
  const LSTM lstm(2, {.stateful = true});
  const Sequential model({Input({3, 2}, {.batch_size = 1}), lstm});
  const Tensor x = random::normal({1, 3, 2}, 0, 1, {.seed = 3});
  const Predictor predict = model.make_predictor(1);
  std::vector<float> y(2);
  std::vector<std::vector<float>> found;
  for (int call = 0; call < 2; ++call) {
    predict(x.to_vector<float>(), y);
    found.push_back(y);
  }
  found.push_back(model.predict(x, {.verbose = 0}).to_vector<float>());
  EXPECT_NE(found[0], found[1]);
  lstm->reset_state();
  for (const std::vector<float>& expected : found)
    EXPECT_EQ(model.predict(x, {.verbose = 0}).to_vector<float>(), expected);
}

// Counts its calls in a weight.
class TallyLayer : public Layer {
 public:
  void build(const Shape&) override { calls_ = add_weight("calls", {}, {.initializer = "zeros", .trainable = false}); }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    context.update(calls_, calls_ + 1.0);
    return x + calls_ * 0.0;
  }

 private:
  Variable calls_;
};
using Tally = LayerRef<TallyLayer>;

TEST(Stateful, WeightsThatThePassUpdatesAreWritten) {
  for (const bool eagerly : {false, true}) {
    const Tally tally;
    Sequential model({Input({4}), tally, Dense(1)});
    model.compile({.optimizer = "sgd", .loss = "mse", .run_eagerly = eagerly});
    const Data data = regression_data(10);
    auto expect_calls = [&](double number) { EXPECT_EQ(tally.get_weights()[0].item(), number) << eagerly; };
    expect_calls(0);
    static_cast<void>(model.predict(data.x, {.batch_size = 4, .verbose = 0}));
    expect_calls(3);
    model.evaluate(data.x, data.y, {.batch_size = 5, .verbose = 0});
    expect_calls(5);
    model.test_on_batch(data.x, data.y);
    expect_calls(6);
    model.fit(data.x, data.y, {.batch_size = 10, .verbose = 0, .validation_data = {data.x, data.y, {}}});
    expect_calls(8);
  }
}

// What a second thread gets while a predict() of the first waits in a hook.
class Meanwhile : public Callback {
 public:
  explicit Meanwhile(Function<void()> other) : other_(std::move(other)) {}
  void on_predict_batch_end(int batch) override {
    if (batch != 0) return;
    std::thread([this] {
      try {
        other_();
      } catch (const StateError& error) {
        text = error.what();
      }
    }).join();
  }
  std::string text;

 private:
  Function<void()> other_;
};

std::string while_predicting(const Model& model, const Tensor& x, Function<void()> other) {
  Meanwhile meanwhile(std::move(other));
  static_cast<void>(model.predict(x, {.batch_size = 2, .verbose = 0, .callbacks = {meanwhile}}));
  return meanwhile.text;
}

TEST(Stateful, RunsInOneThreadAtATime) {
  Sequential model({Input({3, 2}, {.batch_size = 2}), LSTM(2, {.stateful = true})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = ops::ones({4, 3, 2}), y = ops::zeros({4, 2});
  const Predictor predictor = model.make_predictor(2);
  std::vector<float> one(12), result(4);
  const std::string in_use =
      "is in use by another thread. Expected no fit, set_weights or assign while another call works with the same "
      "variables. Hint: predict may run in many threads, but not while the model trains.";
  auto predict = [&] { static_cast<void>(model.predict(x, {.batch_size = 2, .verbose = 0})); };
  EXPECT_EQ(while_predicting(model, x, predict), "[Model.predict] 'rnn_state' " + in_use);
  EXPECT_EQ(while_predicting(model, x, [&] { predictor(one, result); }), "[Predictor] 'rnn_state' " + in_use);
  EXPECT_EQ(while_predicting(model, x, [&] { model.evaluate(x, y, {.batch_size = 2, .verbose = 0}); }),
            "[Model.evaluate] 'rnn_state' " + in_use);
  EXPECT_EQ(while_predicting(model, x, [] {}), "");
  const Model plain = regression_model();
  EXPECT_EQ(while_predicting(plain, regression_data().x,
                             [&] { static_cast<void>(plain.predict(regression_data().x, {.verbose = 0})); }),
            "");
}

}  // namespace
}  // namespace kerata
