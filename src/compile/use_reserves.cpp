// kLstm as kReserveLstm, with the kLstmGrad that reads what it keeps, where the device has a library for it. Gates and
// cells must be read by nobody else: that library does not give them.
#include "compile/passes.h"
#include "ops/nn_attrs.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class LstmRewriter {
 public:
  LstmRewriter(Graph& graph, Device device) : graph_(graph), device_(device), uses_(count_uses(graph)) {}

  void run() {
    for (Instr& instr : graph_.code)
      if (instr.op == &ops::kLstm && !instr.attrs.as<ops::LstmAttrs>().has_mask) rewrite(instr);
  }

 private:
  static constexpr std::ptrdiff_t kInputs = 6;
  static constexpr std::size_t kH = 0, kGates = 3, kCells = 4;

  // The one gradient that reads gates and cells.
  Instr* gradient_of(const Instr& lstm) {
    for (Instr& instr : graph_.code)
      if (instr.op == &ops::kLstmGrad && instr.in[7] == lstm.out[kGates]) {
        const bool fits = std::equal(lstm.in.begin(), lstm.in.end(), instr.in.begin()) && instr.in[6] == lstm.out[kH] &&
                          instr.in[8] == lstm.out[kCells];
        return fits ? &instr : nullptr;
      }
    return nullptr;
  }

  void rewrite(Instr& lstm) {
    const int readers = uses_[at(lstm.out[kGates])];
    if (readers > 1 || uses_[at(lstm.out[kCells])] != readers) return;
    Instr* grad = readers ? gradient_of(lstm) : nullptr;
    if (readers && !grad) return;
    std::vector<ValueType> in;
    for (int id : lstm.in) in.push_back(graph_.values[at(id)]);
    ops::ReserveLstmAttrs attrs{grad != nullptr};
    const auto bytes = kernels().reserve_bytes({ops::kReserveLstm, in, {}, attrs, device_});
    if (!bytes) return;
    attrs.reserve_bytes = static_cast<Dim>(*bytes);
    const int reserve = graph_.add_value(ops::kReserveLstm.infer(in, attrs).back());
    lstm.op = &ops::kReserveLstm;
    lstm.attrs = attrs;
    lstm.out = {lstm.out[0], lstm.out[1], lstm.out[2], reserve};
    if (!grad) return;
    grad->op = &ops::kReserveLstmGrad;
    std::vector<int> read(grad->in.begin(), grad->in.begin() + kInputs);
    read.push_back(reserve);
    read.insert(read.end(), grad->in.begin() + kInputs + 3, grad->in.end());
    grad->in = std::move(read);
  }

  Graph& graph_;
  Device device_;
  std::vector<int> uses_;
};

}  // namespace

Graph use_reserves(Graph graph, Device device) {
  LstmRewriter(graph, device).run();
  return graph;
}

}  // namespace kerata
