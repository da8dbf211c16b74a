// TF32: faster float32 on tensor cores, with fewer digits.
#pragma once

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// Whether an NVIDIA GPU may round the operands of float32 matrix products and convolutions to TF32 (10 bits of mantissa
/// in place of 23; sums stay float32): several times faster, with relative errors of about 1e-3. Default: false. Models
/// that have run already are compiled anew. The CPU takes no notice. Source:
/// tf.config.experimental.enable_tensor_float_32_execution.
void enable_tensor_float_32_execution(bool enabled);
bool tensor_float_32_execution_enabled();

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
