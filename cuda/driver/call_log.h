// What Kerata asks of the driver, written to a file.
#pragma once

#include "cuda/driver/driver.h"

namespace kerata::cuda {

/// Where the environment variable KERATA_CUDA_LOG names a file, the functions are exchanged for ones that write a line
/// there for each call first: "alloc BYTES", "upload BYTES", "download BYTES", "across BYTES" (between GPUs), "launch"
/// (a kernel, also into a recording), "joined LAUNCHES WAITS BLOCKS" (before the launch of a kernel that was made of
/// several, JoinedLaunch), "instantiate NODES" (a recording becomes a program), "graph" (it is launched), "wait" (the
/// host waits for a queue or a place in it).
void log_calls(Driver& functions);
/// A line of the caller's own; nothing happens without a log.
void write_to_log(const std::string& line);

}  // namespace kerata::cuda
