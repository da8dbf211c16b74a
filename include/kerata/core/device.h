// Device: where a tensor's data lies and a model runs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

/// The CPU or one GPU. Models run on the default device unless Model::to() says otherwise: the CPU, or what the
/// environment variable KERATA_DEVICE names ("cpu", "cuda", "cuda:1", "best").
class Device {
 public:
  static Device cpu();
  /// GPU number `index`; throws BackendError saying why when there is none.
  static Device cuda(int index = 0);
  /// The first GPU that can be used, else the CPU.
  static Device best();
  /// From "cpu", "cuda", "cuda:1" or "best". Throws ValueError for another name, BackendError for a GPU that is not
  /// there.
  static Device named(std::string_view name);
  /// What KERATA_DEVICE names, else the CPU.
  static Device default_device();
  bool is_cpu() const { return index_ < 0; }
  int index() const { return index_; }
  bool operator==(const Device& other) const { return index_ == other.index_; }

 private:
  int index_ = -1;
};
std::string to_string(Device device);  // "cpu", "cuda:0"

/// What is known of a device.
struct DeviceInfo {
  Device device;
  std::string name;                               // "NVIDIA H200"
  std::size_t total_memory = 0, free_memory = 0;  // bytes
  int compute_capability = 0;                     // of a GPU: 90 for 9.0
};
/// The CPU, then all GPUs; one below compute capability 8.0 cannot be used, and how much of its memory is free is not
/// known.
std::vector<DeviceInfo> devices();

}  // namespace kerata

#pragma GCC visibility pop
