#include "saving/keras_file.h"

#include <ctime>
#include <filesystem>

#include "core/require.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "graph/deferred_content.h"
#include "models/model_config.h"
#include "saving/json.h"
#include "saving/keras_version.h"

namespace kerata::saving {
namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr std::uint64_t kMostConfigBytes = std::uint64_t{1} << 26;

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &parts);
  return text;
}

std::string metadata_text() { return to_json(Config::Object{{"keras_version", kKerasVersion}, {"date_saved", now()}}); }

std::string config_text(const ModelLayer& model, const SaveOptions& options) {
  const Config config = models::serialize_model(model);
  Config::Object kept;
  for (const auto& member : config.as_object())
    if (options.include_optimizer || member.first != "compile_config") kept.push_back(member);
  return to_json(Config(std::move(kept)));
}

void write_weights_file(const ModelLayer& model, const std::string& path, const SaveOptions& options) {
  const std::unique_ptr<WeightWriter> writer = create_weights(path);
  write_weights(model, *writer, options.include_optimizer);
  writer->close();
}

std::string in_folder(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

void save_keras(const ModelLayer& model, const std::string& path, const SaveOptions& options) {
  const std::string config = config_text(model, options);
  const files::AtomicFile weights(path);  // never committed: a member of the archive
  write_weights_file(model, weights.path(), options);
  files::AtomicFile file(path);
  ZipWriter zip(file.path());
  zip.add(kMetadata, metadata_text());
  zip.add(kConfig, config);
  zip.add_file(kWeights, weights.path());
  zip.close();
  file.commit();
}

void save_folder(const ModelLayer& model, const std::string& folder, const SaveOptions& options) {
  const std::string config = config_text(model, options);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  require<BackendError>(!error, "Model.save", "Cannot make the folder ", folder, ": ", error.message(), '.');
  files::AtomicFile weights(in_folder(folder, kWeights));
  write_weights_file(model, weights.path(), options);
  weights.commit();
  files::write_atomically(in_folder(folder, kMetadata), metadata_text());
  files::write_atomically(in_folder(folder, kConfig), config);
}

bool is_keras_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) && std::filesystem::exists(in_folder(path, kConfig), error);
}

KerasFile::KerasFile(const std::string& path) : path_(path) {
  if (!is_keras_folder(path)) zip_ = std::make_unique<ZipReader>(path);
}

Config KerasFile::config() const {
  const std::string where = path_ + "/" + kConfig;
  if (!zip_) {
    const files::InputFile file(where);
    require<ValueError>(file.size() <= kMostConfigBytes, where, "The file has more than 64 MB.");
    return parse_json(file.read_at(0, static_cast<std::size_t>(file.size())), where);
  }
  const ZipMember* member = zip_->find(kConfig);
  require<ValueError>(member != nullptr, path_, "The file has no ", kConfig,
                      ". Expected a file that model.save() made.");
  return parse_json(zip_->read(*member, kMostConfigBytes), where);
}

const ZipMember& KerasFile::weights_member() const {
  const ZipMember* member = zip_->find(kWeights);
  require<ValueError>(
      member != nullptr, path_, "Expected a ", kWeights, " file. The archive has none.",
      zip_->find("model.weights.npz") ? " Its model.weights.npz is a form that Keras does not read either." : "");
  return *member;
}

std::uint64_t KerasFile::weights_size() const {
  return zip_ ? weights_member().size : files::InputFile(in_folder(path_, kWeights)).size();
}

std::unique_ptr<WeightReader> KerasFile::weights() {
  const std::string label = path_ + "/" + kWeights;
  if (!zip_) return open_weights({in_folder(path_, kWeights), 0, 0, label});
  const ZipMember& member = weights_member();
  if (member.stored) {
    zip_->verify(member);
    return open_weights({path_, member.data_offset, member.size, label});
  }
  unpacked_.emplace();
  zip_->extract(member, unpacked_->path());
  return open_weights({unpacked_->path(), 0, 0, label});
}

std::uint64_t memory_limit(std::uint64_t file_bytes) { return 16 * file_bytes + (std::uint64_t{1} << 20); }

Model load_keras(const std::string& path, const LoadOptions& options) {
  KerasFile file(path);
  const Config config = file.config();
  const DeferredContent deferred(memory_limit(file.weights_size()), path);
  Model model = models::model_from_config(config, options);
  const Config* compile = config.find("compile_config");
  const std::unique_ptr<WeightReader> reader = file.weights();
  if (options.compile && compile && !compile->is_null())
    models::compile_from_config(model, *compile, !reader->arrays("optimizer/inner_optimizer/vars").empty());
  WeightPlan plan(*reader);
  Failures failures(false);
  plan_weights(model.impl(), {}, plan, failures);
  plan_new_optimizer(model.impl(), plan, failures);
  failures.report("load_model");
  plan.load_new();
  return model;
}

}  // namespace kerata::saving
