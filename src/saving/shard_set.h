// The files of a set of shards: "model.weights.json" lists them, and which of them belong to it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace kerata::saving {

/// Where the arrays of each group lie: "layers/dense/vars" -> the names of files beside the index. Throws ValueError
/// for anything but an index of shards.
std::map<std::string, std::vector<std::string>> read_shard_index(const std::string& index);

/// The names of a new set and the end of the old one. As Keras's, "model_00000.weights.h5", while the old index lists
/// no such file; else with a random word, "model_00000.0123456789abcdef.weights.h5": so no shard of a set that can be
/// read is ever overwritten, and putting the new index in place exchanges both sets at once.
class ShardSet {
 public:
  explicit ShardSet(const std::string& index);
  const std::string& index() const { return index_; }
  /// The name of the next shard, and where it lies.
  std::string next_name();
  std::string path_of(const std::string& name) const;
  const std::vector<std::string>& names() const { return names_; }
  /// Called when the new index is in place: removes the shards of older sets. Where the names are not Keras's, an empty
  /// "model_00000.weights.h5" stays, since Keras opens this file whatever the index says.
  void remove_older() const;

 private:
  bool is_plain(const std::string& name) const;
  bool is_marked(const std::string& name) const;
  std::string index_, beginning_, mark_;
  std::vector<std::string> old_names_, names_;
};

}  // namespace kerata::saving
