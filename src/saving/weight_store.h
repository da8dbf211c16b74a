// Named arrays, wherever they lie: one HDF5 file, shards, or memory.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "saving/hdf5_file.h"

namespace kerata::saving {

/// Arrays by path: "layers/dense/vars/0". Throws ValueError naming file and path.
class WeightReader {
 public:
  virtual ~WeightReader() = default;
  /// Names of the arrays in a group, in any order; none when there is no such group.
  virtual std::vector<std::string> arrays(const std::string& group) const = 0;
  virtual Hdf5Reader::Info info(const std::string& array) const = 0;
  /// Into memory of info().shape, converted to `dtype`.
  virtual void read_into(const std::string& array, DType dtype, void* destination) const = 0;
  /// The file, for messages.
  virtual std::string label() const = 0;
};

class WeightWriter {
 public:
  virtual ~WeightWriter() = default;
  /// A group of arrays, and the attribute "name" of it.
  virtual void begin(const std::string& group, const std::string& name) = 0;
  /// The next array of the group.
  virtual void add(const Tensor& value) = 0;
  /// Throws BackendError when writing has failed.
  virtual void close() = 0;
};

/// One HDF5 file.
std::unique_ptr<WeightReader> open_weights(const Hdf5Source& source);
/// One HDF5 file that somebody else has opened.
std::unique_ptr<WeightReader> weights_in(std::shared_ptr<const Hdf5Reader> file, std::string label);
/// A text beside the arrays, which other readers pass over.
struct Note {
  std::string name, text;
};
/// An existing file is emptied.
std::unique_ptr<WeightWriter> create_weights(const std::string& path, const std::optional<Note>& note = {});
/// The shards that an index "model.weights.json" lists; they lie beside it.
std::unique_ptr<WeightReader> open_shards(const std::string& index);
/// "model_00000.weights.h5", ... of at most so many bytes, and the index, which is written last. Throws ValueError for
/// an array above the limit.
std::unique_ptr<WeightWriter> create_shards(const std::string& index, double most_bytes);
/// Arrays in memory by their name; there are no groups.
std::unique_ptr<WeightReader> weights_in_memory(std::map<std::string, Tensor> arrays, std::string label);

}  // namespace kerata::saving
