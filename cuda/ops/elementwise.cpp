// Elementwise ops and fused chains: one generated kernel a chain.
#include <algorithm>

#include "cuda/ops/chain_source.h"
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/op_list.h"

namespace kerata::cuda {
namespace {

// How the elements of the inputs are found: rows of the output's axes, merged as far as they go together.
struct Walk {
  std::vector<ChainInput> inputs;
  std::vector<std::int64_t> sizes;                 // outermost first
  std::vector<std::vector<std::int64_t>> strides;  // by input, then axis
};

std::vector<std::int64_t> strides_of(const Shape& in, const Shape& out) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(out.rank()), 0);
  std::int64_t step = 1;
  for (Dim axis = in.rank() - 1; axis >= 0; --axis) {
    if (in[axis] != 1) strides[static_cast<std::size_t>(axis + out.rank() - in.rank())] = step;
    step *= in[axis];
  }
  return strides;
}

// Axis `outer` and the one after it are one axis for this input.
bool merges(const std::vector<std::int64_t>& strides, std::size_t outer, std::int64_t inner_size) {
  return strides[outer] == strides[outer + 1] * inner_size;
}

Walk plan_walk(std::span<const ValueType> in, const Shape& out) {
  Walk walk;
  for (Dim axis = 0; axis < out.rank(); ++axis) walk.sizes.push_back(out[axis]);
  for (const ValueType& type : in) walk.strides.push_back(strides_of(type.shape, out));
  auto drop = [&](std::size_t axis) {
    walk.sizes.erase(walk.sizes.begin() + static_cast<std::ptrdiff_t>(axis));
    for (auto& strides : walk.strides) strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(axis));
  };
  for (std::size_t axis = walk.sizes.size(); axis-- > 0;)
    if (walk.sizes[axis] == 1) drop(axis);
  for (std::size_t axis = walk.sizes.size(); axis-- > 1;) {
    const std::int64_t inner = walk.sizes[axis];
    if (!std::all_of(walk.strides.begin(), walk.strides.end(),
                     [&](const auto& strides) { return merges(strides, axis - 1, inner); }))
      continue;
    walk.sizes[axis - 1] *= inner;
    for (auto& strides : walk.strides) strides[axis - 1] = strides[axis];
    drop(axis);
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto& strides = walk.strides[i];
    const bool still = std::all_of(strides.begin(), strides.end(), [](std::int64_t s) { return s == 0; });
    const bool dense = strides == strides_of(Shape(walk.sizes), Shape(walk.sizes));
    walk.inputs.push_back({in[i].dtype, still ? ChainInput::scalar : dense ? ChainInput::dense : ChainInput::strided});
  }
  return walk;
}

class ChainKernel final : public Kernel {
 public:
  ChainKernel(const KernelSpec& spec, const ops::FusedProgram& program) : device_(spec.device.index()) {
    reports = false;
    const Walk walk = plan_walk(spec.in, spec.out[0].shape);
    std::vector<DType> outputs;
    for (const ValueType& type : spec.out) outputs.push_back(type.dtype);
    const std::int64_t count = spec.out[0].shape.size();
    const ChainSource source =
        chain_source(program, walk.inputs, outputs, count, walk.sizes.empty() ? 1 : walk.sizes.back());
    for (const ChainInput& input : walk.inputs) is_dense_.push_back(input.kind == ChainInput::dense);
    one_ = function_of(device_, {source.text, "chain", {}});
    if (source.has_packs) four_ = function_of(device_, {source.text, "chain4", {}});
    parameters_ = ChainParameters(walk.inputs.size(), outputs.size());
    parameters_.set_count(count);
    for (std::size_t axis = 0; axis < walk.sizes.size(); ++axis) {
      parameters_.set_size(axis, walk.sizes[axis]);
      for (std::size_t i = 0; i < walk.inputs.size(); ++i) parameters_.set_stride(i, axis, walk.strides[i][axis]);
    }
    parameters_.set_rank(walk.sizes.size());
    single_grid_ = grid_for(count);
    packed_grid_ = grid_for(count, 4);
  }

  void run(const KernelArgs& args) const override {
    ChainParameters parameters = parameters_;
    bool aligned = static_cast<bool>(four_);
    for (std::size_t i = 0; i < parameters.num_inputs(); ++i) {
      parameters.set_input(i, args.in[i]);
      aligned = aligned && (!is_dense_[i] || is_aligned(args.in[i]));
    }
    for (std::size_t i = 0; i < parameters.num_outputs(); ++i) {
      parameters.set_output(i, args.out[i]);
      aligned = aligned && is_aligned(args.out[i]);
    }
    launch_bytes(device_, aligned ? four_ : one_, aligned ? packed_grid_ : single_grid_, parameters.bytes(), args);
  }

 private:
  static bool is_aligned(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 32 == 0; }

  int device_;
  std::vector<bool> is_dense_;  // by input
  KernelFunction one_, four_;   // four_: packs of four elements, when the memory allows
  ChainParameters parameters_;
  Grid single_grid_, packed_grid_;
};

std::unique_ptr<Kernel> prepare_op(const KernelSpec& spec) {
  if (spec.out[0].shape.size() == 0) return make_nothing();
  ops::FusedProgram program;
  program.num_inputs = static_cast<int>(spec.in.size());
  program.shape = spec.out[0].shape;
  ops::FusedStep step{&spec.op, spec.out[0].dtype, {}};
  for (int i = 0; i < program.num_inputs; ++i) step.args.push_back(i);
  program.steps.push_back(std::move(step));
  program.outputs.push_back(program.num_inputs);
  return std::make_unique<ChainKernel>(spec, program);
}

std::unique_ptr<Kernel> prepare_fused(const KernelSpec& spec) {
  if (spec.out[0].shape.size() == 0) return make_nothing();
  return std::make_unique<ChainKernel>(spec, *spec.attrs.as<ops::FusedAttrs>().program);
}

}  // namespace

void register_elementwise(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  for (const OpDef* op : {&ops::kAdd,         &ops::kSubtract, &ops::kMultiply,     &ops::kDivide,     &ops::kPower,
                          &ops::kMaximum,     &ops::kMinimum,  &ops::kEqual,        &ops::kNotEqual,   &ops::kLess,
                          &ops::kLessEqual,   &ops::kGreater,  &ops::kGreaterEqual, &ops::kLogicalAnd, &ops::kLogicalOr,
                          &ops::kLogicalNot,  &ops::kIsfinite, &ops::kNegative,     &ops::kAbs,        &ops::kSign,
                          &ops::kExp,         &ops::kLog,      &ops::kLog1p,        &ops::kExpm1,      &ops::kSqrt,
                          &ops::kRsqrt,       &ops::kSquare,   &ops::kSin,          &ops::kCos,        &ops::kTan,
                          &ops::kTanh,        &ops::kSigmoid,  &ops::kSoftplus,     &ops::kErf,        &ops::kFloor,
                          &ops::kCeil,        &ops::kRound,    &ops::kRelu,         &ops::kWhere,      &ops::kCast,
                          &ops::kStopGradient})
    registry.add(kCuda, *op, prepare_op);
  registry.add(kCuda, ops::kFused, prepare_fused);
}

}  // namespace kerata::cuda
