// predict, predictors, evaluate, train_on_batch.
#include "kerata/ops/shape.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

TEST(Predict, DoesNotDependOnTheBatchSize) {
  const Model model = regression_model();
  const Data data = regression_data(23);
  const Tensor whole = model.predict(data.x, {.batch_size = 23, .verbose = 0});
  for (const Dim batch : {1, 2, 7, 22, 100}) {
    const Tensor parts = model.predict(data.x, {.batch_size = batch, .verbose = 0});
    EXPECT_EQ(parts.shape(), Shape({23, 1}));
    EXPECT_LT(weight_distance(parts, whole), 1e-6) << batch;
  }
  EXPECT_LT(weight_distance(model(data.x), whole), 1e-6);
}

TEST(Predict, StepsCutTheData) {
  const Model model = regression_model();
  const Data data = regression_data(23);
  const Tensor some = model.predict(data.x, {.batch_size = 5, .verbose = 0, .steps = 2});
  EXPECT_EQ(some.shape(), Shape({10, 1}));
  EXPECT_LT(weight_distance(some, model.predict(data.x, {.verbose = 0}).slice({.stop = 10})), 1e-6);
}

TEST(Predict, TakesDataOfOtherTypes) {
  Sequential model({Input({4}), Dense(2)});
  const Tensor x = ops::array({{0, 1, 2, 3}, {4, 5, 6, 7}, {250, 251, 252, 253}});
  const Tensor expected = model.predict(x.cast("float32"), {.verbose = 0});
  for (const char* type : {"uint8", "int32", "int64", "float64"})
    EXPECT_EQ(weight_distance(model.predict(x.cast(Choice<DType>::parse(type)), {.verbose = 0}), expected), 0) << type;
}

TEST(Predict, RepairsTheRank) {
  Sequential model({Input({1}), Dense(2)});
  const Tensor x = ops::array({0.5, 1.5, 2.5});
  const Tensor expected = model.predict(ops::expand_dims(x, -1), {.verbose = 0});
  EXPECT_EQ(weight_distance(model.predict(x, {.verbose = 0}), expected), 0);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_EQ(model.evaluate(x, ops::zeros({3, 2}), {.verbose = 0}).loss(),
            model.evaluate(ops::expand_dims(x, -1), ops::zeros({3, 2}), {.verbose = 0}).loss());
}

TEST(Targets, OfRankOneAreExpanded) {
  Model model = regression_model();
  const Data data = regression_data();
  const Scores column = model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_EQ(model.evaluate(data.x, data.y.reshape({20}), {.verbose = 0}).values(), column.values());
  EXPECT_EQ(model.evaluate(data.x, data.y.cast("float64"), {.verbose = 0}).values(), column.values());
}

TEST(Predictor, SeesLaterChangesOfTheWeights) {
  Model model = regression_model();
  const Predictor predict = model.make_predictor(2);
  const Data data = regression_data(2);
  const std::vector<float> x = data.x.to_vector<float>();
  std::vector<float> y(2);
  auto expect_equal = [&] {
    predict(x, y);
    EXPECT_EQ(y, model.predict(data.x, {.verbose = 0}).to_vector<float>());
  };
  expect_equal();
  const std::vector<float> before = y;
  model.fit(data.x, data.y, {.verbose = 0});
  expect_equal();
  EXPECT_NE(y, before);
  set_fixed_weights(model);
  expect_equal();
  EXPECT_EQ(y, before);
}

TEST(Predictor, SeesTrainingOfAModelThatSharesALayer) {
  Tensor x = Input({4});
  Dense shared(3);
  Model one(x, Dense(1)(shared(x))), two(x, shared(x));
  const Predictor predict = two.make_predictor();
  const std::vector<float> input(4, 1.0f);
  std::vector<float> before(3), after(3);
  predict(input, before);
  one.compile({.optimizer = "sgd", .loss = "mse"});
  const Data data = regression_data();
  one.fit(data.x, data.y, {.verbose = 0});
  predict(input, after);
  EXPECT_NE(before, after);
}

