// What the kernels of optimizer.cuh take; this text is a part of theirs, too.
#ifndef KERATA_CUDA_OPTIMIZER_PARAMETERS
#define KERATA_CUDA_OPTIMIZER_PARAMETERS

namespace kerata::cuda {

/// A run of elements that lies in one piece in the memory of the weights, of each slot and of the gradients.
struct StepSegment {
  void* kinds[4];  // weights, slots
  const void* gradient;
  long long count;
  int first_tile;  // of all tiles of the launch
  int aligned;     // four elements can be read at once everywhere
  int narrow;      // the gradient is of the half type that the kernel was made for
};

constexpr int kStepSegments = 48;  // of a launch: a kernel's parameters are 4 KB at most
constexpr int kStepTile = 2048;    // elements of a block

/// Types of the scalars: 0 float, 1 double, 2 int, 3 long long.
struct StepParameters {
  StepSegment segments[kStepSegments];
  int num_segments, num_tiles;
  const void *rate, *step;
  const bool* gate;  // null: open
  int rate_type, step_type;
  double a, b, epsilon;  // sgd: a momentum; rmsprop: a rho, b momentum; adam: a beta_1, b beta_2
};

}  // namespace kerata::cuda

#endif
