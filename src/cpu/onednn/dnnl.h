// The little of oneDNN that Kerata uses; all that differs between its versions lies in dnnl.cpp.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "cpu/conv_shape.h"
#include "cpu/matmul_plan.h"

namespace kerata::cpu::onednn {

/// An argument of a primitive by oneDNN's number (DNNL_ARG_SRC ...).
struct Argument {
  int id;
  const void* data;
};

/// A primitive with the memory layouts of its arguments; any number of threads may execute it at once.
class Primitive {
 public:
  struct Impl;
  Primitive() = default;
  explicit Primitive(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  explicit operator bool() const { return impl_ != nullptr; }
  std::size_t scratch_bytes() const;
  /// Throws BackendError when oneDNN fails.
  void execute(std::span<const Argument> arguments, void* scratch) const;

 private:
  std::shared_ptr<const Impl> impl_;
};

/// A convolution whose kernel is brought into the layout that it likes (or, for the kernel's gradient, back from it).
struct ConvPrimitive {
  Primitive convolution;
  Primitive reorder;             // empty when the layouts agree
  std::size_t kernel_bytes = 0;  // in oneDNN's layout
};

// nullopt: oneDNN has no good code for it. float32 or bfloat16, summed in float32.
std::optional<ConvPrimitive> conv_forward(const ConvShape& s, DType dtype, bool has_bias);
std::optional<ConvPrimitive> conv_input_grad(const ConvShape& s, DType dtype);
std::optional<ConvPrimitive> conv_kernel_grad(const ConvShape& s, DType dtype);
/// The products, of bfloat16, of a plan in which they lie in order; without bias and activation.
std::optional<Primitive> matmul(const MatmulPlan& plan);

}  // namespace kerata::cpu::onednn
