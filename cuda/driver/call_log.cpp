#include "cuda/driver/call_log.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "core/require.h"

namespace kerata::cuda {
namespace {

Driver real;
std::FILE* file = nullptr;

template <class... Parts>
void write(const Parts&... parts) {
  write_to_log(join_text(parts...));
}

std::size_t num_nodes(CUgraph graph) {
  std::size_t count = 0;
  real.cuGraphGetNodes(graph, nullptr, &count);
  return count;
}

}  // namespace

void write_to_log(const std::string& line) {
  if (!file) return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fputs((line + '\n').c_str(), file);
  std::fflush(file);
}

void log_calls(Driver& functions) {
  const char* path = std::getenv("KERATA_CUDA_LOG");
  if (!path || !*path) return;
  if (std::FILE* emptied = std::fopen(path, "w")) std::fclose(emptied);
  file = std::fopen(path, "a");  // others may write there, too
  require<BackendError>(file != nullptr, "CUDA", "KERATA_CUDA_LOG: cannot write ", path, '.');
  real = functions;
  functions.cuMemAllocAsync = [](CUdeviceptr* memory, std::size_t bytes, CUstream queue) {
    write("alloc ", bytes);
    return real.cuMemAllocAsync(memory, bytes, queue);
  };
  functions.cuMemcpyHtoDAsync = [](CUdeviceptr to, const void* from, std::size_t bytes, CUstream queue) {
    write("upload ", bytes);
    return real.cuMemcpyHtoDAsync(to, from, bytes, queue);
  };
  functions.cuMemcpyDtoHAsync = [](void* to, CUdeviceptr from, std::size_t bytes, CUstream queue) {
    write("download ", bytes);
    return real.cuMemcpyDtoHAsync(to, from, bytes, queue);
  };
  functions.cuMemcpyPeerAsync = [](CUdeviceptr to, CUcontext target, CUdeviceptr from, CUcontext source,
                                   std::size_t bytes, CUstream queue) {
    write("across ", bytes);
    return real.cuMemcpyPeerAsync(to, target, from, source, bytes, queue);
  };
  functions.cuLaunchKernel = [](CUfunction function, unsigned x, unsigned y, unsigned z, unsigned threads_x,
                                unsigned threads_y, unsigned threads_z, unsigned shared, CUstream queue,
                                void** arguments, void** extra) {
    write("launch");
    return real.cuLaunchKernel(function, x, y, z, threads_x, threads_y, threads_z, shared, queue, arguments, extra);
  };
  functions.cuGraphInstantiate = [](CUgraphExec* program, CUgraph graph, unsigned long long flags) {
    write("instantiate ", num_nodes(graph));
    return real.cuGraphInstantiate(program, graph, flags);
  };
  functions.cuGraphLaunch = [](CUgraphExec program, CUstream queue) {
    write("graph");
    return real.cuGraphLaunch(program, queue);
  };
  functions.cuStreamSynchronize = [](CUstream queue) {
    write("wait");
    return real.cuStreamSynchronize(queue);
  };
  functions.cuEventSynchronize = [](CUevent event) {
    write("wait");
    return real.cuEventSynchronize(event);
  };
}

}  // namespace kerata::cuda
