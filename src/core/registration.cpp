#include "kerata/core/registration.h"

#include <map>
#include <mutex>
#include <typeindex>

#include "core/object_config.h"
#include "core/require.h"

namespace kerata {
namespace detail {
namespace {

struct Functions {
  std::mutex mutex;
  std::map<std::pair<std::type_index, const void*>, std::string> names;
};

Functions& functions() {
  static Functions instance;
  return instance;
}

}  // namespace

std::string registered_function(const std::type_info& type, const void* address) {
  Functions& all = functions();
  const std::lock_guard lock(all.mutex);
  const auto found = all.names.find({type, address});
  return found == all.names.end() ? std::string() : found->second;
}

void remember_function(const std::string& name, const std::type_info& type, const void* address) {
  Functions& all = functions();
  const std::lock_guard lock(all.mutex);
  all.names.insert_or_assign({type, address}, name);
}

Config function_config(const std::string& name, const char* what) {
  require<StateError>(!name.empty(), what,
                      "A function without a name cannot be written to a config. Hint: make it known by "
                      "register_function(\"package>name\", function).");
  return kerata::function_config(name);
}

}  // namespace detail
}  // namespace kerata
