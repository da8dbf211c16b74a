#include "cuda/emulator/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

namespace kerata::emulator {
namespace {

// For the test that compiles all of them with the real NVRTC. Several processes may write the same one.
void keep_source(const std::string& source) {
  const char* folder = std::getenv("KERATA_EMULATED_SOURCES");
  if (!folder) return;
  std::filesystem::create_directories(folder);
  const std::string path = std::string(folder) + "/" + std::to_string(std::hash<std::string>()(source)) + ".cu";
  const std::string temporary = path + "." + std::to_string(getpid());
  std::ofstream(temporary, std::ios::binary) << source;
  std::filesystem::rename(temporary, path);
}

// Where a library's static variables without a value will lie: the shared memory of its kernels.
struct SharedMemory {
  std::uint64_t offset = 0, bytes = 0;
};
SharedMemory shared_memory(const char* library) {
  Elf64_Ehdr header;
  std::memcpy(&header, library, sizeof header);
  for (int i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, library + header.e_shoff + static_cast<std::size_t>(i) * sizeof section, sizeof section);
    if (section.sh_type == SHT_NOBITS && !(section.sh_flags & SHF_TLS)) return {section.sh_addr, section.sh_size};
  }
  return {};
}
std::byte* base_of(void* library) {
  const link_map* map = nullptr;
  dlinfo(library, RTLD_DI_LINKMAP, &map);
  return reinterpret_cast<std::byte*>(map->l_addr);
}

template <class T>
T* exported(void* library, const char* name) {
  return static_cast<T*>(dlsym(library, name));
}

std::unique_ptr<KernelCode> make_kernel(const CUmod_st& module, const std::string& name) {
  void* library = module.library;
  auto code = std::make_unique<KernelCode>();
  code->entry = reinterpret_cast<void (*)(const void*)>(dlsym(library, name.c_str()));
  if (!code->entry) return nullptr;
  code->parameter_bytes = *exported<const unsigned>(library, (name + "_bytes").c_str());
  code->needs_barriers = *exported<const int>(library, "kerata_needs_barriers") != 0;
  code->thread = exported<Index3>(library, "threadIdx");
  code->block = exported<Index3>(library, "blockIdx");
  code->block_size = exported<Index3>(library, "blockDim");
  code->grid_size = exported<Index3>(library, "gridDim");
  code->block_barrier = exported<void (*)()>(library, "kerata_block_barrier");
  code->warp_barrier = exported<void (*)()>(library, "kerata_warp_barrier");
  code->cluster_barrier = exported<void (*)()>(library, "kerata_cluster_barrier");
  if (const auto* cluster = exported<const unsigned>(library, (name + "_cluster").c_str())) code->cluster = *cluster;
  code->owner = module.context;
  code->shared = module.shared;
  code->shared_bytes = module.shared_bytes;
  return code;
}

}  // namespace

CUmodule load_module(const char* code, CUcontext context) {
  std::uint64_t length = 0;
  std::memcpy(&length, code, sizeof length);
  const char* library = code + sizeof length;
  // The file stays open: dlopen would take the next one with the same number for this library.
  const int file = memfd_create("kernel", MFD_CLOEXEC);
  if (write(file, library, length) != static_cast<ssize_t>(length)) {
    close(file);
    return nullptr;
  }
  keep_source(library + length);
  auto made = std::make_unique<CUmod_st>();
  made->context = context;
  const SharedMemory shared = shared_memory(library);
  made->shared_bytes = static_cast<unsigned>(shared.bytes);
  made->library = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!made->library) {
    std::fprintf(stderr, "emulator: %s\n", dlerror());
    return nullptr;
  }
  made->shared = base_of(made->library) + shared.offset;
  return made.release();
}

const KernelCode* find_kernel(CUmod_st& module, const std::string& name) {
  std::unique_ptr<KernelCode>& code = module.kernels[name];
  if (!code) code = make_kernel(module, name);
  return code.get();
}

}  // namespace kerata::emulator
