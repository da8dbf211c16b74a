// Training goes on after saving and loading as if it had never stopped.
#include <gmock/gmock.h>

#include "kerata/kerata.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using namespace layers;

std::vector<float> content(const std::vector<Variable>& variables) {
  std::vector<float> all;
  for (const Variable& variable : variables)
    for (float value : variable.value().to_vector<float>()) all.push_back(value);
  return all;
}

Tensor inputs() { return ops::reshape(ops::sin(ops::arange(10 * 6).cast("float32") * 0.7), {10, 6}); }
Tensor targets() { return ops::reshape(ops::cos(ops::arange(10).cast("float32") * 1.3), {10, 1}); }

Model new_model() {
  const Tensor x = Input({6}, {.name = "x"});
  const Tensor h = BatchNormalization()(Dense(5, {.activation = "tanh"})(x));
  return Model(x, Dense(1)(concatenate({h, Dense(2)(x)})), {.name = "net"});
}

History fit(Model& model, int epochs, int first = 0) {
  return model.fit(inputs(), targets(),
                   {.batch_size = 4, .epochs = epochs, .verbose = 0, .shuffle = false, .initial_epoch = first});
}

struct OptimizerCase {
  std::string name;
  Function<AnyOptimizer()> make;
};

std::vector<OptimizerCase> optimizer_cases() {
  using namespace optimizers;
  using optimizers::schedules::ExponentialDecay;
  return {
      {"sgd", [] { return AnyOptimizer("sgd"); }},
      {"sgd_momentum", [] { return AnyOptimizer(SGD({.learning_rate = 0.05, .momentum = 0.9})); }},
      {"sgd_nesterov", [] { return AnyOptimizer(SGD({.learning_rate = 0.05, .momentum = 0.9, .nesterov = true})); }},
      {"sgd_ema", [] { return AnyOptimizer(SGD({.learning_rate = 0.05, .use_ema = true, .ema_momentum = 0.8})); }},
      {"sgd_accumulation",
       [] { return AnyOptimizer(SGD({.learning_rate = 0.05, .momentum = 0.9, .gradient_accumulation_steps = 2})); }},
      {"rmsprop", [] { return AnyOptimizer("rmsprop"); }},
      {"rmsprop_centered",
       [] { return AnyOptimizer(RMSprop({.learning_rate = 0.01, .momentum = 0.5, .centered = true})); }},
      {"adam", [] { return AnyOptimizer("adam"); }},
      {"adam_amsgrad",
       [] { return AnyOptimizer(Adam({.learning_rate = 0.01, .amsgrad = true, .weight_decay = 0.02})); }},
      {"adam_accumulation",
       [] { return AnyOptimizer(Adam({.learning_rate = 0.01, .clipnorm = 1.0, .gradient_accumulation_steps = 2})); }},
      {"schedule",
       [] { return AnyOptimizer(Adam({.learning_rate = ExponentialDecay(0.02, 3, 0.5, {.staircase = true})})); }},
  };
}

class RoundTrip : public ::testing::TestWithParam<std::string> {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  TemporaryFolder folder_;
};

TEST_P(RoundTrip, EveryOptimizerGoesOnAsIfNeverSaved) {
  for (const OptimizerCase& one : optimizer_cases()) {
    SCOPED_TRACE(one.name);
    utils::set_random_seed(3);
    Model whole = new_model();
    whole.compile({.optimizer = one.make(), .loss = "mse", .metrics = {"mae"}});
    fit(whole, 3);
    const std::string path = at(one.name + GetParam());
    whole.save(path);
    Model again = load_model(path);
    ASSERT_TRUE(again.compiled());
    EXPECT_EQ(again.optimizer().iterations(), whole.optimizer().iterations());
    EXPECT_EQ(again.optimizer().learning_rate(), whole.optimizer().learning_rate());
    EXPECT_EQ(content(again.weights()), content(whole.weights()));
    EXPECT_EQ(content(again.optimizer().variables()), content(whole.optimizer().variables()));
    const History expected = fit(whole, 6, 3), actual = fit(again, 6, 3);
    EXPECT_EQ(actual.history, expected.history);
    EXPECT_EQ(content(again.weights()), content(whole.weights()));
    EXPECT_EQ(content(again.optimizer().variables()), content(whole.optimizer().variables()));
  }
}

