// load_model and Model::load_weights: the suffix, and for folders the content, says in which form.
#include <filesystem>

#include "core/require.h"
#include "kerata/saving/load_model.h"
#include "saving/flat_weights.h"
#include "saving/h5_file.h"
#include "saving/keras_file.h"

namespace kerata {
namespace {

constexpr std::string_view kWhere = "Model.load_weights";

/// ModelCheckpoint's folders hold one file of this name.
std::string file_in_folder(const std::string& path, const char* name) {
  const std::filesystem::path file = std::filesystem::path(path) / name;
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) ? file.string() : path;
}

void check_exists(const std::string& path, std::string_view where) {
  std::error_code error;
  require<ValueError>(std::filesystem::exists(path, error), where, "File not found: filepath=", path,
                      ". Please ensure the file is accessible.");
}

/// What load() throws names the file, also where it comes from a config.
template <class F>
auto naming(const std::string& path, const F& load) {
  try {
    return load();
  } catch (Error& error) {
    if (std::string_view(error.what()).find(path) == std::string_view::npos) error.add_context("in the file " + path);
    throw;
  }
}

void load_groups(Model& model, const saving::WeightReader& reader, const LoadWeightsOptions& options) {
  saving::WeightPlan plan(reader);
  saving::Failures failures(options.skip_mismatch);
  saving::plan_weights(model.impl(), options.objects_to_skip, plan, failures);
  saving::plan_optimizer(model.impl(), plan, failures);
  failures.report(kWhere);
  plan.load(kWhere);
}

void load_h5_weights(Model& model, const std::string& path, const LoadWeightsOptions& options) {
  const saving::H5File file(path);
  saving::WeightPlan plan(file.weights());
  file.plan(model.impl(), options.by_name, options.skip_mismatch, plan);
  plan.load(kWhere);
}

Model load_from(const std::string& path, const LoadOptions& options) {
  if (saving::is_keras_folder(path)) return saving::load_keras(path, options);
  if (path.ends_with(".keras")) {
    std::error_code error;
    require<ValueError>(std::filesystem::is_regular_file(path, error), "load_model", "File not found: filepath=", path,
                        ". Please ensure the file is an accessible `.keras` zip file.");
    return saving::load_keras(path, options);
  }
  require<ValueError>(
      saving::is_h5(path), "load_model", "File format not supported: filepath=", path,
      ". Expected a `.keras` file, or a legacy `.h5` file. Note that TensorFlow's SavedModel format is not "
      "supported.");
  check_exists(path, "load_model");
  return saving::load_h5(path, options);
}

void load_weights_from(Model& model, const std::string& path, const LoadWeightsOptions& options) {
  const bool is_keras = path.ends_with(".keras"), is_shards = path.ends_with(".weights.json");
  const bool is_weights = path.ends_with(".weights.h5"), is_flat = saving::is_flat(path);
  const bool is_old = saving::is_h5(path) && !is_weights;
  require<ValueError>(is_keras || is_shards || is_weights || is_flat || is_old, kWhere,
                      "File format not supported: filepath=", path,
                      ". Expected `.weights.h5`, `.weights.json`, `.keras`, a legacy `.h5`, `.npz` or `.safetensors`.");
  require<ValueError>(!options.by_name || is_old, kWhere,
                      "`by_name` only supports loading legacy '.h5' or '.hdf5' files. Received: ", path);
  require<ValueError>(options.objects_to_skip.empty() || !(is_keras || is_old), kWhere,
                      "`objects_to_skip` only supports loading '.weights.h5' files. Received: ", path);
  require<StateError>(
      model.built(), kWhere,
      "You are loading weights into a model that has not yet been built. Try building the model first by "
      "calling it on some data or by using `build()`.");
  check_exists(path, kWhere);
  if (is_flat) return saving::load_flat(model.impl(), path, options);
  if (is_old) return load_h5_weights(model, path, options);
  if (is_shards) return load_groups(model, *saving::open_shards(path), options);
  if (is_weights) return load_groups(model, *saving::open_weights({path, 0, 0, {}}), options);
  saving::KerasFile file(path);
  load_groups(model, *file.weights(), options);
}

}  // namespace

Model load_model(const std::string& given, const LoadOptions& options) {
  const std::string path = file_in_folder(given, "model.keras");
  return naming(path, [&] { return load_from(path, options); });
}

void Model::load_weights(const std::string& given, const LoadWeightsOptions& options) {
  const std::string path = file_in_folder(given, "model.weights.h5");
  naming(path, [&] { load_weights_from(*this, path, options); });
}

}  // namespace kerata
