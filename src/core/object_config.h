// {"module", "class_name", "config", "registered_name"}: how Keras writes an object, and its older spellings.
#pragma once

#include <string>
#include <string_view>
#include <typeinfo>

#include "kerata/core/config.h"

namespace kerata {

/// As Keras 3 writes an object: of a module of its own, or (module "") a class registered by the user.
Config object_config(std::string_view module, std::string_view class_name, Config config,
                     std::string_view registered_name = {});
/// As Keras 3 writes a function where only functions can stand.
Config function_config(const std::string& name);

/// What a config says about the class of an object.
struct ObjectConfig {
  std::string class_name;          // without a package: "Dense"
  std::string registered_name;     // with the package the user chose: "my_package>Gated"; or ""
  bool is_users = false;           // not one of Keras's own
  const Config* config = nullptr;  // the arguments; null when there are none
};
/// From Keras 3's form, or an older one: without a module, or with the registered name as class_name. Throws ValueError
/// with `where` for anything that is not {"class_name": a text, ...}.
ObjectConfig read_object_config(const Config& object, std::string_view where);

/// "Dense" from kerata::layers::DenseLayer: the class without namespace, template arguments and "Layer".
std::string plain_class_name(const std::type_info& type);

}  // namespace kerata
