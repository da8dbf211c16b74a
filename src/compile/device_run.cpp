#include "compile/device_run.h"

#include <algorithm>
#include <cstring>

#include "core/warning.h"
#include "graph/placement.h"

namespace kerata {
namespace {

constexpr std::size_t kDeviceAlignment = 256;
std::size_t aligned(std::size_t bytes) { return (bytes + kDeviceAlignment - 1) / kDeviceAlignment * kDeviceAlignment; }

std::size_t output_bytes(const Executable::Impl& program) {
  std::size_t bytes = 0;
  for (int id : program.graph.outputs) bytes += aligned(bytes_of(program.graph.values[static_cast<std::size_t>(id)]));
  return bytes;
}

// What a step does to memory beside writing its status.
std::shared_ptr<const MemoryUse> use_of(const Binding::Impl& bound, const Step& step, const Instr& instr) {
  const Graph& graph = bound.executable->impl().graph;
  auto use = std::make_shared<MemoryUse>();
  auto add = [&](std::vector<MemoryRange>& to, const void* memory, int value) {
    if (memory) to.push_back({memory, bytes_of(graph.values[static_cast<std::size_t>(value)])});
  };
  for (std::size_t i = 0; i < step.num_in; ++i)
    if (!reads_only_type(*instr.op, i)) add(use->reads, bound.arguments[step.first + i], instr.in[i]);
  for (std::size_t i = 0; i < step.num_out; ++i)
    add(use->writes, bound.arguments[step.first + step.num_in + i], instr.out[i]);
  if (step.kernel->workspace_bytes) use->writes.push_back({bound.scratch + step.scratch, step.kernel->workspace_bytes});
  return use;
}

}  // namespace

DeviceLayout::DeviceLayout(const Executable::Impl& program) {
  const std::size_t staging = aligned(program.staging_bytes);
  inputs[0] = 0;
  inputs[1] = staging;
  work = 2 * staging;
  bytes = work + aligned(program.plan.arena_bytes + program.scratch_bytes);
  pinned_inputs[0] = 0;
  pinned_inputs[1] = staging;
  pinned_input_bytes = 2 * staging;
  pinned_outputs[0] = 0;
  pinned_outputs[1] = output_bytes(program);
  pinned_output_bytes = 2 * output_bytes(program);
}

DeviceMemory::DeviceMemory(Device on) : device(on), backend(*backend_of(on)), reports(on) {
  for (std::array<Event, 2>* events : {&copied, &used, &fetched})
    for (Event& event : *events) event = backend.make_event(device.index());
}

DeviceMemory::~DeviceMemory() {
  try {
    backend.wait(device.index(), backend.copy_queue(device.index()));
    backend.wait(device.index(), backend.main_queue(device.index()));
  } catch (const Error&) {  // the device is lost: nothing runs there any more
  }
  for (const std::array<Event, 2>* events : {&copied, &used, &fetched})
    for (Event event : *events) backend.release_event(device.index(), event);
  release(inputs_);
  release(outputs_);
}

void DeviceMemory::release(Pinned& pinned) {
  if (pinned.memory) backend.release_pinned(device.index(), pinned.memory);
  pinned = {};
}

bool DeviceMemory::grow(Pinned& pinned, std::size_t bytes) {
  if (pinned.bytes >= bytes) return false;
  release(pinned);
  pinned = {backend.allocate_pinned(device.index(), bytes), bytes};
  return true;
}

std::byte* DeviceMemory::inputs(std::size_t bytes) {
  if (inputs_.bytes < bytes) backend.wait(device.index(), backend.copy_queue(device.index()));
  grow(inputs_, bytes);
  return inputs_.memory;
}

void DeviceMemory::make_room(const DeviceLayout& layout) {
  backend.wait(device.index(), backend.copy_queue(device.index()));
  backend.wait(device.index(), backend.main_queue(device.index()));
  if (!memory || memory->bytes() < layout.bytes) {
    ++version_;
    memory.reset();  // first: there may be no room for both
    memory = allocate(layout.bytes, device);
  }
  if (grow(outputs_, layout.pinned_output_bytes)) ++version_;
}

DeviceRun::~DeviceRun() {
  if (memory_.last == this) memory_.last = nullptr;
}

DeviceRun::DeviceRun(const ExecutablePtr& executable, DeviceMemory& memory)
    : executable_(executable),
      memory_(memory),
      layout_(executable->impl()),
      reports_(*executable, memory.reports),
      placement_(placement_version()) {
  memory.make_room(layout_);
  memory_version_ = memory.version();
  base_ = memory.memory->data();
  const Executable::Impl& program = executable->impl();
  for (std::size_t slot = 0; slot < 2; ++slot) {
    bound_[slot].executable = executable;
    bound_[slot].resolve(base_ + layout_.work, base_ + layout_.inputs[slot]);
  }
  variables_ = variable_addresses();
  sources_.assign(program.slot_offset.size(), nullptr);
  for (Fetched& fetched : fetched_) fetched.outputs.resize(program.graph.outputs.size());
  own_ = allocate(sizeof(FeedState), memory.device);
  const int device = memory.device.index();
  const Queue queue = memory.backend.main_queue(device);
  memory.backend.wait(device, queue);  // the memory is there for the copy queue, too
}

// Other models' variables may have moved since.
bool DeviceRun::is_current() {
  if (memory_version_ != memory_.version()) return false;
  const std::uint64_t placement = placement_version();
  if (placement_ != placement && variable_addresses() != variables_) return false;
  placement_ = placement;
  return true;
}

std::vector<const void*> DeviceRun::variable_addresses() const {
  std::vector<const void*> all;
  for (const Variable& variable : executable_->impl().plan.variables)
    all.push_back(output_of(variable.cell()->tensor).data());
  return all;
}

std::byte* DeviceRun::feed_state() const { return own_->data(); }

std::byte* DeviceRun::pinned_input(std::size_t i, std::size_t slot) const {
  return memory_.inputs(layout_.pinned_input_bytes) + layout_.pinned_inputs[slot] + executable_->impl().slot_offset[i];
}

std::byte* DeviceRun::input(std::size_t i) {
  if (!pinned_is_free_) memory_.backend.host_waits(memory_.device.index(), memory_.copied[slot_]);
  if (memory_.last != this) memory_.backend.host_waits(memory_.device.index(), memory_.copied[1 - slot_]);
  pinned_is_free_ = true;
  return pinned_input(i, slot_);
}

// The batch, into the input buffer that the step before the last one has read.
void DeviceRun::upload() {
  const Executable::Impl& program = executable_->impl();
  const int device = memory_.device.index();
  DeviceBackend& backend = memory_.backend;
  const Queue queue = backend.copy_queue(device);
  if (memory_.last != this) backend.record(device, memory_.used[slot_], backend.main_queue(device));
  backend.queue_waits(device, queue, memory_.used[slot_]);
  std::byte* to = base_ + layout_.inputs[slot_];
  if (std::all_of(sources_.begin(), sources_.end(), [](const void* source) { return !source; })) {
    backend.upload(device, to, pinned_input(0, slot_), program.staging_bytes, queue);
  } else {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const bool is_state = i == program.state_slot();
      const std::size_t bytes =
          is_state ? program.staging_bytes - program.slot_offset[i] : bytes_of(executable_->input_type(i));
      if (bytes == 0 || (is_state && !program.uses_random_state)) continue;
      backend.upload(device, to + program.slot_offset[i], sources_[i] ? sources_[i] : pinned_input(i, slot_), bytes,
                     queue);
    }
  }
  backend.record(device, memory_.copied[slot_], queue);
  backend.queue_waits(device, backend.main_queue(device), memory_.copied[slot_]);
}

