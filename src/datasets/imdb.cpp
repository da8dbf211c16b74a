#include "kerata/datasets/imdb.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "core/require.h"
#include "datasets/files.h"
#include "kerata/utils/sequences.h"
#include "saving/npz_file.h"
#include "utils/shuffle.h"

namespace kerata::datasets::imdb {
namespace {

using Review = std::vector<std::int32_t>;
using Arrays = std::map<std::string, Tensor>;

// The file holds what Keras's load_data() gives with its defaults.
constexpr std::int64_t kStoredSeed = 113;
constexpr std::int32_t kStoredStart = 1, kStoredIndexFrom = 3;

std::vector<std::int32_t> column(const Arrays& arrays, const std::string& name, const std::string& path) {
  const auto found = arrays.find(name);
  require<BackendError>(found != arrays.end(), "datasets.imdb", path, " has no array ", name, ".");
  const Tensor& array = found->second;
  require<BackendError>(array.rank() == 1 && is_integer(array.dtype()), "datasets.imdb", path, ": ", name,
                        " is no list of integers. Received ", array.dtype(), " ", array.shape(), ".");
  return array.to_vector<std::int32_t>();
}

struct Part {
  std::vector<Review> x;
  std::vector<std::int32_t> y;
};

Part read_part(const Arrays& arrays, const std::string& part, const std::string& path) {
  const auto flat = column(arrays, "x_" + part + "_flat", path);
  const auto offsets = column(arrays, "x_" + part + "_offsets", path);
  Part result{{}, column(arrays, "y_" + part, path)};
  require<BackendError>(offsets.size() == result.y.size() + 1, "datasets.imdb", path, " holds ", result.y.size(),
                        " labels. Expected ", result.y.size() + 1, " offsets, received ", offsets.size(), ".");
  for (std::size_t i = 0; i < result.y.size(); ++i) {
    const std::int32_t first = offsets[i], last = offsets[i + 1];
    require<BackendError>(first >= 0 && first <= last && static_cast<std::size_t>(last) <= flat.size(), "datasets.imdb",
                          path, ": offsets ", first, " and ", last, " of review ", i, " do not lie in the ",
                          flat.size(), " words.");
    result.x.emplace_back(flat.begin() + first, flat.begin() + last);
  }
  return result;
}

bool is_marked(const Review& stored) { return !stored.empty() && stored[0] == kStoredStart; }

/// Back to ranks, then Keras's steps: start mark, offset, words left out.
Review convert(const Review& stored, const Options& options) {
  Review review;
  if (options.start_char >= 0) review.push_back(static_cast<std::int32_t>(options.start_char));
  for (std::size_t i = is_marked(stored) ? 1 : 0; i < stored.size(); ++i) {
    review.push_back(stored[i] - kStoredIndexFrom + static_cast<std::int32_t>(options.index_from));
  }
  const auto is_known = [&](std::int32_t word) {
    return word >= options.skip_top && (options.num_words < 0 || word < options.num_words);
  };
  if (options.oov_char < 0) {
    std::erase_if(review, [&](std::int32_t word) { return !is_known(word); });
  } else {
    for (std::int32_t& word : review) word = is_known(word) ? word : static_cast<std::int32_t>(options.oov_char);
  }
  return review;
}

void shuffle_part(Part& part, std::mt19937& engine) {
  std::vector<std::size_t> order(part.x.size());
  std::iota(order.begin(), order.end(), 0);
  numpy_shuffle(order, engine);
  Part shuffled;
  for (std::size_t i : order) {
    shuffled.x.push_back(std::move(part.x[i]));
    shuffled.y.push_back(part.y[i]);
  }
  part = std::move(shuffled);
}

void prepare(Part& part, const Options& options) {
  Part kept;
  for (std::size_t i = 0; i < part.x.size(); ++i) {
    const std::size_t words = part.x[i].size() - (is_marked(part.x[i]) ? 1 : 0);
    const std::size_t length = words + (options.start_char >= 0 ? 1 : 0);
    if (options.maxlen >= 0 && length >= static_cast<std::size_t>(options.maxlen)) continue;
    kept.x.push_back(convert(part.x[i], options));
    kept.y.push_back(part.y[i]);
  }
  require<ValueError>(!kept.x.empty(), "datasets.imdb", "No review is shorter than maxlen ", options.maxlen,
                      ". Hint: increase maxlen.");
  part = std::move(kept);
}

Tensor labels(const Part& part) {
  const std::vector<std::int64_t> values(part.y.begin(), part.y.end());
  return Tensor::from_span<std::int64_t>(values, {static_cast<Dim>(values.size())});
}

}  // namespace

Sequences load_sequences(const Options& options) {
  require<ValueError>(options.num_words == -1 || options.num_words > 0, "datasets.imdb",
                      "Expected num_words > 0 (or -1 for all), received ", options.num_words, ".");
  require<ValueError>(options.skip_top >= 0 && options.index_from >= 0, "datasets.imdb",
                      "Expected skip_top and index_from >= 0, received ", options.skip_top, " and ", options.index_from,
                      ".");
  const Place place = find_data("imdb", {"imdb_flat.npz"}, {{keras_cache(), {"imdb_flat.npz"}}});
  const std::string path = place.folder + "/imdb_flat.npz";
  const Arrays arrays = saving::load_npz(path);
  Part train = read_part(arrays, "train", path), test = read_part(arrays, "test", path);
  if (options.seed != kStoredSeed) {
    std::mt19937 engine(static_cast<std::uint32_t>(options.seed));
    shuffle_part(train, engine);
    shuffle_part(test, engine);
  }
  prepare(train, options);
  prepare(test, options);
  const Tensor y_train = labels(train), y_test = labels(test);
  return {std::move(train.x), y_train, std::move(test.x), y_test};
}

Splits load_data(const Options& options) {
  const Sequences data = load_sequences(options);
  return {utils::pad_sequences(data.x_train), data.y_train, utils::pad_sequences(data.x_test), data.y_test};
}

}  // namespace kerata::datasets::imdb
