// The library's version.
#pragma once

namespace kerata {

/// "major.minor.patch", as in CMake's project().
const char* version();

}  // namespace kerata
