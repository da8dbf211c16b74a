#include "training/counting_new.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

std::atomic<std::uint64_t> kerata::test::news{0}, kerata::test::news_of_onednn{0};

namespace {

bool is_onednn(const void* caller) {
  Dl_info library;
  return dladdr(caller, &library) != 0 && library.dli_fname && std::strstr(library.dli_fname, "dnnl");
}

void* counted(const void* caller, std::size_t bytes, std::size_t alignment) {
  (is_onednn(caller) ? kerata::test::news_of_onednn : kerata::test::news).fetch_add(1, std::memory_order_relaxed);
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
                     : std::malloc(bytes ? bytes : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(__builtin_return_address(0), bytes, 0); }
void* operator new[](std::size_t bytes) { return counted(__builtin_return_address(0), bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(__builtin_return_address(0), bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted(__builtin_return_address(0), bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(__builtin_return_address(0), bytes, 0);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(__builtin_return_address(0), bytes, 0);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
