// Keras's old .h5 files, as Keras 2, tf-keras and we write them.
#include <gmock/gmock.h>

#include <optional>

#include "kerata/kerata.h"
#include "saving/hdf5_file.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using namespace layers;
using saving::Hdf5Writer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Model model_of(const std::string& first = "d", const std::string& second = "e", Dim last = 1) {
  return Sequential({Input({3}), Dense(2, {.name = first}), Dense(last, {.name = second})});
}

Tensor counted(const Shape& shape, double from) {
  return ops::reshape(ops::arange(shape.size()).cast("float32") + from, shape);
}

std::vector<float> content(const Variable& variable) { return variable.value().to_vector<float>(); }

const std::string kConfig = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
  {"class_name": "Dense", "config": {"name": "d", "trainable": true, "batch_input_shape": [null, 3], "dtype": "float32",
   "units": 2, "activation": "linear", "use_bias": true,
   "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}},
   "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": null, "bias_regularizer": null,
   "activity_regularizer": null, "kernel_constraint": null, "bias_constraint": null}}]}})";

/// A model of one Dense layer as Keras 2 writes it, with an optimizer.
class OldFile {
 public:
  OldFile(const std::string& path, const std::string& optimizer, const std::string& config = kConfig) : file_(path) {
    file_.text_attribute("", "keras_version", "2.4.0");
    file_.text_attribute("", "backend", "tensorflow");
    file_.text_attribute("", "model_config", config);
    file_.text_attribute("", "training_config",
                         R"({"loss": "mse", "metrics": null, "weighted_metrics": null, "loss_weights": null,
                             "optimizer_config": )" +
                             optimizer + "}");
    file_.group("model_weights/d");
    file_.texts_attribute("model_weights", "layer_names", {"d"});
    file_.texts_attribute("model_weights/d", "weight_names", {"d/kernel:0", "d/bias:0"});
    file_.dataset("model_weights/d/d/kernel:0", counted({3, 2}, 1));
    file_.dataset("model_weights/d/d/bias:0", counted({2}, 7));
  }
  void slots(const std::vector<std::pair<std::string, Tensor>>& arrays) {
    std::vector<std::string> names;
    for (const auto& [name, value] : arrays) {
      names.push_back(name);
      file_.dataset("optimizer_weights/" + name, value);
    }
    file_.texts_attribute("optimizer_weights", "weight_names", names);
  }
  void close() { file_.close(); }

 private:
  Hdf5Writer file_;
};

class LegacyH5 : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.file(name); }
  /// The state of the optimizer of a file whose optimizer holds these arrays.
  std::vector<Variable> state(const std::string& optimizer, const std::vector<std::pair<std::string, Tensor>>& arrays) {
    OldFile file(at("m.h5"), optimizer);
    file.slots(arrays);
    file.close();
    model_.emplace(load_model(at("m.h5")));
    return model_->optimizer().variables();
  }
  TemporaryFolder folder_;
  std::optional<Model> model_;
};

const std::string kAdam = R"({"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.25, "decay": 0.0,
  "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false}})";
const Tensor kSteps = Tensor::from_span<std::int64_t>(std::vector<std::int64_t>{9}, {});

void expect_adam(const std::vector<Variable>& state) {
  ASSERT_EQ(state.size(), 6u);
  EXPECT_EQ(state[0].value().item(), 9);
  EXPECT_EQ(state[1].value().item(), 0.25);
  EXPECT_THAT(content(state[2]), ElementsAre(10, 11, 12, 13, 14, 15)) << "momentum of the kernel";
  EXPECT_THAT(content(state[3]), ElementsAre(20, 21, 22, 23, 24, 25)) << "velocity of the kernel";
  EXPECT_THAT(content(state[4]), ElementsAre(30, 31));
  EXPECT_THAT(content(state[5]), ElementsAre(40, 41));
}

