// A fit that nobody watches, whose figures a GPU may bring later, beside the same fit with a callback.
#include <gtest/gtest.h>

#include "kerata/layers/embedding.h"
#include "kerata/layers/flatten.h"
#include "kerata/utils/random_seed.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;

class Watcher : public Callback {};

/// A test_step whose logs are its own.
class OwnTestLayer : public ModelLayer {
 public:
  using Options = ModelLayer::Options;
  OwnTestLayer(const Tensors& inputs, const Tensors& outputs, const Options&) : ModelLayer(inputs, outputs) {}
  Tensors test_step(const Batch& batch, const StepContext& step) const override {
    return {{"error", ops::mean(ops::abs(call(batch.x, step)[0] - batch.y[0]))}};
  }
};
using OwnTest = ModelRef<OwnTestLayer, Tensors, Tensors>;

Model net() {
  return Sequential({Input({4}), layers::Dense(5, {.activation = "tanh"}), layers::Dropout(0.3), layers::Dense(1)});
}
template <class M>
Model net_of() {
  const Tensor x = Input({4});
  return M(x, layers::Dense(1)(x));
}

/// The weights are compared, too.
void expect_same_histories(const Function<Model()>& make, FitOptions options, const Data& data) {
  options.verbose = 0;
  Tensors weights[2];
  History histories[2];
  for (const bool watched : {false, true}) {
    utils::set_random_seed(11);
    const Model model = make();
    Model fitted = model;
    fitted.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
    if (watched) options.callbacks = {Watcher()};
    histories[watched] = fitted.fit(data.x, data.y, options);
    weights[watched] = fitted.get_weights();
  }
  EXPECT_EQ(histories[0].history, histories[1].history);
  EXPECT_EQ(histories[0].epoch, histories[1].epoch);
  EXPECT_EQ(weight_distance(weights[0], weights[1]), 0);
  EXPECT_EQ(histories[0].epoch.size(), static_cast<std::size_t>(options.epochs));
}

TEST(Unwatched, HistoryIsThatOfAWatchedFit) {
  const Data data = regression_data(22);
  for (const Dim batch_size : {4, 11, 50})
    for (const bool shuffle : {true, false})
      expect_same_histories(net, {.batch_size = batch_size, .epochs = 5, .shuffle = shuffle}, data);
  expect_same_histories(net, {.batch_size = 4, .epochs = 5, .steps_per_epoch = 2}, data);
}

TEST(Unwatched, WithValidation) {
  const Data data = regression_data(22);
  for (const int freq : {1, 2, 3})
    for (const double split : {0.2, 0.5})
      expect_same_histories(net, {.batch_size = 4, .epochs = 5, .validation_split = split, .validation_freq = freq},
                            data);
}

TEST(Unwatched, StepsOfTheUsersOwn) {
  const Data data = regression_data(22);
  for (const auto make : {net_of<OwnLogs>, net_of<OwnTest>})
    for (const int freq : {1, 2})
      expect_same_histories(make, {.batch_size = 4, .epochs = 5, .validation_split = 0.3, .validation_freq = freq},
                            data);
}

// More epochs than there are orders on a GPU at once; and so many samples that each order takes the place of the last
// one.
TEST(Unwatched, ManyEpochs) {
  expect_same_histories(net, {.batch_size = 2, .epochs = 150}, regression_data(6));
  expect_same_histories(net, {.batch_size = 2500, .epochs = 7}, regression_data(5000));
}

TEST(Unwatched, ABadIndexInTheValidationDataIsFound) {
  const Model model = Sequential({Input({2}, {.dtype = "int32"}), layers::Embedding(5, 3, {.name = "words"}),
                                  layers::Flatten(), layers::Dense(1)});
  Model fitted = model;
  fitted.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor good = ops::zeros({4, 2}, "int32"), bad = ops::full({4, 2}, 9, "int32"), y = ops::zeros({4, 1});
  for (const int epochs : {1, 2, 5})
    EXPECT_ERROR_WITH(ValueError, fitted.fit(good, y, {.epochs = epochs, .verbose = 0, .validation_data = {bad, y}}),
                      "Index 9 is out of range in layer 'words'. Expected an index in [0, 5).");
  EXPECT_EQ(fitted.fit(good, y, {.epochs = 3, .verbose = 0, .validation_data = {good, y}})["val_loss"].size(), 3u);
}

}  // namespace
}  // namespace kerata
