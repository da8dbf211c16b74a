// The library's version.
#pragma once

#pragma GCC visibility push(default)

namespace kerata {

/// "major.minor.patch", as in CMake's project().
const char* version();

}  // namespace kerata

#pragma GCC visibility pop
