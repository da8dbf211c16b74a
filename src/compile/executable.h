// Executable: a compiled program; Workspace: the memory one run of it borrows.
#pragma once

#include <mutex>
#include <span>

#include "compile/trace.h"

namespace kerata {

/// Passes that can be switched off (tests: the results stay, kernel count and arena change).
struct CompileSettings {
  bool constant_folding = true;
  bool common_subexpressions = true;
  bool algebraic = true;
  bool matmul_fusion = true;
  bool elementwise_fusion = true;
  bool in_place = true;
};

/// What compiling gave.
struct ExecutableReport {
  std::size_t kernels = 0;          // kernels that one run calls
  std::size_t fused_chains = 0;     // of them, fused elementwise chains
  std::size_t arena_bytes = 0;      // temporaries, after the memory plan
  std::size_t unplanned_bytes = 0;  // the same if each had memory of its own
  std::string text() const;
};

class Workspace;

/// Immutable: any number of threads may run it, each with a workspace of its own. Variables are read and written
/// by reference, so set_weights and the like are seen by the next run.
class Executable : public std::enable_shared_from_this<Executable> {
 public:
  static std::shared_ptr<const Executable> compile(const TracedFunction& function, const CompileSettings& settings = {},
                                                   Device device = Device::default_device());
  ~Executable();

  std::size_t num_inputs() const;
  std::size_t num_outputs() const;
  const ValueType& input_type(std::size_t i) const;
  const ValueType& output_type(std::size_t i) const;
  const ExecutableReport& report() const;
  bool is_random() const;                   // reads a random state
  bool reports() const;                     // bad data may be found
  Device device() const;                    // where it runs
  bool is_placed() const;                   // whether all variables lie there; allocates nothing
  std::vector<Variable> variables() const;  // read or written
  std::span<VariableCell* const> written() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Executable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};
using ExecutablePtr = std::shared_ptr<const Executable>;

/// One input's data on a device: (samples, row_bytes).
struct FedColumn {
  const void* rows = nullptr;
  std::size_t row_bytes = 0;
  bool operator==(const FedColumn&) const = default;
};

/// An executable bound to the memory of a workspace. Valid until the workspace is bound to another executable.
class Binding {
 public:
  /// Memory of an input or output: write inputs there before run() (ask anew for each run), read outputs after it.
  /// 64-byte aligned, in the CPU's memory also when the program runs on a GPU.
  void* input(std::size_t i) const;
  const void* output(std::size_t i) const;
  /// Lets an input be read from the caller's memory instead (until rebound); 4-byte alignment is enough.
  void set_input(std::size_t i, const void* data) const;
  /// Of a loop's body (TracedFunction::num_carries), on the CPU: where output i, no carry, lies from the next run on,
  /// 64-byte aligned. It lies elsewhere, and output(i) tells where, when it is no result of the program's own or lies
  /// in another output.
  void set_output(std::size_t i, void* data) const;
  /// From input(i) again.
  void use_own_input(std::size_t i) const;
  /// The random state of the next run.
  void set_random_state(std::uint64_t key, std::uint64_t step) const;
  /// Computes outputs and writes variables. Allocates nothing. Throws ValueError for bad data (an index out of
  /// range), naming layer and op; variables are then as before the run, unless a kernel had begun to write them.
  /// On a GPU: batches come from data in the device's memory, which must stay there: row i of a batch is row
  /// order[first + i] of every column, or first + i when `order` is null.
  void feed(std::span<const FedColumn> columns, const std::int64_t* order) const;
  void run_fed(std::int64_t first, std::uint64_t key, std::uint64_t step) const;
  /// On a GPU run() only gives the work to the device; output() and check() wait for it, and throw for bad data then:
  /// check() for that of all programs of the workspace.
  void run() const;
  void check() const;
  /// check() in two parts: the first has what was found brought to the CPU's memory beside the next runs, the second
  /// waits for that and throws, with the number that the first gave, before the second fetch_reports() after it.
  std::size_t fetch_reports() const;
  void check(std::size_t fetched) const;
  /// On a GPU: has the outputs brought to the CPU's memory beside the next run. fetched() waits for them, as output()
  /// would have: with the number that fetch() gave, until the second fetch() after it. On the CPU outputs lie where
  /// they are until the next run.
  std::size_t fetch() const;
  const void* fetched(std::size_t number, std::size_t i) const;

  struct Impl;
  explicit Binding(Impl& impl) : impl_(&impl) {}

 private:
  Impl* impl_;
};

/// Memory for runs, one at a time; shared by all executables of a model, as large as the largest needs.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  /// Cheap when the executable was bound before (pointers are kept); allocates at the first time.
  Binding bind(const ExecutablePtr& executable);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Workspaces for concurrent runs: borrow() takes a free one or makes one; the lease gives it back.
class WorkspacePool {
 public:
  class Lease {
   public:
    Lease(WorkspacePool& pool, std::unique_ptr<Workspace> workspace) : pool_(&pool), workspace_(std::move(workspace)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Workspace& operator*() const { return *workspace_; }
    Workspace* operator->() const { return workspace_.get(); }

   private:
    WorkspacePool* pool_;
    std::unique_ptr<Workspace> workspace_;
  };
  Lease borrow();

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

/// Time per kernel, collected while KERATA_PROFILE=1 is set; empty text otherwise.
std::string profile_report();

}  // namespace kerata
