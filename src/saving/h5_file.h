// Keras's old .h5 files: whole models ("model_config" is an attribute of the file) and weights by layer.
#pragma once

#include "kerata/models/load_options.h"
#include "kerata/models/save_options.h"
#include "saving/model_weights.h"

namespace kerata::saving {

/// By its suffix; .weights.h5 files end so, too.
bool is_h5(const std::string& path);

class H5File {
 public:
  explicit H5File(const std::string& path);

  /// An attribute of the file that holds JSON; nothing when absent.
  std::optional<Config> json(const std::string& attribute) const;
  /// Whether Keras 3 wrote the file.
  bool is_keras3() const;
  bool has_optimizer() const { return file_->has_group("optimizer_weights"); }
  /// The arrays of the optimizer as listed: "Adam/m/dense/kernel:0".
  std::vector<std::string> optimizer_names() const;
  const WeightReader& weights() const { return *weights_; }
  const std::string& path() const { return path_; }

  /// Which array is which weight: by layers in their order, or by their names. Throws ValueError for what does not fit;
  /// with skip_mismatch it is a warning where Keras makes it one.
  void plan(const ModelLayer& model, bool by_name, bool skip_mismatch, WeightPlan& plan) const;
  /// Whether all layers of the model that have weights are in the file under their names.
  bool names_fit(const ModelLayer& model) const;

 private:
  struct SavedLayer {
    std::string name;
    std::vector<std::string> arrays;  // paths in the file
  };
  std::vector<std::string> texts(const std::string& group, const std::string& attribute) const;
  SavedLayer saved_layer(const std::string& name) const;
  std::vector<SavedLayer> saved_layers() const;
  void plan_by_order(const ModelLayer& model, bool skip_mismatch, WeightPlan& plan) const;
  void plan_by_name(const ModelLayer& model, bool skip_mismatch, WeightPlan& plan) const;

  std::string path_;
  std::shared_ptr<const Hdf5Reader> file_;
  std::unique_ptr<WeightReader> weights_;
  std::string root_;  // "model_weights", or "" when the file holds weights alone
};

/// The weights of a layer in the order of these files: what is trained comes first.
std::vector<Variable> old_order(const LayerBase& layer);
/// Those of the model itself, not of its layers.
std::vector<Variable> own_weights(const ModelLayer& model);

void save_h5(const ModelLayer& model, const std::string& path, const SaveOptions& options);
Model load_h5(const std::string& path, const LoadOptions& options);
/// The optimizer's slots and counter, which Keras itself does not read back.
void plan_h5_optimizer(const H5File& file, Model& model, WeightPlan& plan);

}  // namespace kerata::saving
