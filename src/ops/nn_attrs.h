// Parameters of the neural-network ops.
#pragma once

#include "ops/linalg_attrs.h"

namespace kerata::ops {

/// kSoftmax, kLogSoftmax: axis counted from the front.
struct SoftmaxAttrs {
  Dim axis = 0;
  static constexpr auto fields() { return std::tuple{attr("axis", &SoftmaxAttrs::axis)}; }
};
extern const OpDef kSoftmax, kLogSoftmax;

/// kSparseSoftmaxCrossEntropy [logits (..., C), labels (...)] -> (...); kSparseSoftmaxGrad [probabilities (..., C),
/// labels (...), g (...)] -> g * (probabilities - one_hot(labels)); no attrs.
extern const OpDef kSparseSoftmaxCrossEntropy, kSparseSoftmaxGrad;
/// Elementwise on (logits, labels); a kernel of its own because its gradient is sigmoid(x) - z.
extern const OpDef kSigmoidCrossEntropy;

/// Window of a convolution or pooling on channels-last images.
struct WindowAttrs {
  Dim stride_h = 1, stride_w = 1;
  Dim dilation_h = 1, dilation_w = 1;  // convolution
  Dim pool_h = 1, pool_w = 1;          // pooling
  bool same = false;
  bool has_bias = false;  // kConv: third input (F); kMaxPoolGrad: second output (C), the sum of dx over all pixels
  int activation = FusedActivation::none;
  Shape shape = {};  // gradient ops: of their result
  static constexpr auto fields() {
    return std::tuple{attr("stride_h", &WindowAttrs::stride_h),
                      attr("stride_w", &WindowAttrs::stride_w),
                      attr("dilation_h", &WindowAttrs::dilation_h),
                      attr("dilation_w", &WindowAttrs::dilation_w),
                      attr("pool_h", &WindowAttrs::pool_h),
                      attr("pool_w", &WindowAttrs::pool_w),
                      attr("same", &WindowAttrs::same),
                      attr("has_bias", &WindowAttrs::has_bias),
                      attr("activation", &WindowAttrs::activation),
                      attr("shape", &WindowAttrs::shape)};
  }
};
/// kConv [x, kernel(, bias)]; kConvInputGrad [kernel, dy] -> dx; kConvKernelGrad [x, dy] -> dkernel.
extern const OpDef kConv, kConvInputGrad, kConvKernelGrad;
/// kMaxPool [x] (activation relu: of the maxima); kMaxPoolGrad [x, dy] -> dx (to the first maximum; activation relu:
/// only where it is positive); kMaxPoolGather [x, v] -> v at the maxima.
extern const OpDef kMaxPool, kMaxPoolGrad, kMaxPoolGather;
/// kAveragePool [x]; kAveragePoolGrad [dy] -> dx.
extern const OpDef kAveragePool, kAveragePoolGrad;

/// kBatchNorm [x, gamma, beta] -> {y, mean, var}; kBatchNormGrad [x, gamma, mean, var, dy] -> {dx, dgamma, dbeta}.
struct BatchNormAttrs {
  double epsilon = 1e-3;
  static constexpr auto fields() { return std::tuple{attr("epsilon", &BatchNormAttrs::epsilon)}; }
};
extern const OpDef kBatchNorm, kBatchNormGrad;
/// Of both all but the elementwise part, in compiled programs for GPUs (compile/split_batch_norm.cpp), BatchNormAttrs:
/// kBatchNormFactors [x, gamma, beta] -> {mean, var, scale, shift}, y = x scale + shift;
/// kBatchNormSlopes [x, gamma, mean, var, dy] -> {dgamma, dbeta, scale, slope, shift},
/// dx = scale dy - slope (x - mean) - shift.
extern const OpDef kBatchNormFactors, kBatchNormSlopes;

/// kLstm [x, h0, c0, kernel, recurrent, bias(, mask)] -> {h of all steps (N, T, U), last h, last c, gates after their
/// activations (T, N, 4U), cells (T, N, U)}.
struct LstmAttrs {
  bool has_mask = false;
  static constexpr auto fields() { return std::tuple{attr("has_mask", &LstmAttrs::has_mask)}; }
};
/// kLstmGrad: [x, h0, c0, kernel, recurrent, bias, and of kLstm's results for these: h, gates, cells, then those that
/// are given of: dh (N, T, U), last dh (N, U), last dc (N, U), mask] -> gradients of x, h0, c0, kernel, recurrent,
/// bias.
struct LstmGradAttrs {
  bool has_dh = false, has_dh_last = false, has_dc_last = false, has_mask = false;
  static constexpr auto fields() {
    return std::tuple{attr("has_dh", &LstmGradAttrs::has_dh), attr("has_dh_last", &LstmGradAttrs::has_dh_last),
                      attr("has_dc_last", &LstmGradAttrs::has_dc_last), attr("has_mask", &LstmGradAttrs::has_mask)};
  }
};
extern const OpDef kLstm, kLstmGrad;

/// kReserveLstm [x, h0, c0, kernel, recurrent, bias] -> {h of all steps (N, T, U), last h, last c, reserve (bytes)}:
/// kLstm by a library of the device's, which keeps what the way back needs in a form of its own. Only compiled programs
/// have it (compile/use_reserves.cpp). `reserve_bytes` is what KernelRegistry::reserve_bytes() says.
struct ReserveLstmAttrs {
  bool goes_back = false;  // a kReserveLstmGrad reads the reserve, once
  Dim reserve_bytes = 0;
  static constexpr auto fields() {
    return std::tuple{attr("goes_back", &ReserveLstmAttrs::goes_back),
                      attr("reserve_bytes", &ReserveLstmAttrs::reserve_bytes)};
  }
};
/// kReserveLstmGrad [x, h0, c0, kernel, recurrent, bias, reserve, then those that are given of dh, last dh, last dc]:
/// LstmGradAttrs, gradients as kLstmGrad's. Leaves nothing of use in the reserve.
extern const OpDef kReserveLstm, kReserveLstmGrad;

}  // namespace kerata::ops
