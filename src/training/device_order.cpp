#include "training/device_order.h"

#include <algorithm>

#include "kerata/core/error.h"
#include "training/shuffle.h"

namespace kerata::training {
namespace {

// Passes of a half: so many that it has about this many samples, but not more than are likely to be asked for.
Dim passes_of(Dim samples) {
  constexpr Dim kSamples = 4096, kMostPasses = 64;
  return std::clamp<Dim>(kSamples / std::max<Dim>(1, samples), 1, kMostPasses);
}

}  // namespace

std::size_t DeviceOrder::bytes(Dim samples) {
  return 2 * static_cast<std::size_t>(passes_of(samples) * samples) * sizeof(Dim);
}

DeviceOrder::DeviceOrder(Device device, Dim samples)
    : device_(device),
      backend_(*backend_of(device)),
      samples_(samples),
      passes_(passes_of(samples)),
      memory_(allocate(bytes(samples), device)) {
  const int number = device_.index();
  backend_.wait(number, backend_.main_queue(number));  // the memory is there for the copy queue, too
  try {
    pinned_ = backend_.allocate_pinned(number, half_bytes());
    for (Half& half : halves_) {
      half.sent = backend_.make_event(number);
      half.used = backend_.make_event(number);
    }
  } catch (...) {
    release();
    throw;
  }
}

DeviceOrder::~DeviceOrder() {
  try {
    backend_.wait(device_.index(), backend_.copy_queue(device_.index()));
  } catch (const BackendError&) {  // the device is lost: nothing is copied any more
  }
  release();
}

void DeviceOrder::release() {
  for (const Half& half : halves_)
    for (Event event : {half.sent, half.used})
      if (event) backend_.release_event(device_.index(), event);
  if (pinned_) backend_.release_pinned(device_.index(), pinned_);
}

std::size_t DeviceOrder::half_bytes() const { return bytes(samples_) / 2; }

bool DeviceOrder::has(std::uint64_t key, std::uint64_t chunk) const {
  const Half& half = halves_[chunk % 2];
  return half.is_filled && half.key == key && half.chunk == chunk;
}

void DeviceOrder::fill(std::uint64_t key, std::uint64_t chunk) {
  const int device = device_.index();
  const Queue queue = backend_.copy_queue(device);
  for (const Half& half : halves_) backend_.host_waits(device, half.sent);  // the pinned memory is free
  auto* order = reinterpret_cast<Dim*>(pinned_);
  const auto passes = static_cast<std::uint64_t>(passes_);
  for (std::uint64_t pass = 0; pass < passes; ++pass, order += samples_)
    shuffle_order({order, static_cast<std::size_t>(samples_)}, key, chunk * passes + pass);
  Half& half = halves_[chunk % 2];
  backend_.queue_waits(device, queue, half.used);
  backend_.upload(device, memory_->data() + chunk % 2 * half_bytes(), pinned_, half_bytes(), queue);
  backend_.record(device, half.sent, queue);
  half.key = key;
  half.chunk = chunk;
  half.is_filled = true;
}

void DeviceOrder::prepare_pass(std::uint64_t key, std::uint64_t pass) {
  const std::uint64_t chunk = pass / static_cast<std::uint64_t>(passes_);
  if (!has(key, chunk)) fill(key, chunk);
}

void DeviceOrder::start_pass(std::uint64_t key, std::uint64_t pass) {
  const auto passes = static_cast<std::uint64_t>(passes_);
  const std::uint64_t chunk = pass / passes;
  if (!has(key, chunk) || chunk != running_) {
    const Queue queue = backend_.main_queue(device_.index());
    backend_.record(device_.index(), halves_[running_ % 2].used, queue);
    prepare_pass(key, pass);
    backend_.queue_waits(device_.index(), queue, halves_[chunk % 2].sent);
  }
  running_ = chunk;
  first_ = static_cast<Dim>(chunk % 2 * passes + pass % passes) * samples_;
}

}  // namespace kerata::training
