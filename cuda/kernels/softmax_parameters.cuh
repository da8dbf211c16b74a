// What the kernels of softmax.cuh and cross_entropy.cuh take; this text is a part of theirs, too.
#ifndef KERATA_CUDA_SOFTMAX_PARAMETERS
#define KERATA_CUDA_SOFTMAX_PARAMETERS

namespace kerata::cuda {

/// x (outer, count, inner) over the middle axis; inner is 1 for rows.
struct SoftmaxParameters {
  const void* x;
  void* y;
  long long outer, count, inner;
  int lanes;  // rows: threads of one, a power of two up to 32, or the whole block
  int width;  // columns: how many a block works on at once, a power of two
};

/// logits or probabilities (rows, count), labels (rows), g (rows) for the gradient; out (rows) or (rows, count).
struct SparseParameters {
  const void* x;
  const void* labels;
  const void* g;
  void* out;
  void* status;
  long long rows, count;
  int lanes;
};

struct SigmoidParameters {
  const void* x;
  const void* labels;
  void* out;
  long long count;
};

}  // namespace kerata::cuda

#endif
