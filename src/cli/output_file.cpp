#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "commands.h"

namespace kerata::cli {

void check_output(const std::string& path, const std::vector<std::string>& inputs) {
  namespace fs = std::filesystem;
  auto refuse = [&](const std::string& reason) { throw BackendError("Cannot write '" + path + "': " + reason + "."); };
  std::error_code error;
  if (fs::is_directory(path, error)) refuse("it is a folder");
  if (fs::exists(path, error)) {
    for (const std::string& input : inputs)
      if (!input.empty() && fs::equivalent(path, input, error))
        throw ValueError("'" + path + "' is read by this command and would be replaced. Hint: give another name.");
    if (::access(path.c_str(), W_OK) != 0) refuse(std::strerror(errno));
  }
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse(std::strerror(errno));
}

}  // namespace kerata::cli
