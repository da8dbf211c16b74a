#include "training/device_data.h"

#include <algorithm>

#include "graph/node.h"

namespace kerata::training {
namespace {

std::size_t row_bytes(const Column& column) { return bytes_of(column.batch_type(1)); }

// The way to the device by two pinned buffers in turn: the host fills one (and converts, where types differ) while the
// other is copied.
class Uploader {
 public:
  Uploader(Device device, const DataSet& data) : device_(device.index()), backend_(*backend_of(device)) {
    constexpr std::size_t kUsual = 1 << 22;
    for (std::size_t i = 0; i < data.num_columns(); ++i) {
      const std::size_t row = row_bytes(data.column(i)), all = static_cast<std::size_t>(data.samples) * row;
      bytes_ = std::max({bytes_, row, std::min(all, kUsual)});
    }
    for (Slot& slot : slots_) {
      slot.memory = backend_.allocate_pinned(device_, bytes_);
      slot.copied = backend_.make_event(device_);
    }
  }
  ~Uploader() {
    try {
      finish();
    } catch (const BackendError&) {  // the device is lost: nothing is copied any more
    }
    for (Slot& slot : slots_) {
      if (slot.copied) backend_.release_event(device_, slot.copied);
      if (slot.memory) backend_.release_pinned(device_, slot.memory);
    }
  }
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  /// All rows. finish() waits for them.
  void give(const Column& column, Dim samples, std::byte* to) {
    const std::size_t bytes = row_bytes(column);
    const Dim rows = static_cast<Dim>(bytes_ / std::max<std::size_t>(1, bytes));
    for (Dim first = 0; first < samples; first += rows) {
      const Dim count = std::min(rows, samples - first);
      Slot& slot = slots_[next_++ % 2];
      backend_.host_waits(device_, slot.copied);
      column.gather(nullptr, first, count, slot.memory);
      const Queue queue = backend_.main_queue(device_);
      backend_.upload(device_, to + static_cast<std::size_t>(first) * bytes, slot.memory,
                      static_cast<std::size_t>(count) * bytes, queue);
      backend_.record(device_, slot.copied, queue);
    }
  }
  void finish() { backend_.wait(device_, backend_.main_queue(device_)); }

 private:
  struct Slot {
    std::byte* memory = nullptr;
    Event copied = nullptr;
  };
  int device_;
  DeviceBackend& backend_;
  std::size_t bytes_ = 1;  // of a buffer
  Slot slots_[2];
  std::size_t next_ = 0;
};

}  // namespace

std::optional<DeviceData> DeviceData::make(const DataSet& data, Device device, bool is_shuffled) {
  DeviceBackend* backend = backend_of(device);
  if (!backend) return std::nullopt;
  std::size_t bytes = is_shuffled ? DeviceOrder::bytes(data.samples) : 0;
  for (std::size_t i = 0; i < data.num_columns(); ++i)
    bytes += static_cast<std::size_t>(data.samples) * row_bytes(data.column(i));
  if (bytes > backend->info(device.index()).free_memory / 2) return std::nullopt;
  try {
    return DeviceData(data, device, is_shuffled);
  } catch (const BackendError&) {  // the memory lies in pieces, or somebody else took it: batches go there one by one
    return std::nullopt;
  }
}

DeviceData::DeviceData(const DataSet& data, Device device, bool is_shuffled) {
  const auto samples = static_cast<std::size_t>(data.samples);
  Uploader uploader(device, data);
  for (std::size_t i = 0; i < data.num_columns(); ++i) {
    const std::size_t bytes = row_bytes(data.column(i));
    buffers_.push_back(allocate(samples * bytes, device));
    uploader.give(data.column(i), data.samples, buffers_.back()->data());
    columns_.push_back({buffers_.back()->data(), bytes});
  }
  uploader.finish();
  if (is_shuffled) order_ = std::make_unique<DeviceOrder>(device, data.samples);
}

}  // namespace kerata::training
