// CloneOptions: how a model is copied.
#pragma once

#include "kerata/core/function.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Arguments of clone_model.
struct CloneOptions {
  /// What the copy's graph begins with, in place of new inputs: tensors made by Input(), as many as the model has, or
  /// by its inputs' names.
  Tensors input_tensors = {};
  /// Gives the layer that stands for one of the model's layers in the copy: another one, or the same, which is then
  /// shared with the model. Asked once for each layer but inputs and ops. Default: a new layer with the same arguments.
  Function<AnyLayer(const AnyLayer& layer)> clone_function = {};
  /// Calls a layer of the copy where the model calls the layer that it stands for, and gives as many outputs; so it may
  /// put other layers before or behind. Asked for each call of a layer, not for ops; functional models only. Default:
  /// layer.call_all(inputs, options).
  Function<Tensors(const AnyLayer& layer, const Tensors& inputs, const CallOptions& options)> call_function = {};
  /// Inner functional and Sequential models are copied layer by layer too (with the call_function within functional
  /// ones); else the clone_function is asked for them.
  bool recursive = false;
};

}  // namespace kerata

#pragma GCC visibility pop
