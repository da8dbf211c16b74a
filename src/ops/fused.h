// kFused: a chain of elementwise ops as one instruction; made by the compiler, run tile by tile.
#pragma once

#include <memory>

#include "graph/op_def.h"

namespace kerata::ops {

/// One op of a chain. Registers 0 ... num_inputs - 1 are the inputs; step i makes register num_inputs + i.
struct FusedStep {
  const OpDef* op;
  DType dtype;  // of its result: float32, bool or a half type, whose values are float32 that are rounded to it
  std::vector<int> args;
};

/// All results have the same shape; inputs broadcast to it. On the CPU inputs are float32, bool or half types, or
/// integers that are only cast; on a GPU everything is of any type.
struct FusedProgram {
  int num_inputs = 0;
  std::vector<FusedStep> steps;
  std::vector<int> outputs;  // registers
  Shape shape;               // of all results
};

struct FusedAttrs {
  std::string text;  // "r2=add(r0,r1) r3=relu(r2) -> r3": says all that the program does
  std::shared_ptr<const FusedProgram> program = nullptr;
  static constexpr auto fields() { return std::tuple{attr("program", &FusedAttrs::text)}; }
};

/// Attrs of a program, its text made.
FusedAttrs fused_attrs(FusedProgram program);

extern const OpDef kFused;

}  // namespace kerata::ops
