// LambdaLayer: a C++ function in place of a Lambda layer of Python.
#pragma once

#include "kerata/layers/layer.h"
#include "kerata/models/load_options.h"

namespace kerata::models {

/// Made for the config that a file holds, and written with that config again, Python code included, so that Python can
/// read the file with its own function as before.
class LambdaLayer final : public Layer {
 public:
  LambdaLayer(LambdaFunction function, Config config) : function_(std::move(function)), config_(std::move(config)) {
    set_uses_mask(true);  // as Python's: Keras records a mask, if only null
  }
  Tensor call(const Tensor& x, const CallContext&) const override { return function_(x); }
  std::string class_name() const override { return "Lambda"; }
  Config get_config() const override { return config_; }

 private:
  LambdaFunction function_;
  Config config_;
};

/// From {"class_name": "Lambda", "config": ...}. Throws ValueError when the options have no function of that name.
std::shared_ptr<LayerBase> lambda_from_config(const Config& config, const LoadOptions& options);

}  // namespace kerata::models
