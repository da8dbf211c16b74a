// Binding and Workspace: running an executable in memory of its own.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "compile/executable_impl.h"

namespace kerata {
namespace {

[[noreturn]] void fail_bad_data(const Executable::Impl& program, std::size_t step, const KernelStatus& status) {
  const Instr& instr = program.graph.code[program.instr_of_step[step]];
  fail<ValueError>(instr.op->name, "Index ", status.value, " is out of range",
                   instr.layer ? " in layer '" + *instr.layer + "'" : std::string(), ". Expected an index in [0, ",
                   status.limit, ").");
}

std::string label_of(const Executable::Impl& program, std::size_t step) {
  const Instr& instr = program.graph.code[program.instr_of_step[step]];
  std::string text = join_text(instr.op->name, ' ', program.graph.values[static_cast<std::size_t>(instr.out[0])].shape);
  if (instr.layer) text += " in " + *instr.layer;
  return text;
}

}  // namespace

std::byte* Binding::Impl::address(const Location& place) const {
  const Executable::Impl& program = executable->impl();
  switch (place.kind) {
    case Location::arena:
      return memory + program.staging_bytes + place.offset;
    case Location::input:
      return input_data[static_cast<std::size_t>(place.index)];
    case Location::constant:
      return output_of(program.graph.constants.at(place.index)).data();
    case Location::variable:
      return output_of(program.plan.variables[static_cast<std::size_t>(place.index)].cell()->tensor).data();
    default:
      return nullptr;
  }
}

void Binding::Impl::resolve(std::byte* workspace) {
  const Executable::Impl& program = executable->impl();
  memory = workspace;
  scratch = workspace + program.staging_bytes + program.plan.arena_bytes;
  kernel_memory.assign(program.kernel_memory_bytes, std::byte{});
  input_data.clear();
  for (std::size_t offset : program.input_offset) input_data.push_back(workspace + offset);
  input_positions.assign(program.input_offset.size(), {});
  arguments.clear();
  for (int id : program.argument_ids) {
    const Location& place = program.plan.where[static_cast<std::size_t>(id)];
    if (place.kind == Location::input)
      input_positions[static_cast<std::size_t>(place.index)].push_back(arguments.size());
    arguments.push_back(address(place));
  }
  output_data.clear();
  output_input.clear();
  for (int id : program.graph.outputs) {
    const Location& place = program.plan.where[static_cast<std::size_t>(id)];
    output_data.push_back(address(place));
    output_input.push_back(place.kind == Location::input ? place.index : -1);
  }
  auto bind = [&](const std::vector<Copy>& from, std::vector<BoundCopy>& to, std::vector<int>& inputs) {
    to.clear();
    inputs.clear();
    for (const Copy& copy : from) {
      const Location& source = program.plan.where[static_cast<std::size_t>(copy.from)];
      to.push_back({address(source), address(copy.to), copy.bytes});
      inputs.push_back(source.kind == Location::input ? source.index : -1);
    }
  };
  bind(program.copies, copies, copy_input);
  bind(program.plan.at_end, at_end, at_end_input);
}

std::uint64_t Binding::Impl::count_writes() const {
  std::uint64_t count = 0;
  for (const VariableCell* cell : executable->impl().written) count += cell->version.load(std::memory_order_relaxed);
  return count;
}

void Binding::Impl::run() {
  const Executable::Impl& program = executable->impl();
  if (program.kernel_memory_bytes > 0 && count_writes() != writes)
    std::fill(kernel_memory.begin(), kernel_memory.end(), std::byte{});
  KernelStatus status;
  const bool timed = profiling();
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    for (std::uint32_t c = 0; c < step.num_copies; ++c) {
      const BoundCopy& copy = copies[step.first_copy + c];
      std::memcpy(copy.to, copy.from, copy.bytes);
    }
    void* const* first = arguments.data() + step.first;
    const auto start = timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
    step.kernel->run({first, first + step.num_in, scratch, &status, kernel_memory.data() + step.memory});
    if (timed) record_time(label_of(program, i), std::chrono::steady_clock::now() - start);
    if (status.code != KernelStatus::ok) [[unlikely]]
      fail_bad_data(program, i, status);
  }
  for (const BoundCopy& copy : at_end) std::memcpy(copy.to, copy.from, copy.bytes);
  for (VariableCell* cell : program.written)  // written by this thread only: see the guard of variables
    cell->version.store(cell->version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (program.kernel_memory_bytes > 0) writes = count_writes();
}

void* Binding::input(std::size_t i) const {
  const Executable::Impl& program = impl_->executable->impl();
  return impl_->memory + program.input_offset[i];
}

const void* Binding::output(std::size_t i) const {
  const int input = impl_->output_input[i];
  return input < 0 ? impl_->output_data[i] : impl_->input_data[static_cast<std::size_t>(input)];
}

void Binding::set_input(std::size_t i, const void* data) const {
  std::byte* address = const_cast<std::byte*>(static_cast<const std::byte*>(data));  // kernels never write inputs
  if (impl_->input_data[i] == address) return;
  impl_->input_data[i] = address;
  for (std::size_t position : impl_->input_positions[i]) impl_->arguments[position] = address;
  for (std::size_t c = 0; c < impl_->copies.size(); ++c)
    if (impl_->copy_input[c] == static_cast<int>(i)) impl_->copies[c].from = address;
  for (std::size_t c = 0; c < impl_->at_end.size(); ++c)
    if (impl_->at_end_input[c] == static_cast<int>(i)) impl_->at_end[c].from = address;
}

void Binding::set_random_state(std::uint64_t key, std::uint64_t step) const {
  const std::uint64_t state[2] = {key, step};
  std::memcpy(impl_->memory + impl_->executable->impl().input_offset.back(), state, sizeof state);
}

void Binding::run() const { impl_->run(); }

struct Workspace::Impl {
  BufferPtr memory;
  std::unordered_map<const Executable*, std::unique_ptr<Binding::Impl>> bindings;
};

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;

Binding Workspace::bind(const ExecutablePtr& executable) {
  const std::size_t bytes = executable->impl().memory_bytes();
  if (!impl_->memory || impl_->memory->bytes() < bytes) impl_->memory = allocate(bytes);
  auto& binding = impl_->bindings[executable.get()];
  if (!binding) {
    // A signature that its model has dropped keeps no binding: the workspace would hold it for ever.
    std::erase_if(impl_->bindings,
                  [](const auto& entry) { return entry.second && entry.second->executable.use_count() == 1; });
    auto& fresh = impl_->bindings[executable.get()];
    fresh = std::make_unique<Binding::Impl>();
    fresh->executable = executable;
    fresh->resolve(impl_->memory->data());
    return Binding(*fresh);
  }
  if (binding->memory != impl_->memory->data()) binding->resolve(impl_->memory->data());
  return Binding(*binding);
}

WorkspacePool::Lease WorkspacePool::borrow() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return Lease(*this, std::make_unique<Workspace>());
  std::unique_ptr<Workspace> workspace = std::move(free_.back());
  free_.pop_back();
  return Lease(*this, std::move(workspace));
}

WorkspacePool::Lease::~Lease() {
  if (!workspace_) return;
  const std::lock_guard lock(pool_->mutex_);
  pool_->free_.push_back(std::move(workspace_));
}

}  // namespace kerata
