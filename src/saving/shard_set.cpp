#include "saving/shard_set.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/require.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "saving/hdf5_file.h"
#include "saving/json.h"

namespace kerata::saving {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMostIndexBytes = std::uint64_t{1} << 26;
constexpr std::string_view kEnding = ".weights.h5";

std::string checked(const Config& name, const std::string& index) {
  const std::string& text = name.as_text();
  require<ValueError>(
      !text.empty() && text.find('/') == std::string::npos && text.find('\0') == std::string::npos && text != "..",
      index, "A shard must be a file beside the index. Received '", text, "'.");
  return text;
}

// None when there is no index, or one that nobody can read.
std::vector<std::string> listed_in(const std::string& index) {
  std::error_code error;
  std::vector<std::string> names;
  if (!fs::exists(index, error)) return names;
  try {
    for (const auto& [group, files] : read_shard_index(index)) names.insert(names.end(), files.begin(), files.end());
  } catch (const Error&) {
    names.clear();
  }
  return names;
}

bool is_in(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::map<std::string, std::vector<std::string>> read_shard_index(const std::string& index) {
  const files::InputFile file(index);
  require<ValueError>(file.size() <= kMostIndexBytes, index, "The index of the shards is larger than 64 MB.");
  const Config content = parse_json(file.read_at(0, static_cast<std::size_t>(file.size())), index);
  const Config* map = content.find("weight_map");
  require<ValueError>(map && map->is_object(), index,
                      "Expected a \"weight_map\" that tells which file holds which "
                      "weights. Hint: an index of shards is made by save_weights(path, {.max_shard_size = ...}).");
  std::map<std::string, std::vector<std::string>> files_of;
  for (const auto& [group, files] : map->as_object()) {
    std::vector<std::string>& names = files_of[group.substr(group.starts_with('/') ? 1 : 0)];
    if (files.is_list())
      for (const Config& name : files.as_list()) names.push_back(checked(name, index));
    else
      names.push_back(checked(files, index));
  }
  return files_of;
}

ShardSet::ShardSet(const std::string& index) : index_(index), old_names_(listed_in(index)) {
  beginning_ = fs::path(index_).stem().string();  // "model.weights"
  for (std::size_t at; (at = beginning_.find(".weights")) != std::string::npos;) beginning_.erase(at, 8);
  beginning_ += '_';
  if (std::any_of(old_names_.begin(), old_names_.end(), [&](const std::string& name) { return is_plain(name); }))
    mark_ = join_text('.', files::random_word());
}

std::string ShardSet::next_name() {
  char number[16];
  std::snprintf(number, sizeof number, "%05zu", names_.size());
  return names_.emplace_back(join_text(beginning_, number, mark_, kEnding));
}

std::string ShardSet::path_of(const std::string& name) const {
  return (fs::path(index_).parent_path() / name).string();
}

bool ShardSet::is_plain(const std::string& name) const {
  if (!name.starts_with(beginning_) || !name.ends_with(kEnding)) return false;
  if (name.size() < beginning_.size() + kEnding.size() + 5) return false;
  return name.find_first_not_of("0123456789", beginning_.size()) == name.size() - kEnding.size();
}

bool ShardSet::is_marked(const std::string& name) const {
  const std::size_t mark = name.find('.', std::min(name.size(), beginning_.size()));
  if (mark == std::string::npos || name.size() != mark + 1 + files::kRandomWord + kEnding.size()) return false;
  const std::string word = name.substr(mark + 1, files::kRandomWord);
  return word.find_first_not_of("0123456789abcdef") == std::string::npos &&
         is_plain(name.substr(0, mark) + name.substr(mark + 1 + files::kRandomWord));
}

void ShardSet::remove_older() const {
  const fs::path folder = files::folder_of(index_);
  const std::string first = join_text(beginning_, "00000", kEnding);
  if (!mark_.empty()) {
    files::AtomicFile file((folder / first).string());
    Hdf5Writer(file.path()).close();
    file.commit();
  }
  // What goes wrong from here on is no error. Shards that no index lists are those of a larger set of Keras, or of a
  // process that was killed before it wrote the index; a young one may belong to a process that is about to.
  std::error_code error;
  std::vector<fs::path> older;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    const std::string name = entry->path().filename().string();
    if (name == first || is_in(names_, name) || !entry->is_regular_file(unknown)) continue;
    if (is_plain(name) || (is_marked(name) && (is_in(old_names_, name) || files::is_stale(entry->path()))))
      older.push_back(entry->path());
  }
  for (const fs::path& path : older) fs::remove(path, error);
}

}  // namespace kerata::saving
