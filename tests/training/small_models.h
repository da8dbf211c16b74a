// Small data and models that the tests of training share.
#pragma once

#include "kerata/graph/gradients.h"
#include "kerata/layers/layers.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/optimizers/optimizers.h"
#include "kerata/training/callbacks.h"
#include "support/errors.h"

namespace kerata::test {

struct Data {
  Tensor x, y;
};
/// x (samples, 4), y (samples, 1), a smooth function of x; the same at every call.
inline Data regression_data(Dim samples = 20) {
  const Tensor x = random::normal({samples, 4}, 0, 1, {.seed = 7});
  return {x, ops::sum(x, {.axis = -1, .keepdims = true}) * 0.5 + 0.1};
}
/// y: classes 0, 1, 2 as int32 (samples).
inline Data class_data(Dim samples = 20) {
  const Tensor x = random::normal({samples, 4}, 0, 1, {.seed = 8});
  return {x, random::randint({samples}, 0, 3, {.dtype = "int32", .seed = 9})};
}

/// Weights that are the same in every model of this shape.
inline void set_fixed_weights(const Model& model) {
  std::vector<Tensor> values;
  std::int64_t seed = 100;
  for (const Tensor& w : model.get_weights()) values.push_back(random::normal(w.shape(), 0, 0.5, {.seed = ++seed}));
  model.set_weights(values);
}
inline Model regression_model(const AnyOptimizer& optimizer = "sgd", bool run_eagerly = false) {
  using layers::Dense;
  Sequential model({Input({4}), Dense(5, {.activation = "tanh"}), Dense(1)});
  set_fixed_weights(model);
  model.compile({.optimizer = optimizer, .loss = "mse", .metrics = {"mae"}, .run_eagerly = run_eagerly});
  return model;
}
inline Model class_model(const AnyOptimizer& optimizer = "sgd") {
  using layers::Dense;
  Sequential model({Input({4}), Dense(5, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
  set_fixed_weights(model);
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// Gives the figure "figure" a course of its own: in front of the callbacks that watch it, it sets it in the logs.
class Course : public Callback {
 public:
  explicit Course(std::vector<double> values) : values_(std::move(values)) {}
  void on_epoch_end(int epoch, const Logs& logs) override {
    logs.set("figure", values_.at(static_cast<std::size_t>(epoch)));
  }

 private:
  std::vector<double> values_;
};

/// A train_step that gives logs of its own: the loss of the batch, and its rows.
class OwnLogsLayer : public ModelLayer {
 public:
  using Options = ModelLayer::Options;
  OwnLogsLayer(const Tensors& inputs, const Tensors& outputs, const Options&) : ModelLayer(inputs, outputs) {}
  Tensors train_step(const Batch& batch, const StepContext& step) const override {
    const Tensor loss = compute_loss(batch, call(batch.x, step), step);
    step.apply_gradients(gradients(loss, trainable_weights()), trainable_weights());
    return {{"my_loss", loss}, {"rows", ops::sum(ops::ones_like(batch.y[0]))}};
  }
};
using OwnLogs = ModelRef<OwnLogsLayer, Tensors, Tensors>;

/// Largest difference between the weights of two models.
inline double weight_distance(const Tensors& a, const Tensors& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::vector<double> left = a[i].to_vector<double>(), right = b[i].to_vector<double>();
    for (std::size_t j = 0; j < left.size(); ++j) largest = std::max(largest, std::abs(left[j] - right[j]));
  }
  return largest;
}

}  // namespace kerata::test
