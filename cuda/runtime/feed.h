// Kernels that cut batches out of data on the device, and small copies.
#pragma once

#include "backend/device_backend.h"

namespace kerata::cuda {

void give_gather(int device, const GatherRows& rows, Queue queue);
/// Zeros without `from`.
void give_copy(int device, std::byte* to, const std::byte* from, std::size_t bytes, Queue queue);
void give_zeros(int device, std::span<const MemoryRange> all, Queue queue);
void give_random_state(int device, const FeedState* state, std::byte* random_state, Queue queue);
void give_advance(int device, FeedState* state, std::int64_t count, Queue queue);

}  // namespace kerata::cuda
