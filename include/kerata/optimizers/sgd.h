// SGD: gradient descent.
#pragma once

#include "kerata/optimizers/optimizer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace optimizers {

/// w -= rate * g; with momentum: v = momentum * v - rate * g, w += v; nesterov: w += momentum * v - rate * g.
class SGD : public Optimizer {
 public:
  struct Options {
    LearningRate learning_rate = 0.01;
    double momentum = 0.0;  // in [0, 1]
    bool nesterov = false;
    std::optional<double> weight_decay = {};
    std::optional<double> clipnorm = {};
    std::optional<double> clipvalue = {};
    std::optional<double> global_clipnorm = {};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<int> ema_overwrite_frequency = {};
    std::optional<double> loss_scale_factor = {};
    std::optional<int> gradient_accumulation_steps = {};
    std::string name = {};
    double lr = 0;  // old spelling of learning_rate
    static constexpr std::span<const KerasKey> kKerasKeys = kOldOptimizerKeys;
    static constexpr auto fields() {
      return std::tuple{field("learning_rate", &Options::learning_rate),
                        field("momentum", &Options::momentum),
                        field("nesterov", &Options::nesterov),
                        field("weight_decay", &Options::weight_decay),
                        field("clipnorm", &Options::clipnorm),
                        field("clipvalue", &Options::clipvalue),
                        field("global_clipnorm", &Options::global_clipnorm),
                        field("use_ema", &Options::use_ema),
                        field("ema_momentum", &Options::ema_momentum),
                        field("ema_overwrite_frequency", &Options::ema_overwrite_frequency),
                        field("loss_scale_factor", &Options::loss_scale_factor),
                        field("gradient_accumulation_steps", &Options::gradient_accumulation_steps),
                        field("name", &Options::name)};
    }
  };
  SGD();
  explicit SGD(const LearningRate& learning_rate);
  explicit SGD(const Options& options);
  Config get_config() const override;

 protected:
  void build_slots(const std::vector<Variable>& variables) const override;
  void update_step(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate,
                   const UpdateContext& context) const override;
  void update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables,
                  const Tensor& learning_rate, const UpdateContext& context) const override;

 private:
  Options options_;
};

}  // namespace optimizers
}  // namespace kerata

#pragma GCC visibility pop
