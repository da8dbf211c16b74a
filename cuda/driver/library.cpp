#include "cuda/driver/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <string_view>

namespace kerata::cuda {
namespace {

std::vector<std::string> candidates(const std::vector<std::string>& files) {
  std::vector<std::string> paths;
  if (const char* folders = std::getenv("KERATA_CUDA_LIBRARIES")) {
    std::string_view rest = folders;
    while (!rest.empty()) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
      if (folder.empty()) continue;
      for (const std::string& file : files) paths.push_back(std::string(folder) + '/' + file);
    }
  }
  paths.insert(paths.end(), files.begin(), files.end());
  for (const std::string& file : files) paths.push_back("/usr/local/cuda/lib64/" + file);
  return paths;
}

}  // namespace

SharedLibrary::SharedLibrary(const std::vector<std::string>& files) {
  for (const std::string& path : candidates(files)) {
    handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_) return;
    if (const char* error = dlerror(); error && error_.empty()) error_ = error;
  }
}

std::string SharedLibrary::path() const {
  link_map* map = nullptr;
  if (!handle_ || dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || !map) return {};
  return map->l_name;
}

void* SharedLibrary::find(const char* name) const { return handle_ ? dlsym(handle_, name) : nullptr; }

}  // namespace kerata::cuda