TEST_P(RoundTrip, ACompiledModelThatWasNotTrained) {
  Model model = new_model();
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.save(at("m" + GetParam()));
  Model again = load_model(at("m" + GetParam()));
  ASSERT_TRUE(again.compiled());
  // Loading builds the optimizer, as in Keras: counter, rate, and two slots of zeros for each of eight weights.
  const std::vector<Variable> variables = again.optimizer().variables();
  ASSERT_EQ(variables.size(), 18u);
  EXPECT_EQ(variables[2].path(), "adam/dense_kernel_momentum");
  const std::vector<float> slots = content({variables.begin() + 2, variables.end()});
  EXPECT_EQ(slots, std::vector<float>(slots.size(), 0));
  again.save(at("again" + GetParam()));
  EXPECT_EQ(content(load_model(at("again" + GetParam())).optimizer().variables()), content(variables));
  EXPECT_EQ(fit(again, 2).history, fit(model, 2).history);
}

TEST_P(RoundTrip, AnUntrainedOptimizerKeepsItsRateAndSaysNothing) {
  for (const OptimizerCase& one : optimizer_cases()) {
    SCOPED_TRACE(one.name);
    Model model = new_model();
    model.compile({.optimizer = one.make(), .loss = "mse"});
    const bool has_schedule = one.name == "schedule";
    if (!has_schedule) model.optimizer().set_learning_rate(0.125 / 128);
    model.save(at(one.name + GetParam()));
    ::testing::internal::CaptureStderr();
    Model again = load_model(at(one.name + GetParam()));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(again.optimizer().learning_rate(), has_schedule ? 0.02f : 0.125 / 128);
    EXPECT_EQ(fit(again, 2).history, fit(model, 2).history);
    EXPECT_EQ(content(again.optimizer().variables()), content(model.optimizer().variables()));
  }
}

TEST_P(RoundTrip, AModelThatIsNotCompiled) {
  const Model model = new_model();
  model.save(at("m" + GetParam()));
  ::testing::internal::CaptureStderr();
  const Model again = load_model(at("m" + GetParam()));
  const std::string warning = ::testing::internal::GetCapturedStderr();
  EXPECT_FALSE(again.compiled());
  EXPECT_EQ(again.predict(inputs()).to_vector<float>(), model.predict(inputs()).to_vector<float>());
  if (GetParam() == ".h5") {
    EXPECT_THAT(warning, ::testing::HasSubstr("so the model was *not* compiled. Compile it manually."));
  }
}

TEST_P(RoundTrip, CompileFalseLeavesItUncompiled) {
  Model model = new_model();
  model.compile({.optimizer = "adam", .loss = "mse"});
  fit(model, 1);
  model.save(at("m" + GetParam()));
  EXPECT_FALSE(load_model(at("m" + GetParam()), {.compile = false}).compiled());
}

TEST_P(RoundTrip, WithoutTheOptimizer) {
  Model model = new_model();
  model.compile({.optimizer = "adam", .loss = "mse"});
  fit(model, 1);
  model.save(at("m" + GetParam()), {.include_optimizer = false});
  ::testing::internal::CaptureStderr();
  const Model again = load_model(at("m" + GetParam()));
  ::testing::internal::GetCapturedStderr();
  EXPECT_FALSE(again.compiled());
  EXPECT_EQ(content(again.weights()), content(model.weights()));
}

