// The loop behind kScan: its body compiled once, run for every step.
#include <cstring>

#include "compile/executable.h"
#include "compile/register.h"
#include "ops/scan.h"

namespace kerata {
namespace {

std::size_t at(Dim i) { return static_cast<std::size_t>(i); }

class ScanKernel final : public Kernel {
 public:
  ScanKernel(const ops::ScanAttrs& attrs, std::span<const ValueType> in, std::span<const ValueType> out)
      : attrs_(attrs) {
    length_ = out[attrs.body->outputs.size()].shape[0];
    std::vector<ValueType> types(in.begin(), in.begin() + attrs.num_carry);
    for (Dim i = attrs.num_carry; i < attrs.num_carry + attrs.num_xs; ++i)
      types.push_back({in[at(i)].dtype, in[at(i)].shape.from(1)});
    types.insert(types.end(), in.begin() + attrs.num_carry + attrs.num_xs, in.end());
    for (const ValueType& type : types) input_bytes_.push_back(bytes_of(type));
    body_ = Executable::compile(trace(types, false, [&](const std::vector<Tensor>& placeholders, Scope&) {
      return replay(attrs.body->inputs, placeholders, attrs.body->outputs);
    }));
    for (Dim i = 0; i < attrs.num_carry; ++i) workspace_bytes += input_bytes_[at(i)];
    for (std::size_t i = 0; i < body_->num_outputs(); ++i) output_bytes_.push_back(bytes_of(body_->output_type(i)));
  }

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

  ops::ScanAttrs attrs_;
  Dim length_ = 0;
  std::vector<std::size_t> input_bytes_, output_bytes_;  // of one step of the body
  ExecutablePtr body_;
  mutable WorkspacePool pool_;
};

std::unique_ptr<Kernel> prepare_scan(const KernelSpec& spec) {
  return std::make_unique<ScanKernel>(spec.attrs.as<ops::ScanAttrs>(), spec.in, spec.out);
}

}  // namespace

void register_scan_kernel(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kScan, prepare_scan);
}

}  // namespace kerata
