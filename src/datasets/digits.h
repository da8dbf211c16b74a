// The four files that MNIST and Fashion-MNIST share.
#pragma once

#include "core/require.h"
#include "datasets/files.h"
#include "datasets/idx.h"
#include "kerata/datasets/splits.h"

namespace kerata::datasets {

inline std::vector<std::string> digit_files() {
  return {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz"};
}

inline Splits read_digits(const Place& place) {
  const auto path = [&](std::size_t i) { return place.folder + "/" + place.files[i]; };
  Splits splits{read_idx(path(0), 3), read_idx(path(1), 1), read_idx(path(2), 3), read_idx(path(3), 1)};
  require<BackendError>(
      splits.x_train.shape()[0] == splits.y_train.shape()[0] && splits.x_test.shape()[0] == splits.y_test.shape()[0],
      "datasets", place.folder, " holds unequal numbers of images and labels.");
  return splits;
}

}  // namespace kerata::datasets
