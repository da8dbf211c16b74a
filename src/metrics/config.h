// Metrics to configs.
#pragma once

#include "kerata/core/fields.h"

namespace kerata::detail {

template <class Options>
Config metric_config(const char* class_name, const Options& options) {
  Config fields{Config::Object{}};
  write_fields(options, fields);
  return Config::Object{{"class_name", class_name}, {"config", std::move(fields)}};
}

}  // namespace kerata::detail