TEST_F(LegacyH5, WeightsAndTheRateOfKeras2) {
  OldFile(at("m.h5"), kAdam).close();
  Model model = load_model(at("m.h5"));
  EXPECT_THAT(content(model.weights()[0]), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(content(model.weights()[1]), ElementsAre(7, 8));
  EXPECT_EQ(model.optimizer().learning_rate(), 0.25);
  EXPECT_EQ(model.optimizer().iterations(), 0);
}

TEST_F(LegacyH5, SlotsOfKeras2ByTheEndOfTheirNames) {
  expect_adam(state(kAdam, {{"training/Adam/iter:0", kSteps},
                            {"training/Adam/d/kernel/m:0", counted({3, 2}, 10)},
                            {"training/Adam/d/bias/m:0", counted({2}, 30)},
                            {"training/Adam/d/kernel/v:0", counted({3, 2}, 20)},
                            {"training/Adam/d/bias/v:0", counted({2}, 40)}}));
}

TEST_F(LegacyH5, SlotsOfTfKerasByTheBeginningOfTheirNames) {
  expect_adam(state(kAdam, {{"iteration:0", kSteps},
                            {"Adam/m/d/kernel:0", counted({3, 2}, 10)},
                            {"Adam/v/d/kernel:0", counted({3, 2}, 20)},
                            {"Adam/m/d/bias:0", counted({2}, 30)},
                            {"Adam/v/d/bias:0", counted({2}, 40)}}));
}

TEST_F(LegacyH5, NumberedSlotsOfKeras23) {
  expect_adam(state(kAdam, {{"Adam/iterations:0", kSteps},
                            {"training/Adam/m_0:0", counted({3, 2}, 10)},
                            {"training/Adam/m_1:0", counted({2}, 30)},
                            {"training/Adam/v_0:0", counted({3, 2}, 20)},
                            {"training/Adam/v_1:0", counted({2}, 40)},
                            {"training/Adam/vhat_0:0", counted({1}, 0)},
                            {"training/Adam/vhat_1:0", counted({1}, 0)}}));
}

TEST_F(LegacyH5, NamelessSlotsOfKeras22ByTheirOrder) {
  expect_adam(state(kAdam, {{"Adam/iterations:0", kSteps},
                            {"training/Adam/Variable:0", counted({3, 2}, 10)},
                            {"training/Adam/Variable_1:0", counted({2}, 30)},
                            {"training/Adam/Variable_2:0", counted({3, 2}, 20)},
                            {"training/Adam/Variable_3:0", counted({2}, 40)},
                            {"training/Adam/Variable_4:0", counted({1}, 0)},
                            {"training/Adam/Variable_5:0", counted({1}, 0)}}));
}

TEST_F(LegacyH5, SlotsThatSgdWithoutMomentumNeverUses) {
  const auto found =
      state(R"({"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.5, "momentum": 0.0}})",
            {{"iteration:0", kSteps}, {"SGD/m/d/kernel:0", counted({3, 2}, 10)}, {"SGD/m/d/bias:0", counted({2}, 30)}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].value().item(), 9);
}

TEST_F(LegacyH5, SlotsOfRmsprop) {
  const auto found = state(
      R"({"class_name": "RMSprop", "config": {"name": "RMSprop", "learning_rate": 0.5, "momentum": 0.5, "centered": true}})",
      {{"RMSprop/iter:0", kSteps},
       {"RMSprop/d/kernel/rms:0", counted({3, 2}, 10)},
       {"RMSprop/d/bias/rms:0", counted({2}, 20)},
       {"RMSprop/d/kernel/momentum:0", counted({3, 2}, 30)},
       {"RMSprop/d/bias/momentum:0", counted({2}, 40)},
       {"RMSprop/d/kernel/mg:0", counted({3, 2}, 50)},
       {"RMSprop/d/bias/mg:0", counted({2}, 60)}});
  ASSERT_EQ(found.size(), 8u);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(content(found[2 + i])[0], 10 * static_cast<float>(i + 1));
}

TEST_F(LegacyH5, SlotsThatDoNotFitLeaveAFreshOptimizer) {
  ::testing::internal::CaptureStderr();
  const auto found = state(kAdam, {{"iteration:0", kSteps}, {"Adam/m/d/kernel:0", counted({3, 2}, 10)}});
  const std::string warning = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(warning, HasSubstr("Error in loading the saved optimizer state. As a result, your model is starting with "
                                 "a freshly initialized optimizer."));
  EXPECT_THAT(warning, HasSubstr("[" + at("m.h5") + "] Expected 2 arrays \"momentum\", found 1."));
  EXPECT_EQ(found[0].value().item(), 0);
  for (std::size_t i = 2; i < found.size(); ++i)
    for (float value : content(found[i])) EXPECT_EQ(value, 0);
}

TEST_F(LegacyH5, AFileWithoutAModel) {
  Hdf5Writer file(at("m.h5"));
  file.group("x");
  file.close();
  EXPECT_ERROR(ValueError, load_model(at("m.h5")),
               "[" + at("m.h5") + "] No model config found in the file at " + at("m.h5") +
                   ". Hint: a file of weights alone is read by model.load_weights(path).");
}

// load_weights from .h5 files.

TEST_F(LegacyH5, LayersByTheirOrderWhateverTheyAreCalled) {
  const Model model = model_of();
  model.save(at("m.h5"));
  Model other = model_of("x", "y");
  other.load_weights(at("m.h5"));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(content(other.weights()[i]), content(model.weights()[i]));
}

