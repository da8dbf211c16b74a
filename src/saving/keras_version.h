// The version of Keras whose formats we write.
#pragma once

namespace kerata::saving {

inline constexpr const char* kKerasVersion = "3.15.1";

}  // namespace kerata::saving
