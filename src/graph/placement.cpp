#include "graph/placement.h"

#include "graph/variable_content.h"

namespace kerata {
namespace {
std::atomic<std::uint64_t> version{1};
}

void move_variable(VariableCell& cell, Device device) {
  NodeOutput& content = cell.tensor.node()->outputs[0];
  if (content.device() == device) return;
  keep_recorded(cell);
  BufferPtr moved = allocate(bytes_of(content.type), device);
  copy_bytes(device, moved->data(), content.device(), content.data(), bytes_of(content.type));
  content.buffer = std::move(moved);
  content.offset = 0;
  version.fetch_add(1, std::memory_order_release);
}

std::uint64_t placement_version() { return version.load(std::memory_order_acquire); }

}  // namespace kerata
