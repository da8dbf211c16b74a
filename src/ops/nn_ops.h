// Ops behind layers and optimizers that keras.ops does not name. Shapes first, all row-major.
#pragma once

#include "graph/op_def.h"
#include "kerata/core/axes.h"

namespace kerata::ops {

/// loss (N...) = -log softmax(logits)[label]; logits (..., C), labels (...) any integer or floating type.
/// A label outside [0, C) is reported as an error when it runs.
Tensor sparse_softmax_cross_entropy(const Tensor& logits, const Tensor& labels);
/// -sum(labels * log_softmax(logits)) over the last axis.
Tensor softmax_cross_entropy(const Tensor& logits, const Tensor& labels);
/// max(x, 0) - x * z + log(1 + exp(-|x|)), elementwise.
Tensor sigmoid_cross_entropy(const Tensor& logits, const Tensor& labels);

/// x (..., C) over all axes but the last: {y, batch mean (C), batch variance (C)};
/// y = (x - mean) * rsqrt(var + eps) * gamma + beta with gamma, beta (C).
std::vector<Tensor> batch_norm_training(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon);

/// x (N, T, I), h0 and c0 (N, U), kernel (I, 4U), recurrent (U, 4U), bias (4U), gates i, f, c, o; tanh and sigmoid.
/// mask: bool (N, T) or empty: a masked step repeats the states (and the output, as Keras does).
/// Result: {all hidden states (N, T, U), last h (N, U), last c (N, U)}.
std::vector<Tensor> lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& kernel,
                         const Tensor& recurrent, const Tensor& bias, const Tensor& mask);

/// dx for matmul with transposed operands: op(a) x op(b), batched like ops::matmul (rank >= 2).
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b);

/// log(1 + exp(x)), elementwise, without overflow.
Tensor softplus(const Tensor& x);

/// Sum over the axes along which a tensor of shape `shape` was broadcast to x: the gradient of broadcasting.
Tensor sum_to(const Tensor& x, const Tensor& like);

}  // namespace kerata::ops
