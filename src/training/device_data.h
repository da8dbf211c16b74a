// DeviceData: all samples of a fit() or evaluate() in a GPU's memory.
#pragma once

#include "compile/executable.h"
#include "training/data.h"
#include "training/device_order.h"

namespace kerata::training {

class DeviceData {
 public:
  /// In the types that batches have. Nothing when the device is the CPU or the samples need more than half of the free
  /// memory.
  static std::optional<DeviceData> make(const DataSet& data, Device device, bool is_shuffled);
  std::span<const FedColumn> columns() const { return columns_; }
  /// Null where the samples are taken as they lie.
  DeviceOrder* order() const { return order_.get(); }

 private:
  DeviceData(const DataSet& data, Device device, bool is_shuffled);
  std::vector<BufferPtr> buffers_;
  std::vector<FedColumn> columns_;
  std::unique_ptr<DeviceOrder> order_;
};

}  // namespace kerata::training
