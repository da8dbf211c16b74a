// The passes: each a pure function Graph -> Graph. Adding one is one file, one line here and one in optimize.cpp.
#pragma once

#include "compile/executable.h"
#include "compile/graph.h"

namespace kerata {

/// Computes instructions whose inputs are all literals.
Graph fold_constants(Graph graph);
/// One instruction where several would compute the same.
Graph eliminate_common(Graph graph);
/// Drops instructions that no output and no assignment needs.
Graph eliminate_dead(Graph graph);
/// x * 1, x + 0, --x, cast to the same type, reshape of reshape, transposes into matmul.
Graph simplify(Graph graph);
/// matmul or conv + bias + activation in one instruction.
Graph fuse_epilogues(Graph graph);
/// relu's mask and the bias gradient into max_pool_grad.
Graph fuse_pool_gradients(Graph graph);
/// relu behind a convolution to behind the max pooling that alone reads it.
Graph sink_relu(Graph graph);
/// A plain SGD step of a matrix whose gradient is one product: the product adds into the matrix.
Graph fuse_matmul_updates(Graph graph);
/// An optimizer takes the gradient of an embedding as the rows that a batch names.
Graph fuse_row_gradients(Graph graph);
/// Chains of elementwise float32 instructions over one shape into one instruction, run tile by tile.
Graph fuse_elementwise(Graph graph);
/// LSTMs by a library of the device's, which keeps what the way back needs in a reserve of its own.
Graph use_reserves(Graph graph, Device device);

/// All passes that the settings allow and whose ops the device has.
Graph optimize(Graph graph, const CompileSettings& settings, Device device = Device::cpu());

}  // namespace kerata
