// Headers compiled once for all tests. A test still includes what it uses: precompiled headers can be switched off
// (CMAKE_DISABLE_PRECOMPILE_HEADERS).
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "kerata/graph/gradients.h"
#include "kerata/layers/layers.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "kerata/optimizers/optimizers.h"
#include "support/errors.h"
#include "support/golden.h"
