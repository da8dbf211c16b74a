// .keras files, zipped or as folders: config.json, metadata.json, model.weights.h5.
#pragma once

#include <optional>

#include "files/temporary_file.h"
#include "kerata/models/load_options.h"
#include "kerata/models/save_options.h"
#include "saving/model_weights.h"
#include "saving/zip_file.h"

namespace kerata::saving {

void save_keras(const ModelLayer& model, const std::string& path, const SaveOptions& options);
/// The same members in a folder, which is made if need be.
void save_folder(const ModelLayer& model, const std::string& folder, const SaveOptions& options);

/// The members of a file or folder. Throws ValueError naming file and member, BackendError when it cannot be read.
class KerasFile {
 public:
  explicit KerasFile(const std::string& path);
  Config config() const;
  /// Reads at the member's place in the archive, its checksum verified.
  std::unique_ptr<WeightReader> weights();
  /// The bytes of model.weights.h5.
  std::uint64_t weights_size() const;

 private:
  const ZipMember& weights_member() const;
  std::string path_;
  std::unique_ptr<ZipReader> zip_;                     // null: a folder
  std::optional<files::TemporaryFile> unpacked_ = {};  // for an archive made by another program, which compressed it
};

Model load_keras(const std::string& path, const LoadOptions& options);

/// How much memory the weights of a model may take whose file holds so many bytes: reduced precision and compression
/// make a file smaller than the model, but not any number of times.
std::uint64_t memory_limit(std::uint64_t file_bytes);

/// Whether it is a folder that save_folder() or Keras made.
bool is_keras_folder(const std::string& path);

}  // namespace kerata::saving
