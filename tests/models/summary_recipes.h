// The models of tests/golden/summary_recipes.py, built with Kerata.
#pragma once

#include <string>

#include "kerata/models/sequential.h"

namespace kerata::test {

/// The model that the Python function of this name makes. Throws ValueError for an unknown one.
Model summary_recipe(const std::string& name);

}  // namespace kerata::test
