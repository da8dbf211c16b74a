// HDF5 files as Keras writes them: groups, data sets of numbers, attributes of texts and numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kerata/graph/tensor.h"

namespace kerata::saving {

/// Where an HDF5 file lies: a file of its own, or a stored member of an archive (offset and size in bytes).
struct Hdf5Source {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // 0: to the end of the file
  std::string label = {};  // in messages: "model.keras/model.weights.h5"; empty: path
};

/// Reads. Opening walks the whole structure first and refuses what Keras never writes (hdf5_walk.h); only then the HDF5
/// library sees the file. Paths are "layers/dense/vars/0"; "" is the root. Throws ValueError naming file and path.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const Hdf5Source& source);
  ~Hdf5Reader();
  Hdf5Reader(Hdf5Reader&&) noexcept;

  struct Info {
    DType dtype = DType::float32;
    Shape shape;
  };
  bool has_group(const std::string& path) const;
  bool has_dataset(const std::string& path) const;
  /// Names of the groups and data sets in a group, by creation where the file tracks it, else by name.
  std::vector<std::string> children(const std::string& group) const;
  Info info(const std::string& dataset) const;
  Tensor read(const std::string& dataset) const;
  /// Into memory of info().shape, converted to `dtype`.
  void read_into(const std::string& dataset, DType dtype, void* destination) const;
  /// Attributes of a group or data set; nothing when absent.
  std::optional<std::string> text_attribute(const std::string& path, const std::string& name) const;
  std::optional<std::vector<std::string>> texts_attribute(const std::string& path, const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a new file at `path` (an existing one is replaced). Groups on the way are made.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::string& path);
  ~Hdf5Writer();  // closes without a word; close() reports errors
  void group(const std::string& path);
  void dataset(const std::string& path, const Tensor& value);
  void text_attribute(const std::string& path, const std::string& name, const std::string& value);
  /// As Keras does: an array of fixed-size byte strings; an empty list becomes an empty float64 array.
  void texts_attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerata::saving
