// Where the files of data sets are looked for.
#pragma once

#include <string>
#include <vector>

namespace kerata::datasets {

/// One place of a data set: a folder, and the files that must all be there.
struct Place {
  std::string folder;
  std::vector<std::string> files;
};

/// A folder of Keras's cache: ~/.keras/datasets/`folder` (KERAS_HOME instead of ~/.keras); "" without a home.
std::string keras_cache(const std::string& folder = {});

/// KERATA_DATA_DIR/`name` if the variable is set, then `cache`, then the subsets installed with Kerata and those of
/// its source tree: the first that holds all its files. Throws BackendError naming every place.
Place find_data(const std::string& name, const std::vector<std::string>& files, const std::vector<Place>& cache = {});

}  // namespace kerata::datasets
