// Counts every call of the global operator new of this program.
#pragma once

#include <atomic>
#include <cstdint>

namespace kerata::test {

extern std::atomic<std::uint64_t> news;

}  // namespace kerata::test
