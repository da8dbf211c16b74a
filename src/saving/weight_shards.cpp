// Weights in several files and an index, "model.weights.json": {"metadata": {"total_size": bytes}, "weight_map":
// {"/group": a file or a list of files}}.
#include <cstdio>
#include <filesystem>

#include "core/require.h"
#include "files/atomic_file.h"
#include "saving/json.h"
#include "saving/shard_set.h"
#include "saving/tensor_bytes.h"
#include "saving/weight_store.h"

namespace kerata::saving {
namespace {

std::string sized(double bytes) {
  const char* const units[] = {"B", "KB", "MB", "GB"};
  int unit = 0;
  for (; bytes >= 1024 && unit < 3; ++unit) bytes /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %s", bytes, units[unit]);
  return text;
}

class ShardReader final : public WeightReader {
 public:
  explicit ShardReader(const std::string& index) : index_(index), files_of_(read_shard_index(index)) {}

  std::vector<std::string> arrays(const std::string& group) const override {
    std::vector<std::string> all;
    const auto found = files_of_.find(group);
    if (found == files_of_.end()) return all;
    for (const std::string& name : found->second)
      for (const std::string& array : shard(name).arrays(group)) all.push_back(array);
    return all;
  }
  Hdf5Reader::Info info(const std::string& array) const override { return holder(array).info(array); }
  void read_into(const std::string& array, DType dtype, void* destination) const override {
    holder(array).read_into(array, dtype, destination);
  }
  std::string label() const override { return index_; }

 private:
  const WeightReader& shard(const std::string& name) const {
    std::unique_ptr<WeightReader>& reader = open_[name];
    if (!reader) reader = open_weights({(std::filesystem::path(index_).parent_path() / name).string(), 0, 0, {}});
    return *reader;
  }

  const WeightReader& holder(const std::string& array) const {
    const std::size_t slash = array.rfind('/');
    const std::string group = array.substr(0, slash), last = array.substr(slash + 1);
    const auto found = files_of_.find(group);
    if (found != files_of_.end())
      for (const std::string& name : found->second)
        for (const std::string& one : shard(name).arrays(group))
          if (one == last) return shard(name);
    fail<ValueError>(index_, "No shard holds '", array, "'.");
  }

  std::string index_;
  std::map<std::string, std::vector<std::string>> files_of_;
  mutable std::map<std::string, std::unique_ptr<WeightReader>> open_;
};

class ShardWriter final : public WeightWriter {
 public:
  ShardWriter(const std::string& index, double most_bytes) : set_(index), most_(most_bytes) { start_shard(); }

  void begin(const std::string& group, const std::string& name) override {
    group_ = group;
    next_ = 0;
    writer_->group(group);
    writer_->text_attribute(group, "name", name);
  }

  void add(const Tensor& value) override {
    const std::string array = group_ + "/" + std::to_string(next_++);
    const double bytes = static_cast<double>(bytes_of(type_of(value)));
    require<ValueError>(bytes <= most_, "Model.save_weights", "The size of ", array, " is ", sized(bytes),
                        " which exceeds the maximum shard size ", sized(most_),
                        ". You can increase the `max_shard_size` parameter to accommodate the size.");
    total_ += bytes;
    used_ += bytes;
    if (used_ > most_) {
      start_shard();
      used_ = bytes;
    }
    writer_->dataset(array, value);
    Config::List& files = files_of("/" + group_);
    if (files.empty() || files.back().as_text() != set_.names().back()) files.emplace_back(set_.names().back());
  }

  void close() override {
    writer_->close();
    Config map{Config::Object{}};
    for (auto& [group, files] : weight_map_) map.set(group, files.size() == 1 ? files[0] : Config(files));
    const Config content = Config::Object{{"metadata", Config::Object{{"total_size", total_}}}, {"weight_map", map}};
    for (const auto& shard : shards_) shard->commit();
    files::write_atomically(set_.index(), to_json(content));
    set_.remove_older();
  }

 private:
  Config::List& files_of(const std::string& group) {
    for (auto& entry : weight_map_)
      if (entry.first == group) return entry.second;
    weight_map_.emplace_back(group, Config::List{});
    return weight_map_.back().second;
  }

  void start_shard() {
    if (writer_) writer_->close();
    shards_.push_back(std::make_unique<files::AtomicFile>(set_.path_of(set_.next_name())));
    writer_ = std::make_unique<Hdf5Writer>(shards_.back()->path());
  }

  ShardSet set_;
  double most_, used_ = 0, total_ = 0;
  std::vector<std::unique_ptr<files::AtomicFile>> shards_;
  std::unique_ptr<Hdf5Writer> writer_;
  std::vector<std::pair<std::string, Config::List>> weight_map_;
  std::string group_;
  int next_ = 0;
};

}  // namespace

std::unique_ptr<WeightReader> open_shards(const std::string& index) { return std::make_unique<ShardReader>(index); }
std::unique_ptr<WeightWriter> create_shards(const std::string& index, double most_bytes) {
  return std::make_unique<ShardWriter>(index, most_bytes);
}

}  // namespace kerata::saving
