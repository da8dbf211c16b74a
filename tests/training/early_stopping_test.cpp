// EarlyStopping beside the golden runs: each option, and its messages.
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using callbacks::EarlyStopping;

// The number of epochs done with these values.
int epochs(EarlyStopping& stopping, const std::vector<double>& values) {
  Model model = regression_model();
  const Data data = regression_data();
  return static_cast<int>(
      model
          .fit(data.x, data.y,
               {.epochs = static_cast<int>(values.size()), .verbose = 0, .callbacks = {Course(values), stopping}})
          .epoch.size());
}
int epochs(const EarlyStopping::Options& options, const std::vector<double>& values) {
  EarlyStopping stopping(options);
  return epochs(stopping, values);
}

TEST(EarlyStopping, Options) {
  const std::vector<double> falling_then_flat{5, 4, 3, 3, 3, 3, 3, 3};
  EXPECT_EQ(epochs({.monitor = "figure", .mode = "min"}, falling_then_flat), 4);
  EXPECT_EQ(epochs({.monitor = "figure", .patience = 2, .mode = "min"}, falling_then_flat), 5);
  EXPECT_EQ(epochs({.monitor = "figure", .mode = "max"}, falling_then_flat), 2);
  EXPECT_EQ(epochs({.monitor = "figure", .min_delta = 1.5, .mode = "min"}, falling_then_flat), 2);
  EXPECT_EQ(epochs({.monitor = "figure", .mode = "min", .start_from_epoch = 5}, falling_then_flat), 7);
  EXPECT_EQ(epochs({.monitor = "figure", .patience = 3, .mode = "min", .baseline = 1.0}, falling_then_flat), 4);
  EXPECT_EQ(epochs({.monitor = "figure", .patience = 20, .mode = "min"}, falling_then_flat), 8);
}

TEST(EarlyStopping, TellsWhatItSaw) {
  EarlyStopping stopping({.monitor = "figure", .patience = 1, .mode = "min"});
  epochs(stopping, {5, 4, 4.5, 4.4, 3});
  EXPECT_EQ(stopping.stopped_epoch(), 2);
  EXPECT_EQ(stopping.best_epoch(), 1);
  EXPECT_EQ(stopping.best(), 4.0);
  EXPECT_EQ(epochs(stopping, {5, 4, 3}), 3);  // a second fit begins anew
  EXPECT_EQ(stopping.stopped_epoch(), 0);
}

TEST(EarlyStopping, Messages) {
  EarlyStopping stopping({.monitor = "figure", .verbose = 1, .mode = "min", .restore_best_weights = true});
  testing::internal::CaptureStdout();
  epochs(stopping, {5, 4, 6});
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 2.\n");
}

TEST(EarlyStopping, WarnsOfAFigureThatIsNotThere) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(epochs({.monitor = "val_loss"}, {5, 4}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr().substr(0, 127),
            "Warning: Early stopping conditioned on metric `val_loss` which is not available. Available metrics are: "
            "loss,mae,figure\nWarning");
}

TEST(EarlyStopping, Errors) {
  EXPECT_ERROR(ValueError, EarlyStopping({.patience = -1}),
               "[EarlyStopping] patience must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, EarlyStopping({.start_from_epoch = -1}),
               "[EarlyStopping] start_from_epoch must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, epochs({.monitor = "figure"}, {5, 4}),
               "[EarlyStopping] Cannot tell whether \"figure\" should become larger or smaller. Hint: set .mode = "
               "\"max\" or \"min\".");
}

TEST(EarlyStopping, KnowsTheDirectionOfMetrics) {
  Model model = class_model();
  const Data data = class_data();
  EarlyStopping accuracy({.monitor = "accuracy", .patience = 100}), loss({.monitor = "loss", .patience = 100});
  const History history = model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .callbacks = {accuracy, loss}});
  EXPECT_EQ(accuracy.best(), *std::max_element(history["accuracy"].begin(), history["accuracy"].end()));
  EXPECT_EQ(loss.best(), *std::min_element(history["loss"].begin(), history["loss"].end()));
}

}  // namespace
}  // namespace kerata
