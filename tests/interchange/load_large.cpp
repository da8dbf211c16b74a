// load_large MODEL.keras ARRAYS.npz: the large model predicts as in Keras, and its load time against the least that any
// reader must do: read the file, its CRC-32, and one copy.
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>

#include "kerata/kerata.h"
#include "saving/npz_file.h"

namespace {

using namespace kerata;

constexpr int kRounds = 5;
constexpr double kMostTimes = 2;

template <class F>
double best_seconds(const F& work) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

unsigned long read_check_copy(const std::string& path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::size_t>(stream.tellg());
  const auto bytes = std::make_unique_for_overwrite<char[]>(size), copy = std::make_unique_for_overwrite<char[]>(size);
  stream.seekg(0);
  stream.read(bytes.get(), static_cast<std::streamsize>(size));
  unsigned long crc = crc32(0, nullptr, 0);
  for (std::size_t at = 0; at < size; at += 1u << 20)
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.get() + at),
                static_cast<uInt>(std::min<std::size_t>(1u << 20, size - at)));
  std::memcpy(copy.get(), bytes.get(), size);
  return crc + static_cast<unsigned char>(copy[size - 1]);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
  double largest = a.shape() == b.shape() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    largest = std::max<double>(largest, std::abs(x[i] - y[i]) / (1e-6 + 1e-5 * std::abs(y[i])));
  return largest;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "load_large MODEL.keras ARRAYS.npz\n";
    return 2;
  }
  const std::map<std::string, Tensor> arrays = saving::load_npz(argv[2]);
  const double difference =
      largest_difference(load_model(argv[1]).predict(arrays.at("x"), {.verbose = 0}), arrays.at("y"));
  unsigned long crc = 0;
  const double least = best_seconds([&] { crc += read_check_copy(argv[1]); });
  const double load = best_seconds([&] { load_model(argv[1]); });
  std::cout << "large model: output within " << difference << " of the tolerance (at most 1); load " << load * 1e3
            << " ms, read + CRC-32 + copy " << least * 1e3 << " ms, ratio " << load / least << " (at most "
            << kMostTimes << ", checked " << (crc != 0 ? "yes" : "no") << ")\n";
  return difference <= 1 && load <= kMostTimes * least ? 0 : 1;
}
