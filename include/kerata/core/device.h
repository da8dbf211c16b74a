// Device: where a tensor's data lies and a model runs.
#pragma once

#include <string>

#pragma GCC visibility push(default)

namespace kerata {

/// The CPU or one GPU. Models run on the CPU unless Model::to() says otherwise; this build has no GPU back end.
class Device {
 public:
  static Device cpu();
  /// GPU number `index`; throws BackendError when there is none.
  static Device cuda(int index = 0);
  /// The first GPU, else the CPU.
  static Device best();
  bool is_cpu() const { return index_ < 0; }
  int index() const { return index_; }
  bool operator==(const Device&) const = default;

 private:
  int index_ = -1;
};
std::string to_string(Device device);  // "cpu", "cuda:0"

}  // namespace kerata

#pragma GCC visibility pop
