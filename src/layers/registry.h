// The registry of layer classes: class name -> factory.
#pragma once

#include <string>
#include <typeindex>

namespace kerata {

/// The name a class was registered under with a package ("my_package>Gated"), or "".
std::string registered_name(std::type_index type);

}  // namespace kerata
