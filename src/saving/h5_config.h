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

/// Keras 2 writes the metrics of several outputs under their names in the logs ("aux_mae"), which would be prefixed once
/// more: "training_config" with the names that they have for Keras 3 ("mae").
Config with_plain_metric_names(const Config& training, const std::vector<std::string>& outputs);

}  // namespace kerata::saving
