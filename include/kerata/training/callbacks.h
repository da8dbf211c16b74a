// All callbacks.
#pragma once

#include "kerata/training/early_stopping.h"
