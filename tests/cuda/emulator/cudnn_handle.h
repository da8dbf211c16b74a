// What the parts of the emulated cuDNN share.
#pragma once

#include <cuda.h>
#include <cudnn_graph.h>

/// Runs when the stream gets there; a recorded graph runs it again and again.
extern "C" bool kerata_emulator_records(CUstream stream);
extern "C" void kerata_emulator_give(CUstream stream, void (*work)(void*), void* data);

struct cudnnContext {
  cudaStream_t stream = nullptr;
};

namespace kerata::emulator {

/// Whether KERATA_EMULATED_CUDNN_REFUSES says so.
bool refuses(const char* what);

}  // namespace kerata::emulator
