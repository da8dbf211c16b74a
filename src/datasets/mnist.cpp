#include "kerata/datasets/mnist.h"

#include "core/require.h"
#include "datasets/digits.h"
#include "saving/npz_file.h"

namespace kerata::datasets::mnist {

Splits load_data() {
  const Place place = find_data("mnist", digit_files(), {{keras_cache(), {"mnist.npz"}}});
  if (place.files.size() > 1) return read_digits(place);
  const std::string path = place.folder + "/mnist.npz";
  const auto arrays = saving::load_npz(path);
  const auto get = [&](const char* name) {
    const auto found = arrays.find(name);
    require<BackendError>(found != arrays.end(), "datasets.mnist", path, " has no array ", name, ".");
    return found->second;
  };
  return {get("x_train"), get("y_train"), get("x_test"), get("y_test")};
}

}  // namespace kerata::datasets::mnist
