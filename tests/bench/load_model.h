// The workload load_model: a .keras file of 100 MB, and what reading it must cost at least.
#pragma once

namespace bench {

/// Quantities: load_ms (load_model) and floor_ms (reading the file, its CRC-32 and one copy).
void serve_load_model();

}  // namespace bench
