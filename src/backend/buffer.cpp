#include "backend/buffer.h"

#include <sys/mman.h>

#include <new>

#include "backend/device_backend.h"

namespace kerata {
namespace {
std::atomic<std::uint64_t> allocations{0};
// A process has no more addresses; sanitizers end the program on such a request where operator new would throw.
constexpr std::size_t kAddressSpace = std::size_t{1} << 47;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t(bytes >= 2 * kHugePage ? kHugePage : kAlignment);
}

std::byte* allocate_on_host(std::size_t bytes) {
  if (bytes > kAddressSpace) throw std::bad_alloc();
  auto* data = static_cast<std::byte*>(::operator new(bytes ? bytes : 1, alignment_of(bytes)));
  // Rows that lie scattered in a large buffer (shuffled samples, embeddings) would miss the address cache at each row.
  if (bytes >= 2 * kHugePage) madvise(data, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);  // a wish: may fail
  return data;
}

}  // namespace

Buffer::Buffer(std::size_t bytes, Device device) : bytes_(bytes), device_(device) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  DeviceBackend* backend = backend_of(device);
  data_ = backend ? backend->allocate(device.index(), bytes ? bytes : 1) : allocate_on_host(bytes);
}

Buffer::~Buffer() {
  if (DeviceBackend* backend = backend_of(device_))
    backend->release(device_.index(), data_);
  else
    ::operator delete(data_, alignment_of(bytes_));
}

BufferPtr allocate(std::size_t bytes, Device device) { return std::make_shared<Buffer>(bytes, device); }

std::uint64_t buffer_allocations() { return allocations.load(std::memory_order_relaxed); }

}  // namespace kerata
