// What the kernels of reduce.cuh and scan.cuh take; this text is a part of theirs, too.
#ifndef KERATA_CUDA_REDUCE_PARAMETERS
#define KERATA_CUDA_REDUCE_PARAMETERS

namespace kerata::cuda {

/// x (rows, count): each row in `pieces` runs of `piece` elements (the last may be shorter) -> (rows, pieces).
struct RowsParameters {
  const void* x;
  void* out;
  long long rows, count, pieces, piece;
  double divisor;  // of the results; 1 leaves them alone
  int lanes;       // threads that share a piece: a power of two up to 32, or the whole block
  int aligned;     // pieces begin at multiples of four elements, in aligned memory
  int divides;
};

/// x (outer, count, inner): runs of `piece` along the middle axis -> (outer, pieces, inner).
struct ColumnsParameters {
  const void* x;
  void* out;
  long long outer, count, inner, pieces, piece;
  double divisor;
  int width;  // columns that a block works on at once: a power of two
  int divides;
};

/// Running sums of x (outer, count, inner) along the middle axis; starts (outer, inner, pieces): sums up to the end of
/// each piece, or null for one piece.
struct ScanParameters {
  const void* x;
  void* out;
  const void* starts;
  long long outer, count, inner, pieces, piece;
};

}  // namespace kerata::cuda

#endif
