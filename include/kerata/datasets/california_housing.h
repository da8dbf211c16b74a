// House prices of the Californian census of 1990.
#pragma once

#include "kerata/datasets/splits.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace datasets::california_housing {

/// x (n, 8) float32: median income, house age, average rooms, average bedrooms, population, average occupation,
/// latitude, longitude; y (n, 1) float32 in 100,000 dollars. 15,480 + 5,160 rows, as scikit-learn's
/// fetch_california_housing() and train_test_split(random_state=42) give them.
/// File: california_housing/california_housing.csv, or the same gzipped. Source: StatLib; Pace and Barry 1997.
Splits load_data();

}  // namespace datasets::california_housing
}  // namespace kerata

#pragma GCC visibility pop
