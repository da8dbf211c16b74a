// What the kernels of batch_norm.cuh take; this text is a part of theirs, too.
#ifndef KERATA_CUDA_BATCH_NORM_PARAMETERS
#define KERATA_CUDA_BATCH_NORM_PARAMETERS

namespace kerata::cuda {

/// x (rows, channels) in `pieces` runs of `piece` rows (the last may be shorter).
struct BatchNormParameters {
  const void *x, *gamma, *beta;  // beta: forward only
  void *y, *mean, *var;          // the backward kernels read mean and var
  const void* dy;                // and what follows: backward only
  void *dx, *dgamma, *dbeta;
  void* partials;  // two numbers per piece and channel
  void *scale, *shift, *slope;  // by channel: y = x scale + shift; dx = scale dy - slope (x - mean) - shift
  long long rows, channels, pieces, piece;
  double epsilon;
  int width;  // channels that a block works on at once: a power of two
};

}  // namespace kerata::cuda

#endif
