#include "training/shuffle.h"

#include <numeric>

#include "core/philox.h"
#include "graph/scope.h"

namespace kerata::training {
namespace {

constexpr std::uint64_t kStream = 0x73687566666c65;  // "shuffle": apart from the streams of ops

}  // namespace

std::uint64_t draw_key() {
  const Tensor state = next_random_state();
  const std::span<const std::int64_t> words = state.data<std::int64_t>();
  const PhiloxBlock block = philox(static_cast<std::uint64_t>(words[0]), kStream, static_cast<std::uint64_t>(words[1]));
  return std::uint64_t{block[0]} << 32 | block[1];
}

void shuffle_order(std::span<Dim> order, std::uint64_t key, std::uint64_t epoch) {
  std::iota(order.begin(), order.end(), Dim{0});
  PhiloxBlock block{};
  for (std::size_t left = order.size(); left > 1; --left) {
    const std::size_t draw = order.size() - left;
    if (draw % 4 == 0) block = philox(key, kStream + epoch, draw / 4);
    // A share of [0, 2^32): the bias is below samples / 2^32.
    const auto pick = static_cast<std::size_t>((std::uint64_t{block[draw % 4]} * left) >> 32);
    std::swap(order[left - 1], order[pick]);
  }
}

}  // namespace kerata::training
