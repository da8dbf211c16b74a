// The kernels that the emulated NVRTC compiled: libraries of the host, loaded as modules.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "cuda/emulator/grid.h"

struct CUmod_st {
  CUcontext context = nullptr;
  std::byte* shared = nullptr;
  unsigned shared_bytes = 0;
  void* library = nullptr;
  std::map<std::string, std::unique_ptr<kerata::emulator::KernelCode>> kernels;
};

namespace kerata::emulator {

/// `code`: the size of a library, the library, the text that it was compiled from. Null where it cannot be loaded.
CUmodule load_module(const char* code, CUcontext context);
/// Null where there is none of that name.
const KernelCode* find_kernel(CUmod_st& module, const std::string& name);

}  // namespace kerata::emulator
