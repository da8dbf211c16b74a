// The inside of Executable: resolved kernels and where their arguments lie.
#pragma once

#include "compile/executable.h"
#include "compile/memory_plan.h"
#include "compile/profile.h"

namespace kerata {

/// One kernel call: its arguments are argument_ids[first ... first + num_in + num_out).
struct Step {
  const Kernel* kernel;
  std::size_t first;
  std::uint32_t num_in, num_out;
  std::uint32_t first_copy, num_copies;  // Impl::copies done before it
  std::size_t memory;                    // where its Kernel::memory_bytes begin
  std::size_t scratch;                   // where its Kernel::workspace_bytes begin, in the scratch memory
};

struct Executable::Impl {
  Graph graph;
  MemoryPlan plan;
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::vector<Step> steps;
  std::vector<std::size_t> instr_of_step;
  std::vector<int> argument_ids;  // value ids
  std::vector<Copy> copies;       // of all steps
  std::vector<VariableCell*> written;
  std::vector<std::size_t> slot_offset;  // staging area: a block for each slot (Location)
  std::size_t staging_bytes = 0, scratch_bytes = 0;
  std::size_t kernel_memory_bytes = 0;  // of all kernels, in the binding
  ExecutableReport report;
  bool uses_random_state = false;
  Device device = Device::cpu();

  std::size_t state_slot() const { return graph.inputs.size(); }
  std::size_t memory_bytes() const { return staging_bytes + plan.arena_bytes + scratch_bytes; }
};

/// "matmul (32, 10) in dense": a row of the profile.
std::string label_of(const Executable::Impl& program, std::size_t step);
/// Throws the ValueError for what a kernel reported, naming op and layer.
[[noreturn]] void fail_bad_data(const Executable::Impl& program, std::size_t step, const KernelStatus& status);

class DeviceRun;
class ReportReader;

struct Binding::Impl {
  Impl();
  ~Impl();
  ExecutablePtr executable;
  std::unique_ptr<DeviceRun> device;                     // of a GPU's program, which needs nothing below
  ReportReader* reports = nullptr;                       // of the workspace on a GPU
  std::byte* memory = nullptr;                           // of the workspace when bound
  std::uint64_t placement = 0;                           // of the variables when bound
  std::vector<void*> arguments;                          // by position in argument_ids
  std::vector<std::byte*> slot_data;                     // current address of every slot
  std::vector<std::vector<std::size_t>> slot_positions;  // where in `arguments` a slot stands
  std::vector<void*> output_data;
  std::vector<int> output_slot;  // in which an output lies, or -1
  struct BoundCopy {
    const void* from;
    void* to;
    std::size_t bytes;
    int from_slot, to_slot;  // or -1
  };
  std::vector<BoundCopy> copies, at_end;
  std::byte* scratch = nullptr;
  std::vector<std::byte> kernel_memory;
  std::uint64_t writes = 0;  // of all variables that the program writes, after its last run

  /// Finds all addresses: slots at `staging`, temporaries at `work`. Throws StateError when variables lie elsewhere.
  void resolve(std::byte* work, std::byte* staging);
  void set_input(std::size_t i, const void* data);
  void set_output(std::size_t i, void* data);
  void move_slot(std::size_t slot, std::byte* data);
  const void* output_address(std::size_t i) const;
  std::byte* own_input(std::size_t i) const;
  void run();
  std::uint64_t count_writes() const;
  std::byte* address(const Location& place) const;
};

}  // namespace kerata
