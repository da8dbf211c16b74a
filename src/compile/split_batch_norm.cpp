// Batch normalization on a GPU is bound by memory. Its statistics stay one instruction; what is done to each element
// becomes elementwise instructions, which run in one chain with the relu or the sum behind them.
#include "compile/passes.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

class Splitter {
 public:
  explicit Splitter(Graph& graph) : graph_(graph) {}

  void run() {
    for (const Instr& instr : graph_.code) {
      instr_ = &instr;
      if (instr.op == &ops::kBatchNorm)
        split_forward();
      else if (instr.op == &ops::kBatchNormGrad)
        split_backward();
      else
        code_.push_back(instr);
    }
    graph_.code = std::move(code_);
  }

 private:
  const ValueType& type(int id) const { return graph_.values[static_cast<std::size_t>(id)]; }
  int like(int id) { return graph_.add_value(type(id)); }

  void emit(const OpDef& op, Attrs attrs, std::vector<int> in, std::vector<int> out) {
    code_.push_back({&op, std::move(attrs), std::move(in), std::move(out), instr_->layer});
  }
  int apply(const OpDef& op, int a, int b) {
    const int wide = type(a).shape.rank() >= type(b).shape.rank() ? a : b;
    const int out = like(wide);
    emit(op, {}, {a, b}, {out});
    return out;
  }
  // In the type of statistics and factors.
  int widened(int images) {
    const DType dtype = type(instr_->in[1]).dtype;
    if (type(images).dtype == dtype) return images;
    const int wide = graph_.add_value({dtype, type(images).shape});
    emit(ops::kCast, ops::CastAttrs{dtype}, {images}, {wide});
    return wide;
  }
  // The last op of a result, which is rounded once.
  void finish(const OpDef& op, int a, int b, int result) {
    const DType dtype = type(instr_->in[1]).dtype;
    if (type(result).dtype == dtype) return emit(op, {}, {a, b}, {result});
    emit(ops::kCast, ops::CastAttrs{type(result).dtype}, {apply(op, a, b)}, {result});
  }

  void split_forward() {
    const int gamma = instr_->in[1], scale = like(gamma), shift = like(gamma);
    emit(ops::kBatchNormFactors, instr_->attrs, instr_->in, {instr_->out[1], instr_->out[2], scale, shift});
    finish(ops::kAdd, apply(ops::kMultiply, widened(instr_->in[0]), scale), shift, instr_->out[0]);
  }

  void split_backward() {
    const int gamma = instr_->in[1], scale = like(gamma), slope = like(gamma), shift = like(gamma);
    emit(ops::kBatchNormSlopes, instr_->attrs, instr_->in, {instr_->out[1], instr_->out[2], scale, slope, shift});
    const int centered = apply(ops::kSubtract, widened(instr_->in[0]), instr_->in[2]);
    const int straight = apply(ops::kMultiply, widened(instr_->in[4]), scale);
    const int sloped = apply(ops::kSubtract, straight, apply(ops::kMultiply, centered, slope));
    finish(ops::kSubtract, sloped, shift, instr_->out[0]);
  }

  Graph& graph_;
  const Instr* instr_ = nullptr;
  std::vector<Instr> code_;
};

}  // namespace

Graph split_batch_norm(Graph graph) {
  Splitter(graph).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
