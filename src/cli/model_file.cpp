#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "commands.h"

namespace kerata::cli {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw BackendError("Cannot read '" + path + "': " + std::strerror(errno) + ".");
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

/// "name=file", and no file that has an equals sign in its own name. Throws ValueError for a name that is none of the
/// model's.
bool is_named(const std::string& argument, const std::vector<std::string>& names) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) return false;
  const std::string name = argument.substr(0, equals);
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  std::error_code error;
  if (!std::filesystem::exists(argument, error))
    throw ValueError("The model knows no '" + name + "'. Expected one of: " + listed(names) + ".");
  return false;
}

}  // namespace

Model open_model(const std::string& path, bool compile) {
  for (const char* suffix : {".weights.h5", ".weights.json", ".npz", ".safetensors"})
    if (path.ends_with(suffix))
      throw ValueError("'" + path + "' holds weights without a model. Hint: give the model as FILE (a .json file is " +
                       "enough) and these with --weights.");
  if (path.ends_with(".json")) return model_from_json(read_text(path), {.compile = compile});
  return load_model(path, {.compile = compile});
}

Tensors read_arrays(const std::vector<std::string>& files, const std::vector<std::string>& names) {
  const auto num_named = std::count_if(files.begin(), files.end(), [&](const auto& f) { return is_named(f, names); });
  if (num_named != 0 && num_named != static_cast<std::ptrdiff_t>(files.size()))
    throw ValueError("Expected NAME=FILE for all of " + listed(names) + " or for none of them.");
  if (num_named > 0) {
    std::vector<Tensors::Named> named;
    for (const std::string& file : files) {
      const std::size_t equals = file.find('=');
      named.emplace_back(file.substr(0, equals), utils::load_array(file.substr(equals + 1)));
    }
    return Tensors(std::move(named));
  }
  if (files.size() != 1) {
    std::vector<Tensor> list;
    for (const std::string& file : files) list.push_back(utils::load_array(file));
    return Tensors(std::move(list));
  }
  const Tensors arrays = utils::load_arrays(files[0]);
  if (arrays.size() == 1) return arrays[0];
  std::vector<Tensors::Named> named;  // others that the archive holds are no concern of the model
  for (const std::string& name : names) {
    if (std::find(arrays.names().begin(), arrays.names().end(), name) == arrays.names().end())
      throw ValueError("'" + files[0] + "' has no array '" + name + "': it holds " + listed(arrays.names()) + ".");
    named.emplace_back(name, arrays[name]);
  }
  return names.size() == 1 ? Tensors(named[0].second) : Tensors(std::move(named));
}

}  // namespace kerata::cli
