#include "compile/executable.h"

#include <algorithm>

#include "compile/executable_impl.h"
#include "compile/passes.h"

namespace kerata {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }
std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// On a GPU small workspaces lie beside each other, in turn: what runs by itself need not wait for memory.
std::size_t place_scratch(Executable::Impl& impl, std::size_t bytes) {
  constexpr std::size_t kTurn = std::size_t{1} << 20;
  const std::size_t before =
      impl.steps.empty() ? 0 : impl.steps.back().scratch + aligned(impl.steps.back().kernel->workspace_bytes);
  const std::size_t place = impl.device.is_cpu() || before + bytes > kTurn ? 0 : before;
  impl.scratch_bytes = std::max(impl.scratch_bytes, place + bytes);
  return place;
}

void add_step(Executable::Impl& impl, std::size_t index) {
  const Instr& instr = impl.graph.code[index];
  std::vector<ValueType> in, out;
  for (int v : instr.in) in.push_back(impl.graph.values[at(v)]);
  for (int v : instr.out) out.push_back(impl.graph.values[at(v)]);
  impl.kernels.push_back(kernels().prepare({*instr.op, in, out, instr.attrs, impl.device}));
  Step step{impl.kernels.back().get(),
            impl.argument_ids.size(),
            static_cast<std::uint32_t>(in.size()),
            static_cast<std::uint32_t>(out.size()),
            static_cast<std::uint32_t>(impl.copies.size()),
            0,
            impl.kernel_memory_bytes,
            place_scratch(impl, aligned(impl.kernels.back()->workspace_bytes))};
  impl.argument_ids.insert(impl.argument_ids.end(), instr.in.begin(), instr.in.end());
  impl.argument_ids.insert(impl.argument_ids.end(), instr.out.begin(), instr.out.end());
  if (const auto before = impl.plan.before.find(index); before != impl.plan.before.end()) {
    step.num_copies = static_cast<std::uint32_t>(before->second.size());
    impl.copies.insert(impl.copies.end(), before->second.begin(), before->second.end());
  }
  impl.kernel_memory_bytes += aligned(step.kernel->memory_bytes);
  impl.steps.push_back(step);
  impl.instr_of_step.push_back(index);
}

void place_slots(Executable::Impl& impl) {
  auto place = [&](int id) {
    impl.slot_offset.push_back(impl.staging_bytes);
    impl.staging_bytes += aligned(bytes_of(impl.graph.values[at(id)]));
  };
  for (int id : impl.graph.inputs) place(id);
  place(impl.graph.random_state);
  if (!impl.graph.num_carries) return;
  for (std::size_t i = *impl.graph.num_carries; i < impl.graph.outputs.size(); ++i) place(impl.graph.outputs[i]);
}

std::unique_ptr<Executable::Impl> build(const TracedFunction& function, const CompileSettings& settings,
                                        Device device) {
  auto impl = std::make_unique<Executable::Impl>();
  impl->device = device;
  impl->graph = optimize(flatten(function), settings, device);
  for (auto& [id, value] : impl->graph.constants) value = value.to(device);
  impl->plan = plan_memory(impl->graph, settings.in_place);
  for (std::size_t i = 0; i < impl->graph.code.size(); ++i) {
    for (int v : impl->graph.code[i].in) impl->uses_random_state |= v == impl->graph.random_state;
    if (!impl->plan.skip[i]) add_step(*impl, i);
  }
  place_slots(*impl);
  for (const Assign& assign : impl->graph.assigns) impl->written.push_back(assign.variable.cell());
  impl->report.kernels = impl->steps.size();
  impl->report.fused_chains = static_cast<std::size_t>(std::count_if(
      impl->graph.code.begin(), impl->graph.code.end(), [](const Instr& i) { return i.op->name == "fused"; }));
  impl->report.arena_bytes = impl->plan.arena_bytes;
  impl->report.unplanned_bytes = impl->plan.unplanned_bytes;
  return impl;
}

}  // namespace

Executable::Executable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Executable::~Executable() = default;

ExecutablePtr Executable::compile(const TracedFunction& function, const CompileSettings& settings, Device device) {
  return ExecutablePtr(new Executable(build(function, settings, device)));
}

std::size_t Executable::num_inputs() const { return impl_->graph.inputs.size(); }
std::size_t Executable::num_outputs() const { return impl_->graph.outputs.size(); }
const ValueType& Executable::input_type(std::size_t i) const { return impl_->graph.values[at(impl_->graph.inputs[i])]; }
const ValueType& Executable::output_type(std::size_t i) const {
  return impl_->graph.values[at(impl_->graph.outputs[i])];
}
const ExecutableReport& Executable::report() const { return impl_->report; }
bool Executable::is_random() const { return impl_->uses_random_state; }
bool Executable::reports() const {
  return std::any_of(impl_->steps.begin(), impl_->steps.end(), [](const Step& step) { return step.kernel->reports; });
}
Device Executable::device() const { return impl_->device; }
bool Executable::is_placed() const {
  return std::all_of(impl_->plan.variables.begin(), impl_->plan.variables.end(), [&](const Variable& variable) {
    return output_of(variable.cell()->tensor).device() == impl_->device;
  });
}

std::vector<Variable> Executable::variables() const { return impl_->plan.variables; }
std::span<VariableCell* const> Executable::written() const { return impl_->written; }

std::string ExecutableReport::text() const {
  return join_text(kernels, " kernels, ", fused_chains, " of them fused chains; arena ", arena_bytes, " bytes (",
                   unplanned_bytes, " without a plan)");
}

}  // namespace kerata
