#include "cuda/runtime/feed.h"

#include "cuda/runtime/launch.h"

namespace kerata::cuda {
namespace {

// The structs of kernels/feed.cuh.
struct Gather {
  const std::byte* from;
  const std::int64_t* order;
  const FeedState* state;
  std::byte* to;
  std::int64_t count, units;
};
struct Advance {
  FeedState* state;
  std::int64_t count;
};
struct TakeRandomState {
  const FeedState* state;
  std::byte* to;
};

KernelFunction find(int device, const char* unit, const char* name) {
  return function_of(device, {std::string("typedef ") + unit + " Unit;\n" + kernel_text("feed.cuh"), name, {}});
}

constexpr std::size_t kRandomStateBytes = 2 * sizeof(std::uint64_t);

// The data and its order, which nothing writes, are no part of it.
void touches(int device, MemoryUse use, Queue queue) {
  announce(device, std::make_shared<const MemoryUse>(std::move(use)), queue);
}

KernelArgs in_queue(Queue queue) { return {nullptr, nullptr, nullptr, nullptr, nullptr, queue}; }

}  // namespace

void give_gather(int device, const GatherRows& rows, Queue queue) {
  if (rows.count == 0 || rows.row_bytes == 0) return;
  const std::size_t places =
      reinterpret_cast<std::uintptr_t>(rows.from) | reinterpret_cast<std::uintptr_t>(rows.to) | rows.row_bytes;
  const std::size_t unit = places % 16 == 0 ? 16 : places % 4 == 0 ? 4 : 1;
  const char* type = unit == 16  ? "struct alignas(16) { unsigned int x[4]; }"
                     : unit == 4 ? "unsigned int"
                                 : "unsigned char";
  const auto units = static_cast<std::int64_t>(rows.row_bytes / unit);
  const Gather parameters{rows.from, rows.order, rows.state, rows.to, rows.count, units};
  touches(device, {{{rows.state, sizeof *rows.state}}, {{rows.to, std::size_t(rows.count) * rows.row_bytes}}}, queue);
  launch(device, find(device, type, "gather_rows"), grid_for(rows.count * units, 2), parameters, in_queue(queue));
}

void give_random_state(int device, const FeedState* state, std::byte* random_state, Queue queue) {
  touches(device, {{{state, sizeof *state}}, {{random_state, kRandomStateBytes}}}, queue);
  launch(device, find(device, "unsigned int", "take_random_state"), Grid{}, TakeRandomState{state, random_state},
         in_queue(queue));
}

void give_advance(int device, FeedState* state, std::int64_t count, Queue queue) {
  touches(device, {{{state, sizeof *state}}, {{state, sizeof *state}}}, queue);
  launch(device, find(device, "unsigned int", "advance"), Grid{}, Advance{state, count}, in_queue(queue));
}

}  // namespace kerata::cuda
