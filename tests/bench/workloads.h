// The workloads of peers/workloads.py that Kerata runs: network (networks.h), data, batch, steps.
#pragma once

#include <kerata/kerata.h>

#include <string>

namespace bench {

enum class Kind { train, predict_one, predict_bulk };

struct Workload {
  Kind kind;
  kerata::Dim batch;
  kerata::Dim steps;  // batches per repeat
  kerata::Model model;
  kerata::CompileOptions compile;
  kerata::Tensors x, y;  // steps * batch rows
};

/// NAME[@BATCH][+bf16]: with another batch size; computed in bfloat16. BENCH_STEPS: at most so many batches. Throws
/// ValueError for an unknown name.
Workload make_workload(const std::string& name);

}  // namespace bench
