// ModelLayer: what is behind every Model handle; subclass it to write call() or train_step() yourself.
#pragma once

#include "kerata/layers/layer.h"
#include "kerata/models/step_context.h"

#pragma GCC visibility push(default)

namespace kerata {

namespace models {
class FunctionalGraph;
struct ModelState;
}  // namespace models

class ModelLayer : public MultiLayer {
 public:
  struct Options {
    std::string name = {};
    bool trainable = true;
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("trainable", &Options::trainable)};
    }
  };
  /// For a class that overrides call().
  ModelLayer();
  /// A functional model: call() replays the graph between `inputs` (made by Input()) and `outputs`. Throws ValueError
  /// when the graph is disconnected, an input was not made by Input(), or two layers have the same given name.
  ModelLayer(const Tensors& inputs, const Tensors& outputs);
  ~ModelLayer() override;

  Tensors call(const Tensors& inputs, const CallContext& context) const override;
  /// One step of fit() on one batch; returns the logs. Default: loss, gradients, optimizer, metrics.
  virtual Tensors train_step(const Batch& batch, const StepContext& step) const;
  /// One step of evaluate().
  virtual Tensors test_step(const Batch& batch, const StepContext& step) const;
  /// The loss that compile() set, with regularization and what layers added.
  virtual Tensor compute_loss(const Batch& batch, const Tensors& y_pred, const StepContext& step) const;

  std::string class_name() const override;

  // For the library's own code (src/models/model_state.h):
  explicit ModelLayer(std::shared_ptr<const models::FunctionalGraph> graph);
  models::ModelState& model_state() const { return *model_state_; }

 protected:
  void build_all(const std::vector<Shape>& inputs) override;
  Tensors arrange(const Tensors& inputs) const override;

 private:
  std::unique_ptr<models::ModelState> model_state_;
};

}  // namespace kerata

#pragma GCC visibility pop
