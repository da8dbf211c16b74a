// What the attributes of Keras's old .h5 files hold as JSON.
#pragma once

#include <string>
#include <vector>

#include "kerata/core/config.h"

namespace kerata::saving {

/// "model_config" from what serialize_model() gives: layers without "module", registered classes by their registered
/// name. Ops between layers keep the newer form, without which Keras does not find their classes again.
Config h5_model_config(const Config& model);
/// "training_config" from what compile_config() gives, with the optimizer's config even where compile() was given a
/// name. Losses get their long names: Keras fails on "mse" there.
Config h5_training_config(const Config& compile, const Config& optimizer);
/// A "training_config" of Keras 2, where the metrics of a model with several outputs are named "main_accuracy": with
/// their names as compile() was given them.
Config without_output_names(const Config& training, const std::vector<std::string>& outputs);

}  // namespace kerata::saving
