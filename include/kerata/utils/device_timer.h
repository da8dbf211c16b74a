// DeviceTimer: how long a device works.
#pragma once

#include <memory>

#include "kerata/core/device.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// Time by a device's own clock. A GPU works beside the program: it is given work and does it later, so a clock of the
/// program's tells how long giving takes. Two marks stand in the GPU's order of work, and the time is that between
/// them. For the CPU it is the time that passes.
///
///     utils::DeviceTimer timer(Device::best());
///     timer.start();
///     model.fit(x, y, {.epochs = 10});
///     double seconds = timer.stop();
class DeviceTimer {
 public:
  explicit DeviceTimer(Device device = Device::default_device());
  ~DeviceTimer();
  DeviceTimer(DeviceTimer&&) noexcept;
  DeviceTimer& operator=(DeviceTimer&&) noexcept;
  /// Begins anew when it was started before. Throws BackendError when the device cannot be used.
  void start();
  /// Seconds from start() until all is done that was given to the device since; waits for that. Can be called again.
  /// Throws StateError before the first start().
  double stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
