// Graph: the flat program that every pass takes and returns.
#pragma once

#include <algorithm>
#include <map>

#include "compile/trace.h"

namespace kerata {

/// One application of an op: value ids in, value ids out.
struct Instr {
  const OpDef* op;
  Attrs attrs;
  std::vector<int> in, out;
  std::shared_ptr<const std::string> layer = {};
};

/// A variable's new content.
struct Assign {
  Variable variable;
  int value;
};

/// A flat program in execution order. All sizes are known.
struct Graph {
  std::vector<ValueType> values;  // indexed by value id
  std::vector<Instr> code;
  std::vector<int> inputs, outputs;
  std::map<int, Tensor> constants;              // literals
  std::map<int, Variable> variables;            // the content before the run, read by reference
  std::vector<Assign> assigns;                  // done by the end of the run
  int random_state = -1;                        // value id of the random state, or -1
  std::optional<std::size_t> num_carries = {};  // as TracedFunction's

  int add_value(const ValueType& type) {
    values.push_back(type);
    return static_cast<int>(values.size()) - 1;
  }
};

/// The graph of a traced function, without any optimisation.
Graph flatten(const TracedFunction& function);

/// One line per instruction: "%5 float32(32, 300) = relu(%4)".
std::string to_string(const Graph& graph);

/// Whether the op reads only the type of its input i, never its data.
inline bool reads_only_type(const OpDef& op, std::size_t i) {
  return op.shape_only >> std::min<std::size_t>(i, 31) & 1;
}
/// How often each value is read: by instructions, as an output, by an assignment.
std::vector<int> count_uses(const Graph& graph);
/// The instruction that makes each value, or -1.
std::vector<int> find_producers(const Graph& graph);
/// Replaces value ids everywhere: value v becomes replacement[v].
void substitute(Graph& graph, const std::vector<int>& replacement);

}  // namespace kerata
