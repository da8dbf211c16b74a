// Half types are computed in float32: ops cast their operands, compute, and cast the result back. Where that is all
// that the casts are for, the op takes the half type itself: its kernel reads and writes half as much, and the passes
// that follow see the op, not casts. Results stay the same to the last bit, except that gradients of rows that are
// named several times are added up in float32.
#include <algorithm>
#include <map>
#include <optional>

#include "compile/passes.h"
#include "core/convert.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"
#include "ops/optimizer_ops.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class Narrower {
 public:
  explicit Narrower(Graph& graph) : graph_(graph) {}

  void run() {
    hoist_weights();
    index();
    for (std::size_t i = graph_.code.size(); i-- > 0;) move_after_cast(i);
    index();
    for (std::size_t i = 0; i < graph_.code.size(); ++i)
      if (!dropped_[i] && !rewrite(graph_.code[i])) emit(graph_.code[i]);
    graph_.code = std::move(code_);
  }

 private:
  const ValueType& type(int id) const { return graph_.values[at(id)]; }

  // Who makes each value, and the only instruction that reads it (-1: none, or several, or it is a result).
  void index() {
    producers_ = find_producers(graph_);
    reader_.assign(graph_.values.size(), -1);
    const std::vector<int> uses = count_uses(graph_);
    for (std::size_t i = 0; i < graph_.code.size(); ++i)
      for (const int id : graph_.code[i].in)
        if (uses[at(id)] == 1) reader_[at(id)] = static_cast<int>(i);
    dropped_.assign(graph_.code.size(), false);
  }

  // Weights are cast before anything else, so that a bias is there when its product is made.
  void hoist_weights() {
    std::stable_partition(graph_.code.begin(), graph_.code.end(), [&](const Instr& instr) {
      return instr.op == &ops::kCast && is_half(type(instr.out[0]).dtype) && graph_.variables.contains(instr.in[0]);
    });
  }

  static bool is_move(const OpDef* op) {
    return op == &ops::kReshape || op == &ops::kBroadcastTo || op == &ops::kTranspose;
  }

  // cast(move(x)) as move(cast(x)): half as much to move.
  void move_after_cast(std::size_t i) {
    Instr& cast = graph_.code[i];
    if (cast.op != &ops::kCast || !is_half(type(cast.out[0]).dtype) || type(cast.in[0]).dtype != DType::float32) return;
    const int p = producers_[at(cast.in[0])];
    if (p < 0 || !is_move(graph_.code[at(p)].op) || reader_[at(cast.in[0])] < 0) return;
    Instr& move = graph_.code[at(p)];
    const int narrow = graph_.add_value({type(cast.out[0]).dtype, type(move.in[0]).shape});
    producers_.push_back(p);
    reader_.push_back(static_cast<int>(i));
    std::swap(move.op, cast.op);
    std::swap(move.attrs, cast.attrs);
    move.out[0] = cast.in[0] = narrow;
  }

  bool rewrite(const Instr& instr) {
    if (instr.op == &ops::kTake) return narrow_after_take(instr);
    if (instr.op == &ops::kTakeGrad) return widen_before_take_grad(instr);
    if (instr.op == &ops::kBatchNorm) return narrow_batch_norm(instr, {0});
    if (instr.op == &ops::kBatchNormGrad) return narrow_batch_norm(instr, {0, 4});
    if (is_reduction(instr.op)) return narrow_reduction(instr);
    if (instr.op == &ops::kSgdStep) return narrow_gradients<ops::SgdAttrs>(instr);
    if (instr.op == &ops::kRmspropStep) return narrow_gradients<ops::RmspropAttrs>(instr);
    if (instr.op == &ops::kAdamStep) return narrow_gradients<ops::AdamAttrs>(instr);
    return instr.op->elementwise && instr.op != &ops::kCast && narrow_elementwise(instr);
  }

  void emit(Instr instr) {
    if (instr.op == &ops::kCast) {
      const DType from = type(instr.in[0]).dtype, to = type(instr.out[0]).dtype;
      if (is_half(from) && to == DType::float32) half_of_[instr.out[0]] = instr.in[0];
      if (from == DType::float32 && is_half(to)) wide_of_[instr.out[0]] = instr.in[0];
    }
    code_.push_back(std::move(instr));
  }
  void emit_cast(int from, int to, const Instr& like) {
    emit({&ops::kCast, ops::CastAttrs{type(to).dtype}, {from}, {to}, like.layer});
  }
  Instr copy_of(const Instr& instr, std::vector<int> in, std::vector<int> out) const {
    return {instr.op, instr.attrs, std::move(in), std::move(out), instr.layer};
  }

  static std::optional<int> find(const std::map<int, int>& values, int id) {
    const auto found = values.find(id);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }

  // The result of the only reader of `id`, which casts it to `to`; that instruction is not needed any more.
  std::optional<int> take_cast_of(int id, DType to) {
    const int reader = reader_[at(id)];
    if (reader < 0 || graph_.code[at(reader)].op != &ops::kCast) return std::nullopt;
    const int cast = graph_.code[at(reader)].out[0];
    if (type(cast).dtype != to) return std::nullopt;
    dropped_[at(reader)] = true;
    return cast;
  }

  // A float32 operand in the half type, if that loses nothing.
  std::optional<int> narrow_operand(int id, DType half) {
    if (type(id).dtype == DType::boolean) return id;
    if (const auto source = find(half_of_, id)) return type(*source).dtype == half ? source : std::nullopt;
    const auto literal = graph_.constants.find(id);
    if (literal == graph_.constants.end() || type(id).dtype != DType::float32 || type(id).shape.size() != 1)
      return std::nullopt;
    const float value = literal->second.item<float>();
    float narrow = value;
    round_to(half, &narrow, 1);
    if (!(narrow == value)) return std::nullopt;
    const auto [place, added] = literals_.emplace(std::pair{id, half}, static_cast<int>(graph_.values.size()));
    if (added) {
      const Tensor constant = literal->second.cast(half);
      graph_.constants.emplace(graph_.add_value({half, type(id).shape}), constant);
    }
    return place->second;
  }

  bool narrow_elementwise(const Instr& instr) {
    if (instr.out.size() != 1) return false;
    const DType made = type(instr.out[0]).dtype;
    if (made != DType::float32 && made != DType::boolean) return false;
    const auto cast = std::find_if(instr.in.begin(), instr.in.end(), [&](int id) { return half_of_.contains(id); });
    if (cast == instr.in.end()) return false;
    const DType half = type(half_of_.at(*cast)).dtype;
    std::vector<int> in;
    for (const int id : instr.in) {
      const auto operand = narrow_operand(id, half);
      if (!operand) return false;
      in.push_back(*operand);
    }
    if (made == DType::boolean) {
      emit(copy_of(instr, std::move(in), instr.out));
    } else if (const auto result = take_cast_of(instr.out[0], half)) {
      emit(copy_of(instr, std::move(in), {*result}));
    } else if (instr.op->selects) {
      const int narrow = graph_.add_value({half, type(instr.out[0]).shape});
      emit(copy_of(instr, std::move(in), {narrow}));
      emit_cast(narrow, instr.out[0], instr);
    } else {
      return false;
    }
    return true;
  }

  static bool is_reduction(const OpDef* op) {
    return op == &ops::kSum || op == &ops::kMean || op == &ops::kMax || op == &ops::kMin;
  }
  bool narrow_reduction(const Instr& instr) {
    const auto x = find(half_of_, instr.in[0]);
    if (!x) return false;
    const auto result = take_cast_of(instr.out[0], type(*x).dtype);
    if (!result) return false;
    emit(copy_of(instr, {*x}, {*result}));
    return true;
  }

  // Images, their normalization and gradients; statistics and factors stay float32.
  bool narrow_batch_norm(const Instr& instr, std::initializer_list<std::size_t> images) {
    std::vector<int> in = instr.in, out = instr.out;
    const auto x = find(half_of_, in[0]);
    if (!x) return false;
    for (const std::size_t i : images) {
      const auto half = find(half_of_, in[i]);
      if (!half || type(*half).dtype != type(*x).dtype) return false;
      in[i] = *half;
    }
    const auto result = take_cast_of(out[0], type(*x).dtype);
    if (!result) return false;
    out[0] = *result;
    emit(copy_of(instr, std::move(in), std::move(out)));
    return true;
  }

  // An optimizer's kernel widens gradients on its way.
  template <class P>
  bool narrow_gradients(Instr step) {
    const auto n = static_cast<std::size_t>(step.attrs.as<P>().variables);
    const std::size_t first = step.out.size();
    std::optional<DType> half;
    for (std::size_t i = first; i < first + n; ++i) {
      const auto gradient = find(half_of_, step.in[i]);
      if (!gradient || type(step.in[i - first]).dtype != DType::float32) continue;
      if (half && *half != type(*gradient).dtype) continue;
      half = type(*gradient).dtype;
      step.in[i] = *gradient;
    }
    emit(std::move(step));
    return true;
  }

  // take(cast(table)) as cast(take(table)): only the rows that are named are cast.
  bool narrow_after_take(const Instr& instr) {
    const auto table = find(wide_of_, instr.in[0]);
    const ValueType& result = type(instr.out[0]);
    if (!table || result.shape.size() >= type(*table).shape.size()) return false;
    const int rows = graph_.add_value({DType::float32, result.shape});
    emit(copy_of(instr, {*table, instr.in[1]}, {rows}));
    emit_cast(rows, instr.out[0], instr);
    return true;
  }

  // cast(take_grad(like, indices, dy)) as take_grad(like, indices, cast(dy)), whose rows an optimizer may take alone.
  bool widen_before_take_grad(const Instr& instr) {
    const auto table = find(wide_of_, instr.in[0]);
    if (!table) return false;
    const auto result = take_cast_of(instr.out[0], DType::float32);
    if (!result) return false;
    const int updates = graph_.add_value({DType::float32, type(instr.in[2]).shape});
    emit_cast(instr.in[2], updates, instr);
    emit(copy_of(instr, {*table, instr.in[1], updates}, {*result}));
    return true;
  }

  Graph& graph_;
  std::vector<int> producers_, reader_;
  std::vector<bool> dropped_;
  std::map<int, int> half_of_, wide_of_;  // float32 values that are casts, and half values that are casts of float32
  std::map<std::pair<int, DType>, int> literals_;
  std::vector<Instr> code_;
};

}  // namespace

Graph narrow_halves(Graph graph) {
  const auto is_narrow = [](const ValueType& type) { return is_half(type.dtype); };
  if (std::none_of(graph.values.begin(), graph.values.end(), is_narrow)) return graph;
  Narrower(graph).run();
  return eliminate_dead(std::move(graph));
}

}  // namespace kerata
