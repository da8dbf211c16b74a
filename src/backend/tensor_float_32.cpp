#include "backend/tensor_float_32.h"

#include <atomic>

namespace kerata {
namespace {
std::atomic<bool> g_tensor_float_32 = false;
}  // namespace

bool tensor_float_32() { return g_tensor_float_32.load(std::memory_order_relaxed); }
void set_tensor_float_32(bool allowed) { g_tensor_float_32.store(allowed, std::memory_order_relaxed); }

}  // namespace kerata
