// Weights by their paths in .npz and .safetensors files, which know no layers.
#pragma once

#include "kerata/models/save_options.h"
#include "saving/model_weights.h"

namespace kerata::saving {

bool is_flat(const std::string& path);
void save_flat(const ModelLayer& model, const std::string& path);
/// Weights by path ("dense/kernel"), or in order where numpy.savez() named them "arr_0", "arr_1", ...
void load_flat(const ModelLayer& model, const std::string& path, const LoadWeightsOptions& options);

}  // namespace kerata::saving
