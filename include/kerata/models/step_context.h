// StepContext: what train_step() and test_step() are given.
#pragma once

#include "kerata/graph/call_context.h"
#include "kerata/models/batch.h"

#pragma GCC visibility push(default)

namespace kerata {

/// The context of call(), and the optimizer and metrics that compile() set.
class StepContext : public CallContext {
 public:
  /// One optimizer step. Throws as Optimizer::apply.
  void apply_gradients(const Tensors& gradients, const std::vector<Variable>& variables) const;
  /// Takes the batch into the metrics (the loss too) and gives the logs: what train_step returns.
  Tensors update_metrics(const Batch& batch, const Tensors& y_pred, const Tensor& loss) const;
  /// The compiled loss of one batch, with its weights, regularization and add_loss().
  Tensor compute_loss(const Batch& batch, const Tensors& y_pred) const;
  /// loss * loss_scale_factor of the optimizer.
  Tensor scale_loss(const Tensor& loss) const;

  // For the library's own code:
  class Trainer {
   public:
    virtual ~Trainer() = default;
    virtual void apply_gradients(const Tensors& gradients, const std::vector<Variable>& variables) = 0;
    virtual Tensors update_metrics(const Batch& batch, const Tensors& y_pred, const Tensor& loss) = 0;
    virtual Tensor compute_loss(const Batch& batch, const Tensors& y_pred) = 0;
    virtual Tensor scale_loss(const Tensor& loss) = 0;
  };
  StepContext(bool training, Trainer& trainer) : CallContext(training, {}, {}), trainer_(&trainer) {}

 private:
  Trainer* trainer_;
};

}  // namespace kerata

#pragma GCC visibility pop
