#include "kerata/utils/device_timer.h"

#include <chrono>

#include "backend/device_backend.h"
#include "core/require.h"

namespace kerata::utils {

struct DeviceTimer::Impl {
  explicit Impl(Device on) : device(on) {}
  ~Impl() {
    if (from) backend_of(device)->release_event(device.index(), from);
    if (to) backend_of(device)->release_event(device.index(), to);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void make_events() {
    DeviceBackend& backend = *backend_of(device);
    if (!from) from = backend.make_timed_event(device.index());
    if (!to) to = backend.make_timed_event(device.index());
  }
  void mark(Event event) const {
    DeviceBackend& backend = *backend_of(device);
    backend.record(device.index(), event, backend.main_queue(device.index()));
  }

  Device device;
  bool started = false;
  std::chrono::steady_clock::time_point begin;  // on the CPU
  Event from = nullptr, to = nullptr;           // on a GPU
};

DeviceTimer::DeviceTimer(Device device) : impl_(std::make_unique<Impl>(device)) {}
DeviceTimer::~DeviceTimer() = default;
DeviceTimer::DeviceTimer(DeviceTimer&&) noexcept = default;
DeviceTimer& DeviceTimer::operator=(DeviceTimer&&) noexcept = default;

void DeviceTimer::start() {
  if (impl_->device.is_cpu()) {
    impl_->begin = std::chrono::steady_clock::now();
  } else {
    impl_->make_events();
    impl_->mark(impl_->from);
  }
  impl_->started = true;
}

double DeviceTimer::stop() {
  require<StateError>(impl_->started, "DeviceTimer", "stop() before start().");
  if (impl_->device.is_cpu())
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - impl_->begin).count();
  impl_->mark(impl_->to);
  DeviceBackend& backend = *backend_of(impl_->device);
  backend.host_waits(impl_->device.index(), impl_->to);
  return backend.milliseconds_between(impl_->device.index(), impl_->from, impl_->to) / 1e3;
}

}  // namespace kerata::utils
