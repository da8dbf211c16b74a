// The order of samples in an epoch.
#pragma once

#include <cstdint>
#include <span>

#include "kerata/core/shape.h"

namespace kerata::training {

/// A key for the random numbers of one run, drawn from the global seed.
std::uint64_t draw_key();
/// Fisher and Yates with Philox numbers: the same order for the same key and epoch.
void shuffle_order(std::span<Dim> order, std::uint64_t key, std::uint64_t epoch);

}  // namespace kerata::training
