// Device: which devices there are, and copies between them.
#include "kerata/core/device.h"

#include <sys/sysinfo.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "backend/device_backend.h"
#include "core/require.h"

namespace kerata {
namespace {

int num_gpus() {
  DeviceBackend* backend = cuda_backend();
  return backend ? backend->num_devices() : 0;
}

std::string why_no_gpu() {
  DeviceBackend* backend = cuda_backend();
  return backend ? backend->why_none() : "this build has no GPU back end";
}

DeviceInfo cpu_info() {
  DeviceInfo info;
  info.name = "CPU";
  struct sysinfo memory {};
  if (sysinfo(&memory) == 0) {
    info.total_memory = static_cast<std::size_t>(memory.totalram) * memory.mem_unit;
    info.free_memory = static_cast<std::size_t>(memory.freeram) * memory.mem_unit;
  }
  return info;
}

}  // namespace

Device Device::cpu() { return {}; }

Device Device::cuda(int index) {
  const int found = num_gpus();
  require<BackendError>(found > 0, "Device.cuda", "There is no GPU ", index, ": ", why_no_gpu(),
                        ". Hint: use Device::best(), which takes the CPU then.");
  require<BackendError>(index >= 0 && index < found, "Device.cuda", "There is no GPU ", index, ". Expected 0 to ",
                        found - 1, ". Hint: kerata::devices() lists them.");
  Device device;
  device.index_ = index;
  return device;
}

Device Device::best() {
  for (int i = 0; i < num_gpus(); ++i)
    if (cuda_backend()->is_usable(i)) return cuda(i);
  return cpu();
}

Device Device::named(std::string_view name) {
  if (name == "cpu") return cpu();
  if (name == "best") return best();
  if (name == "cuda") return cuda(0);
  int index = -1;
  if (name.starts_with("cuda:")) {
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + 5, end, index);
    if (error == std::errc() && rest == end && index >= 0) return cuda(index);
  }
  fail<ValueError>("Device", "There is no device \"", name, "\". Expected \"cpu\", \"cuda\", \"cuda:1\" or \"best\".");
}

Device Device::default_device() {
  const char* name = std::getenv("KERATA_DEVICE");
  return name && *name ? named(name) : cpu();
}

std::string to_string(Device device) { return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index()); }

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> all{cpu_info()};
  for (int i = 0; i < num_gpus(); ++i) {
    all.push_back(cuda_backend()->info(i));
    all.back().device = Device::cuda(i);
  }
  return all;
}

DeviceBackend* backend_of(Device device) { return device.is_cpu() ? nullptr : cuda_backend(); }

void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  auto* target = static_cast<std::byte*>(to);
  const auto* source = static_cast<const std::byte*>(from);
  if (to_device.is_cpu() && from_device.is_cpu()) {
    std::memcpy(to, from, bytes);
    return;
  }
  DeviceBackend& backend = *cuda_backend();
  if (from_device.is_cpu()) {
    const Queue queue = backend.main_queue(to_device.index());
    backend.upload(to_device.index(), target, from, bytes, queue);
    backend.wait(to_device.index(), queue);  // the caller may write to `from` then
  } else if (to_device.is_cpu()) {
    const Queue queue = backend.main_queue(from_device.index());
    backend.download(from_device.index(), to, source, bytes, queue);
    backend.wait(from_device.index(), queue);
  } else if (to_device == from_device) {
    backend.copy(to_device.index(), target, source, bytes, backend.main_queue(to_device.index()));
  } else {
    backend.copy_across(to_device.index(), target, from_device.index(), source, bytes);
  }
}

void zero_bytes(Device device, void* memory, std::size_t bytes) {
  if (device.is_cpu()) {
    std::memset(memory, 0, bytes);
  } else {
    DeviceBackend& backend = *cuda_backend();
    backend.fill_zero(device.index(), static_cast<std::byte*>(memory), bytes, backend.main_queue(device.index()));
  }
}

}  // namespace kerata
