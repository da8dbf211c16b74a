// Move: a dense result from a source at any strides: transpose, slice, flip, broadcast.
#pragma once

#include <vector>

#include "cuda/ops/sources.h"

namespace kerata::cuda {

/// One axis of the result, and the source's stride along it, in elements.
struct MoveAxis {
  std::int64_t size, from;
};

class Move {
 public:
  /// `axes`: of the result, outermost first.
  Move(int device, std::size_t element_bytes, std::vector<MoveAxis> axes, std::int64_t from_offset = 0);
  void run(const void* from, void* to, const KernelArgs& args) const;

 private:
  struct CopyAxis {
    Divide size;
    long long from;
  };
  struct CopyParameters {
    const void* from;
    void* to;
    long long count, rank;
    CopyAxis axes[Shape::kMaxRank];
  };
  struct TurnAxis {
    Divide size;
    long long from, to;
  };
  struct TurnParameters {
    const void* from;
    void* to;
    long long inner, inner_from, cross, cross_to, squares, rank;
    Divide inner_squares, cross_squares;
    TurnAxis axes[Shape::kMaxRank];
  };
  struct Copy {
    KernelFunction function;
    CopyParameters parameters = {};
  };

  void prepare_turn(std::size_t cross);
  void prepare_copies();
  Copy copy_of(std::size_t together) const;

  int device_;
  std::size_t element_bytes_, together_ = 1;  // elements that move as one, where memory is aligned for that
  std::vector<MoveAxis> axes_;
  std::int64_t count_ = 1, from_offset_;
  Copy one_, wide_;
  KernelFunction turn_;
  TurnParameters turned_ = {};
};

/// How many elements (1, 2, 4 ... up to 16 bytes) may move as one when all of `numbers` are sizes, strides or offsets.
std::size_t elements_together(std::size_t element_bytes, std::span<const std::int64_t> numbers);
bool is_aligned(const void* memory, std::size_t bytes);

/// Elements and rows of the parts of a joined tensor: (outer, parts' sizes, inner), in one launch per 16 parts.
class Join {
 public:
  Join(int device, std::span<const ValueType> parts, Dim axis);
  /// Fills `joined` from the parts, or the parts from it.
  void join(const void* const* parts, void* joined, const KernelArgs& args) const;
  void split(const void* joined, void* const* parts, const KernelArgs& args) const;

 private:
  static constexpr std::size_t kParts = 16;
  struct Parameters {
    void* joined;
    void* parts[kParts];
    long long begin[kParts + 1];
    Divide width;
    long long row, first, count;
  };
  void run(bool joins, const void* joined, const void* const* parts, const KernelArgs& args) const;
  Parameters group_of(std::size_t first, std::size_t end, std::int64_t together) const;
  struct Functions {
    KernelFunction join, split;
  };
  Functions functions_of(std::size_t together) const;

  int device_;
  std::size_t element_bytes_, together_ = 1;
  std::int64_t outer_, row_ = 0;
  std::vector<std::int64_t> widths_;
  Functions one_, wide_;
};

/// All elements one value, whose bits are repeated over 8 bytes (repeated_bits).
class Fill {
 public:
  Fill(int device, std::size_t element_bytes, std::int64_t count, std::uint64_t pattern);
  void run(void* to, const KernelArgs& args) const;

 private:
  int device_;
  std::size_t bytes_, unit_ = 1, together_ = 1;
  std::uint64_t pattern_;
  KernelFunction one_, wide_;
};

/// Copies dense memory, unless it is the same.
void copy_dense(int device, void* to, const void* from, std::size_t bytes, const KernelArgs& args);

}  // namespace kerata::cuda
