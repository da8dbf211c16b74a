// Film reviews as word ranks, with their sentiment.
#pragma once

#include <cstdint>
#include <vector>

#include "kerata/datasets/splits.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace datasets::imdb {

/// In Keras's argument order.
struct Options {
  Dim num_words = -1;       // only words with index below this, others become oov_char; -1: all
  Dim skip_top = 0;         // words with index below this become oov_char
  Dim maxlen = -1;          // reviews of maxlen or more words are left out, as Keras does; -1: none
  std::int64_t seed = 113;  // order of the reviews; 113 gives Keras's
  Dim start_char = 1;       // begins each review; -1: none
  Dim oov_char = 2;         // stands for the words left out; -1: they are dropped
  Dim index_from = 3;       // the most frequent word has index index_from + 1
};

/// x: word indices, one row per review, left-padded with 0 to the longest of its split (as pad_sequences does it),
/// int32; y (n,) int64, 1 = positive. 5,000 + 2,000 reviews. To cut x to the last 200 words:
/// utils::pad_sequences(imdb::load_sequences().x_train, {.maxlen = 200}), or x.slice({.axis = 1, .start = -200}).
/// File: imdb/imdb_flat.npz with plain int32 arrays; Keras's imdb.npz is a pickle, which Kerata does not execute.
/// Source: Maas et al. 2011; keras.io/api/datasets/imdb. Throws ValueError for options out of range.
Splits load_data(const Options& options = {});

/// The same as lists of unequal length, which is what Keras returns.
struct Sequences {
  std::vector<std::vector<std::int32_t>> x_train;
  Tensor y_train;
  std::vector<std::vector<std::int32_t>> x_test;
  Tensor y_test;
};
Sequences load_sequences(const Options& options = {});

}  // namespace datasets::imdb
}  // namespace kerata

#pragma GCC visibility pop
