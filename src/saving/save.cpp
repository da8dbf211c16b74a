// Model::save and Model::save_weights: the suffix says in which form.
#include <filesystem>

#include "core/require.h"
#include "core/warning.h"
#include "files/atomic_file.h"
#include "kerata/models/model.h"
#include "saving/flat_weights.h"
#include "saving/h5_file.h"
#include "saving/keras_file.h"
#include "saving/model_weights.h"

namespace kerata {
namespace {

constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

void check_overwrite(const std::string& path, bool overwrite, std::string_view where) {
  std::error_code error;
  require<ValueError>(overwrite || !std::filesystem::exists(path, error), where, "The file ", path,
                      " exists already, and overwrite is false.");
}

// Keras puts the suffix right itself.
std::string index_path(const std::string& path) {
  if (path.ends_with(".json")) return path;
  const std::string renamed = std::filesystem::path(path).replace_extension(".json").string();
  print_warning("Saving sharded weights requires `*.json` as the extension. The original path: " + path +
                " will be renamed to " + renamed + ".");
  return renamed;
}

}  // namespace

void Model::save(const std::string& path, const SaveOptions& options) const {
  constexpr std::string_view kWhere = "Model.save";
  const bool is_keras = path.ends_with(".keras");
  require<ValueError>(
      options.zipped || !is_keras, kWhere,
      "When using `zipped=False`, the `filepath` argument should not end in `.keras`. Received: filepath=", path);
  require<ValueError>(
      !options.zipped || is_keras || saving::is_h5(path), kWhere,
      "Invalid filepath extension for saving. Please add either a `.keras` extension for the native Keras "
      "format (recommended) or a `.h5` extension. Received: filepath=",
      path, '.');
  if (!built())
    print_warning(
        "You are saving a model that has not yet been built. It might not contain any weights yet. Consider building "
        "the model first by calling it on some data.");
  check_overwrite(path, options.overwrite, kWhere);
  if (!options.zipped)
    saving::save_folder(impl(), path, options);
  else if (is_keras)
    saving::save_keras(impl(), path, options);
  else
    saving::save_h5(impl(), path, options);
}

void Model::save_weights(const std::string& path, const SaveWeightsOptions& options) const {
  constexpr std::string_view kWhere = "Model.save_weights";
  const bool in_shards = options.max_shard_size.has_value();
  if (in_shards) {
    require<ValueError>(
        path.ends_with("weights.h5") || path.ends_with("weights.json"), kWhere,
        "The filename must end in `.weights.json` when `max_shard_size` is specified. Received: filepath=", path);
    require<ValueError>(*options.max_shard_size > 0, kWhere, "max_shard_size must be above 0. Received ",
                        *options.max_shard_size, '.');
  } else {
    require<ValueError>(path.ends_with(".weights.h5") || saving::is_flat(path), kWhere,
                        "The filename must end in `.weights.h5`, `.npz` or `.safetensors`. Received: filepath=", path);
  }
  require<StateError>(
      built(), kWhere,
      "You are saving a model that has not yet been built. Try building the model first by calling it on "
      "some data or by using `build()`.");
  const std::string target = in_shards ? index_path(path) : path;
  check_overwrite(target, options.overwrite, kWhere);
  if (in_shards) {
    const auto writer = saving::create_shards(target, *options.max_shard_size * kGigabyte);
    saving::write_weights(impl(), *writer, true);
    return writer->close();
  }
  if (saving::is_flat(path)) return saving::save_flat(impl(), path);
  saving::save_weights_file(impl(), path);
}

}  // namespace kerata
