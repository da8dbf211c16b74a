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
/// x * 1, x + 0, --x, cast to the same type, cast there and back, reshape of reshape, transposes into matmul.
Graph simplify(Graph graph);
/// Ops on half types in place of casts to float32, the op and a cast back.
Graph narrow_halves(Graph graph);
/// Batch normalization as statistics and elementwise instructions.
Graph split_batch_norm(Graph graph);
/// matmul or conv + bias + activation in one instruction. On a GPU of half types, too, whose sums are rounded once then
/// instead of after each op, as other frameworks have it there.
Graph fuse_epilogues(Graph graph, Device device = Device::cpu());
/// relu's mask and the bias gradient into max_pool_grad.
Graph fuse_pool_gradients(Graph graph);
/// relu behind a convolution to behind the max pooling that alone reads it.
Graph sink_relu(Graph graph);
/// A plain SGD step of a matrix whose gradient is one product: the product adds into the matrix.
Graph fuse_matmul_updates(Graph graph);
/// An optimizer takes the gradient of an embedding as the rows that a batch names.
Graph fuse_row_gradients(Graph graph);
/// Chains of elementwise instructions on float32, bool and half types over one shape into one instruction, run tile by
/// tile. On a GPU of all types, and small ones that only have their shape in common, too: a launch costs more than they
/// do.
Graph fuse_elementwise(Graph graph, Device device = Device::cpu());
/// The casts of all weights to a half type into one instruction.
Graph join_casts(Graph graph);
/// LSTMs by a library of the device's, which keeps what the way back needs in a reserve of its own.
Graph use_reserves(Graph graph, Device device);

/// All passes that the settings allow and whose ops the device has.
Graph optimize(Graph graph, const CompileSettings& settings, Device device = Device::cpu());

}  // namespace kerata
