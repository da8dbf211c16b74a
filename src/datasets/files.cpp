#include "datasets/files.h"

#include <cstdlib>
#include <filesystem>

#include "core/require.h"

namespace kerata::datasets {
namespace {

bool has_all(const Place& place) {
  std::error_code ignored;
  for (const std::string& file : place.files) {
    if (!std::filesystem::is_regular_file(std::filesystem::path(place.folder) / file, ignored)) return false;
  }
  return true;
}

}  // namespace

std::string keras_cache(const std::string& folder) {
  if (const char* home = std::getenv("KERAS_HOME")) return (std::filesystem::path(home) / "datasets" / folder).string();
  const char* home = std::getenv("HOME");
  return home ? (std::filesystem::path(home) / ".keras/datasets" / folder).string() : std::string();
}

Place find_data(const std::string& name, const std::vector<std::string>& files, const std::vector<Place>& cache) {
  std::vector<Place> places;
  const char* data_dir = std::getenv("KERATA_DATA_DIR");
  if (data_dir) places.push_back({(std::filesystem::path(data_dir) / name).string(), files});
  for (const Place& place : cache) {
    if (!place.folder.empty()) places.push_back(place);
  }
  for (const char* folder : {KERATA_INSTALLED_DATA, KERATA_SOURCE_DATA}) {
    places.push_back({(std::filesystem::path(folder) / name).string(), files});
  }
  std::string looked;
  for (const Place& place : places) {
    if (has_all(place)) return place;
    looked += "\n  " + place.folder + " (" + place.files.front() + (place.files.size() > 1 ? ", ...)" : ")");
  }
  fail<BackendError>("datasets." + name, "The files of the data set were not found. Looked in:", looked,
                     "\nHint: set KERATA_DATA_DIR to a folder that holds ", name, "/", files.front(),
                     data_dir ? "" : " (it is not set)", ".");
}

}  // namespace kerata::datasets
