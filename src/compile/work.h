// work_of: how much one kernel has to do, for the profile.
#pragma once

#include "compile/graph.h"

namespace kerata {

struct Work {
  double bytes = 0;  // operands and results, each once
  double flops = 0;  // of products, convolutions and LSTMs, a multiplication and an addition being two; else 0
};

/// The least that the instruction moves and computes. A table counts by the rows that are taken out of it.
Work work_of(const Graph& graph, const Instr& instr);

}  // namespace kerata