template <class Work>
void DeviceRun::give_or_launch(std::unique_ptr<DeviceGraph>& graph, const Work& work) {
  const int device = memory_.device.index();
  DeviceBackend& backend = memory_.backend;
  const Queue queue = backend.main_queue(device);
  if (profiling()) {
    DeviceTimes times(device, backend, queue);
    work(queue, &times);
    return times.report();
  }
  if (records_ && !graph) graph = record([&](Queue recording) { work(recording, nullptr); });
  if (!graph) return work(queue, nullptr);
  graph->launch(queue);
}

// A library that cannot be recorded, or too little memory, makes a program slower and does not end it.
template <class Work>
std::unique_ptr<DeviceGraph> DeviceRun::record(const Work& work) {
  try {
    return memory_.backend.capture(memory_.device.index(), work);
  } catch (const BackendError& error) {
    records_ = false;
    is_recordable_ = false;
    print_warning(join_text("A program on ", memory_.device,
                            " cannot be recorded; its kernels are launched one by one. ", error.what()));
    return nullptr;
  }
}

void DeviceRun::run() {
  if (has_inputs()) upload();
  const Binding::Impl& bound = bound_[slot_];
  give_or_launch(graphs_[slot_], [&](Queue queue, DeviceTimes* times) { give(queue, bound, times); });
  const int device = memory_.device.index();
  memory_.backend.record(device, memory_.used[slot_], memory_.backend.main_queue(device));
  finish_run(slot_);
  if (!has_inputs()) return;
  slot_ = 1 - slot_;
  pinned_is_free_ = false;
}

