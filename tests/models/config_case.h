// One model of model_configs.json: read, run, written again.
#pragma once

#include "kerata/models/model.h"
#include "support/golden.h"

namespace kerata::testing_configs {

using golden::Json;

/// The tree without what differs between sessions, with keys in any order.
nlohmann::json plain(const Json& config);
nlohmann::json written(const Config& config);
/// What is to be changed in `expected` to get `actual`, as JSON patch; "[]" for equal trees.
std::string difference(const nlohmann::json& actual, const nlohmann::json& expected);

/// Tensors of nested lists and objects, in the order of `form`'s leaves (["layer", 0, 0]).
std::vector<Tensor> flatten(const Json& form, const Json& values, const golden::File& file);

/// The config read, with the golden weights, and that it computes the golden outputs.
Model expect_computes(const Json& golden_case, const golden::File& file);

}  // namespace kerata::testing_configs
