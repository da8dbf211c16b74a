// The families of network kernels, and what they share.
#pragma once

#include <memory>

#include "backend/kernel.h"

namespace kerata::cpu {

void register_softmax_kernels(KernelRegistry& registry);
void register_conv_kernels(KernelRegistry& registry);
void register_pool_kernels(KernelRegistry& registry);
void register_batch_norm_kernels(KernelRegistry& registry);
void register_lstm_kernels(KernelRegistry& registry);
void register_control_kernels(KernelRegistry& registry);

/// make.operator()<float or double>() by the first input's type; null (no kernel) for another type.
template <class F>
std::unique_ptr<Kernel> for_floating(const KernelSpec& spec, const F& make) {
  if (spec.in[0].dtype == DType::float32) return make.template operator()<float>();
  return spec.in[0].dtype == DType::float64 ? make.template operator()<double>() : nullptr;
}

}  // namespace kerata::cpu
