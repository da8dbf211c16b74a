// SHA-256, for the manifest of the golden files.
#pragma once

#include <string>
#include <string_view>

namespace kerata::golden {

/// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace kerata::golden
