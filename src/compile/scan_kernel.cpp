// The loop behind kScan: its body compiled once, run for every step.
#include <cstring>

#include "compile/device_run.h"
#include "compile/register.h"
#include "ops/scan.h"

namespace kerata {
namespace {

std::size_t at(Dim i) { return static_cast<std::size_t>(i); }

// Sizes and the compiled body, for either kind of device.
class ScanBase : public Kernel {
 public:
  explicit ScanBase(const KernelSpec& spec) : attrs_(spec.attrs.as<ops::ScanAttrs>()) {
    length_ = spec.out[attrs_.body->outputs.size()].shape[0];
    std::vector<ValueType> types(spec.in.begin(), spec.in.begin() + attrs_.num_carry);
    for (Dim i = attrs_.num_carry; i < attrs_.num_carry + attrs_.num_xs; ++i)
      types.push_back({spec.in[at(i)].dtype, spec.in[at(i)].shape.from(1)});
    types.insert(types.end(), spec.in.begin() + attrs_.num_carry + attrs_.num_xs, spec.in.end());
    for (const ValueType& type : types) input_bytes_.push_back(bytes_of(type));
    TracedFunction traced = trace(types, false, [&](const std::vector<Tensor>& placeholders, Scope&) {
      return replay(attrs_.body->inputs, placeholders, attrs_.body->outputs);
    });
    traced.num_carries = num_carries();
    body_ = Executable::compile(traced, {}, spec.device);
    for (std::size_t i = 0; i < body_->num_outputs(); ++i) output_bytes_.push_back(bytes_of(body_->output_type(i)));
  }

 protected:
  std::size_t num_carries() const { return at(attrs_.num_carry); }
  std::size_t first_captured() const { return at(attrs_.num_carry + attrs_.num_xs); }
  Dim index_of(Dim step) const { return attrs_.reverse ? length_ - 1 - step : step; }
  /// Where step t of what is read along axis 0 begins: one of the xs.
  const std::byte* slice(const KernelArgs& args, std::size_t input, Dim t) const {
    return args.input<std::byte>(input) + at(t) * input_bytes_[input];
  }
  /// The same of a result; null when nobody asks for it.
  std::byte* output_slice(const KernelArgs& args, std::size_t output, Dim t) const {
    return args.out[output] ? args.output<std::byte>(output) + at(t) * output_bytes_[output] : nullptr;
  }
  /// The carry before step t, kept for the way back.
  std::byte* saved_slice(const KernelArgs& args, std::size_t carry, Dim t) const {
    const std::size_t output = output_bytes_.size() + carry;
    return args.out[output] ? args.output<std::byte>(output) + at(t) * input_bytes_[carry] : nullptr;
  }
  /// Where the body itself writes step t of a result: null where slices of it do not begin at kAlignment.
  std::byte* direct_slice(const KernelArgs& args, std::size_t output, Dim t) const {
    return output_bytes_[output] % kAlignment == 0 ? output_slice(args, output, t) : nullptr;
  }

  ops::ScanAttrs attrs_;
  Dim length_ = 0;
  std::vector<std::size_t> input_bytes_, output_bytes_;  // of one step of the body
  ExecutablePtr body_;
};

class ScanKernel final : public ScanBase {
 public:
  explicit ScanKernel(const KernelSpec& spec) : ScanBase(spec) {}

  void run(const KernelArgs& args) const override {
    const WorkspacePool::Lease workspace = pool_.borrow();
    const Binding body = workspace->bind(body_);
    for (std::size_t i = 0; i < num_carries(); ++i) std::memcpy(body.input(i), args.in[i], input_bytes_[i]);
    for (std::size_t i = first_captured(); i < input_bytes_.size(); ++i) body.set_input(i, args.in[i]);
    for (Dim step = 0; step < length_; ++step) run_step(args, body, index_of(step));
    for (std::size_t i = 0; i < num_carries(); ++i)
      if (args.out[i]) std::memcpy(args.out[i], body.input(i), input_bytes_[i]);
  }

 private:
  void run_step(const KernelArgs& args, const Binding& body, Dim t) const {
    for (std::size_t i = 0; i < num_carries(); ++i)
      if (std::byte* to = saved_slice(args, i, t)) std::memcpy(to, body.input(i), input_bytes_[i]);
    for (std::size_t i = num_carries(); i < first_captured(); ++i) body.set_input(i, slice(args, i, t));
    for (std::size_t i = num_carries(); i < output_bytes_.size(); ++i)
      if (std::byte* to = direct_slice(args, i, t)) body.set_output(i, to);
    body.run();
    for (std::size_t i = num_carries(); i < output_bytes_.size(); ++i)
      if (std::byte* to = output_slice(args, i, t); to && body.output(i) != to)
        std::memcpy(to, body.output(i), output_bytes_[i]);
  }

  mutable WorkspacePool pool_;
};

// The same on a GPU: the kernels of every step are given to the queue one after the other.
class DeviceScanKernel final : public ScanBase {
 public:
  explicit DeviceScanKernel(const KernelSpec& spec) : ScanBase(spec), device_(spec.device) {
    const Executable::Impl& body = body_->impl();
    work_ = aligned(body.staging_bytes);
    workspace_bytes = work_ + aligned(body.plan.arena_bytes + body.scratch_bytes);
    reports = body_->reports();
  }

  void run(const KernelArgs& args) const override {
    auto* memory = static_cast<std::byte*>(args.workspace);
    Binding::Impl body;
    body.executable = body_;
    body.resolve(memory + work_, memory);
    for (std::size_t i = first_captured(); i < input_bytes_.size(); ++i) body.set_input(i, args.in[i]);
    for (std::size_t i = 0; i < num_carries(); ++i) copy(args, body.slot_data[i], args.in[i], input_bytes_[i]);
    for (Dim step = 0; step < length_; ++step) run_step(args, body, index_of(step));
    for (std::size_t i = 0; i < num_carries(); ++i)
      if (args.out[i]) copy(args, args.out[i], body.slot_data[i], input_bytes_[i]);
  }

 private:
  static std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

  void copy(const KernelArgs& args, void* to, const void* from, std::size_t bytes) const {
    if (bytes > 0 && to != from) give_copy(device_, to, from, bytes, args.queue);
  }

  void run_step(const KernelArgs& args, Binding::Impl& body, Dim t) const {
    for (std::size_t i = 0; i < num_carries(); ++i)
      if (std::byte* to = saved_slice(args, i, t)) copy(args, to, body.slot_data[i], input_bytes_[i]);
    for (std::size_t i = num_carries(); i < first_captured(); ++i) body.set_input(i, slice(args, i, t));
    for (std::size_t i = num_carries(); i < output_bytes_.size(); ++i)
      if (std::byte* to = direct_slice(args, i, t)) body.set_output(i, to);
    give_steps(body, args.queue, args.status, 0, nullptr);
    for (std::size_t i = num_carries(); i < output_bytes_.size(); ++i)
      if (std::byte* to = output_slice(args, i, t)) copy(args, to, body.output_address(i), output_bytes_[i]);
  }

  Device device_;
  std::size_t work_ = 0;  // where it begins in the workspace, after the slots
};

template <class ScanOnDevice>
std::unique_ptr<Kernel> prepare_scan(const KernelSpec& spec) {
  return std::make_unique<ScanOnDevice>(spec);
}

}  // namespace

void register_scan_kernel(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kScan, prepare_scan<ScanKernel>);
  registry.add(KernelRegistry::Target::cuda, ops::kScan, prepare_scan<DeviceScanKernel>);
}

}  // namespace kerata
