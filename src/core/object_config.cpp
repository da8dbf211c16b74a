#include "core/object_config.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "core/require.h"

namespace kerata {
namespace {

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(symbol);
}

/// "keras.layers", "keras.src.models.functional", "tf_keras.src ...", "tensorflow.python.keras ...".
bool is_keras_module(std::string_view module) {
  const std::string_view package = module.substr(0, module.find('.'));
  return package == "keras" || package == "tf_keras" || package == "tensorflow" || package == "builtins";
}

std::string_view without_package(std::string_view name) { return name.substr(name.rfind('>') + 1); }

}  // namespace

Config object_config(std::string_view module, std::string_view class_name, Config config,
                     std::string_view registered_name) {
  auto text = [](std::string_view value) { return value.empty() ? Config() : Config(std::string(value)); };
  return Config::Object{{"module", text(module)},
                        {"class_name", std::string(without_package(class_name))},
                        {"config", std::move(config)},
                        {"registered_name", text(registered_name)}};
}

Config function_config(const std::string& name) { return object_config("builtins", "function", name, "function"); }

ObjectConfig read_object_config(const Config& object, std::string_view where) {
  const Config* class_name = object.is_object() ? object.find("class_name") : nullptr;
  require<ValueError>(class_name && class_name->is_text(), where,
                      "Expected a name or {\"class_name\", \"config\"}, received ", excerpt(object), '.');
  ObjectConfig result;
  const std::string& name = class_name->as_text();
  const Config *module = object.find("module"), *registered = object.find("registered_name");
  const bool of_keras = module && module->is_text() && is_keras_module(module->as_text());
  if (!of_keras && registered && registered->is_text())
    result.registered_name = registered->as_text();
  else if (name.find('>') != std::string::npos)
    result.registered_name = name;
  result.class_name = without_package(name);
  // Keras 2 registered its own optimizers under the package that users get by default.
  result.is_users = !of_keras && (!result.registered_name.empty() || (module && module->is_text())) &&
                    result.registered_name != "Custom>" + result.class_name;
  if (const Config* config = object.find("config"); config && !config->is_null()) result.config = config;
  return result;
}

std::string plain_class_name(const std::type_info& type) {
  std::string name = demangled(type.name());
  if (const std::size_t arguments = name.find('<'); arguments != std::string::npos) name.resize(arguments);
  if (const std::size_t scope = name.rfind("::"); scope != std::string::npos) name.erase(0, scope + 2);
  constexpr std::string_view kSuffix = "Layer";
  if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
  return name;
}

}  // namespace kerata
