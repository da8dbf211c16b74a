#include "layers/registry.h"

#include <map>
#include <mutex>

#include "core/near_name.h"
#include "core/require.h"
#include "layers/layer_state.h"

namespace kerata {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, LayerFactory> factories;
  std::map<std::type_index, std::string> names;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

void register_built_ins_once() {
  static const bool done = (register_built_in_layers(), true);
  static_cast<void>(done);
}

}  // namespace

std::string registered_name(std::type_index type) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.names.find(type);
  return found == all.names.end() ? std::string() : found->second;
}

void register_layer_factory(const std::string& name, const std::type_info& type, LayerFactory factory) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.factories[name] = factory;
  all.names[type] = name;
}

AnyLayer layer_from_config(const Config& config) {
  register_built_ins_once();
  const Config* class_name = config.find("class_name");
  const Config* arguments = config.find("config");
  require<ValueError>(class_name && arguments, "layer_from_config",
                      "Expected {\"class_name\": ..., \"config\": {...}}, received ", to_string(config), '.');
  const std::string& name = class_name->as_text();
  Registry& all = registry();
  LayerFactory factory = nullptr;
  std::vector<std::string_view> known;
  {
    const std::lock_guard lock(all.mutex);
    const auto found = all.factories.find(name);
    if (found != all.factories.end()) factory = found->second;
    for (const auto& entry : all.factories) known.push_back(entry.first);
  }
  require<ValueError>(factory != nullptr, "layer_from_config", "Unknown layer class '", name, "'.",
                      factory ? std::string() : name_hint(name, known),
                      " Hint: a class of your own is made known by register_layer<", name, ">(\"", name, "\").");
  return AnyLayer(factory(*arguments));
}

namespace detail {

void fail_no_fields(const LayerBase* layer) {
  const std::string name = plain_class_name(*layer);
  fail<StateError>(name, "The class does not say what its config holds. Hint: give ", name,
                   "Layer::Options a static fields() and the class a kArguments with the names of the positional "
                   "arguments.");
}

void fail_missing_argument(const char* name) {
  fail<ValueError>("layer_from_config", "The config has no \"", name, "\".");
}

}  // namespace detail
}  // namespace kerata
