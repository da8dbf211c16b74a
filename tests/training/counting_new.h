// Counts every call of the global operator new of this program; those from oneDNN's code apart.
#pragma once

#include <atomic>
#include <cstdint>

namespace kerata::test {

extern std::atomic<std::uint64_t> news, news_of_onednn;

}  // namespace kerata::test
