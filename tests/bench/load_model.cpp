#include "load_model.h"

#include <kerata/kerata.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "measure.h"

namespace bench {
namespace {

using namespace kerata;
using namespace kerata::layers;

Model vgg_like() {
  Sequential model({Input({64, 64, 3})});
  for (Dim filters : {64, 64, 128, 128, 256, 256, 512, 512}) {
    model.add(Conv2D(filters, 3, {.padding = "same", .activation = "relu"}));
    if (model.layers().size() % 3 == 2) model.add(MaxPooling2D(2));
  }
  model.add(Flatten());
  model.add(Dense(2304, {.activation = "relu"}));
  model.add(Dense(1000, {.activation = "softmax"}));
  return model;
}

/// Reads the file piece by piece, sums it up and copies it into fresh memory.
std::uint32_t read_file(const std::string& path) {
  constexpr std::size_t kPiece = 1 << 18;
  std::ifstream file(path, std::ios::binary);
  const std::size_t size = std::filesystem::file_size(path);
  const std::unique_ptr<char, void (*)(void*)> copy(static_cast<char*>(std::malloc(size)), std::free);
  std::vector<char> piece(kPiece);
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < size; at += kPiece) {
    const std::size_t count = std::min(kPiece, size - at);
    file.read(piece.data(), static_cast<std::streamsize>(count));
    sum =
        static_cast<std::uint32_t>(crc32(sum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(count)));
    std::memcpy(copy.get() + at, piece.data(), count);
  }
  return sum;
}

/// In the folder for temporary files, removed at the end.
class ModelFile {
 public:
  ModelFile() : path_((std::filesystem::temp_directory_path() / "kerata_bench_vgg.keras").string()) {
    vgg_like().save(path_);
  }
  ~ModelFile() { std::filesystem::remove(path_); }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

void serve_load_model() {
  const ModelFile file;
  const std::uint32_t sum = read_file(file.path());
  const auto load = [&] { return seconds([&] { (void)load_model(file.path()); }); };
  serve(
      [&]() -> Quantities {
        return {{"first_load_s", load()}};
      },
      [&]() -> Quantities {
        const double floor = seconds([&] {
          if (read_file(file.path()) != sum) throw BackendError(file.path() + " has changed.");
        });
        return {{"load_ms", load() * 1e3}, {"floor_ms", floor * 1e3}};
      });
}

}  // namespace bench
