// What the attributes of Keras's old .h5 files hold as JSON.
#pragma once

#include "kerata/core/config.h"

namespace kerata::saving {

/// "model_config" from what serialize_model() gives: layers without "module", registered classes by their registered
/// name. Ops between layers keep the newer form, without which Keras does not find their classes again.
Config h5_model_config(const Config& model);
/// "training_config" from what compile_config() gives, with the optimizer's config even where compile() was given a
/// name. Losses get their long names: Keras fails on "mse" there.
Config h5_training_config(const Config& compile, const Config& optimizer);

}  // namespace kerata::saving
