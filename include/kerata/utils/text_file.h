// A file of text.
#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// Writes a file of this text: it is there whole or not at all, and an old one stays until then. Throws BackendError
/// naming the path and the system's reason. Example: write_text("model.json", model.to_json()).
void write_text(const std::string& path, std::string_view text);

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
