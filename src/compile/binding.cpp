// Binding and Workspace: running an executable in memory of its own.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "compile/executable_impl.h"

#include "compile/device_run.h"
#include "graph/placement.h"

namespace kerata {
namespace {

int slot_of(const Location& place) { return place.kind == Location::slot ? place.index : -1; }

}  // namespace

void fail_bad_data(const Executable::Impl& program, std::size_t step, const KernelStatus& status) {
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

Binding::Impl::Impl() = default;
Binding::Impl::~Impl() = default;

std::byte* Binding::Impl::address(const Location& place) const {
  const Executable::Impl& program = executable->impl();
  switch (place.kind) {
    case Location::arena:
      return memory + place.offset;
    case Location::slot:
      return slot_data[static_cast<std::size_t>(place.index)];
    case Location::constant:
      return output_of(program.graph.constants.at(place.index)).data();
    case Location::variable:
      return output_of(program.plan.variables[static_cast<std::size_t>(place.index)].cell()->tensor).data();
    default:
      return nullptr;
  }
}

void Binding::Impl::resolve(std::byte* work, std::byte* staging) {
  const Executable::Impl& program = executable->impl();
  placement = placement_version();
  for (const Variable& variable : program.plan.variables) {
    const Device place = output_of(variable.cell()->tensor).device();
    require<StateError>(place == program.device, "Model", "The weights were moved to ", place, " after a program for ",
                        program.device, " was made. Hint: make the predictor again.");
  }
  memory = work;
  scratch = work + program.plan.arena_bytes;
  kernel_memory.assign(program.kernel_memory_bytes, std::byte{});
  slot_data.clear();
  for (std::size_t offset : program.slot_offset) slot_data.push_back(staging + offset);
  slot_positions.assign(program.slot_offset.size(), {});
  arguments.clear();
  for (int id : program.argument_ids) {
    const Location& place = program.plan.where[static_cast<std::size_t>(id)];
    if (place.kind == Location::slot) slot_positions[static_cast<std::size_t>(place.index)].push_back(arguments.size());
    arguments.push_back(address(place));
  }
  output_data.clear();
  output_slot.clear();
  for (const Location& place : program.plan.outputs) {
    output_data.push_back(address(place));
    output_slot.push_back(slot_of(place));
  }
  auto bind = [&](const std::vector<Copy>& from, std::vector<BoundCopy>& to) {
    to.clear();
    for (const Copy& copy : from) {
      const Location& source = program.plan.where[static_cast<std::size_t>(copy.from)];
      to.push_back({address(source), address(copy.to), copy.bytes, slot_of(source), slot_of(copy.to)});
    }
  };
  bind(program.copies, copies);
  bind(program.plan.at_end, at_end);
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
    if (timed) {
      const auto time = std::chrono::steady_clock::now() - start;
      record_time(label_of(program, i), time, work_of(program.graph, program.graph.code[program.instr_of_step[i]]));
    }
    if (status.code != KernelStatus::ok) [[unlikely]]
      fail_bad_data(program, i, status);
  }
  for (const BoundCopy& copy : at_end) std::memcpy(copy.to, copy.from, copy.bytes);
  for (VariableCell* cell : program.written)  // written by this thread only: see the guard of variables
    cell->version.store(cell->version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (program.kernel_memory_bytes > 0) writes = count_writes();
}

const void* Binding::Impl::output_address(std::size_t i) const {
  const int slot = output_slot[i];
  return slot < 0 ? output_data[i] : slot_data[static_cast<std::size_t>(slot)];
}

void Binding::Impl::set_input(std::size_t i, const void* data) {
  move_slot(i, const_cast<std::byte*>(static_cast<const std::byte*>(data)));  // kernels write no inputs but carries
}

void Binding::Impl::set_output(std::size_t i, void* data) {
  const std::size_t slot = slot_of_output(executable->impl().graph, i);
  if (output_slot[i] == static_cast<int>(slot)) move_slot(slot, static_cast<std::byte*>(data));
}

void Binding::Impl::move_slot(std::size_t slot, std::byte* data) {
  if (slot_data[slot] == data) return;
  slot_data[slot] = data;
  for (std::size_t position : slot_positions[slot]) arguments[position] = data;
  for (std::vector<BoundCopy>* list : {&copies, &at_end})
    for (BoundCopy& copy : *list) {
      if (copy.from_slot == static_cast<int>(slot)) copy.from = data;
      if (copy.to_slot == static_cast<int>(slot)) copy.to = data;
    }
}

std::byte* Binding::Impl::own_input(std::size_t i) const {
  const Executable::Impl& program = executable->impl();
  return memory - program.staging_bytes + program.slot_offset[i];
}

void* Binding::input(std::size_t i) const { return impl_->device ? impl_->device->input(i) : impl_->own_input(i); }

const void* Binding::output(std::size_t i) const {
  return impl_->device ? impl_->device->output(i) : impl_->output_address(i);
}

void Binding::set_input(std::size_t i, const void* data) const {
  if (impl_->device)
    impl_->device->set_source(i, data);
  else
    impl_->set_input(i, data);
}

void Binding::set_output(std::size_t i, void* data) const { impl_->set_output(i, data); }

void Binding::use_own_input(std::size_t i) const {
  if (impl_->device)
    impl_->device->set_source(i, nullptr);
  else
    impl_->set_input(i, impl_->own_input(i));
}

void Binding::set_random_state(std::uint64_t key, std::uint64_t step) const {
  const std::uint64_t state[2] = {key, step};
  std::memcpy(input(impl_->executable->impl().state_slot()), state, sizeof state);
}

void Binding::run() const {
  if (impl_->device)
    impl_->device->run();
  else
    impl_->run();
}

void Binding::feed(std::span<const FedColumn> columns, const std::int64_t* order) const {
  impl_->device->feed(columns, order);
}

void Binding::run_fed(std::int64_t first, std::uint64_t key, std::uint64_t step) const {
  impl_->device->run_fed({first, key, step});
}

void Binding::check() const {
  if (impl_->reports) impl_->reports->check();
}

std::size_t Binding::fetch_reports() const { return impl_->reports ? impl_->reports->fetch() : 0; }

void Binding::check(std::size_t fetched) const {
  if (impl_->reports) impl_->reports->check(fetched);
}

std::size_t Binding::fetch() const { return impl_->device ? impl_->device->fetch() : 0; }

const void* Binding::fetched(std::size_t number, std::size_t i) const {
  return impl_->device ? impl_->device->fetched(number, i) : output(i);
}

struct Workspace::Impl {
  BufferPtr memory;
  std::unique_ptr<DeviceMemory> device;  // in place of `memory` when the programs are a GPU's
  std::unordered_map<const Executable*, std::unique_ptr<Binding::Impl>> bindings;

  bool is_current(const Binding::Impl& binding) const {
    if (!binding.executable->impl().device.is_cpu()) return binding.device && binding.device->is_current();
    return binding.memory == memory->data() + binding.executable->impl().staging_bytes &&
           binding.placement == placement_version();
  }
  void resolve(Binding::Impl& binding);
};

void Workspace::Impl::resolve(Binding::Impl& binding) {
  const Executable::Impl& program = binding.executable->impl();
  if (program.device.is_cpu()) {
    binding.resolve(memory->data() + program.staging_bytes, memory->data());
  } else {
    device->reports.check();  // what goes may still have something to say
    binding.device.reset();
    binding.device = std::make_unique<DeviceRun>(binding.executable, *device);
    binding.reports = &device->reports;
  }
}

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;

Binding Workspace::bind(const ExecutablePtr& executable) {
  const Device device = executable->impl().device;
  const std::size_t bytes = executable->impl().memory_bytes();
  if (device.is_cpu()) {
    if (!impl_->memory || impl_->memory->bytes() < bytes) impl_->memory = allocate(bytes);
  } else if (!impl_->device || impl_->device->device != device) {
    impl_->bindings.clear();  // they use the memory of the other device
    impl_->device = std::make_unique<DeviceMemory>(device);
  }
  auto& binding = impl_->bindings[executable.get()];
  if (!binding) {
    if (impl_->device) impl_->device->reports.check();
    // A signature that its model has dropped keeps no binding: the workspace would hold it for ever.
    std::erase_if(impl_->bindings,
                  [](const auto& entry) { return entry.second && entry.second->executable.use_count() == 1; });
    auto& fresh = impl_->bindings[executable.get()];
    fresh = std::make_unique<Binding::Impl>();
    fresh->executable = executable;
    impl_->resolve(*fresh);
    return Binding(*fresh);
  }
  if (!impl_->is_current(*binding)) impl_->resolve(*binding);
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
