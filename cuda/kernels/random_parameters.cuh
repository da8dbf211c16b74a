// What the kernels of random.cuh and permutation.cuh take; this text is a part of theirs, too.
#ifndef KERATA_CUDA_RANDOM_PARAMETERS
#define KERATA_CUDA_RANDOM_PARAMETERS

namespace kerata::cuda {

/// state: {key, step}; a, b, c and low, range mean what each kernel says.
struct RandomParameters {
  const long long* state;
  void* out;
  unsigned long long stream;
  long long count;
  double a, b, c;
  long long low;
  unsigned long long range;
};

/// heads, links, next (count each): see permutation.cuh.
struct PermutationParameters {
  const long long* state;
  int* out;
  int *heads, *links, *partners, *next;
  unsigned long long stream;
  int count;
};

}  // namespace kerata::cuda

#endif