TEST_P(RoundTrip, NestedAndSharedLayersAndALoadedModelSavedAgain) {
  const Tensor a = Input({4}), b = Input({4});
  Dense shared(3, {.name = "shared"});
  Sequential inner({Input({3}), Dense(2), BatchNormalization()}, {.name = "inner"});
  const Tensor left = inner(shared(a)), right = inner(shared(b));
  Model model({a, b}, {Dense(1, {.name = "p"})(left + right), Dense(2, {.name = "q"})(right)});
  model.compile({.optimizer = "adam", .loss = {{"p", "mse"}, {"q", "mae"}}, .loss_weights = {{"p", 1.0}, {"q", 0.5}}});
  const Tensors x{inputs().slice({.axis = 1, .stop = 4}), inputs().slice({.axis = 1, .start = 2})};
  const Tensors y{targets(), targets() * ops::array({{1.0, 2.0}})};
  model.fit(x, y, {.epochs = 2, .verbose = 0, .shuffle = false});
  model.save(at("a" + GetParam()));
  Model again = load_model(at("a" + GetParam()));
  again.save(at("b" + GetParam()));
  Model third = load_model(at("b" + GetParam()));
  const auto expected = model.fit(x, y, {.epochs = 2, .verbose = 0, .shuffle = false}).history;
  EXPECT_EQ(again.fit(x, y, {.epochs = 2, .verbose = 0, .shuffle = false}).history, expected);
  EXPECT_EQ(third.fit(x, y, {.epochs = 2, .verbose = 0, .shuffle = false}).history, expected);
  EXPECT_EQ(content(third.weights()), content(model.weights()));
}

TEST_P(RoundTrip, RecurrentAndEmbeddingLayers) {
  Sequential model(
      {Input({5}, {.dtype = "int32"}), Embedding(7, 3), LSTM(4, {.return_sequences = true}), LSTM(2), Dense(1)});
  model.compile({.optimizer = "rmsprop", .loss = "mse"});
  const Tensor x = ops::reshape(ops::arange(50) - ops::arange(50) / 7 * 7, {10, 5}).cast("int32");
  model.fit(x, targets(), {.epochs = 2, .verbose = 0, .shuffle = false});
  model.save(at("m" + GetParam()));
  Model again = load_model(at("m" + GetParam()));
  EXPECT_EQ(again.fit(x, targets(), {.epochs = 2, .verbose = 0, .shuffle = false}).history,
            model.fit(x, targets(), {.epochs = 2, .verbose = 0, .shuffle = false}).history);
}

Tensor half_distance(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::abs(y_true - y_pred), {.axis = -1}) * 0.5;
}

TEST_P(RoundTrip, AFunctionAsAMetricIsCalledInTheHistoryWithoutItsPackage) {
  register_function("my_package>half_distance", &half_distance);
  Model model = new_model();
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {&half_distance}});
  model.save(at("m" + GetParam()));
  Model again = load_model(at("m" + GetParam()));
  const History expected = fit(model, 1);
  EXPECT_TRUE(expected.history.contains("half_distance"));
  EXPECT_EQ(fit(again, 1).history, expected.history);
}

TEST_P(RoundTrip, TheLearningRateSetAfterCompileIsKept) {
  Model model = new_model();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  fit(model, 1);
  model.optimizer().set_learning_rate(0.25);
  model.save(at("m" + GetParam()));
  EXPECT_EQ(load_model(at("m" + GetParam())).optimizer().learning_rate(), 0.25);
}

TEST_P(RoundTrip, AnEmptyPathOrAMissingFolderIsAnError) {
  const Model model = new_model();
  EXPECT_THAT([&] { model.save(at("no/such/m" + GetParam())); },
              ::testing::ThrowsMessage<BackendError>(::testing::HasSubstr("no/such")));
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTrip, ::testing::Values(".keras", ".h5"),
                         [](const auto& suite) { return suite.param.substr(1); });

}  // namespace
}  // namespace kerata
