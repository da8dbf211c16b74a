// relu(conv) that only max pooling reads: relu of the maxima is the same, and those are fewer. The way back looks for
// the maxima among the values before relu: it finds the same pixels, because it counts positive maxima only.
#include <vector>

#include "compile/passes.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

int activation_of(const Instr& instr) { return instr.attrs.as<ops::WindowAttrs>().activation; }

void set_activation(Instr& instr, int activation) {
  auto attrs = instr.attrs.as<ops::WindowAttrs>();
  attrs.activation = activation;
  instr.attrs = attrs;
}

// Whether reader may be given `value` without its relu.
bool allows(const Instr& reader, int value) {
  if (reader.in[0] != value) return false;
  if (reader.op == &ops::kMaxPool) return activation_of(reader) == ops::FusedActivation::none;
  return reader.op == &ops::kMaxPoolGrad && activation_of(reader) == ops::FusedActivation::relu &&
         reader.in[1] != value;
}

}  // namespace

Graph sink_relu(Graph graph) {
  const std::vector<int> uses = count_uses(graph);
  std::vector<std::vector<std::size_t>> willing(graph.values.size());  // readers that allow it
  for (std::size_t i = 0; i < graph.code.size(); ++i)
    if (!graph.code[i].in.empty() && allows(graph.code[i], graph.code[i].in[0]))
      willing[at(graph.code[i].in[0])].push_back(i);
  for (Instr& conv : graph.code) {
    if (conv.op != &ops::kConv || activation_of(conv) != ops::FusedActivation::relu) continue;
    const std::vector<std::size_t>& readers = willing[at(conv.out[0])];
    if (readers.empty() || static_cast<int>(readers.size()) != uses[at(conv.out[0])]) continue;
    set_activation(conv, ops::FusedActivation::none);
    for (std::size_t i : readers)
      if (graph.code[i].op == &ops::kMaxPool) set_activation(graph.code[i], ops::FusedActivation::relu);
  }
  return graph;
}

}  // namespace kerata
