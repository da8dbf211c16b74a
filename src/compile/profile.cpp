#include "compile/profile.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "compile/executable.h"

namespace kerata {
namespace {

struct Entry {
  std::int64_t calls = 0;
  std::chrono::nanoseconds time{0};
  Work work;  // of all calls
};
std::mutex mutex;
std::map<std::string, Entry>& table() {
  static std::map<std::string, Entry> entries;
  return entries;
}

}  // namespace

bool profiling() {
  static const bool on = [] {
    const char* value = std::getenv("KERATA_PROFILE");
    return value && *value && std::string_view(value) != "0";
  }();
  return on;
}

void record_time(const std::string& label, std::chrono::nanoseconds time, const Work& work) {
  const std::lock_guard lock(mutex);
  Entry& entry = table()[label];
  ++entry.calls;
  entry.time += time;
  entry.work.bytes += work.bytes;
  entry.work.flops += work.flops;
}

std::string profile_report() {
  if (!profiling()) return {};
  const std::lock_guard lock(mutex);
  std::vector<std::pair<std::string, Entry>> rows(table().begin(), table().end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
  std::string text = "     calls      total ms     us a call      GB/s   GFLOP/s  kernel\n";
  for (const auto& [label, entry] : rows) {
    char line[96];
    const double ns = static_cast<double>(std::max<std::int64_t>(entry.time.count(), 1));
    std::snprintf(line, sizeof line, "%10lld  %12.3f  %12.3f  %8.1f  %8.1f  ", static_cast<long long>(entry.calls),
                  ns / 1e6, ns / 1e3 / static_cast<double>(entry.calls), entry.work.bytes / ns, entry.work.flops / ns);
    text += line + label + '\n';
  }
  return text;
}

}  // namespace kerata
