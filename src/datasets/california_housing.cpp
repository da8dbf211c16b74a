#include "kerata/datasets/california_housing.h"

#include <charconv>
#include <numeric>
#include <random>

#include "core/require.h"
#include "datasets/files.h"
#include "datasets/gzip.h"
#include "utils/shuffle.h"

namespace kerata::datasets::california_housing {
namespace {

constexpr std::size_t kColumns = 9, kLargestFile = 64u << 20;

std::string read_text(const std::string& path) {
  GzipFile file(path);
  std::string text, block(1u << 16, '\0');
  while (const std::size_t got = file.read_some(block.data(), block.size())) {
    text.append(block, 0, got);
    require<BackendError>(text.size() <= kLargestFile, "datasets.california_housing", path, " is longer than 64 MiB.");
  }
  return text;
}

/// The numbers below the header line, row by row.
std::vector<float> parse_rows(const std::string& text, const std::string& path) {
  std::vector<float> values;
  std::size_t line = 2;
  const char* at = text.data() + std::min(text.find('\n'), text.size() - 1) + 1;
  for (const char* const end = text.data() + text.size(); at < end; ++line) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      double value = 0;
      const auto [next, error] = std::from_chars(at, end, value);
      const char separator = next < end ? *next : '\n';
      require<BackendError>(error == std::errc() && separator == (column + 1 < kColumns ? ',' : '\n'),
                            "datasets.california_housing", path, " line ", line, " column ", column + 1,
                            ": expected a number and ", kColumns, " columns.");
      values.push_back(static_cast<float>(value));
      at = next + 1;
    }
  }
  return values;
}

}  // namespace

Splits load_data() {
  const std::string name = "california_housing";
  Place place;
  try {
    place = find_data(name, {"california_housing.csv"});
  } catch (const BackendError&) {
    place = find_data(name, {"california_housing.csv.gz"});
  }
  const std::string path = place.folder + "/" + place.files.front();
  const std::string text = read_text(path);
  require<BackendError>(!text.empty(), "datasets.california_housing", path, " is empty.");
  const std::vector<float> values = parse_rows(text, path);
  const std::size_t rows = values.size() / kColumns, test_rows = (rows + 3) / 4;  // scikit-learn rounds the test up

  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 engine(42);
  numpy_shuffle(order, engine);
  const auto part = [&](std::size_t first, std::size_t last) {
    std::vector<float> x, y;
    for (std::size_t i = first; i < last; ++i) {
      const float* row = values.data() + order[i] * kColumns;
      x.insert(x.end(), row, row + kColumns - 1);
      y.push_back(row[kColumns - 1]);
    }
    const Dim count = static_cast<Dim>(last - first);
    return std::pair{Tensor::from_span<float>(x, {count, kColumns - 1}), Tensor::from_span<float>(y, {count, 1})};
  };
  auto [x_test, y_test] = part(0, test_rows);
  auto [x_train, y_train] = part(test_rows, rows);
  return {x_train, y_train, x_test, y_test};
}

}  // namespace kerata::datasets::california_housing
