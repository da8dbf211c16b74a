// Small differences between our fields and Keras's configs.
#pragma once

#include <algorithm>

#include "kerata/core/config.h"

namespace kerata::layers {

/// Keras writes "linear" for no activation.
inline void name_no_activation(Config& config) {
  if (const Config* activation = config.find("activation"); activation && activation->is_null())
    config.set("activation", "linear");
}

/// Keras leaves the key out when there is nothing.
inline void drop_null(Config& config, std::string_view key) {
  Config::Object kept;
  for (const auto& member : config.as_object())
    if (member.first != key || !member.second.is_null()) kept.push_back(member);
  config = Config(std::move(kept));
}

}  // namespace kerata::layers
