// The time as text.
#pragma once

#include <string>

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// The local time in strftime's format: timestamp("run_%Y_%m_%d_%H_%M_%S").
std::string timestamp(const char* format);

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
