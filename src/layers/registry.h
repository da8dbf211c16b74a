// The family of layer classes: names, configs, and the shapes that layers were built for.
#pragma once

#include "core/class_family.h"
#include "kerata/layers/layer.h"

namespace kerata {

/// The name a class was registered under ("my_package>Gated", "Dense"), or "".
std::string registered_name(std::type_index type);

/// Keras's layers; src/layers/register.cpp.
std::vector<ClassFamily<LayerBase>::Class> built_in_layers();

/// What Keras writes as "build_config": {"input_shape": [...]}, of lists for several inputs, by name for named ones;
/// null for a layer that is not built, or whose class has no build().
Config build_config(const LayerBase& layer);
/// Makes the weights for the shapes of a build_config. Throws ValueError when it holds none.
void build_from_config(LayerBase& layer, const Config& config);

}  // namespace kerata
