// The emulated cuDNN's descriptors: what is set, what of it is right, and what it means once it is final.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "cuda/emulator/cudnn_compute.h"

namespace kerata::emulator {

/// Ends the program with a word on what the real library forbids, or leaves undefined.
void demand(bool ok, const char* what);

struct Descriptor {
  cudnnBackendDescriptorType_t type;
  bool is_final = false;
  std::map<int, std::vector<std::byte>> attributes = {};
  std::optional<TensorInfo> tensor = {};  // of final ones
  std::optional<WindowInfo> window = {};
  std::vector<OperationInfo> operations = {};  // of an operation and of a graph
  std::vector<std::size_t> engines = {};       // of heuristics, best first
  std::size_t engine = 0;                      // of an engine, its config and its plan

  bool has(std::initializer_list<int> names) const {
    for (const int name : names)
      if (!attributes.contains(name)) return false;
    return true;
  }
  template <class T>
  std::vector<T> all(int name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    std::vector<T> values(found->second.size() / sizeof(T));
    std::memcpy(values.data(), found->second.data(), values.size() * sizeof(T));
    return values;
  }
  template <class T>
  T one(int name, T otherwise = {}) const {
    const std::vector<T> values = all<T>(name);
    return values.size() == 1 ? values[0] : otherwise;
  }
  const Descriptor& other(int name) const;
};

/// The descriptor, which must not have been destroyed.
Descriptor& descriptor_of(const void* handle);
cudnnBackendDescriptor_t make_descriptor(cudnnBackendDescriptorType_t type);
void destroy_descriptor(cudnnBackendDescriptor_t handle);

cudnnStatus_t set_attribute(Descriptor& to, int name, cudnnBackendAttributeType_t type, std::int64_t count,
                            const void* values);
/// Tensors, windows, pointwise modes, operations, graphs and variant packs.
cudnnStatus_t understand(Descriptor& what);

}  // namespace kerata::emulator
