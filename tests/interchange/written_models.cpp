#include "interchange/written_models.h"

#include <cmath>

namespace kerata::test {
namespace {

namespace L = layers;
namespace O = optimizers;

constexpr Dim kRows = 10;

/// Numbers that look random.
Tensor noise(const Shape& shape, double seed) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(std::sin(static_cast<double>(i + 1) * 2.399963 + seed * 7.1));
  return Tensor::from_span<float>(values, shape);
}
Tensor rows(std::vector<Dim> sample, double seed) {
  sample.insert(sample.begin(), kRows);
  return noise(Shape(sample), seed);
}
Tensor indices(Dim length, Dim high) {
  return ops::cast(ops::floor(ops::abs(rows({length}, 3)) * (high - 1) + 0.5), "int32");
}
Tensor labels(Dim classes) { return ops::cast(ops::floor(ops::abs(rows({1}, 5)) * (classes - 0.01)), "int32"); }

WrittenModel regression(const std::string& name, const AnyOptimizer& optimizer) {
  Sequential model({Input({5}), L::Dense(6, {.activation = "tanh"}), L::Dense(1)}, {.name = name});
  model.compile({.optimizer = optimizer, .loss = "mse", .metrics = {"mae"}});
  return {name, model, rows({5}, 1), rows({1}, 2)};
}

void add_optimizers(std::vector<WrittenModel>& models) {
  namespace S = optimizers::schedules;
  models.push_back(regression("by_name", "adam"));
  models.push_back(regression("sgd", O::SGD({.learning_rate = 0.05, .momentum = 0.9, .nesterov = true})));
  models.push_back(regression("sgd_clipped", O::SGD({.learning_rate = 0.05, .momentum = 0.5, .clipnorm = 0.3})));
  models.push_back(regression("rmsprop", O::RMSprop({.learning_rate = 0.01, .momentum = 0.5, .centered = true})));
  models.push_back(regression("adam_amsgrad", O::Adam({.learning_rate = 0.01, .amsgrad = true, .weight_decay = 0.01})));
  models.push_back(regression("adam_average", O::Adam({.learning_rate = 0.01, .use_ema = true, .ema_momentum = 0.9})));
  models.push_back(regression("accumulation", O::Adam({.learning_rate = 0.01, .gradient_accumulation_steps = 2})));
  models.push_back(regression("loss_scale", O::SGD({.learning_rate = 0.05, .loss_scale_factor = 4.0})));
  models.push_back(
      regression("exponential", O::Adam({.learning_rate = S::ExponentialDecay(0.02, 2, 0.8, {.staircase = true})})));
  models.push_back(
      regression("inverse_time", O::SGD({.learning_rate = S::InverseTimeDecay(0.05, 3, 0.5), .momentum = 0.9})));
}

WrittenModel options() {
  namespace I = initializers;
  namespace R = regularizers;
  namespace C = constraints;
  const Tensor in = Input({5}, {.name = "features"});
  Tensor x = L::Dense(6, {.activation = activations::elu,
                          .kernel_initializer = I::HeNormal({.seed = 1}),
                          .bias_initializer = I::Constant(0.1),
                          .kernel_regularizer = R::L2(0.01),
                          .bias_regularizer = R::L1(0.02),
                          .activity_regularizer = R::L1L2({.l1 = 0.001, .l2 = 0.002}),
                          .kernel_constraint = C::MaxNorm(1.5),
                          .bias_constraint = C::NonNeg(),
                          .name = "with_everything"})(in);
  x = L::BatchNormalization({.momentum = 0.8, .epsilon = 0.01, .gamma_regularizer = R::L2(0.001)})(x);
  x = L::Dropout(0.0, {.seed = 3})(x);
  x = L::Dense(4, {.use_bias = false,
                   .kernel_initializer = I::Orthogonal({.gain = 0.9}),
                   .kernel_constraint = C::MinMaxNorm({.min_value = 0.1, .max_value = 1.2, .rate = 0.5})})(x);
  x = L::Activation("softplus")(x);
  Model model(in, L::Dense(2, {.name = "frozen", .trainable = false})(x), {.name = "options"});
  model.compile(
      {.optimizer = "rmsprop", .loss = losses::MeanSquaredError(), .metrics = {metrics::RootMeanSquaredError()}});
  return {"options", model, rows({5}, 1), rows({2}, 2)};
}

WrittenModel convolution() {
  Sequential model({Input({8, 8, 2}), L::Conv2D(4, 3, {.padding = "same", .activation = "relu"}), L::MaxPooling2D(2),
                    L::Conv2D(4, {2, 3}, {.strides = 1, .dilation_rate = 1, .groups = 2, .use_bias = false}),
                    L::AveragePooling2D(2, {.strides = 1, .padding = "same"}), L::BatchNormalization({.scale = false}),
                    L::GlobalAveragePooling2D(), L::Dense(3, {.activation = "softmax"})},
                   {.name = "convolution"});
  model.compile({.optimizer = O::Adam(0.01), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return {"convolution", model, rows({8, 8, 2}, 1), labels(3)};
}

WrittenModel text() {
  const Tensor in = Input({6}, {.dtype = "int32"});
  Tensor x = L::Embedding(10, 4, {.mask_zero = true})(in);
  x = L::LSTM(5, {.return_sequences = true})(x);
  x = L::LSTM(3, {.recurrent_activation = "hard_sigmoid", .go_backwards = true})(x);
  Model model(in, L::Dense(1, {.activation = "sigmoid"})(x));
  model.compile({.optimizer = O::RMSprop(0.01), .loss = "binary_crossentropy", .metrics = {metrics::BinaryAccuracy()}});
  return {"text", model, indices(6, 10), ops::cast(rows({1}, 4) > 0.0, "float32")};
}

WrittenModel two_inputs_two_outputs() {
  const Tensor wide = Input({3}, {.name = "wide"}), deep = Input({4}, {.name = "deep"});
  const Tensor x = L::Dense(5, {.activation = "relu"})(deep);
  const Tensor main = L::Dense(1, {.name = "main"})(L::concatenate({wide, x}));
  const Tensor aux = L::Dense(1, {.activation = "sigmoid", .name = "aux"})(x);
  Model model({wide, deep}, {main, aux});
  model.compile({.optimizer = O::SGD(0.05),
                 .loss = {{"main", "mse"}, {"aux", losses::BinaryCrossentropy({.label_smoothing = 0.1})}},
                 .loss_weights = {{"main", 0.7}, {"aux", 0.3}},
                 .metrics = {{"main", {"mae"}}, {"aux", {"accuracy"}}},
                 .weighted_metrics = {{"main", {"mse"}}, {"aux", {}}}});
  const Tensors y = {rows({1}, 2), ops::cast(rows({1}, 4) > 0.0, "float32")};
  const Tensor weight = ops::abs(noise(Shape{kRows}, 6));
  return {"two_inputs_two_outputs", model, {rows({3}, 1), rows({4}, 7)}, y, {weight, weight}, 5};
}

WrittenModel nested_and_shared() {
  const Tensor inner_in = Input({4});
  const Model inner(inner_in, L::Dense(4, {.activation = "tanh"})(inner_in) + inner_in, {.name = "inner"});
  const Sequential pair({Input({4}), L::Dense(3), L::Dense(4)}, {.name = "pair"});
  const L::Dense shared(4, {.name = "shared"});
  const Tensor a = Input({4}), b = Input({4});
  const Tensor x = inner(shared(a)), y = pair(shared(b));
  Model model({a, b}, L::Dense(1)(L::Maximum()({inner(y), x})), {.name = "outer"});
  model.compile({.optimizer = O::SGD({.momentum = 0.9}), .loss = "mae"});
  return {"nested_and_shared", model, {rows({4}, 1), rows({4}, 7)}, rows({1}, 2)};
}

WrittenModel raw_ops() {
  const Tensor in = Input({4, 3});
  const Tensor x = L::Dense(3)(in);
  const Tensor y = 2.0 * x + ops::tanh(in) / 3.0 - 1.0;
  const Tensor mean = ops::mean(y, {.axis = 1}), last = ops::reshape(ops::slice(y, {0, 3, 0}, {-1, 1, 3}), {-1, 3});
  const Tensor joined = ops::concatenate({mean, last, ops::max(ops::exp(-y), {.axis = 1})}, 1);
  Model model(in, L::Dense(2)(ops::clip(joined, -2.0, 2.0)));
  model.compile({.optimizer = "adam", .loss = "mse"});
  return {"raw_ops", model, rows({4, 3}, 1), rows({2}, 2)};
}

WrittenModel normalized() {
  L::Normalization layer;
  layer.adapt(rows({3}, 9) * 3.0 + 1.0);
  const Tensor in = Input({3});
  const Tensor given = L::Normalization({.mean = ops::array({0.1, 0.2, 0.3}), .variance = ops::array({1, 2, 3})})(in);
  const Tensor x = L::Concatenate()({layer(in), given});
  Model model(in, L::Dense(1)(L::Flatten()(L::Reshape({2, 3})(x))));
  model.compile({.optimizer = O::SGD(0.05), .loss = "mse"});
  return {"normalized", model, rows({3}, 1), rows({1}, 2)};
}

WrittenModel classes() {
  Sequential model({Input({5}), L::Dense(4, {.activation = "relu", .name = "a"}), L::Dense(3, {.name = "b"})});
  const losses::SparseCategoricalCrossentropy loss({.from_logits = true});
  model.compile({.optimizer = O::Adam(0.01),
                 .loss = loss,
                 .metrics = {"accuracy", metrics::SparseCategoricalAccuracy({.name = "right"})}});
  return {"classes", model, rows({5}, 1), labels(3)};
}

}  // namespace

std::vector<WrittenModel> written_models() {
  std::vector<WrittenModel> models;
  add_optimizers(models);
  for (auto make :
       {options, convolution, text, two_inputs_two_outputs, nested_and_shared, raw_ops, normalized, classes})
    models.push_back(make());
  return models;
}

}  // namespace kerata::test
