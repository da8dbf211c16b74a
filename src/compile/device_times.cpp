#include "compile/device_times.h"

#include <utility>

#include "compile/profile.h"

namespace kerata {

DeviceTimes::~DeviceTimes() {
  for (const Span& span : spans_) {
    backend_.release_event(device_, span.from);
    if (span.to) backend_.release_event(device_, span.to);
  }
}

void DeviceTimes::begin(std::string label, const Work& work) {
  spans_.push_back({std::move(label), work, backend_.make_timed_event(device_), nullptr});
  backend_.record(device_, spans_.back().from, queue_);
}

void DeviceTimes::end() {
  spans_.back().to = backend_.make_timed_event(device_);
  backend_.record(device_, spans_.back().to, queue_);
}

void DeviceTimes::report() {
  backend_.wait(device_, queue_);
  for (const Span& span : spans_) {
    const std::chrono::duration<double, std::milli> time(backend_.milliseconds_between(device_, span.from, span.to));
    record_time(span.label, std::chrono::duration_cast<std::chrono::nanoseconds>(time), span.work);
  }
}

}  // namespace kerata
