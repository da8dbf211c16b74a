// Compiled kernels by source: each is compiled once a device and process (and once a machine: compile_source).
#pragma once

#include <future>
#include <string>
#include <vector>

#include "cuda/driver/driver.h"

namespace kerata::cuda {

/// One kernel: text without the prelude, which every source gets.
struct KernelSource {
  std::string text;
  std::string name;                  // of the function
  std::vector<std::string> options;  // "-fmad=false" where results must be equal to the CPU's to the bit
  std::string before = {};           // in front of the prelude
};

/// A kernel on a device that may still be compiling; or none.
class KernelFunction {
 public:
  KernelFunction() = default;
  KernelFunction(int device, std::shared_ptr<const KernelSource> source, std::shared_future<CUfunction> function)
      : device_(device), source_(std::move(source)), function_(std::move(function)) {}
  explicit operator bool() const { return function_.valid(); }
  /// Waits for it; what failed (memory was out) is tried once more. Throws BackendError with the compiler's log.
  CUfunction get() const;
  const KernelSource& source() const { return *source_; }

 private:
  int device_ = 0;
  std::shared_ptr<const KernelSource> source_;
  std::shared_future<CUfunction> function_;
};

/// Begins to compile and returns at once.
KernelFunction function_of(int device, const KernelSource& source);

/// The kernel `name` that calls `function`<arguments>(p) of a text before it.
std::string kernel_entry(const std::string& name, const std::string& parameters, const std::string& function,
                         const std::string& arguments);

/// The text of a file of cuda/kernels ("elementwise.cuh"), part of the library.
std::string kernel_text(const std::string& file);

}  // namespace kerata::cuda
