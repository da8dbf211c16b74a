// Fused elementwise chains: the chain is applied to one tile after the other, so that intermediates stay in L1.
#include "ops/fused.h"

#include <algorithm>
#include <cstring>

#include "backend/parallel.h"
#include "core/convert.h"
#include "cpu/elementwise.h"
#include "cpu/register.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

using ops::FusedProgram;

constexpr std::int64_t kTileFloats = 8192;  // 32 KiB: all slots of one tile
constexpr std::int64_t kLargestTile = 1024;
constexpr int kMaxRegisters = 128;  // the pass makes at most 32 steps of three arguments

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// How an input is read for a tile of the result.
struct Input {
  enum Kind { full, scalar, broadcast } kind = full;
  DType dtype = DType::float32;
  int slot = -1;                    // tile memory that it is loaded into; -1: read in place (float32, full) or a scalar
  std::vector<Dim> sizes, strides;  // broadcast: of the collapsed result, outermost first
};

struct Step {
  enum Form { copy, truth, unary, vv, vs, sv, where_vv, where_vs, where_sv, where_ss } form;
  const ElementwiseFunction* function;
  int out, a, b, c;               // registers
  DType rounds = DType::float32;  // to which half type
};

struct Output {
  int reg;
  DType dtype;
  bool direct;  // the step writes the result itself
};

