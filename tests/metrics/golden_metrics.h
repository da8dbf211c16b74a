// The metric cases of losses_metrics.json.
#pragma once

#include "kerata/metrics/metrics.h"
#include "support/golden.h"

namespace kerata {

/// One call of update_state(): args are (y_true, y_pred), or the values alone.
struct GoldenUpdate {
  Tensor y_true, y_pred, sample_weight;
};

inline GoldenUpdate read_update(const golden::File& file, const golden::Json& json) {
  const std::vector<Tensor> args = file.tensors(json.at("args"));
  GoldenUpdate update{args.at(0), args.size() > 1 ? args[1] : Tensor(), file.tensor(json.at("sample_weight"))};
  const Tensor mask = file.tensor(json.at("mask"));
  Tensor& last = args.size() > 1 ? update.y_pred : update.y_true;
  last = last.with_mask(mask);
  return update;
}

inline std::shared_ptr<Metric> make_metric(const golden::Json& json) {
  return Metric::from_config(Config::Object{{"class_name", json.at("class").get<std::string>()},
                                            {"config", golden::config(json.at("config"))}});
}

}  // namespace kerata
