// The models of tests/golden/training_recipes.py.
#pragma once

#include <string>

#include "kerata/models/model.h"

namespace kerata::test {

/// Throws ValueError for an unknown name.
Model make_recipe(const std::string& name);

}  // namespace kerata::test
