// float16 and bfloat16 for ops whose kernels do not know them: operands are cast to float32, results back, on the same
// device.
#include "compile/register.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

ValueType widened(const ValueType& type) { return is_half(type.dtype) ? ValueType{DType::float32, type.shape} : type; }
std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

std::unique_ptr<Kernel> cast_kernel(const ValueType& from, const ValueType& to, Device device) {
  const Attrs attrs = ops::CastAttrs{to.dtype};
  return kernels().prepare({ops::kCast, {&from, 1}, {&to, 1}, attrs, device});
}

class HalfKernel final : public Kernel {
 public:
  explicit HalfKernel(const KernelSpec& spec) : on_cpu_(spec.device.is_cpu()) {
    std::vector<ValueType> in, out;
    if (on_cpu_) workspace_bytes = aligned((spec.in.size() + spec.out.size()) * sizeof(void*));
    for (const ValueType& type : spec.in) in.push_back(widened(type));
    for (const ValueType& type : spec.out) out.push_back(widened(type));
    inner_ = kernels().prepare({spec.op, in, out, spec.attrs, spec.device});
    reports = inner_->reports;
    memory_bytes = inner_->memory_bytes;
    for (std::size_t i = 0; i < in.size(); ++i) operands_.push_back(operand(spec.in[i], in[i], true, spec.device));
    const std::size_t end = workspace_bytes;
    for (std::size_t i = 0; i < out.size(); ++i) results_.push_back(operand(spec.out[i], out[i], false, spec.device));
    if (spec.op.updates_inputs) {  // its results lie where their old values are
      for (std::size_t i = 0; i < out.size(); ++i) results_[i].at = operands_[i].at;
      workspace_bytes = end;
    }
    scratch_ = workspace_bytes;
    workspace_bytes += inner_->workspace_bytes;
  }

  void run(const KernelArgs& args) const override {
    auto* const memory = static_cast<std::byte*>(args.workspace);
    // The lists of addresses lie in the workspace, except on a GPU, where run() is recorded.
    std::vector<void*> own(on_cpu_ ? 0 : operands_.size() + results_.size());
    void** const out = on_cpu_ ? static_cast<void**>(args.workspace) : own.data();
    auto** const in = const_cast<const void**>(out + results_.size());
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      in[i] = args.in[i];
      if (!operands_[i].cast || !args.in[i]) continue;
      cast(*operands_[i].cast, args.in[i], memory + operands_[i].at, args);
      in[i] = memory + operands_[i].at;
    }
    for (std::size_t i = 0; i < results_.size(); ++i)
      out[i] = results_[i].cast && args.out[i] ? memory + results_[i].at : args.out[i];
    KernelArgs inner = args;
    inner.in = in;
    inner.out = out;
    inner.workspace = inner_->workspace_bytes ? memory + scratch_ : nullptr;
    inner_->run(inner);
    for (std::size_t i = 0; i < results_.size(); ++i)
      if (results_[i].cast && args.out[i]) cast(*results_[i].cast, out[i], args.out[i], args);
  }

 private:
  /// One that is cast, and where its float32 lies in the workspace; or none.
  struct Operand {
    std::unique_ptr<Kernel> cast;
    std::size_t at = 0;
  };

  Operand operand(const ValueType& half, const ValueType& wide, bool is_input, Device device) {
    if (!is_half(half.dtype)) return {};
    Operand made{is_input ? cast_kernel(half, wide, device) : cast_kernel(wide, half, device), workspace_bytes};
    workspace_bytes += aligned(bytes_of(wide));
    return made;
  }

  static void cast(const Kernel& kernel, const void* from, void* to, const KernelArgs& args) {
    kernel.run({&from, &to, nullptr, args.status, nullptr, args.queue});
  }

  bool on_cpu_;
  std::unique_ptr<Kernel> inner_;
  std::vector<Operand> operands_, results_;
  std::size_t scratch_ = 0;
};

std::unique_ptr<Kernel> prepare_half(const KernelSpec& spec) {
  for (const ValueType& type : spec.in)
    if (is_half(type.dtype)) return std::make_unique<HalfKernel>(spec);
  return nullptr;
}

}  // namespace

void register_half_kernels(KernelRegistry& registry) { registry.set_fallback(prepare_half); }

}  // namespace kerata
