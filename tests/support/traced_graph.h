// The flat program of a function, and the names of its instructions.
#pragma once

#include <string>
#include <vector>

#include "compile/graph.h"
#include "kerata/core/function.h"

namespace kerata {

using Names = std::vector<std::string>;

inline Graph graph_of(const std::vector<ValueType>& types,
                      const Function<std::vector<Tensor>(const std::vector<Tensor>&)>& f) {
  return flatten(trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return f(x); }));
}

inline Names names_of(const Graph& graph) {
  Names names;
  for (const Instr& instr : graph.code) names.emplace_back(instr.op->name);
  return names;
}

}  // namespace kerata
