#include "measure.h"

#include <kerata/kerata.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace bench {
namespace {

double peak_rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

}  // namespace

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Quantities milliseconds(const std::string& prefix, double count, const std::function<void()>& work) {
  kerata::utils::DeviceTimer timer;
  timer.start();
  const double wall = seconds(work), device = timer.stop();
  Quantities times{{prefix + "_ms", wall / count * 1e3}};
  if (!kerata::Device::default_device().is_cpu()) times.emplace_back(prefix + "_gpu_ms", device / count * 1e3);
  return times;
}

int repetitions(const std::function<void(int count)>& work) {
  const char* text = std::getenv("BENCH_SECONDS");
  const double wanted = text ? std::atof(text) : 0;
  int count = 1;
  while (wanted > 0) {
    const double time = seconds([&] { work(count); });
    if (time >= wanted) break;
    count = static_cast<int>(std::ceil(count * std::min(10.0, 1.1 * wanted / time)));
  }
  return count;
}

void emit(const Quantities& quantities) {
  std::string line = "@{";
  for (const auto& [name, value] : quantities) {
    char text[64];
    std::snprintf(text, sizeof text, "%.9g", value);
    line += (line.size() > 2 ? ", \"" : "\"") + name + "\": " + text;
  }
  std::cout << line << "}" << std::endl;
}

void serve(const std::function<Quantities()>& first, const std::function<Quantities()>& repeat) {
  emit(first());
  emit({{"ready", 1}});
  for (std::string line; std::getline(std::cin, line);) emit(repeat());
  emit({{"peak_rss_mb", peak_rss_mb()}});
}

}  // namespace bench
