// What the kernels of a GPU's programs report: read after them, beside what the GPU does next.
#pragma once

#include <array>
#include <vector>

#include "compile/executable_impl.h"

namespace kerata {

class ReportReader;

/// Of one program: a KernelStatus for each step in the device's memory, and two copies in pinned memory. Steps report
/// once, until that was thrown.
class DeviceReports {
 public:
  /// `reader` lives longer.
  DeviceReports(const Executable& program, ReportReader& reader);
  ~DeviceReports();
  DeviceReports(const DeviceReports&) = delete;
  DeviceReports& operator=(const DeviceReports&) = delete;
  KernelStatus* statuses() const { return reinterpret_cast<KernelStatus*>(memory_->data()); }
  /// The program was given to the device.
  void has_run();
  /// Has them copied to one of the two.
  void fetch(std::size_t slot);
  /// When the copy is there: throws the ValueError for what was reported. What other programs of the workspace have
  /// reported since is forgotten: it belongs to the work that ends here.
  void check(std::size_t slot);

 private:
  friend ReportReader;
  void clear();
  const Executable& program_;
  ReportReader& reader_;
  const bool any_;
  std::size_t bytes_;
  BufferPtr memory_;
  std::byte* pinned_ = nullptr;
};

/// Of all programs of one workspace that ran since it looked last: the one that ends an epoch need not be the one that
/// found something.
class ReportReader {
 public:
  explicit ReportReader(Device on);
  ~ReportReader();
  ReportReader(const ReportReader&) = delete;
  ReportReader& operator=(const ReportReader&) = delete;
  /// Has all reports brought to the host, after the work that was given so far; check() waits for them, before the
  /// second fetch() after.
  std::size_t fetch();
  void check(std::size_t fetched);
  void check() {
    if (!unread_.empty()) check(fetch());
  }

  const Device device;
  DeviceBackend& backend;

 private:
  friend DeviceReports;
  void forget(DeviceReports* reports);
  void clear();
  std::vector<DeviceReports*> unread_;
  std::array<std::vector<DeviceReports*>, 2> fetched_;
  std::array<Event, 2> copied_{};
  std::size_t last_ = 0;
};

}  // namespace kerata
