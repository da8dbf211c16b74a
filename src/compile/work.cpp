#include "compile/work.h"

#include "ops/linalg_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

const ValueType& type(const Graph& graph, int id) { return graph.values[static_cast<std::size_t>(id)]; }
double size(const Graph& graph, int id) { return static_cast<double>(type(graph, id).shape.size()); }

double bytes(const Graph& graph, const Instr& instr) {
  double sum = 0;
  for (std::size_t i = 0; i < instr.in.size(); ++i) {
    const int read = instr.op == &ops::kTake && i == 0 ? instr.out[0] : instr.in[i];
    if (!reads_only_type(*instr.op, i)) sum += static_cast<double>(bytes_of(type(graph, read)));
  }
  for (int id : instr.out) sum += static_cast<double>(bytes_of(type(graph, id)));
  return sum;
}

/// Each of `results` is a sum of so many products as a kernel (height, width, depth, filters) has weights for a filter.
double conv_flops(double results, const Shape& kernel) {
  return 2 * results * static_cast<double>(kernel[0] * kernel[1] * kernel[2]);
}

/// The products of an LSTM's four gates in all steps; inputs as kLstm's.
double lstm_flops(const Graph& graph, const Instr& instr) {
  const Shape& x = type(graph, instr.in[0]).shape;
  return 2 * static_cast<double>(x[0] * x[1]) * (size(graph, instr.in[3]) + size(graph, instr.in[4]));
}

double flops(const Graph& graph, const Instr& instr) {
  const OpDef* op = instr.op;
  if (op == &ops::kMatmul) {
    const Shape& a = type(graph, instr.in[0]).shape;
    const Dim depth = instr.attrs.as<ops::MatmulAttrs>().trans_a ? a[-2] : a[-1];
    return 2 * size(graph, instr.out[0]) * static_cast<double>(depth);
  }
  if (op == &ops::kMatmulUpdate)
    return 2 * size(graph, instr.in[0]) * static_cast<double>(type(graph, instr.in[1]).shape[0]);
  if (op == &ops::kConv) return conv_flops(size(graph, instr.out[0]), type(graph, instr.in[1]).shape);
  if (op == &ops::kConvInputGrad) return conv_flops(size(graph, instr.in[1]), type(graph, instr.in[0]).shape);
  if (op == &ops::kConvKernelGrad) return conv_flops(size(graph, instr.in[1]), type(graph, instr.out[0]).shape);
  if (op == &ops::kLstm || op == &ops::kReserveLstm) return lstm_flops(graph, instr);
  if (op == &ops::kLstmGrad || op == &ops::kReserveLstmGrad) return 2 * lstm_flops(graph, instr);
  return 0;
}

}  // namespace

Work work_of(const Graph& graph, const Instr& instr) { return {bytes(graph, instr), flops(graph, instr)}; }

}  // namespace kerata
