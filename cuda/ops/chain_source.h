// The text of a fused chain's kernel, and the parameters that it takes.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "ops/fused.h"

namespace kerata::cuda {

struct ChainInput {
  DType dtype = DType::float32;
  enum Kind : std::uint8_t { dense, scalar, strided } kind = dense;
};

struct ChainSource {
  std::string text;  // functions "chain", and "chain4" when has_packs
  bool has_packs = false;
};

/// `count`: elements of each result; chooses the width of indices. `row`: of them, the last axis over which no input
/// changes its stride.
ChainSource chain_source(const ops::FusedProgram& program, const std::vector<ChainInput>& inputs,
                         const std::vector<DType>& outputs, std::int64_t count, std::int64_t row);

/// struct { const void* in[K]; void* out[M]; long long count, rank, size[8], stride[K][8]; } for K and M known at run
/// time.
class ChainParameters {
 public:
  static constexpr std::size_t kMaxRank = Shape::kMaxRank;
  ChainParameters() = default;
  ChainParameters(std::size_t inputs, std::size_t outputs)
      : inputs_(inputs), outputs_(outputs), words_(inputs + outputs + 2 + kMaxRank + inputs * kMaxRank) {}
  std::size_t num_inputs() const { return inputs_; }
  std::size_t num_outputs() const { return outputs_; }
  void set_input(std::size_t i, const void* memory) { put(i, memory); }
  void set_output(std::size_t i, void* memory) { put(inputs_ + i, memory); }
  void set_count(std::int64_t count) { words_[inputs_ + outputs_] = count; }
  void set_rank(std::size_t rank) { words_[inputs_ + outputs_ + 1] = static_cast<std::int64_t>(rank); }
  void set_size(std::size_t axis, std::int64_t size) { words_[inputs_ + outputs_ + 2 + axis] = size; }
  void set_stride(std::size_t i, std::size_t axis, std::int64_t stride) {
    words_[inputs_ + outputs_ + 2 + kMaxRank + i * kMaxRank + axis] = stride;
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)); }

 private:
  void put(std::size_t word, const void* memory) { std::memcpy(&words_[word], &memory, sizeof memory); }
  std::size_t inputs_ = 0, outputs_ = 0;
  std::vector<std::int64_t> words_;
};

}  // namespace kerata::cuda
