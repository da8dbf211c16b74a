// Metrics to configs.
#pragma once

#include "kerata/core/fields.h"
#include "metrics/metric_access.h"

namespace kerata::detail {

/// {"class_name", "config"}, with the dtype of the state.
template <class Options>
Config metric_config(const char* class_name, const Metric& metric, Options options) {
  options.dtype = to_string(MetricAccess::state(metric).dtype);
  Config fields{Config::Object{}};
  write_fields(options, fields);
  return Config::Object{{"class_name", class_name}, {"config", std::move(fields)}};
}

}  // namespace kerata::detail
