// Heaps: where names of links (local heap) and texts of attributes (global heap) lie.
#pragma once

#include <map>
#include <set>
#include <string>

#include "saving/hdf5_inspection.h"

namespace kerata::saving::hdf5 {

/// The names of one group.
class LocalHeap {
 public:
  LocalHeap(Inspection& file, std::uint64_t address);
  /// The text that begins at `offset`; refused when it does not end in the heap.
  std::string name(std::uint64_t offset) const;

 private:
  void check_free_list(std::uint64_t first) const;

  const Inspection& file_;
  std::string data_;
};

/// Texts of variable length, several in one collection. Each may be referred to once: a short file cannot hold a long
/// text many times.
class GlobalHeaps {
 public:
  explicit GlobalHeaps(Inspection& file) : file_(file) {}
  /// Checks a reference to `length` bytes; a length of 0 refers to nothing.
  void check_reference(std::uint64_t length, std::uint64_t collection, std::uint64_t index);

 private:
  using Sizes = std::map<std::uint64_t, std::uint64_t>;  // by index, of what has not been referred to yet
  Sizes read_collection(std::uint64_t address);

  Inspection& file_;
  std::map<std::uint64_t, Sizes> collections_;
};

}  // namespace kerata::saving::hdf5
