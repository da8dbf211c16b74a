// kCastAll: float32 tensors to a half type, in one launch for many of them.
#include "cuda/ops/move.h"
#include "cuda/ops/register.h"
#include "ops/op_list.h"

namespace kerata::cuda {
namespace {

constexpr int kSegments = 100, kTile = 2048;  // a kernel's parameters are 4 KB at most

struct CastSegment {
  const void* from;
  void* to;
  long long count;
  int first_tile, aligned;
};
struct CastParameters {
  CastSegment segments[kSegments];
  int num_segments, num_tiles;
};
static_assert(sizeof(CastParameters) <= 4096);

class CastAllKernel final : public Kernel {
 public:
  explicit CastAllKernel(const KernelSpec& spec) : device_(spec.device.index()) {
    reports = false;
    for (const ValueType& type : spec.in) counts_.push_back(type.shape.size());
    const std::string text = kernel_text("blocks.cuh") +
                             join_text("constexpr int kSegments = ", kSegments, ", kTile = ", kTile, ";\n") +
                             kernel_text("cast_all.cuh") +
                             kernel_entry("cast_all", "Parameters", "cast_segments", storage_name(spec.out[0].dtype));
    function_ = function_of(device_, {text, "cast_all", {}});
  }

  void run(const KernelArgs& args) const override {
    CastParameters p{};
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      if (p.num_segments == kSegments) launch_list(p, args);
      const bool aligned = is_aligned(args.in[i], 16) && is_aligned(args.out[i], 8);
      p.segments[p.num_segments++] = {args.in[i], args.out[i], counts_[i], p.num_tiles, aligned};
      p.num_tiles += static_cast<int>((counts_[i] + kTile - 1) / kTile);
    }
    if (p.num_segments > 0) launch_list(p, args);
  }

 private:
  void launch_list(CastParameters& p, const KernelArgs& args) const {
    launch(device_, function_, grid_for(std::int64_t{p.num_tiles} * 256), p, args);
    p.num_segments = p.num_tiles = 0;
  }

  int device_;
  std::vector<std::int64_t> counts_;
  KernelFunction function_;
};

std::unique_ptr<Kernel> prepare(const KernelSpec& spec) {
  for (const ValueType& type : spec.in)
    if (type.dtype != DType::float32) return nullptr;
  return is_half(spec.out[0].dtype) ? std::make_unique<CastAllKernel>(spec) : nullptr;
}

}  // namespace

void register_cast_all(KernelRegistry& registry) { registry.add(KernelRegistry::Target::cuda, ops::kCastAll, prepare); }

}  // namespace kerata::cuda
