// Options of fit, evaluate and predict, in Keras's argument order.
#pragma once

#include <map>

#include "kerata/models/callback.h"
#include "kerata/models/validation_data.h"
#include "kerata/models/validation_freq.h"

#pragma GCC visibility push(default)

namespace kerata {

inline constexpr int kAuto = -1;

/// Throws ValueError from fit() for values out of range.
struct FitOptions {
  Dim batch_size = 32;  // at least 1
  int epochs = 1;       // the number of the last epoch: initial_epoch is counted
  int verbose = kAuto;  // 0: silent, 1: progress bar, 2: one line per epoch; auto: 1
  std::vector<AnyCallback> callbacks = {};
  double validation_split = 0;          // in [0, 1): this share of the samples, from the end, before shuffling
  ValidationData validation_data = {};  // takes precedence over validation_split
  bool shuffle = true;
  std::map<int, double> class_weight = {};  // weight of samples by class; absent classes have 1
  Tensors sample_weight = {};               // (samples) or (samples, steps); one, or one per output
  int initial_epoch = 0;
  Dim steps_per_epoch = -1;  // -1: all data
  Dim validation_steps = -1;
  Dim validation_batch_size = -1;      // -1: batch_size
  ValidationFreq validation_freq = 1;  // validation every so many epochs, or after those of a list
};

struct EvaluateOptions {
  Dim batch_size = 32;
  int verbose = kAuto;
  Tensors sample_weight = {};
  Dim steps = -1;
  std::vector<AnyCallback> callbacks = {};
};

struct PredictOptions {
  Dim batch_size = 32;
  int verbose = kAuto;
  Dim steps = -1;
  std::vector<AnyCallback> callbacks = {};
};

/// Options of train_on_batch and test_on_batch.
struct BatchStepOptions {
  Tensors sample_weight = {};
  std::map<int, double> class_weight = {};
};

}  // namespace kerata

#pragma GCC visibility pop
