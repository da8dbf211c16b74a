// Kernels: the code of one op on one device, attached from outside through the registry.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "backend/device_backend.h"
#include "core/attrs.h"

namespace kerata {

struct OpDef;

/// What is known of one value before it is computed.
struct ValueType {
  DType dtype = DType::float32;
  Shape shape;
};
inline std::size_t bytes_of(const ValueType& type) {
  return size_of(type.dtype) * static_cast<std::size_t>(type.shape.size());
}

/// Where a kernel reports bad data (an index out of range): kernels run in parallel regions and never throw. A GPU's
/// kernels write the same struct in the device's memory, zeroed before; it is read when results are.
struct KernelStatus {
  enum Code : int { ok, index_out_of_range };
  int code = ok;
  std::int64_t value = 0, limit = 0;
  /// First report wins; safe from several threads.
  void report(Code what, std::int64_t bad_value, std::int64_t allowed);
};

/// What a prepared kernel touches when it runs. All memory comes from the memory plan.
struct KernelArgs {
  const void* const* in;
  void* const* out;
  void* workspace;  // Kernel::workspace_bytes, 64-byte aligned; null when that is 0
  KernelStatus* status;
  // Kernel::memory_bytes that stay from run to run of a program; zero at first and whenever anyone else has written one
  // of the variables that the program writes. Null where a kernel runs by itself.
  void* memory = nullptr;
  Queue queue = nullptr;  // where a GPU's kernel gives its work; all pointers are the device's then

  template <class T>
  const T* input(std::size_t i) const {
    return static_cast<const T*>(in[i]);
  }
  template <class T>
  T* output(std::size_t i) const {
    return static_cast<T*>(out[i]);
  }
};

/// A kernel prepared for fixed types, shapes and parameters (all sizes known). Immutable: run() may be
/// called from several threads at once. On a GPU run() only gives work to the queue (it may be recorded there) and
/// throws BackendError when the driver refuses.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const KernelArgs& args) const = 0;
  std::size_t workspace_bytes = 0, memory_bytes = 0;
  bool reports = true;  // may write a status; a GPU's kernel says whether it does
};

/// What prepare is told.
struct KernelSpec {
  const OpDef& op;
  std::span<const ValueType> in, out;
  const Attrs& attrs;
  Device device = Device::cpu();
};
using PrepareKernel = std::unique_ptr<Kernel> (*)(const KernelSpec& spec);
/// The size of the reserve among the outputs of an op whose library keeps there what its gradient needs; nothing where
/// there is no such library, or it declines. The spec's outputs are not known yet.
using MeasureReserve = std::optional<std::size_t> (*)(const KernelSpec& spec);

/// A kernel from a callable: make_kernel([n](const KernelArgs& a) { ... }).
template <class F>
std::unique_ptr<Kernel> make_kernel(F function, std::size_t workspace_bytes = 0) {
  struct Made final : Kernel {
    explicit Made(F f) : function(std::move(f)) {}
    void run(const KernelArgs& args) const override { function(args); }
    F function;
  };
  auto kernel = std::make_unique<Made>(std::move(function));
  kernel->workspace_bytes = workspace_bytes;
  return kernel;
}

/// Kernels by (op, device kind). A later registration comes first: it may return null from prepare to decline
/// (oneDNN takes float32 and some of bfloat16, say) and the earlier one is asked.
class KernelRegistry {
 public:
  enum class Target { cpu, cuda };
  void add(Target target, const OpDef& op, PrepareKernel prepare);
  /// Asked, for either device, when an op's own kernels have all declined; may return null.
  void set_fallback(PrepareKernel prepare);
  /// For the device of the spec. Throws BackendError "[op] No kernel on cpu for float16.": nothing is computed
  /// elsewhere instead.
  std::unique_ptr<Kernel> prepare(const KernelSpec& spec) const;
  void set_reserve(Target target, const OpDef& op, MeasureReserve measure);
  std::optional<std::size_t> reserve_bytes(const KernelSpec& spec) const;
  bool has(Target target, const OpDef& op) const;

 private:
  struct Table;
  std::shared_ptr<Table> table_;
};

/// The process's kernels, all registered before first use.
KernelRegistry& kernels();

void register_cpu_kernels(KernelRegistry& registry);      // src/cpu/register.cpp
void register_compile_kernels(KernelRegistry& registry);  // src/compile/register.cpp: scan, fused chains
void register_cuda_kernels(KernelRegistry& registry);     // cuda/ or src/no_cuda/

}  // namespace kerata
