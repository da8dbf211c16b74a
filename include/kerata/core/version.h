// The library's version.
#pragma once

namespace [[gnu::visibility("default")]] kerata {

/// "major.minor.patch", as in CMake's project().
const char* version();

}  // namespace gnu::visibility("default")]]kerata
