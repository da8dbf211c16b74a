// CallContext: what a layer's call() is told, and the only way to write state while tracing.
#pragma once

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Whether a call trains. inherit: as the call around it, else no.
enum class Training : std::uint8_t { inherit, yes, no };

/// Handed to call(). Updates of a traced call become part of the compiled step; those of an eager call are done
/// when the outermost call returns, and not at all when it throws.
class CallContext {
 public:
  CallContext() = default;
  bool training() const { return training_; }
  /// The mask (bool, (batch, steps)) of the first input, or an empty tensor.
  Tensor mask() const { return mask(0); }
  Tensor mask(std::size_t input) const { return input < masks_.size() ? masks_[input] : Tensor(); }
  /// The states given with {.initial_state = ...}, or none.
  const Tensors& initial_state() const { return initial_state_; }
  /// From here on `variable` has this value; a later read in the same call sees it.
  void update(const Variable& variable, const Tensor& value) const;
  /// Adds a scalar to the loss of the model that is trained.
  void add_loss(const Tensor& scalar) const;

  // For the library's own code:
  CallContext(bool training, std::vector<Tensor> masks, Tensors initial_state)
      : training_(training), masks_(std::move(masks)), initial_state_(std::move(initial_state)) {}

 private:
  bool training_ = false;
  std::vector<Tensor> masks_;
  Tensors initial_state_;
};

}  // namespace kerata

#pragma GCC visibility pop
