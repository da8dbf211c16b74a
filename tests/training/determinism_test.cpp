// Same seed, same result.
#include <cmath>

#include "graph/scope.h"
#include "kerata/ops/shape.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using namespace layers;

Tensors trained(std::uint64_t seed, bool shuffle = true, bool dropout = true) {
  set_global_seed(seed);
  Sequential model({Input({4}), Dense(16, {.activation = "relu"}), Dropout(dropout ? 0.4 : 0.0), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Data data = regression_data(64);
  model.fit(data.x, data.y, {.batch_size = 8, .epochs = 3, .verbose = 0, .shuffle = shuffle});
  return model.get_weights();
}

TEST(Determinism, SameSeedSameWeights) {
  EXPECT_EQ(weight_distance(trained(1), trained(1)), 0);
  EXPECT_GT(weight_distance(trained(1), trained(2)), 0);
}

// Batches of one sample: the order of the losses is the order of the samples.
class Order : public Callback {
 public:
  void on_epoch_begin(int) override { orders.emplace_back(), seen_ = 0; }
  void on_train_batch_end(int batch, const Logs& logs) override {
    const double sum = logs["loss"] * (batch + 1);  // the log is the mean so far
    orders.back().push_back(std::lround(sum - seen_));
    seen_ = sum;
  }
  std::vector<std::vector<long>> orders;

 private:
  double seen_ = 0;
};

std::vector<std::vector<long>> orders(std::uint64_t seed, bool shuffle) {
  Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "ones", .trainable = false})});
  model.compile(
      {.optimizer = "sgd", .loss = [](const Tensor&, const Tensor& p) { return ops::mean(p, {.axis = -1}); }});
  const Tensor x = ops::expand_dims(ops::arange(0, 12), -1);
  set_global_seed(seed);
  Order order;
  model.fit(x, x, {.batch_size = 1, .epochs = 2, .verbose = 0, .callbacks = {order}, .shuffle = shuffle});
  return order.orders;
}

TEST(Shuffling, GoesByTheSeed) {
  const std::vector<std::vector<long>> one = orders(3, true);
  EXPECT_EQ(one, orders(3, true));
  EXPECT_NE(one, orders(4, true));
  EXPECT_NE(one[0], one[1]);  // another order in every epoch
}

TEST(Shuffling, VisitsEverySampleOnce) {
  std::vector<long> plain(12);
  for (std::size_t i = 0; i < 12; ++i) plain[i] = static_cast<long>(i);
  for (std::vector<long> order : orders(3, true)) {
    EXPECT_NE(order, plain);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, plain);
  }
}

TEST(Shuffling, OffKeepsTheOrder) {
  for (const std::vector<long>& order : orders(3, false))
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], static_cast<long>(i));
}

TEST(Shuffling, TakesInputsTargetsAndWeightsTogether) {
  // y = x and weight = 1 / x: the weighted loss mean(y / x) is 1 for any order, but for none that mixes rows up.
  Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "ones", .trainable = false})});
  model.compile(
      {.optimizer = "sgd", .loss = [](const Tensor& y, const Tensor& p) { return ops::mean(y / p, {.axis = -1}); }});
  const Tensor x = ops::expand_dims(ops::arange(1, 33), -1);
  const History history = model.fit(x, x * x, {.batch_size = 4, .epochs = 3, .verbose = 0, .sample_weight = 1 / x});
  for (const double loss : history["loss"]) EXPECT_NEAR(loss, 1, 1e-6);
}

}  // namespace
}  // namespace kerata
