#include "compile/device_reports.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kerata {

DeviceReports::DeviceReports(const Executable& program, ReportReader& reader)
    : program_(program),
      reader_(reader),
      any_(program.reports()),
      bytes_(program.impl().steps.size() * sizeof(KernelStatus)),
      memory_(allocate(bytes_, reader.device)) {
  DeviceBackend& backend = reader.backend;
  const int device = reader.device.index();
  if (bytes_) backend.fill_zero(device, memory_->data(), bytes_, backend.main_queue(device));
  if (any_) pinned_ = backend.allocate_pinned(device, 2 * bytes_);
}

DeviceReports::~DeviceReports() {
  reader_.forget(this);
  if (!pinned_) return;
  const int device = reader_.device.index();
  try {
    reader_.backend.wait(device, reader_.backend.main_queue(device));  // for a copy to it
  } catch (const Error&) {                                             // the device is lost: nothing is copied any more
  }
  reader_.backend.release_pinned(device, pinned_);
}

void DeviceReports::has_run() {
  std::vector<DeviceReports*>& unread = reader_.unread_;
  if (any_ && std::find(unread.begin(), unread.end(), this) == unread.end()) unread.push_back(this);
}

void DeviceReports::fetch(std::size_t slot) {
  if (!any_) return;
  const int device = reader_.device.index();
  reader_.backend.download(device, pinned_ + slot * bytes_, memory_->data(), bytes_,
                           reader_.backend.main_queue(device));
}

void DeviceReports::check(std::size_t slot) {
  if (!any_) return;
  for (std::size_t i = 0; i < program_.impl().steps.size(); ++i) {
    KernelStatus found;
    std::memcpy(&found, pinned_ + slot * bytes_ + i * sizeof found, sizeof found);
    if (found.code == KernelStatus::ok) continue;
    has_run();
    reader_.clear();
    fail_bad_data(program_.impl(), i, found);
  }
}

void DeviceReports::clear() {
  const int device = reader_.device.index();
  reader_.backend.fill_zero(device, memory_->data(), bytes_, reader_.backend.main_queue(device));
}

ReportReader::ReportReader(Device on) : device(on), backend(*backend_of(on)) {
  for (Event& event : copied_) event = backend.make_event(device.index());
  constexpr std::size_t kUsual = 8;  // programs of a workspace
  for (std::vector<DeviceReports*>* list : {&unread_, &fetched_[0], &fetched_[1]}) list->reserve(kUsual);
}

ReportReader::~ReportReader() {
  for (Event event : copied_) backend.release_event(device.index(), event);
}

std::size_t ReportReader::fetch() {
  last_ = 1 - last_;
  fetched_[last_].clear();
  std::swap(fetched_[last_], unread_);
  for (DeviceReports* reports : fetched_[last_]) reports->fetch(last_);
  if (!fetched_[last_].empty()) backend.record(device.index(), copied_[last_], backend.main_queue(device.index()));
  return last_;
}

void ReportReader::check(std::size_t fetched) {
  std::vector<DeviceReports*>& read = fetched_[fetched];
  if (!read.empty()) backend.host_waits(device.index(), copied_[fetched]);
  for (std::size_t i = 0; i < read.size(); ++i) read[i]->check(fetched);
  read.clear();
}

void ReportReader::clear() {
  for (std::vector<DeviceReports*>* list : {&unread_, &fetched_[0], &fetched_[1]}) {
    for (DeviceReports* reports : *list) reports->clear();
    list->clear();
  }
}

void ReportReader::forget(DeviceReports* reports) {
  std::erase(unread_, reports);
  for (std::vector<DeviceReports*>& list : fetched_) std::erase(list, reports);
}

}  // namespace kerata
