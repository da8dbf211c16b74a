// Models built by the C++ API, for Keras to open.
#pragma once

#include <string>
#include <vector>

#include "kerata/kerata.h"

namespace kerata::test {

struct WrittenModel {
  std::string name;
  Model model;  // compiled
  Tensors x, y;
  Tensors sample_weight = {};
  Dim batch_size = 4;
};

/// Each with data of ten rows, not trained yet.
std::vector<WrittenModel> written_models();

}  // namespace kerata::test
