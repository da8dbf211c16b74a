// The inside of metrics, for the trainer.
#pragma once

#include "kerata/metrics/metric.h"

namespace kerata {

struct Metric::State {
  std::string name;
  DType dtype = DType::float32;
  std::vector<Variable> variables;
  std::string identifier = {};  // the name it was asked for by, as the user wrote it; "" for objects
  int direction = 0;            // 1: larger is better, -1: smaller, 0: unknown
};

struct MetricAccess {
  static Metric::State& state(const Metric& metric) { return *metric.state_; }
  static void update(const Metric& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                     const CallContext& context) {
    metric.update(y_true, y_pred, sample_weight, context);
  }
  static Tensor compute(const Metric& metric) { return metric.compute(); }
  /// Does update() at once, or within the call that is being traced.
  static void update_now(const Metric& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight);
};

/// What "accuracy" means for targets and predictions of these shapes: the name of a class of kerata::metrics.
std::string_view accuracy_class(const Shape& y_true, const Shape& y_pred);

}  // namespace kerata
