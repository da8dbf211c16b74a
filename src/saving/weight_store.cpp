#include "saving/weight_store.h"

#include "core/convert.h"
#include "core/require.h"
#include "saving/tensor_bytes.h"

namespace kerata::saving {
namespace {

// Files of TensorFlow 2.12 and 2.13 call the list of a model's layers otherwise.
const std::string kOldLayers = "_layer_checkpoint_dependencies";

class FileReader final : public WeightReader {
 public:
  FileReader(std::shared_ptr<const Hdf5Reader> file, std::string label)
      : file_(std::move(file)), label_(std::move(label)), has_old_layers_(file_->has_group(kOldLayers)) {}

  std::vector<std::string> arrays(const std::string& group) const override {
    const std::string path = in_file(group);
    return file_->has_group(path) ? file_->children(path) : std::vector<std::string>{};
  }
  Hdf5Reader::Info info(const std::string& array) const override { return file_->info(in_file(array)); }
  void read_into(const std::string& array, DType dtype, void* destination) const override {
    file_->read_into(in_file(array), dtype, destination);
  }
  std::string label() const override { return label_; }

 private:
  std::string in_file(std::string path) const {
    if (!has_old_layers_) return path;
    constexpr std::string_view kLayers = "layers";
    for (std::size_t at = 0; (at = path.find(kLayers, at)) != std::string::npos; at += kOldLayers.size())
      path.replace(at, kLayers.size(), kOldLayers);
    return path;
  }

  std::shared_ptr<const Hdf5Reader> file_;
  std::string label_;
  bool has_old_layers_;
};

class FileWriter final : public WeightWriter {
 public:
  FileWriter(const std::string& path, const std::optional<Note>& note) : writer_(path) {
    if (note) writer_.text_attribute("", note->name, note->text);
  }
  void begin(const std::string& group, const std::string& name) override {
    group_ = group;
    next_ = 0;
    writer_.group(group);
    writer_.text_attribute(group, "name", name);
  }
  void add(const Tensor& value) override { writer_.dataset(group_ + "/" + std::to_string(next_++), value); }
  void close() override { writer_.close(); }

 private:
  Hdf5Writer writer_;
  std::string group_;
  int next_ = 0;
};

class MemoryReader final : public WeightReader {
 public:
  MemoryReader(std::map<std::string, Tensor> arrays, std::string label)
      : arrays_(std::move(arrays)), label_(std::move(label)) {}
  std::vector<std::string> arrays(const std::string&) const override {
    std::vector<std::string> names;
    for (const auto& entry : arrays_) names.push_back(entry.first);
    return names;
  }
  Hdf5Reader::Info info(const std::string& array) const override {
    const Tensor& x = arrays_.at(array);
    return {x.dtype(), x.shape()};
  }
  void read_into(const std::string& array, DType dtype, void* destination) const override {
    const Tensor& x = arrays_.at(array);
    convert(content_of(x, array).data(), x.dtype(), destination, dtype, static_cast<std::size_t>(x.size()));
  }
  std::string label() const override { return label_; }

 private:
  std::map<std::string, Tensor> arrays_;
  std::string label_;
};

}  // namespace

std::unique_ptr<WeightReader> weights_in(std::shared_ptr<const Hdf5Reader> file, std::string label) {
  return std::make_unique<FileReader>(std::move(file), std::move(label));
}
std::unique_ptr<WeightReader> open_weights(const Hdf5Source& source) {
  return weights_in(std::make_shared<const Hdf5Reader>(source), source.label.empty() ? source.path : source.label);
}
std::unique_ptr<WeightWriter> create_weights(const std::string& path, const std::optional<Note>& note) {
  return std::make_unique<FileWriter>(path, note);
}
std::unique_ptr<WeightReader> weights_in_memory(std::map<std::string, Tensor> arrays, std::string label) {
  return std::make_unique<MemoryReader>(std::move(arrays), std::move(label));
}

}  // namespace kerata::saving
