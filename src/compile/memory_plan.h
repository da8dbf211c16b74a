// plan_memory: where every value of a program lies.
#pragma once

#include "compile/graph.h"

namespace kerata {

/// Where a value lies: in the arena, in a slot, in a literal or a variable, or nowhere (only its type is asked for).
/// Slots are places that a binding can move: those of the inputs, of the random state, and of the outputs of a loop's
/// body (slot_of_output).
struct Location {
  enum Kind : std::uint8_t { nowhere, arena, slot, constant, variable };
  Kind kind = nowhere;
  int index = -1;          // of the slot, id of the literal, or position in MemoryPlan::variables
  std::size_t offset = 0;  // bytes into the arena
  bool operator==(const Location&) const = default;
};

/// The slot that output i of a loop's body has for itself: not a carry, which takes that of its input.
inline std::size_t slot_of_output(const Graph& graph, std::size_t i) {
  return graph.inputs.size() + 1 + i - *graph.num_carries;
}

/// Memory to memory, at the end of a run (or before an instruction, for ops that update their inputs).
struct Copy {
  int from;
  Location to;
  std::size_t bytes;
};

struct MemoryPlan {
  std::vector<Location> where;    // by value id, while the program runs
  std::vector<Location> outputs;  // at the end
  std::vector<Variable> variables;
  std::vector<bool> skip;                           // by instruction: views, which need no kernel
  std::map<std::size_t, std::vector<Copy>> before;  // instruction -> copies of inputs that it updates
  std::vector<Copy> at_end;                         // assignments and carries that could not be computed in place
  std::size_t arena_bytes = 0;
  std::size_t unplanned_bytes = 0;
};

/// Values alive at once never overlap (but for results written over an input that dies there, when `in_place`).
/// Assigned values are computed right into their variable where nothing reads its old content later, carries of a loop
/// into the slot of their input.
MemoryPlan plan_memory(const Graph& graph, bool in_place);

}  // namespace kerata
