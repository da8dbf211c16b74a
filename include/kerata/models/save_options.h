// SaveOptions and what goes with them: how models and weights are written to files and read back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Arguments of Model::save.
struct SaveOptions {
  bool overwrite = true;          // false: a ValueError when the file exists
  bool zipped = true;             // false: a folder with the members of a .keras file
  bool include_optimizer = true;  // false: neither the optimizer's state nor what compile() was given
};

/// Arguments of Model::save_weights.
struct SaveWeightsOptions {
  bool overwrite = true;  // false: a ValueError when the file exists
  /// In units of 1024^3 bytes, above 0: several files of at most this size, "name_00000.weights.h5", ..., and an index
  /// "name.weights.json". Where the index lists files of these names, the new ones carry a random word, and the index
  /// is exchanged last: a process killed at any moment leaves the old set or the new one. Then the old set is removed.
  std::optional<double> max_shard_size = {};
};

/// Arguments of Model::load_weights.
struct LoadWeightsOptions {
  bool skip_mismatch = false;  // layers that do not fit are skipped with a warning
  bool by_name = false;        // old .h5 files: layers by their names instead of their order
  std::vector<AnyLayer> objects_to_skip = {};
};

}  // namespace kerata

#pragma GCC visibility pop
