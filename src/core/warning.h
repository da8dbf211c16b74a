// What a user should know although the call succeeds.
#pragma once

#include <string_view>

namespace kerata {

/// "Warning: <text>" on standard error.
void print_warning(std::string_view text);

}  // namespace kerata
