#include "cuda/runtime/feed.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string_view>
#include <tuple>

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

// Kept: these are looked up at each batch that is no part of a recording.
KernelFunction find(int device, const char* unit, const char* name) {
  static std::mutex mutex;
  static std::map<std::tuple<int, std::string_view, std::string_view>, KernelFunction> known;
  const std::lock_guard lock(mutex);
  KernelFunction& function = known[{device, unit, name}];
  if (!function)
    function = function_of(device, {std::string("typedef ") + unit + " Unit;\n" + kernel_text("feed.cuh"), name, {}});
  return function;
}

constexpr std::size_t kRandomStateBytes = 2 * sizeof(std::uint64_t);

// The data and its order, which nothing writes, are no part of it.
void touches(int device, MemoryUse use, Queue queue) {
  announce(device, std::make_shared<const MemoryUse>(std::move(use)), queue);
}

struct Copy {
  const std::byte* from;
  std::byte* to;
  std::int64_t units;
};

struct Zeros {
  static constexpr std::size_t kMost = 16;
  std::byte* to[kMost];
  unsigned units[kMost];
};

struct Unit {
  std::size_t bytes;
  const char* type;
};
// The largest that all of these addresses and sizes are made of.
Unit unit_of(std::uintptr_t places) {
  if (places % 16 == 0) return {16, "struct alignas(16) { unsigned int x[4]; }"};
  return places % 4 == 0 ? Unit{4, "unsigned int"} : Unit{1, "unsigned char"};
}
std::uintptr_t number(const std::byte* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

KernelArgs in_queue(Queue queue) { return {nullptr, nullptr, nullptr, nullptr, nullptr, queue}; }

}  // namespace

void give_gather(int device, const GatherRows& rows, Queue queue) {
  if (rows.count == 0 || rows.row_bytes == 0) return;
  const Unit unit = unit_of(number(rows.from) | number(rows.to) | rows.row_bytes);
  const auto units = static_cast<std::int64_t>(rows.row_bytes / unit.bytes);
  const Gather parameters{rows.from, rows.order, rows.state, rows.to, rows.count, units};
  touches(device, {{{rows.state, sizeof *rows.state}}, {{rows.to, std::size_t(rows.count) * rows.row_bytes}}}, queue);
  launch(device, find(device, unit.type, "gather_rows"), grid_for(rows.count * units, 2), parameters, in_queue(queue));
}

void give_copy(int device, std::byte* to, const std::byte* from, std::size_t bytes, Queue queue) {
  const Unit unit = unit_of(number(to) | number(from) | bytes);
  const Copy parameters{from, to, static_cast<std::int64_t>(bytes / unit.bytes)};
  launch(device, find(device, unit.type, from ? "copy" : "fill_zero"), grid_for(parameters.units, 2), parameters,
         in_queue(queue));
}

void give_zeros(int device, std::span<const MemoryRange> all, Queue queue) {
  for (; !all.empty(); all = all.subspan(std::min(all.size(), Zeros::kMost))) {
    const std::span<const MemoryRange> some = all.first(std::min(all.size(), Zeros::kMost));
    std::uintptr_t places = 0;
    for (const MemoryRange& range : some) places |= reinterpret_cast<std::uintptr_t>(range.begin) | range.bytes;
    const Unit unit = unit_of(places);
    Zeros parameters{};
    for (std::size_t i = 0; i < some.size(); ++i) {
      parameters.to[i] = static_cast<std::byte*>(const_cast<void*>(some[i].begin));
      parameters.units[i] = static_cast<unsigned>(some[i].bytes / unit.bytes);
    }
    announce(device, nullptr, queue);
    launch(device, find(device, unit.type, "fill_zeros"), Grid{static_cast<unsigned>(some.size())}, parameters,
           in_queue(queue));
  }
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