TEST(Predictor, OfSeveralInputsAndOutputsOutlivesItsModel) {
  auto make = [] {
    Tensor a = Input({2}), b = Input({3}, {.dtype = "int32"});
    Model model({a, b}, {concatenate({a, b.cast("float32")}), Dense(1, {.kernel_initializer = "ones"})(a)});
    return model.make_predictor(1);
  };
  const Predictor predict = make();
  std::vector<float> a{1, 2}, b{3, 4, 5}, joined(5), sum(1);
  predict({a, b}, {joined, sum});
  EXPECT_EQ(joined, (std::vector<float>{1, 2, 3, 4, 5}));
  EXPECT_EQ(sum[0], 3);
}

TEST(Predictor, ChecksSizes) {
  const Model model = regression_model();
  const Predictor predict = model.make_predictor(2);
  std::vector<float> x(8), y(2), wrong(7);
  EXPECT_ERROR(ValueError, predict(wrong, y),
               "[Predictor] Input 0 has the wrong size. Expected 8 values (batch size times sample size), received 7.");
  EXPECT_ERROR_WITH(ValueError, predict(x, wrong), "Output 0 has the wrong size. Expected 2 values");
  EXPECT_ERROR_WITH(ValueError, predict({x, x}, {y}), "Expected 1 inputs, received 2.");
}

TEST(TrainOnBatch, IsOneStepOfFit) {
  Model one = regression_model("adam"), other = regression_model("adam");
  const Data data = regression_data();
  one.fit(data.x, data.y, {.batch_size = 20, .verbose = 0, .shuffle = false});
  const Scores scores = other.train_on_batch(data.x, data.y);
  EXPECT_EQ(weight_distance(one.get_weights(), other.get_weights()), 0);
  EXPECT_EQ(scores.names(), (std::vector<std::string>{"loss", "mae"}));
  const Tensors before = other.get_weights();
  other.test_on_batch(data.x, data.y);
  EXPECT_EQ(weight_distance(before, other.get_weights()), 0);
}

TEST(TrainOnBatch, ItsScoresAreThoseOfTheBatchAlone) {
  Model model = regression_model();
  const Data data = regression_data(), other = regression_data(7);
  const Scores expected = model.evaluate(other.x, other.y, {.verbose = 0});
  model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_EQ(model.test_on_batch(other.x, other.y).values(), expected.values());
  model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_EQ(model.train_on_batch(other.x, other.y).values(), expected.values());  // before its update
}

TEST(Evaluate, IsAMeanOverSamplesNotBatches) {
  Model model = regression_model();
  const Data data = regression_data(23);
  const Scores whole = model.evaluate(data.x, data.y, {.batch_size = 23, .verbose = 0});
  const Scores parts = model.evaluate(data.x, data.y, {.batch_size = 5, .verbose = 0});
  EXPECT_NEAR(whole[0], parts[0], 1e-6);
  EXPECT_NEAR(whole["mae"], parts["mae"], 1e-6);
  const double loss = model.evaluate(data.x, data.y, {.verbose = 0});
  EXPECT_NEAR(loss, whole.loss(), 1e-6);
}

TEST(Programs, AreKeptInABoundedCache) {
  const Model model = regression_model();
  for (Dim rows = 1; rows <= 40; ++rows)
    static_cast<void>(model.predict(ops::ones({rows, 4}), {.batch_size = 64, .verbose = 0}));
  const std::string report = model.executable_report();
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 32);
  EXPECT_NE(report.find("predict, batch 40: "), std::string::npos);
  EXPECT_EQ(report.find("predict, batch 8: "), std::string::npos);
}

TEST(Trainable, ChangesTakeEffectAtTheNextCompile) {
  Model model = regression_model();
  const Data data = regression_data();
  model.layers()[0].set_trainable(false);
  const Tensor before = model.get_weights()[0];
  model.fit(data.x, data.y, {.verbose = 0});
  EXPECT_GT(weight_distance(before, model.get_weights()[0]), 0);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor then = model.get_weights()[0], head = model.get_weights()[2];
  model.fit(data.x, data.y, {.verbose = 0});
  EXPECT_EQ(weight_distance(then, model.get_weights()[0]), 0);
  EXPECT_GT(weight_distance(head, model.get_weights()[2]), 0);
}

}  // namespace
}  // namespace kerata
