// load_model: whole models from files.
#pragma once

#include "kerata/models/load_options.h"
#include "kerata/models/model.h"

#pragma GCC visibility push(default)

namespace kerata {

/// A model from a .keras file (or such a file unpacked into a folder, or a folder of ModelCheckpoint's), or from a .h5
/// file of Keras 1, 2 or 3, with its weights; compiled as it was when the file says how, the optimizer in the state it
/// had, so that fit() goes on as if the model had never been saved. Nothing in a file is executed. Throws ValueError
/// naming the file and the place for a damaged file, for a class that is not known (the hint says how to register it),
/// for weights that do not fit the layers and for a file that is not there; BackendError when it cannot be read.
Model load_model(const std::string& path, const LoadOptions& options = {});

}  // namespace kerata

#pragma GCC visibility pop
