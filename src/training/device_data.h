// DeviceData: all samples of a fit() or evaluate() in a GPU's memory.
#pragma once

#include "compile/executable.h"
#include "training/data.h"

namespace kerata::training {

class DeviceData {
 public:
  /// In the types that batches have. Nothing when the device is the CPU or the samples need more than half of the free
  /// memory.
  static std::optional<DeviceData> make(const DataSet& data, Device device);
  /// The samples in this order from now on; empty: as they lie.
  void set_order(const std::vector<Dim>& order);
  std::span<const FedColumn> columns() const { return columns_; }
  const std::int64_t* order() const {
    return has_order_ ? reinterpret_cast<const std::int64_t*>(order_->data()) : nullptr;
  }

 private:
  DeviceData(const DataSet& data, Device device);
  Device device_;
  std::vector<BufferPtr> buffers_;
  std::vector<FedColumn> columns_;
  BufferPtr order_;
  bool has_order_ = false;
};

}  // namespace kerata::training