class FusedKernel final : public Kernel {
 public:
  FusedKernel(const FusedProgram& program, std::span<const ValueType> in, std::span<const ValueType> out) {
    n_ = program.shape.size();
    for (const ValueType& type : in) inputs_.push_back(read_plan(type, program.shape));
    registers_ = program.num_inputs + static_cast<int>(program.steps.size());
    require<BackendError>(registers_ <= kMaxRegisters, "fused", "The chain has ", registers_,
                          " registers. Expected at most ", kMaxRegisters, '.');
    for (std::size_t i = 0; i < program.steps.size(); ++i)
      steps_.push_back(make_step(program, program.steps[i], program.num_inputs + static_cast<int>(i)));
    for (std::size_t i = 0; i < out.size(); ++i) outputs_.push_back({program.outputs[i], out[i].dtype, false});
    find_direct_outputs(program);
    assign_slots(program);
    tile_ = std::min(kLargestTile, kTileFloats / std::max(1, num_slots_) / 16 * 16);
    if (n_ < tile_) tile_ = std::max<std::int64_t>(16, (n_ + 15) / 16 * 16);
    double cost = 1;
    for (const Step& step : steps_) cost += step.function && step.function->expensive ? 8 : 1;
    grain_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(65536 / cost) / tile_);
  }

  void run(const KernelArgs& args) const override {
    const std::int64_t tiles = (n_ + tile_ - 1) / tile_;
    if (tiles == 1) return run_tiles(args, 0, 1);
    parallel_for(tiles, grain_, [&](std::int64_t begin, std::int64_t end) { run_tiles(args, begin, end); });
  }

 private:
  static Input read_plan(const ValueType& type, const Shape& shape) {
    Input input;
    input.dtype = type.dtype;
    if (type.shape.size() == shape.size()) return input;
    if (type.shape.size() == 1) {
      input.kind = Input::scalar;
      return input;
    }
    input.kind = Input::broadcast;
    Dim stride = 1;
    for (Dim axis = 1; axis <= shape.rank(); ++axis) {  // from the last axis; neighbours with one stride pattern merge
      const Dim size = shape[-axis], own = axis <= type.shape.rank() ? type.shape[-axis] : 1;
      const Dim step = own == 1 ? 0 : stride;
      stride *= own;
      if (size == 1) continue;
      const bool merges =
          !input.sizes.empty() &&
          ((step == 0 && input.strides.back() == 0) ||
           (step != 0 && input.strides.back() != 0 && step == input.strides.back() * input.sizes.back()));
      if (merges) {
        input.sizes.back() *= size;
      } else {
        input.sizes.push_back(size);
        input.strides.push_back(step);
      }
    }
    std::reverse(input.sizes.begin(), input.sizes.end());
    std::reverse(input.strides.begin(), input.strides.end());
    return input;
  }

  bool is_scalar(int reg) const {
    return reg < static_cast<int>(inputs_.size()) && inputs_[at(reg)].kind == Input::scalar;
  }

  Step make_step(const FusedProgram& program, const ops::FusedStep& step, int out) const {
    Step result{Step::unary, nullptr, out, step.args[0], -1, -1};
    if (is_half(step.dtype) && !step.op->selects) result.rounds = step.dtype;
    if (step.op == &ops::kCast) {
      const bool from_bool = program.num_inputs > step.args[0]
                                 ? inputs_[at(step.args[0])].dtype == DType::boolean
                                 : program.steps[at(step.args[0] - program.num_inputs)].dtype == DType::boolean;
      result.form = step.dtype == DType::boolean && !from_bool ? Step::truth : Step::copy;
      return result;
    }
    result.function = find_elementwise_f32(*step.op);
    require<BackendError>(result.function != nullptr, step.op->name, "This op cannot be part of a fused chain.");
    if (step.args.size() >= 2) result.b = step.args[1];
    if (step.args.size() == 3) {
      result.c = step.args[2];
      const bool sb = is_scalar(result.b), sc = is_scalar(result.c);
      result.form = sb ? (sc ? Step::where_ss : Step::where_sv) : (sc ? Step::where_vs : Step::where_vv);
    } else if (step.args.size() == 2) {
      result.form = is_scalar(result.a) ? (is_scalar(result.b) ? Step::vv : Step::sv)
                                        : (is_scalar(result.b) ? Step::vs : Step::vv);
    }
    return result;
  }

  // A float32 result may be written at once unless a later step still reads an input in place: the memory plan may
  // have put the result over that input.
  void find_direct_outputs(const FusedProgram& program) {
    for (Output& output : outputs_) {
      if (output.dtype != DType::float32) continue;
      bool read_later = false;
      for (std::size_t i = at(output.reg - program.num_inputs) + 1; i < steps_.size(); ++i)
        for (int reg : program.steps[i].args)
          read_later |= reg < program.num_inputs && inputs_[at(reg)].kind == Input::full;
      output.direct = !read_later;
    }
  }

  void assign_slots(const FusedProgram& program) {
    std::vector<int> last(at(registers_), -1);
    for (std::size_t i = 0; i < steps_.size(); ++i)
      for (int reg : program.steps[i].args) last[at(reg)] = static_cast<int>(i);
    for (const Output& output : outputs_) last[at(output.reg)] = static_cast<int>(steps_.size());
    slot_.assign(at(registers_), -1);
    std::vector<int> free;
    auto take = [&] {
      if (free.empty()) return num_slots_++;
      const int slot = free.back();
      free.pop_back();
      return slot;
    };
    for (int reg = 0; reg < program.num_inputs; ++reg) {
      Input& input = inputs_[at(reg)];
      const bool filled_scalar = input.kind == Input::scalar && needs_filling(reg);
      if (input.kind == Input::broadcast || (input.kind == Input::full && input.dtype != DType::float32) ||
          filled_scalar)
        slot_[at(reg)] = input.slot = num_slots_++;
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (int reg : program.steps[i].args)  // an operand's slot may take the result: functions work in place
        if (last[at(reg)] == static_cast<int>(i) && slot_[at(reg)] >= 0 && inputs_slot(reg) < 0) {
          free.push_back(slot_[at(reg)]);
          last[at(reg)] = -2;
        }
      const int out = steps_[i].out;
      const bool direct =
          std::any_of(outputs_.begin(), outputs_.end(), [&](const Output& o) { return o.reg == out && o.direct; });
      if (!direct) slot_[at(out)] = take();
    }
  }

  int inputs_slot(int reg) const { return reg < static_cast<int>(inputs_.size()) ? inputs_[at(reg)].slot : -1; }

  // Scalars are passed by value where the step has such a form, else spread over a tile.
  bool needs_filling(int reg) const {
    for (const Step& step : steps_) {
      const bool unary = step.form == Step::unary || step.form == Step::copy || step.form == Step::truth;
      if (unary && step.a == reg) return true;
      if (step.form == Step::vv && (step.a == reg || step.b == reg)) return true;
      if (step.c >= 0 && step.a == reg) return true;  // the condition of where
    }
    return false;
  }

  void run_tiles(const KernelArgs& args, std::int64_t first, std::int64_t end) const {
    alignas(64) float memory[kTileFloats];
    const float* pointers[kMaxRegisters];
    float scalars[kMaxRegisters];
    for (int reg = 0; reg < registers_; ++reg)
      if (slot_[at(reg)] >= 0) pointers[reg] = memory + slot_[at(reg)] * tile_;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].kind != Input::scalar) continue;
      convert(args.in[i], inputs_[i].dtype, &scalars[i], DType::float32, 1);
      if (inputs_[i].slot >= 0) std::fill_n(memory + inputs_[i].slot * tile_, std::min(tile_, n_), scalars[i]);
    }
    for (std::int64_t tile = first; tile < end; ++tile) {
      const std::int64_t begin = tile * tile_, count = std::min(tile_, n_ - begin);
      load(args, begin, count, pointers);
      for (const Output& output : outputs_)
        if (output.direct) pointers[output.reg] = args.output<float>(at(&output - outputs_.data())) + begin;
      for (const Step& step : steps_) apply_step(step, pointers, scalars, count);
      store(args, begin, count, pointers);
    }
  }

  void load(const KernelArgs& args, std::int64_t begin, std::int64_t count, const float** pointers) const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Input& input = inputs_[i];
      if (input.kind == Input::scalar) continue;
      if (input.kind == Input::full && input.slot < 0) {
        pointers[i] = args.input<float>(i) + begin;
        continue;
      }
      float* to = const_cast<float*>(pointers[i]);
      if (input.kind == Input::broadcast)
        load_broadcast(input, args.in[i], begin, count, to);
      else if (input.dtype == DType::boolean)
        mask_to_f32(args.input<bool>(i) + begin, to, count);
      else
        convert(args.input<std::byte>(i) + at(begin) * size_of(input.dtype), input.dtype, to, DType::float32,
                at(count));
    }
  }

  // Runs of the innermost collapsed axis are copied (stride 1) or repeated (stride 0). Where all rows are the same one
  // (a bias), those that are there are copied on.
  static void load_broadcast(const Input& input, const void* data, std::int64_t begin, std::int64_t count, float* to) {
    const std::size_t inner = input.sizes.size() - 1, bytes = size_of(input.dtype);
    const std::int64_t row = input.sizes[inner];
    const bool one_row = inner == 1 && input.strides[0] == 0;
    std::int64_t done = 0;
    while (done < count) {
      if (const std::int64_t rows = done / row * row; one_row && rows > 0) {
        const std::int64_t run = std::min(count - done, rows);
        std::memcpy(to + done, to + done - rows, at(run) * sizeof(float));
        done += run;
        continue;
      }
      std::int64_t rest = begin + done, offset = 0, column = 0;
      for (std::size_t axis = input.sizes.size(); axis-- > 0;) {
        const std::int64_t position = rest % input.sizes[axis];
        rest /= input.sizes[axis];
        offset += position * input.strides[axis];
        if (axis == inner) column = position;
      }
      const std::int64_t run = std::min(count - done, row - column);
      const std::byte* from = static_cast<const std::byte*>(data) + at(offset) * bytes;
      if (input.strides[inner] != 0) {
        convert(from, input.dtype, to + done, DType::float32, at(run));
      } else {
        float value;
        convert(from, input.dtype, &value, DType::float32, 1);
        std::fill_n(to + done, run, value);
      }
      done += run;
    }
  }

  static void apply_step(const Step& step, const float** pointers, const float* scalars, std::int64_t n) {
    compute_step(step, pointers, scalars, n);
    if (step.rounds != DType::float32) round_to(step.rounds, const_cast<float*>(pointers[step.out]), at(n));
  }

  static void compute_step(const Step& step, const float** pointers, const float* scalars, std::int64_t n) {
    float* out = const_cast<float*>(pointers[step.out]);
    const float* a = pointers[step.a];
    switch (step.form) {
      case Step::copy:
        if (out != a) std::memcpy(out, a, at(n) * sizeof(float));
        break;
      case Step::truth:
        truth_f32(a, out, n);
        break;
      case Step::unary:
        step.function->unary(a, out, n);
        break;
      case Step::vv:
        step.function->binary(a, pointers[step.b], out, n);
        break;
      case Step::vs:
        step.function->binary_as(a, scalars[step.b], out, n);
        break;
      case Step::sv:
        step.function->binary_sa(scalars[step.a], pointers[step.b], out, n);
        break;
      case Step::where_vv:
        step.function->ternary(a, pointers[step.b], pointers[step.c], out, n);
        break;
      case Step::where_vs:
        step.function->ternary_as(a, pointers[step.b], scalars[step.c], out, n);
        break;
      case Step::where_sv:
        step.function->ternary_sa(a, scalars[step.b], pointers[step.c], out, n);
        break;
      case Step::where_ss:
        step.function->ternary_ss(a, scalars[step.b], scalars[step.c], out, n);
        break;
    }
  }

  void store(const KernelArgs& args, std::int64_t begin, std::int64_t count, const float* const* pointers) const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (outputs_[i].direct) continue;
      const float* from = pointers[outputs_[i].reg];
      if (outputs_[i].dtype == DType::boolean)
        f32_to_mask(from, args.output<bool>(i) + begin, count);
      else
        convert(from, DType::float32, args.output<std::byte>(i) + at(begin) * size_of(outputs_[i].dtype),
                outputs_[i].dtype, at(count));
    }
  }

  std::int64_t n_ = 0, tile_ = 0, grain_ = 1;
  int registers_ = 0, num_slots_ = 0;
  std::vector<Input> inputs_;
  std::vector<Step> steps_;
  std::vector<Output> outputs_;
  std::vector<int> slot_;  // by register, or -1
};

std::unique_ptr<Kernel> prepare_fused(const KernelSpec& spec) {
  return std::make_unique<FusedKernel>(*spec.attrs.as<ops::FusedAttrs>().program, spec.in, spec.out);
}

}  // namespace

void register_fused_kernels(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kFused, prepare_fused);
}

}  // namespace kerata::cpu
