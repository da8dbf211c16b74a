// ReduceLROnPlateau beside Keras's: the same figures give the same rates and messages.
#include "support/golden.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using callbacks::ReduceLROnPlateau;
using golden::Json;
using test::Course;

ReduceLROnPlateau::Options options_of(const Json& json) {
  ReduceLROnPlateau::Options options;
  options.monitor = json.value("monitor", options.monitor);
  options.factor = json.value("factor", options.factor);
  options.patience = json.value("patience", options.patience);
  options.verbose = json.value("verbose", options.verbose);
  options.mode = Choice<MonitorMode>::parse(json.value("mode", std::string("auto")));
  options.min_delta = json.value("min_delta", options.min_delta);
  options.cooldown = json.value("cooldown", options.cooldown);
  options.min_lr = json.value("min_lr", options.min_lr);
  return options;
}

Model line(const AnyOptimizer& optimizer) {
  Sequential model({Input({6}), layers::Dense(1, {.kernel_initializer = "zeros"})});
  model.compile({.optimizer = optimizer, .loss = "mse"});
  return model;
}

std::string all_warnings(const Json& run) {
  std::string text;
  for (const Json& warning : run["warnings"]) text += "Warning: " + warning.get<std::string>() + "\n";
  return text;
}

std::vector<float> singles(const std::vector<double>& values) { return {values.begin(), values.end()}; }

TEST(Plateau, RatesAndMessages) {
  for (const Json& run : golden::open("plateaus")["runs"]) {
    SCOPED_TRACE(run["name"].get<std::string>());
    const auto values = run["values"].get<std::vector<double>>();
    Model model = line(optimizers::SGD(run["rate"].get<double>()));
    ReduceLROnPlateau plateau(options_of(run["options"]));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const History history =
        model.fit(random::normal({4, 6}), ops::zeros({4, 1}),
                  {.epochs = static_cast<int>(values.size()), .verbose = 0, .callbacks = {Course(values), plateau}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), all_warnings(run));
    EXPECT_EQ(testing::internal::GetCapturedStdout(), run["printed"].get<std::string>());
    EXPECT_EQ(singles(history["learning_rate"]), singles(golden::numbers(run["rates"])));
    EXPECT_EQ(static_cast<float>(model.optimizer().learning_rate()), run["last_rate"].get<float>());
    EXPECT_EQ(plateau.wait(), run["wait"].get<int>());
    EXPECT_EQ(plateau.in_cooldown(), run["in_cooldown"].get<bool>());
    EXPECT_EQ(plateau.best().has_value(), !run["best"].is_null());
    if (plateau.best()) {
      EXPECT_EQ(*plateau.best(), run["best"].get<double>());
    }
  }
}

TEST(Plateau, TheProgressBarShowsTheRate) {
  const golden::File& file = golden::open("plateaus");
  const Json& expected = file["progress"];
  Model model = line(optimizers::SGD(0.0));
  testing::internal::CaptureStdout();
  model.fit(file.tensor(expected["x"]), file.tensor(expected["y"]),
            {.verbose = 2, .callbacks = {ReduceLROnPlateau({.monitor = "loss"})}});
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(printed.ends_with("/step - " + expected["figures"].get<std::string>())) << printed;
}

TEST(Plateau, BeginsAnewWithEachFit) {
  Model model = line("sgd");
  ReduceLROnPlateau plateau({.monitor = "figure", .patience = 3, .mode = "min"});
  auto fit = [&] {
    model.fit(random::normal({4, 6}), ops::zeros({4, 1}),
              {.epochs = 3, .verbose = 0, .callbacks = {Course({2, 2, 2}), plateau}});
  };
  fit();
  EXPECT_EQ(plateau.wait(), 2);
  fit();
  EXPECT_EQ(plateau.wait(), 2);
  EXPECT_EQ(static_cast<float>(model.optimizer().learning_rate()), 0.01f);
}

// The inner optimizer's rate.
TEST(Plateau, UnderAScaledLoss) {
  Model model = line(optimizers::LossScaleOptimizer(optimizers::SGD(0.5)));
  const History history =
      model.fit(random::normal({4, 6}), ops::zeros({4, 1}),
                {.epochs = 3,
                 .verbose = 0,
                 .callbacks = {Course({2, 2, 2}),
                               ReduceLROnPlateau({.monitor = "figure", .factor = 0.5, .patience = 1, .mode = "min"})}});
  EXPECT_EQ(history["learning_rate"], (std::vector<double>{0.5, 0.5, 0.25}));
}

TEST(Plateau, Errors) {
  EXPECT_ERROR(ValueError, ReduceLROnPlateau({.factor = 1.0}),
               "[ReduceLROnPlateau] ReduceLROnPlateau does not support a factor >= 1.0. Received factor=1");
  EXPECT_ERROR(ValueError, ReduceLROnPlateau({.patience = -1}),
               "[ReduceLROnPlateau] patience must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, ReduceLROnPlateau({.cooldown = -2}),
               "[ReduceLROnPlateau] cooldown must not be negative. Received -2.");
  auto fit = [](const AnyOptimizer& optimizer, const ReduceLROnPlateau::Options& options) {
    Model model = line(optimizer);
    model.fit(random::normal({4, 6}), ops::zeros({4, 1}),
              {.epochs = 3, .verbose = 0, .callbacks = {Course({2, 2, 2}), ReduceLROnPlateau(options)}});
  };
  EXPECT_ERROR(ValueError, fit("sgd", {.monitor = "figure"}),
               "[ReduceLROnPlateau] Cannot tell whether \"figure\" should become larger or smaller. Hint: set .mode = "
               "\"max\" or \"min\".");
  const optimizers::SGD scheduled(optimizers::schedules::ExponentialDecay(0.1, 2, 0.5));
  EXPECT_THROW(fit(scheduled, {.monitor = "figure", .patience = 1, .mode = "min"}), StateError);
}

}  // namespace
}  // namespace kerata
