#include "backend/determinism.h"

#include <atomic>

namespace kerata {
namespace {
std::atomic<bool> g_deterministic = false;
}  // namespace

bool deterministic_ops() { return g_deterministic.load(std::memory_order_relaxed); }
void set_deterministic_ops(bool deterministic) { g_deterministic.store(deterministic, std::memory_order_relaxed); }

}  // namespace kerata
