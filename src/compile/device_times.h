// DeviceTimes: how long kernels of one run take by a GPU's clock, for KERATA_PROFILE=1.
#pragma once

#include <string>
#include <vector>

#include "backend/device_backend.h"
#include "compile/work.h"

namespace kerata {

class DeviceTimes {
 public:
  DeviceTimes(int device, DeviceBackend& backend, Queue queue) : device_(device), backend_(backend), queue_(queue) {}
  ~DeviceTimes();
  DeviceTimes(const DeviceTimes&) = delete;
  DeviceTimes& operator=(const DeviceTimes&) = delete;
  /// What is given to the queue from here to end() counts under `label`.
  void begin(std::string label, const Work& work = {});
  void end();
  /// Waits, and adds all times to the profile.
  void report();

 private:
  struct Span {
    std::string label;
    Work work;
    Event from, to;
  };
  int device_;
  DeviceBackend& backend_;
  Queue queue_;
  std::vector<Span> spans_;
};

}  // namespace kerata
