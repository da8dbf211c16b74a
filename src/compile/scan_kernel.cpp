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
    const TracedFunction traced = trace(types, false, [&](const std::vector<Tensor>& placeholders, Scope&) {
      return replay(attrs_.body->inputs, placeholders, attrs_.body->outputs);
    });
    body_ = Executable::compile(traced, {}, spec.device);
    for (std::size_t i = 0; i < body_->num_outputs(); ++i) output_bytes_.push_back(bytes_of(body_->output_type(i)));
  }

 protected:
  std::size_t carry_bytes() const {
    std::size_t bytes = 0;
    for (Dim i = 0; i < attrs_.num_carry; ++i) bytes += aligned(input_bytes_[at(i)]);
    return bytes;
  }
  static std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

  ops::ScanAttrs attrs_;
  Dim length_ = 0;
  std::vector<std::size_t> input_bytes_, output_bytes_;  // of one step of the body
  ExecutablePtr body_;
};

class ScanKernel final : public ScanBase {
 public:
  explicit ScanKernel(const KernelSpec& spec) : ScanBase(spec) { workspace_bytes = carry_bytes(); }

  void run(const KernelArgs& args) const override {
    const WorkspacePool::Lease workspace = pool_.borrow();
    const Binding body = workspace->bind(body_);
    for (Dim i = 0; i < attrs_.num_carry; ++i) std::memcpy(body.input(at(i)), args.in[i], input_bytes_[at(i)]);
    for (std::size_t i = at(attrs_.num_carry + attrs_.num_xs); i < input_bytes_.size(); ++i)
      body.set_input(i, args.in[i]);
    for (Dim step = 0; step < length_; ++step) run_step(args, body, attrs_.reverse ? length_ - 1 - step : step);
    for (Dim i = 0; i < attrs_.num_carry; ++i)
      if (args.out[i]) std::memcpy(args.out[i], body.input(at(i)), input_bytes_[at(i)]);
  }

 private:
  void run_step(const KernelArgs& args, const Binding& body, Dim t) const {
    const std::size_t saved = output_bytes_.size();
    for (std::size_t i = 0; i < at(attrs_.num_carry); ++i)
      if (args.out[saved + i])
        std::memcpy(args.output<std::byte>(saved + i) + at(t) * input_bytes_[i], body.input(i), input_bytes_[i]);
    for (std::size_t i = at(attrs_.num_carry); i < at(attrs_.num_carry + attrs_.num_xs); ++i)
      body.set_input(i, args.input<std::byte>(i) + at(t) * input_bytes_[i]);
    body.run();
    for (std::size_t i = at(attrs_.num_carry); i < saved; ++i)
      if (args.out[i])
        std::memcpy(args.output<std::byte>(i) + at(t) * output_bytes_[i], body.output(i), output_bytes_[i]);
    store_carries(body, static_cast<std::byte*>(args.workspace));
  }

  // By way of the workspace: a new carry may be the old value of another one.
  void store_carries(const Binding& body, std::byte* between) const {
    std::byte* to = between;
    for (std::size_t i = 0; i < at(attrs_.num_carry); to += input_bytes_[i++])
      std::memcpy(to, body.output(i), input_bytes_[i]);
    const std::byte* from = between;
    for (std::size_t i = 0; i < at(attrs_.num_carry); from += input_bytes_[i++])
      std::memcpy(body.input(i), from, input_bytes_[i]);
  }

  mutable WorkspacePool pool_;
};

// The same on a GPU: the kernels of every step are given to the queue one after the other.
class DeviceScanKernel final : public ScanBase {
 public:
  explicit DeviceScanKernel(const KernelSpec& spec) : ScanBase(spec), device_(spec.device) {
    const Executable::Impl& body = body_->impl();
    staging_ = 2 * carry_bytes();
    work_ = staging_ + aligned(body.staging_bytes);
    workspace_bytes = work_ + aligned(body.plan.arena_bytes + body.scratch_bytes);
    reports = false;
    for (const Step& step : body.steps) reports |= step.kernel->reports;
  }

  void run(const KernelArgs& args) const override {
    auto* memory = static_cast<std::byte*>(args.workspace);
    Binding::Impl body;
    body.executable = body_;
    body.resolve(memory + work_, memory + staging_);
    for (std::size_t i = at(attrs_.num_carry + attrs_.num_xs); i < input_bytes_.size(); ++i)
      body.set_input(i, args.in[i]);
    Carries carries(*this, memory);
    for (std::size_t i = 0; i < at(attrs_.num_carry); ++i) {
      body.set_input(i, carries.old_value(i));
      copy(args, carries.old_value(i), args.in[i], input_bytes_[i]);
    }
    for (Dim step = 0; step < length_; ++step)
      run_step(args, body, carries, attrs_.reverse ? length_ - 1 - step : step);
    for (std::size_t i = 0; i < at(attrs_.num_carry); ++i)
      if (args.out[i]) copy(args, args.out[i], carries.old_value(i), input_bytes_[i]);
  }

 private:
  // The carries before a step, and after it: a new one may be the old value of another.
  struct Carries {
    Carries(const DeviceScanKernel& kernel, std::byte* memory) : kernel_(kernel), memory_(memory) {}
    std::byte* old_value(std::size_t i) const { return memory_ + offset(i); }
    std::byte* new_value(std::size_t i) const { return memory_ + kernel_.carry_bytes() + offset(i); }
    std::size_t offset(std::size_t i) const {
      std::size_t bytes = 0;
      for (std::size_t k = 0; k < i; ++k) bytes += aligned(kernel_.input_bytes_[k]);
      return bytes;
    }
    const DeviceScanKernel& kernel_;
    std::byte* memory_;
  };

  void copy(const KernelArgs& args, void* to, const void* from, std::size_t bytes) const {
    if (bytes == 0 || to == from) return;
    backend_of(device_)->copy(device_.index(), static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes,
                              args.queue);
  }

  void run_step(const KernelArgs& args, Binding::Impl& body, const Carries& carries, Dim t) const {
    const std::size_t saved = output_bytes_.size(), num_carry = at(attrs_.num_carry);
    for (std::size_t i = 0; i < num_carry; ++i)
      if (args.out[saved + i])
        copy(args, args.output<std::byte>(saved + i) + at(t) * input_bytes_[i], carries.old_value(i), input_bytes_[i]);
    for (std::size_t i = num_carry; i < at(attrs_.num_carry + attrs_.num_xs); ++i)
      body.set_input(i, args.input<std::byte>(i) + at(t) * input_bytes_[i]);
    give_steps(body, args.queue, args.status, 0, nullptr);
    for (std::size_t i = num_carry; i < saved; ++i)
      if (args.out[i])
        copy(args, args.output<std::byte>(i) + at(t) * output_bytes_[i], body.output_address(i), output_bytes_[i]);
    for (std::size_t i = 0; i < num_carry; ++i)
      copy(args, carries.new_value(i), body.output_address(i), input_bytes_[i]);
    for (std::size_t i = 0; i < num_carry; ++i) copy(args, carries.old_value(i), carries.new_value(i), input_bytes_[i]);
  }

  Device device_;
  std::size_t staging_ = 0, work_ = 0;  // where they begin in the workspace
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
