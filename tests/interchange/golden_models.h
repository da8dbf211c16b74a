// The golden models: files that Keras saved, with what they compute and how they train on.
#pragma once

#include <string>
#include <vector>

#include "kerata/kerata.h"
#include "support/archive.h"
#include "support/golden.h"

namespace kerata::test {

/// models.json, models_options.json, models_mixed.json, models_tensorflow.json or models_tf_keras.json, see
/// tests/golden/README.md.
struct GoldenModel {
  const golden::File& file;
  const golden::Json& json;
  const Folder& folder;  // of the unpacked files
  std::string name() const { return json.at("name").get<std::string>(); }
  bool has(const char* format) const { return json.at("files").contains(format); }
  std::string path(const char* format) const { return folder / json.at("files").at(format).get<std::string>(); }
  bool compiled() const { return json.at("compiled").get<bool>(); }
  bool is_mixed() const { return name().starts_with("mixed_"); }
  /// Trained on in the golden file: not a model that draws random numbers.
  bool trains() const { return json.contains("fit"); }
  Tensors data(const char* key) const { return file.nested(json.at(key)); }
};
std::vector<GoldenModel> golden_models(const std::string& stem);

/// Runs `check` on each; an exception is a failure of that model only. Returns how many had no failure.
int for_each(const std::vector<GoldenModel>& models, const Function<void(const GoldenModel&)>& check);

/// The outputs in the order of the golden file.
std::vector<Tensor> outputs_of(const Model& model, const GoldenModel& golden);
void expect_outputs(const Model& model, const GoldenModel& golden, const char* key = "outputs");
void expect_weights(const Model& model, const GoldenModel& golden);

/// The further epochs of the golden file, from the first states of stateful layers.
History train_on(Model& model, const GoldenModel& golden);
void expect_history(const History& history, const GoldenModel& golden);
/// What evaluate() gives afterwards, in Keras's order.
void expect_scores(Model& model, const GoldenModel& golden);
void expect_optimizer(Model& model, const GoldenModel& golden);

/// Bit for bit.
void expect_same(const std::vector<Tensor>& found, const std::vector<Tensor>& expected, const std::string& what);
void expect_same(const History& found, const History& expected, const std::string& what);

}  // namespace kerata::test
