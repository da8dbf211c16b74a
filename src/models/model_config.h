// Models as configs in Keras's form, and back.
#pragma once

#include "kerata/models/load_options.h"
#include "kerata/models/model.h"

namespace kerata::models {

/// What Keras writes for a model, in config.json and inside of other models: {"module", "class_name", "config",
/// "registered_name", "build_config", "compile_config"}. Throws StateError for a class without fields(), or an op that
/// Keras does not have.
Config serialize_model(const ModelLayer& model);
/// The same for any layer: models as above, others as serialize_layer().
Config serialize_any(const LayerBase& layer);

/// A model that is not compiled, from what serialize_model() gives, from get_config()'s form, or from what Keras 1 and
/// 2 wrote. Throws ValueError naming layer and place for whatever does not fit together.
Model model_from_config(const Config& config, const LoadOptions& options = {});
/// Any layer or model, from {"class_name", "config", ...}.
std::shared_ptr<LayerBase> any_from_config(const Config& config, const LoadOptions& options);

/// What compile() was given: {"optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
/// "steps_per_execution", "jit_compile"}; an empty object before compile().
Config compile_config(const ModelLayer& model);
/// From compile_config()'s form, or the training_config of .h5 files of Keras 1 to 3 ("optimizer_config").
CompileOptions compile_options_from_config(const Config& config);
/// The same for another model: optimizer and metrics are new ones in their first state. Throws ValueError for a class
/// of the user's own that is not registered.
CompileOptions copy_compile_options(const CompileOptions& options);
/// model.compile() with it; nothing for an empty config.
/// scales_loss: the optimizer was within a LossScaleOptimizer. Keras does not write that where it wrapped the optimizer
/// by itself, nor read a model's policy, by which it would do so again.
void compile_from_config(Model& model, const Config& config, bool scales_loss = false);

}  // namespace kerata::models
