// All callbacks.
#pragma once

#include "kerata/training/backup_and_restore.h"
#include "kerata/training/early_stopping.h"
#include "kerata/training/model_checkpoint.h"
#include "kerata/training/reduce_lr_on_plateau.h"
