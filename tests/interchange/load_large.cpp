// load_large MODEL.keras ARRAYS.npz: the large model predicts as in Keras, and its load time against the least that any
// reader must do: read the file, its CRC-32, and one copy.
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
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

/// Into memory that is there already: nothing but the work itself.
class LeastWork {
 public:
  explicit LeastWork(const std::string& path) : path_(path), bytes_(std::filesystem::file_size(path)), copy_(bytes_) {}
  unsigned long operator()() {
    std::ifstream(path_, std::ios::binary).read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    unsigned long crc = crc32(0, nullptr, 0);
    for (std::size_t at = 0; at < bytes_.size(); at += kPiece)
      crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes_.data() + at),
                  static_cast<uInt>(std::min(kPiece, bytes_.size() - at)));
    std::memcpy(copy_.data(), bytes_.data(), bytes_.size());
    return crc + static_cast<unsigned char>(copy_.back());
  }

 private:
  static constexpr std::size_t kPiece = 1u << 20;
  std::string path_;
  std::vector<char> bytes_, copy_;
};

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
  LeastWork work(argv[1]);
  const double least = best_seconds([&] { crc += work(); });
  const double load = best_seconds([&] { load_model(argv[1]); });
  std::cout << "large model: output within " << difference << " of the tolerance (at most 1); load " << load * 1e3
            << " ms, read + CRC-32 + copy " << least * 1e3 << " ms, ratio " << load / least << " (at most "
            << kMostTimes << ", checked " << (crc != 0 ? "yes" : "no") << ")\n";
  return difference <= 1 && load <= kMostTimes * least ? 0 : 1;
}
