// The texts of cuda/kernels, made part of the library by CMake.
#pragma once

#include <span>

namespace kerata::cuda {

struct KernelText {
  const char* file;
  const char* text;
};
extern const std::span<const KernelText> kKernelTexts;

}  // namespace kerata::cuda
