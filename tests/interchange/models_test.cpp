// Models that Keras saved: the same outputs, weights and training; and once more after Kerata saved them itself.
#include <gtest/gtest.h>

#include <iostream>

#include "interchange/golden_models.h"

namespace kerata::test {
namespace {

constexpr int kAtLeast = 80;

std::vector<GoldenModel> keras_models() {
  std::vector<GoldenModel> models = golden_models("models");
  for (const char* stem : {"models_options", "models_mixed", "models_tensorflow"})
    for (const GoldenModel& each : golden_models(stem)) models.push_back(each);
  return models;
}

std::vector<GoldenModel> all_models() {
  std::vector<GoldenModel> models = keras_models();
  for (const GoldenModel& each : golden_models("models_tf_keras")) models.push_back(each);
  return models;
}

std::vector<GoldenModel> with(const char* format) {
  std::vector<GoldenModel> models;
  for (const GoldenModel& each : all_models())
    if (each.has(format)) models.push_back(each);
  return models;
}

void expect_training(Model& model, const GoldenModel& golden) {
  EXPECT_EQ(model.compiled(), golden.compiled());
  if (!golden.trains()) return;
  expect_history(train_on(model, golden), golden);
  expect_optimizer(model, golden);
  expect_outputs(model, golden, "outputs_after");
  expect_scores(model, golden);
}

TEST(GoldenModels, KerasFilesAreReadAndTrainedOn) {
  const int read = for_each(with("keras"), [](const GoldenModel& golden) {
    Model model = load_model(golden.path("keras"));
    EXPECT_EQ(golden.is_mixed(), model.to_json().find("mixed_") != std::string::npos);
    expect_weights(model, golden);
    expect_outputs(model, golden);
    expect_training(model, golden);
  });
  std::cout << "golden models read: " << read << "\n";
  EXPECT_GE(read, kAtLeast);
}

// A functional model's file says nowhere that its optimizer scales the loss; that it holds one within another does.
TEST(GoldenModels, AScaledLossIsKeptWithoutTheGlobalPolicy) {
  for (const GoldenModel& golden : golden_models("models_mixed")) {
    if (!golden.name().starts_with("mixed_float16")) continue;
    SCOPED_TRACE(golden.name());
    Model model = load_model(golden.path("keras"));
    EXPECT_NE(dynamic_cast<optimizers::LossScaleOptimizer*>(&model.optimizer()), nullptr);
    expect_training(model, golden);
    const Folder folder;
    model.save(folder / "again.keras");
    Model again = load_model(folder / "again.keras");
    EXPECT_NE(dynamic_cast<optimizers::LossScaleOptimizer*>(&again.optimizer()), nullptr);
    expect_optimizer(again, golden);
  }
}

TEST(GoldenModels, LegacyFilesAreReadAndTrainedOnWithTheirSlots) {
  const int read = for_each(with("h5"), [](const GoldenModel& golden) {
    Model model = load_model(golden.path("h5"));
    expect_weights(model, golden);
    expect_outputs(model, golden);
    expect_training(model, golden);
  });
  EXPECT_GE(read, 15);
}

TEST(GoldenModels, WeightsFilesAreReadIntoAModelOfTheSameMake) {
  int read = 0;
  for (const char* format : {"weights", "sharded"}) {
    read += for_each(with(format), [&](const GoldenModel& golden) {
      Model model = clone_model(load_model(golden.path("keras"), {.compile = false}));
      model.load_weights(golden.path(format));
      expect_weights(model, golden);
      expect_outputs(model, golden);
    });
  }
  EXPECT_GE(read, 8);
}

TEST(GoldenModels, JsonMakesTheModelWithoutItsWeights) {
  int read = 0;
  for_each(keras_models(), [&](const GoldenModel& golden) {
    if (!golden.json.contains("json")) return;
    Model model = model_from_json(golden.json.at("json").get<std::string>());
    EXPECT_EQ(model.compiled(), golden.compiled());
    model.set_weights(golden.file.tensors(golden.json.at("weights")));
    expect_outputs(model, golden);
    ++read;
  });
  EXPECT_GE(read, 4);
}

TEST(GoldenModels, SummariesAreKerass) {
  int compared = 0;
  for_each(golden_models("models"), [&](const GoldenModel& golden) {
    if (!golden.json.contains("summary")) return;
    Model model = load_model(golden.path("keras"));
    // The text is of the model before it was saved, and loading gives an optimizer without steps its slots: of that
    // summaries.json has the text.
    if (model.compiled() && model.optimizer().iterations() == 0) return;
    std::string text;
    SummaryOptions options{.line_length = 100};
    options.print_fn = [&](const std::string& all) { text = all + "\n"; };
    model.summary(options);
    EXPECT_EQ(text, golden.json.at("summary").get<std::string>());
    ++compared;
  });
  EXPECT_GE(compared, 10);
}

// What Kerata writes of a model is the model, bit for bit.
void expect_same_again(const GoldenModel& golden, const std::string& file, bool whole) {
  const Folder folder;
  const char* source = golden.has("keras") ? "keras" : "h5";
  Model model = load_model(golden.path(source));
  const std::vector<Tensor> outputs = outputs_of(model, golden);
  Model again = whole ? (model.save(folder / file), load_model(folder / file)) : model_from_json(model.to_json());
  if (!whole) {
    model.save_weights(folder / file);
    again.load_weights(folder / file);
  }
  expect_same(again.get_weights().list(), model.get_weights().list(), file + ", weights");
  // The first model's predict() may have moved the states of its stateful layers.
  if (golden.name().find("stateful") == std::string::npos) expect_same(outputs_of(again, golden), outputs, file);
  EXPECT_EQ(again.compiled(), golden.compiled()) << file;
  if (!whole || !golden.trains()) return;
  expect_same(train_on(again, golden), train_on(model, golden), file);
  expect_same(outputs_of(again, golden), outputs_of(model, golden), file + ", after training");
}

TEST(GoldenModels, SavedAgainAsKerasFiles) {
  for_each(all_models(), [](const GoldenModel& golden) { expect_same_again(golden, "again.keras", true); });
}
TEST(GoldenModels, SavedAgainAsLegacyFiles) {
  for_each(all_models(), [](const GoldenModel& golden) { expect_same_again(golden, "again.h5", true); });
}
TEST(GoldenModels, SavedAgainAsWeightsAndJson) {
  for_each(all_models(), [](const GoldenModel& golden) { expect_same_again(golden, "again.weights.h5", false); });
}

}  // namespace
}  // namespace kerata::test
