#include "training/device_data.h"

#include <algorithm>

#include "graph/node.h"

namespace kerata::training {
namespace {

std::size_t row_bytes(const Column& column) { return bytes_of(column.batch_type(1)); }

// What must be converted goes in pieces, so that there is never a second copy of it in the host's memory.
void upload(const Column& column, Dim samples, Device device, std::byte* to) {
  constexpr std::size_t kPieceBytes = 1 << 22;
  const std::size_t bytes = row_bytes(column);
  if (column.is_direct())
    return copy_bytes(device, to, Device::cpu(), column.row(0), static_cast<std::size_t>(samples) * bytes);
  const Dim piece = static_cast<Dim>(std::max<std::size_t>(1, kPieceBytes / std::max<std::size_t>(1, bytes)));
  std::vector<std::byte> converted(static_cast<std::size_t>(std::min(piece, samples)) * bytes);
  for (Dim first = 0; first < samples; first += piece) {
    const Dim count = std::min(piece, samples - first);
    column.gather(nullptr, first, count, converted.data());
    copy_bytes(device, to + static_cast<std::size_t>(first) * bytes, Device::cpu(), converted.data(),
               static_cast<std::size_t>(count) * bytes);
  }
}

}  // namespace

std::optional<DeviceData> DeviceData::make(const DataSet& data, Device device) {
  DeviceBackend* backend = backend_of(device);
  if (!backend) return std::nullopt;
  std::size_t bytes = static_cast<std::size_t>(data.samples) * sizeof(std::int64_t);
  for (std::size_t i = 0; i < data.num_columns(); ++i)
    bytes += static_cast<std::size_t>(data.samples) * row_bytes(data.column(i));
  if (bytes > backend->info(device.index()).free_memory / 2) return std::nullopt;
  try {
    return DeviceData(data, device);
  } catch (const BackendError&) {  // the memory lies in pieces, or somebody else took it: batches go there one by one
    return std::nullopt;
  }
}

DeviceData::DeviceData(const DataSet& data, Device device) : device_(device) {
  const auto samples = static_cast<std::size_t>(data.samples);
  for (std::size_t i = 0; i < data.num_columns(); ++i) {
    const std::size_t bytes = row_bytes(data.column(i));
    buffers_.push_back(allocate(samples * bytes, device));
    upload(data.column(i), data.samples, device, buffers_.back()->data());
    columns_.push_back({buffers_.back()->data(), bytes});
  }
  order_ = allocate(samples * sizeof(std::int64_t), device);
}

void DeviceData::set_order(const std::vector<Dim>& order) {
  static_assert(sizeof(Dim) == sizeof(std::int64_t));
  has_order_ = !order.empty();
  copy_bytes(device_, order_->data(), Device::cpu(), order.data(), order.size() * sizeof(Dim));
}

}  // namespace kerata::training
