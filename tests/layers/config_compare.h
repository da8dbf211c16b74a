// Configs of ours against Keras's.
#pragma once

#include <gtest/gtest.h>

#include "kerata/core/config.h"

namespace kerata::test {

/// Equal trees; the order of keys does not count. Where Keras has an integer, an equal number of ours will do (it takes
/// both), where it has a float, ours must be one.
::testing::AssertionResult same_config(const Config& ours, const Config& keras);

}  // namespace kerata::test
