// JSON text and Config.
#pragma once

#include <string>
#include <string_view>

#include "kerata/core/config.h"

namespace kerata::saving {

/// Reads JSON as Python writes it (NaN, Infinity and -Infinity included). `where` names the file in errors. Throws
/// ValueError with line and column, also for a key that stands twice and beyond 200 levels or 4 million values.
Config parse_json(std::string_view text, const std::string& where);
/// As json.dumps() writes it: one line of ASCII, ", " and ": ", numbers with the digits they need.
std::string to_json(const Config& config);

}  // namespace kerata::saving