TEST_F(LegacyH5, LayersByTheirNames) {
  const Model model = model_of();
  model.save(at("m.h5"));
  Model other = model_of("x", "e");
  const std::vector<float> first = content(other.weights()[0]);
  other.load_weights(at("m.h5"), {.by_name = true});
  EXPECT_EQ(content(other.weights()[0]), first);
  EXPECT_EQ(content(other.weights()[2]), content(model.weights()[2]));
}

TEST_F(LegacyH5, WhatDoesNotFitIsNamedAndNothingChanges) {
  model_of().save(at("m.h5"));
  Model wide = model_of("d", "e", 4);
  const std::vector<float> first = content(wide.weights()[0]);
  EXPECT_ERROR(
      ValueError, wide.load_weights(at("m.h5")),
      "[" + at("m.h5") +
          "] Shape mismatch in layer #1 (named e) for weight e/kernel. Weight expects shape (2, 4). Received saved "
          "weight with shape (2, 1).");
  EXPECT_EQ(content(wide.weights()[0]), first);
  Model deep = Sequential({Input({3}), Dense(2), Dense(1), Dense(1)});
  EXPECT_ERROR(
      ValueError, deep.load_weights(at("m.h5")),
      "[" + at("m.h5") +
          "] Layer count mismatch when loading weights from file. Model expected 3 layers, found 2 saved layers.");
  Model unbiased = Sequential({Input({3}), Dense(2, {.use_bias = false, .name = "d"}), Dense(1, {.name = "e"})});
  EXPECT_ERROR(
      ValueError, unbiased.load_weights(at("m.h5")),
      "[" + at("m.h5") +
          "] Weight count mismatch for layer #0 (named d in the current model, d in the save file). Layer expects "
          "1 weight(s). Received 2 saved weight(s).");
  EXPECT_ERROR(
      ValueError, unbiased.load_weights(at("m.h5"), {.by_name = true}),
      "[" + at("m.h5") +
          "] Weight count mismatch for layer #0 (named d). Layer expects 1 weight(s). Received 2 saved weight(s).");
}

TEST_F(LegacyH5, SkipMismatchWarns) {
  const Model model = model_of();
  model.save(at("m.h5"));
  Model wide = model_of("d", "e", 4);
  ::testing::internal::CaptureStderr();
  wide.load_weights(at("m.h5"), {.skip_mismatch = true});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("Skipping loading weights for layer #1 (named e) due to mismatch in shape for weight e/kernel. "
                        "Weight expects shape (2, 4). Received saved weight with shape (2, 1)."));
  EXPECT_EQ(content(wide.weights()[0]), content(model.weights()[0]));
  Model unbiased = Sequential({Input({3}), Dense(2, {.use_bias = false, .name = "d"}), Dense(1, {.name = "e"})});
  ::testing::internal::CaptureStderr();
  unbiased.load_weights(at("m.h5"), {.skip_mismatch = true, .by_name = true});
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      HasSubstr("Skipping loading of weights for layer #0 (named d) due to mismatch in number of weights. Layer "
                "expects 1 weight(s). Received 2 saved weight(s)."));
}

TEST_F(LegacyH5, AListedLayerWithoutAGroup) {
  Hdf5Writer file(at("m.h5"));
  file.texts_attribute("", "layer_names", {"d", "e"});
  file.group("x");
  file.close();
  EXPECT_ERROR(ValueError, model_of().load_weights(at("m.h5")),
               "[" + at("m.h5") + "] The file lists the layer 'd', but has no group for it.");
}

TEST_F(LegacyH5, MoreNamesThanOneAttributeHolds) {
  Sequential model({Input({1})});
  const std::string long_name(600, 'n');
  for (int i = 0; i < 150; ++i) model.add(Dense(1, {.name = long_name + std::to_string(i)}));
  model.save(at("m.h5"));
  const saving::Hdf5Reader file({at("m.h5"), 0, 0, {}});
  EXPECT_EQ(file.texts_attribute("model_weights", "layer_names").value().size(), 150u);
  const Model again = load_model(at("m.h5"), {.compile = false});
  EXPECT_EQ(content(again.weights()[298]), content(model.weights()[298]));
}

TEST_F(LegacyH5, LossesGetTheNamesThatKerasFindsAgain) {
  Model model = model_of();
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  model.save(at("m.h5"));
  const saving::Hdf5Reader file({at("m.h5"), 0, 0, {}});
  const std::string training = file.text_attribute("", "training_config").value();
  EXPECT_THAT(training, HasSubstr(R"("loss": "mean_squared_error")"));
  EXPECT_THAT(training, HasSubstr(R"("optimizer_config": {"class_name": "Adam", "config": {)"));
  EXPECT_THAT(file.text_attribute("", "model_config").value(),
              ::testing::StartsWith(R"({"class_name": "Sequential", "config": {"name": )"));
}

}  // namespace
}  // namespace kerata
