// Whole models in Keras's old .h5 files.
#include <set>

#include "core/require.h"
#include "core/warning.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "graph/deferred_content.h"
#include "graph/variable_guard.h"
#include "models/model_config.h"
#include "saving/h5_config.h"
#include "saving/h5_file.h"
#include "saving/json.h"
#include "saving/keras_file.h"
#include "saving/keras_version.h"

namespace kerata::saving {
namespace {

void write_group(Hdf5Writer& file, const std::string& group, const std::vector<Variable>& variables) {
  file.group(group);
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Variable& variable : variables) {
    std::string name = variable.path();
    while (!taken.insert(name).second) name += "_";
    names.push_back(name);
    file.dataset(group + "/" + name, on_host(variable.cell()->tensor));
  }
  file.texts_attribute(group, "weight_names", names);
}

void write_weights(Hdf5Writer& file, const ModelLayer& model) {
  const std::string root = "model_weights";
  file.group(root);
  std::vector<std::string> names;
  std::vector<AnyLayer> layers = models::layers_of(model);
  for (const AnyLayer& layer : layers) names.push_back(display_name(*layer.ptr()));
  file.texts_attribute(root, "layer_names", names);
  file.text_attribute(root, "backend", "tensorflow");  // how the kernels lie in memory
  file.text_attribute(root, "keras_version", kKerasVersion);
  for (std::size_t i = 0; i < layers.size(); ++i)
    write_group(file, joined_path(root, names[i]), old_order(*layers[i].ptr()));
  write_group(file, joined_path(root, "top_level_model_weights"), own_weights(model));
}

}  // namespace

void save_h5(const ModelLayer& model, const std::string& path, const SaveOptions& options) {
  const std::string config = to_json(h5_model_config(models::serialize_model(model)));
  const Optimizer* optimizer = options.include_optimizer ? optimizer_of(model) : nullptr;
  const std::string training =
      optimizer ? to_json(h5_training_config(models::compile_config(model), optimizer->to_config())) : "";
  std::vector<Variable> all = model.weights();
  if (optimizer) {
    const std::vector<Variable> state = optimizer->variables();
    all.insert(all.end(), state.begin(), state.end());
  }
  std::vector<VariableCell*> cells;
  for (const Variable& variable : all) cells.push_back(variable.cell());
  const ReadGuard guard(cells, "Model.save");

  files::AtomicFile target(path);
  Hdf5Writer file(target.path());
  file.text_attribute("", "keras_version", kKerasVersion);
  file.text_attribute("", "backend", "tensorflow");
  file.text_attribute("", "model_config", config);
  if (optimizer) file.text_attribute("", "training_config", training);
  write_weights(file, model);
  if (optimizer) write_group(file, "optimizer_weights", optimizer->variables());
  file.close();
  target.commit();
}

Model load_h5(const std::string& path, const LoadOptions& options) {
  const H5File file(path);
  const std::optional<Config> config = file.json("model_config");
  require<ValueError>(config.has_value(), path, "No model config found in the file at ", path,
                      ". Hint: a file of weights alone is read by model.load_weights(path).");
  const DeferredContent deferred(memory_limit(files::InputFile(path).size()), path);
  Model model = models::model_from_config(*config, options);
  const std::optional<Config> training = file.json("training_config");
  const bool compiles = options.compile && training && !training->is_null();
  if (compiles)
    models::compile_from_config(
        model, file.is_keras3() ? *training : with_plain_metric_names(*training, model.output_names()));
  else if (options.compile)
    print_warning(
        "No training configuration found in the save file, so the model was *not* compiled. Compile it manually.");
  WeightPlan plan(file.weights());
  file.plan(model.impl(), file.names_fit(model.impl()), false, plan);
  require<ValueError>(plan.size() >= model.weights().size(), path, "The file holds ", plan.size(), " of the ",
                      model.weights().size(), " weights of the model.");
  if (compiles && model.built()) plan_h5_optimizer(file, model, plan);
  plan.load_new();
  return model;
}

}  // namespace kerata::saving
