// Logits of +-100: the cross-entropies go back to the logits behind a softmax or sigmoid, as Keras does on TensorFlow.
#include "kerata/graph/gradients.h"
#include "kerata/layers/activation.h"
#include "kerata/layers/dense.h"
#include "kerata/layers/input.h"
#include "kerata/layers/reshape.h"
#include "kerata/losses/losses.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "kerata/optimizers/optimizers.h"
#include "support/compiled_run.h"
#include "support/golden.h"

namespace kerata {
namespace {

using golden::Json;
using layers::Activation, layers::Dense, layers::Reshape;

Model dense_with_activation(const std::string& activation, Dim units) {
  const Tensor inputs = Input({3});
  return Model(inputs, Dense(units, {.activation = activation, .name = "last"})(inputs));
}

Model make_model(const std::string& kind, const std::string& activation, Dim units) {
  const Tensor inputs = Input({3});
  if (kind == "dense_with_activation") return dense_with_activation(activation, units);
  if (kind == "separate_activation")
    return Sequential({Input({3}), Dense(units, {.name = "last"}), Activation(activation)});
  if (kind == "nested_model") return Model(inputs, dense_with_activation(activation, units)(inputs));
  if (kind == "nested_activation") {
    const Sequential inner({Input({units}), Activation(activation)});
    return Model(inputs, inner(Dense(units, {.name = "last"})(inputs)));
  }
  // A Reshape to the shape it has is the tensor itself here (below); to another shape there is no way back.
  if (kind == "reshaped_after")
    return Sequential({Input({3}), Dense(units, {.activation = activation, .name = "last"}), Reshape(Shape{1, units})});
  if (kind == "from_logits") return Sequential({Input({3}), Dense(units, {.name = "last"})});
  throw ValueError("no such model in this test: " + kind);
}

AnyLoss make_loss(const std::string& name, bool from_logits) {
  if (name == "categorical_crossentropy") return losses::CategoricalCrossentropy({.from_logits = from_logits});
  if (name == "sparse_categorical_crossentropy")
    return losses::SparseCategoricalCrossentropy({.from_logits = from_logits});
  if (name == "binary_crossentropy") return losses::BinaryCrossentropy({.from_logits = from_logits});
  throw ValueError("no such loss in this test: " + name);
}

struct ExtremeCase {
  const golden::File& file = golden::open("losses_metrics");
  const Json& json;
  Model model;
  AnyLoss loss;
  Tensor x, y;

  explicit ExtremeCase(const Json& given)
      : json(given),
        model(make_model(text("model"), text("activation"), text("activation") == "softmax" ? 3 : 1)),
        loss(make_loss(text("loss"), text("model") == "from_logits")),
        x(file.tensor(json.at("x"))),
        y(file.tensor(json.at("y_true"))) {
    if (text("model") == "reshaped_after") y = ops::expand_dims(y, 1);
    model.set_weights({file.tensor(json.at("kernel")), file.tensor(json.at("bias"))});
  }
  std::string text(const char* key) const { return json.at(key).get<std::string>(); }
  std::string label() const { return text("model") + "/" + text("activation") + "/" + text("loss"); }
  // On JAX, Keras clips the probabilities and the gradients vanish: only the predictions bind, and from_logits=True.
  bool binds() const { return text("backend") == "tensorflow" || text("model") == "from_logits"; }

  std::vector<Tensor> compute(const Tensor& inputs, const Tensor& truth) const {
    const Tensor prediction = model(inputs, {.training = true});
    const Tensor value = (*loss)(truth, prediction);
    const Tensors slopes = gradients(value, model.trainable_weights());
    return {prediction, value, slopes[0], slopes[1]};
  }
  void check(const std::vector<Tensor>& found, const std::string& how) const {
    const Tensor prediction = found[0].reshape({5, found[0].shape().back()});
    golden::expect_near_all(prediction, file.tensor(json.at("prediction")), {1e-5, 1e-7}, "prediction, " + how);
    if (!binds()) return;
    golden::expect_near_all(found[1], file.tensor(json.at("loss_value")), {1e-6, 1e-6}, "loss, " + how);
    golden::expect_near_all(found[2], file.tensor(json.at("kernel_gradient")), {1e-5, 1e-7}, "kernel, " + how);
    golden::expect_near_all(found[3], file.tensor(json.at("bias_gradient")), {1e-5, 1e-7}, "bias, " + how);
  }
};

TEST(ExtremeLogits, LossAndGradientAreKerass) {
  std::size_t bound = 0;
  for (const Json& json : golden::open("losses_metrics")["extreme_logits"]) {
    const ExtremeCase c(json);
    SCOPED_TRACE(c.text("backend") + ": " + c.label());
    CompiledRun run({c.x, c.y}, true, [&](const std::vector<Tensor>& in, Scope&) { return c.compute(in[0], in[1]); });
    c.check(run({c.x, c.y}), "compiled");
    const GradientTape tape;
    c.check(c.compute(c.x, c.y), "eager");
    bound += c.binds();
  }
  EXPECT_EQ(bound, 21u);  // six models and three losses on TensorFlow, from_logits on JAX
}

// fit(), evaluate() and predict() of the same models, with the loss by name where the options allow it.
TEST(ExtremeLogits, FitSeesTheSameLoss) {
  for (const Json& json : golden::open("losses_metrics")["extreme_logits"]) {
    ExtremeCase c(json);
    SCOPED_TRACE(c.text("backend") + ": " + c.label());
    if (!c.binds()) continue;
    const bool by_name = c.text("model") != "from_logits";
    c.model.compile({.optimizer = optimizers::SGD(1.0), .loss = by_name ? AnyLoss(c.text("loss")) : c.loss});
    const Scores before = c.model.evaluate(c.x, c.y, {.verbose = 0});
    const History history = c.model.fit(c.x, c.y, {.batch_size = 5, .verbose = 0});
    const double expected = c.file.tensor(json.at("fit_loss")).item();
    EXPECT_NEAR(before.loss(), expected, 1e-6 * expected);
    EXPECT_NEAR(history["loss"].at(0), expected, 1e-6 * expected);
    const Tensors after = c.model.get_weights();
    const Tensor kernel = c.file.tensor(json.at("kernel")) - c.file.tensor(json.at("kernel_gradient"));
    golden::expect_near_all(after[0], kernel, {1e-5, 1e-6}, "kernel after one step");
  }
}

TEST(ExtremeLogits, AReshapeThatChangesNothingKeepsTheWayBack) {
  for (const Json& json : golden::open("losses_metrics")["extreme_logits"]) {
    if (json.at("model") != "from_logits" || json.at("backend") != "tensorflow") continue;
    const ExtremeCase c(json);
    SCOPED_TRACE(c.label());
    const auto activation = c.text("activation");
    const Dim units = c.model.output_shape().back();
    const Sequential model({Input({3}), Dense(units, {.activation = activation}), Reshape(Shape{units})});
    model.set_weights(c.model.get_weights());
    CompiledRun run({c.x, c.y}, true, [&](const std::vector<Tensor>& in, Scope&) {
      return std::vector{(*make_loss(c.text("loss"), false))(in[1], model(in[0]))};
    });
    const double expected = c.file.tensor(json.at("loss_value")).item();
    EXPECT_NEAR(run({c.x, c.y})[0].item(), expected, 1e-6 * expected);
  }
}

}  // namespace
}  // namespace kerata
