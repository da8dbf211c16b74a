// The weights of a mixed model are cast at the start of each step: on a GPU in one launch for all of them.
#include <algorithm>

#include "compile/passes.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata {

Graph join_casts(Graph graph) {
  auto type = [&](int id) -> const ValueType& { return graph.values[static_cast<std::size_t>(id)]; };
  Instr* joined = nullptr;
  std::vector<bool> taken(graph.code.size());
  for (std::size_t i = 0; i < graph.code.size(); ++i) {
    Instr& instr = graph.code[i];
    if (instr.op != &ops::kCast || !graph.variables.contains(instr.in[0])) continue;
    if (type(instr.in[0]).dtype != DType::float32 || !is_half(type(instr.out[0]).dtype)) continue;
    if (!joined) {
      joined = &instr;
    } else if (type(joined->out[0]).dtype == type(instr.out[0]).dtype) {
      joined->op = &ops::kCastAll;
      joined->in.push_back(instr.in[0]);
      joined->out.push_back(instr.out[0]);
      taken[i] = true;
    }
  }
  std::size_t i = 0;
  std::erase_if(graph.code, [&](const Instr&) { return taken[i++]; });
  return graph;
}

}  // namespace kerata