bool DeviceRun::has_inputs() const {
  const Executable::Impl& program = executable_->impl();
  return !program.graph.inputs.empty() || program.uses_random_state;
}

void DeviceRun::finish_run(std::size_t slot) {
  memory_.last = this;
  reports_.has_run();
  records_ = is_recordable_;
  last_slot_ = slot;
  is_fetched_ = false;
  for (VariableCell* cell : executable_->written())
    cell->version.store(cell->version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void DeviceRun::feed(std::span<const FedColumn> columns, const std::int64_t* order) {
  if (order == order_ && std::equal(columns.begin(), columns.end(), fed_.begin(), fed_.end())) return;
  fed_.assign(columns.begin(), columns.end());
  order_ = order;
  fed_graph_ = nullptr;
}

// Batch, step and the way to the next batch are one graph: a step of a small model is one launch.
void DeviceRun::run_fed(const FeedState& state) {
  const int device = memory_.device.index();
  const Queue queue = memory_.backend.main_queue(device);
  const bool random = executable_->impl().uses_random_state;
  if (!knows_state_ || (random ? state != next_ : state.first != next_.first))
    memory_.backend.upload(device, feed_state(), &(given_ = state), sizeof state, queue);
  give_or_launch(fed_graph_, [&](Queue to, DeviceTimes* times) {
    if (times) times->begin("next batch");
    give_fed(to);
    if (times) times->end();
    give(to, bound_[0], times);
  });
  next_ = {state.first + batch_size(), state.key, state.step + 1};
  knows_state_ = true;
  finish_run(0);
  memory_.last = nullptr;  // whoever uploads next waits for all that was given, also this program
}

std::int64_t DeviceRun::batch_size() const { return fed_.empty() ? 0 : executable_->input_type(0).shape[0]; }

void DeviceRun::give_fed(Queue queue) {
  const Executable::Impl& program = executable_->impl();
  const int device = memory_.device.index();
  auto* state = reinterpret_cast<FeedState*>(feed_state());
  std::byte* to = base_ + layout_.inputs[0];
  for (std::size_t i = 0; i < fed_.size(); ++i)
    memory_.backend.gather_rows(device,
                                {static_cast<const std::byte*>(fed_[i].rows), order_, state,
                                 to + program.slot_offset[i], batch_size(), fed_[i].row_bytes},
                                queue);
  if (program.uses_random_state)
    memory_.backend.take_random_state(device, state, to + program.slot_offset[program.state_slot()], queue);
  memory_.backend.advance(device, state, batch_size(), queue);
}

void DeviceRun::give(Queue queue, const Binding::Impl& bound, DeviceTimes* times) {
  give_steps(bound, queue, reports_.statuses(), 1, times);
}

void give_copy(Device device, void* to, const void* from, std::size_t bytes, Queue queue) {
  DeviceBackend& backend = *backend_of(device);
  if (queue != backend.main_queue(device.index()))
    backend.announce(device.index(), std::make_shared<const MemoryUse>(MemoryUse{{{from, bytes}}, {{to, bytes}}}),
                     queue);
  backend.copy(device.index(), static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes, queue);
}

void give_steps(const Binding::Impl& bound, Queue queue, KernelStatus* statuses, std::size_t stride,
                DeviceTimes* times) {
  const Executable::Impl& program = bound.executable->impl();
  const int device = program.device.index();
  DeviceBackend& backend = *backend_of(program.device);
  const bool records = queue != backend.main_queue(device);
  auto copy = [&](const Binding::Impl::BoundCopy& c) { give_copy(program.device, c.to, c.from, c.bytes, queue); };
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    for (std::uint32_t c = 0; c < step.num_copies; ++c) copy(bound.copies[step.first_copy + c]);
    void* const* first = bound.arguments.data() + step.first;
    const Instr& instr = program.graph.code[program.instr_of_step[i]];
    if (records) backend.announce(device, use_of(bound, step, instr), queue);
    if (times) times->begin(label_of(program, i), work_of(program.graph, instr));
    step.kernel->run({first, first + step.num_in, bound.scratch + step.scratch, statuses + i * stride, nullptr, queue});
    if (times) times->end();
  }
  for (const Binding::Impl::BoundCopy& c : bound.at_end) copy(c);
  if (records) backend.announce(device, nullptr, queue);
}

std::size_t DeviceRun::fetch() {
  const int device = memory_.device.index();
  last_fetch_ = 1 - last_fetch_;
  is_fetched_ = true;
  Fetched& fetched = fetched_[last_fetch_];
  fetched.is_here = false;
  copy_outputs(memory_.outputs() + layout_.pinned_outputs[last_fetch_], fetched.outputs);
  reports_.fetch(last_fetch_);
  memory_.backend.record(device, memory_.fetched[last_fetch_], memory_.backend.main_queue(device));
  return last_fetch_;
}

const void* DeviceRun::fetched(std::size_t slot, std::size_t i) {
  Fetched& fetched = fetched_[slot];
  if (!fetched.is_here) {
    memory_.backend.host_waits(memory_.device.index(), memory_.fetched[slot]);
    fetched.is_here = true;
    reports_.check(slot);
  }
  return fetched.outputs[i];
}

const void* DeviceRun::output(std::size_t i) {
  if (!is_fetched_) fetch();
  return fetched(last_fetch_, i);
}

// Small results that lie close together, as the figures of an epoch do, come by one copy with what is between them.
void DeviceRun::copy_outputs(std::byte* to, std::vector<const std::byte*>& placed) {
  const Executable::Impl& program = executable_->impl();
  const int device = memory_.device.index();
  const Binding::Impl& bound = bound_[last_slot_];
  const Queue queue = memory_.backend.main_queue(device);
  auto download = [&](std::byte* here, const std::byte* there, std::size_t bytes) {
    if (bytes) memory_.backend.download(device, here, there, bytes, queue);
  };
  auto there = [&](std::size_t k) { return static_cast<const std::byte*>(bound.output_address(k)); };
  const std::byte *first = nullptr, *last = nullptr;
  for (std::size_t k = 0; k < placed.size(); ++k) {
    const std::byte* end = there(k) + bytes_of(executable_->output_type(k));
    first = k == 0 ? there(k) : std::min(first, there(k));
    last = k == 0 ? end : std::max(last, end);
  }
  const bool is_ours = first >= base_ && last <= base_ + layout_.bytes;
  if (is_ours && last - first <= static_cast<std::ptrdiff_t>(output_bytes(program))) {
    download(to, first, static_cast<std::size_t>(last - first));
    for (std::size_t k = 0; k < placed.size(); ++k) placed[k] = to + (there(k) - first);
    return;
  }
  for (std::size_t k = 0; k < placed.size(); ++k) {
    const std::size_t bytes = bytes_of(executable_->output_type(k));
    download(to, there(k), bytes);
    placed[k] = to;
    to += aligned(bytes);
  }
}

}  // namespace kerata
