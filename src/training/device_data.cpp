#include "training/device_data.h"

#include "graph/node.h"

namespace kerata::training {
namespace {

std::size_t row_bytes(const Column& column) { return bytes_of(column.batch_type(1)); }

}  // namespace

std::optional<DeviceData> DeviceData::make(const DataSet& data, Device device) {
  DeviceBackend* backend = backend_of(device);
  if (!backend) return std::nullopt;
  std::size_t bytes = static_cast<std::size_t>(data.samples) * sizeof(std::int64_t);
  for (std::size_t i = 0; i < data.num_columns(); ++i) {
    if (!data.column(i).is_direct()) return std::nullopt;
    bytes += static_cast<std::size_t>(data.samples) * row_bytes(data.column(i));
  }
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
    copy_bytes(device, buffers_.back()->data(), Device::cpu(), data.column(i).row(0), samples * bytes);
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
