// The activations of Keras as function objects: activations::relu(x), .activation = activations::relu, or by name.
#pragma once

#include "kerata/activations/activation.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace activations {

// Each takes a tensor and gives one of its shape (glu: half the size on its axis). Formulas and defaults are those of
// keras.activations.

/// max(x, 0); with options: slope below `threshold`, and values cut at max_value (negative: none).
struct Relu {
  static constexpr const char* kName = "relu";
  Tensor operator()(const Tensor& x, double negative_slope = 0, double max_value = -1, double threshold = 0) const;
};
/// x where x >= 0, else negative_slope * x.
struct LeakyRelu {
  static constexpr const char* kName = "leaky_relu";
  Tensor operator()(const Tensor& x, double negative_slope = 0.2) const;
};
/// min(max(x, 0), 6).
struct Relu6 {
  static constexpr const char* kName = "relu6";
  Tensor operator()(const Tensor& x) const;
};
/// exp(x) / sum(exp(x)) over the axis.
struct Softmax {
  static constexpr const char* kName = "softmax";
  Tensor operator()(const Tensor& x, Dim axis = -1) const;
};
/// log(softmax(x)).
struct LogSoftmax {
  static constexpr const char* kName = "log_softmax";
  Tensor operator()(const Tensor& x, Dim axis = -1) const;
};
/// x where x > 0, else alpha * (exp(x) - 1).
struct Elu {
  static constexpr const char* kName = "elu";
  Tensor operator()(const Tensor& x, double alpha = 1) const;
};
/// 1.05070098 * elu(x, 1.67326324) (Klambauer et al. 2017).
struct Selu {
  static constexpr const char* kName = "selu";
  Tensor operator()(const Tensor& x) const;
};
/// max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1).
struct Celu {
  static constexpr const char* kName = "celu";
  Tensor operator()(const Tensor& x, double alpha = 1) const;
};
/// x * P(X <= x) for a standard normal X; approximate: with tanh (Hendrycks and Gimpel 2016).
struct Gelu {
  static constexpr const char* kName = "gelu";
  Tensor operator()(const Tensor& x, bool approximate = false) const;
};
/// The first half times sigmoid of the second half. Throws ShapeError for an odd size.
struct Glu {
  static constexpr const char* kName = "glu";
  Tensor operator()(const Tensor& x, Dim axis = -1) const;
};
/// 1 / (1 + exp(-x)).
struct Sigmoid {
  static constexpr const char* kName = "sigmoid";
  Tensor operator()(const Tensor& x) const;
};
/// log(sigmoid(x)).
struct LogSigmoid {
  static constexpr const char* kName = "log_sigmoid";
  Tensor operator()(const Tensor& x) const;
};
/// relu6(x + 3) / 6.
struct HardSigmoid {
  static constexpr const char* kName = "hard_sigmoid";
  Tensor operator()(const Tensor& x) const;
};
/// 0 below -1, 1 above 1, a line between.
struct SparseSigmoid {
  static constexpr const char* kName = "sparse_sigmoid";
  Tensor operator()(const Tensor& x) const;
};
/// x * sigmoid(x); also called swish.
struct Silu {
  static constexpr const char* kName = "silu";
  Tensor operator()(const Tensor& x) const;
};
/// x * hard_sigmoid(x); also called hard_swish.
struct HardSilu {
  static constexpr const char* kName = "hard_silu";
  Tensor operator()(const Tensor& x) const;
};
/// x * tanh(softplus(x)).
struct Mish {
  static constexpr const char* kName = "mish";
  Tensor operator()(const Tensor& x) const;
};
/// (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
struct Tanh {
  static constexpr const char* kName = "tanh";
  Tensor operator()(const Tensor& x) const;
};
/// x cut to [-1, 1].
struct HardTanh {
  static constexpr const char* kName = "hard_tanh";
  Tensor operator()(const Tensor& x) const;
};
/// x - tanh(x).
struct TanhShrink {
  static constexpr const char* kName = "tanh_shrink";
  Tensor operator()(const Tensor& x) const;
};
/// x where |x| > threshold, else 0.
struct HardShrink {
  static constexpr const char* kName = "hard_shrink";
  Tensor operator()(const Tensor& x, double threshold = 0.5) const;
};
/// x moved towards 0 by threshold, 0 where |x| <= threshold.
struct SoftShrink {
  static constexpr const char* kName = "soft_shrink";
  Tensor operator()(const Tensor& x, double threshold = 0.5) const;
};
/// x where x > threshold, else default_value. Both must be given, so it has no name for .activation: use a lambda.
struct Threshold {
  static constexpr const char* kName = "threshold";
  Tensor operator()(const Tensor& x, double threshold, double default_value) const;
};
/// log(exp(x) + 1).
struct Softplus {
  static constexpr const char* kName = "softplus";
  Tensor operator()(const Tensor& x) const;
};
/// x / (1 + |x|).
struct Softsign {
  static constexpr const char* kName = "softsign";
  Tensor operator()(const Tensor& x) const;
};
/// (x + sqrt(x^2 + b)) / 2.
struct Squareplus {
  static constexpr const char* kName = "squareplus";
  Tensor operator()(const Tensor& x, double b = 4) const;
};
/// 0 below -1, x above 1, (x + 1)^2 / 4 between.
struct SparsePlus {
  static constexpr const char* kName = "sparse_plus";
  Tensor operator()(const Tensor& x) const;
};
/// A softmax with exact zeros (Martins and Astudillo 2016), with the threshold that Keras computes.
struct Sparsemax {
  static constexpr const char* kName = "sparsemax";
  Tensor operator()(const Tensor& x, Dim axis = -1) const;
};
/// exp(x).
struct Exponential {
  static constexpr const char* kName = "exponential";
  Tensor operator()(const Tensor& x) const;
};
/// x itself.
struct Linear {
  static constexpr const char* kName = "linear";
  Tensor operator()(const Tensor& x) const;
};

inline constexpr Relu relu;
inline constexpr LeakyRelu leaky_relu;
inline constexpr Relu6 relu6;
inline constexpr Softmax softmax;
inline constexpr LogSoftmax log_softmax;
inline constexpr Elu elu;
inline constexpr Selu selu;
inline constexpr Celu celu;
inline constexpr Gelu gelu;
inline constexpr Glu glu;
inline constexpr Sigmoid sigmoid;
inline constexpr LogSigmoid log_sigmoid;
inline constexpr HardSigmoid hard_sigmoid;
inline constexpr SparseSigmoid sparse_sigmoid;
inline constexpr Silu silu, swish;
inline constexpr HardSilu hard_silu, hard_swish;
inline constexpr Mish mish;
inline constexpr Tanh tanh;
inline constexpr HardTanh hard_tanh;
inline constexpr TanhShrink tanh_shrink;
inline constexpr HardShrink hard_shrink;
inline constexpr SoftShrink soft_shrink;
inline constexpr Threshold threshold;
inline constexpr Softplus softplus;
inline constexpr Softsign softsign;
inline constexpr Squareplus squareplus;
inline constexpr SparsePlus sparse_plus;
inline constexpr Sparsemax sparsemax;
inline constexpr Exponential exponential;
inline constexpr Linear linear;

}  // namespace activations
}  // namespace kerata

#pragma GCC visibility pop
