// Batch normalization in training on a GPU: three launches forward, three backward.
#include <algorithm>
#include <bit>

#include "cuda/kernels/batch_norm_parameters.cuh"
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/nn_attrs.h"

namespace kerata::cuda {
namespace {

constexpr std::int64_t kThreads = 256, kLeastRows = 64, kBlocks = 1024;

struct Functions {
  KernelFunction pieces, all, spread;
};

struct BatchNormRun {
  int device;
  Functions functions;
  BatchNormParameters sizes;
  Grid piece_grid, all_grid;

  void run(BatchNormParameters p, const KernelArgs& args) const {
    launch(device, functions.pieces, piece_grid, p, args);
    launch(device, functions.all, all_grid, p, args);
    launch(device, functions.spread, piece_grid, p, args);
  }
};

BatchNormParameters sizes_of(const KernelSpec& spec) {
  BatchNormParameters p{};
  const Shape& x = spec.in[0].shape;
  p.channels = x.back();
  p.rows = p.channels == 0 ? 0 : x.size() / p.channels;
  p.epsilon = spec.attrs.as<ops::BatchNormAttrs>().epsilon;
  const auto most = static_cast<std::uint64_t>(std::min<std::int64_t>(p.channels, 32));
  p.width = static_cast<int>(std::bit_ceil(most));
  const std::int64_t tiles = (p.channels + p.width - 1) / std::max(1, p.width);
  p.pieces = std::clamp<std::int64_t>(p.rows / kLeastRows, 1,
                                      std::max<std::int64_t>(1, kBlocks / std::max<std::int64_t>(1, tiles)));
  p.piece = (p.rows + p.pieces - 1) / p.pieces;
  if (p.piece > 0) p.pieces = (p.rows + p.piece - 1) / p.piece;
  return p;
}

std::unique_ptr<Kernel> prepare(const KernelSpec& spec, bool forward) {
  const DType dtype = spec.in[0].dtype, computed = spec.in[1].dtype;  // of images; of statistics and factors
  if (!is_floating(dtype) || computed != (is_half(dtype) ? DType::float32 : dtype)) return nullptr;
  const BatchNormParameters sizes = sizes_of(spec);
  if (sizes.channels == 0) return make_nothing();
  const int device = spec.device.index();
  const std::string text = kernel_text("elementwise.cuh") + kernel_text("blocks.cuh") +
                           kernel_text("batch_norm_parameters.cuh") + kernel_text("batch_norm.cuh");
  auto function = [&](const char* kernel) {
    const std::string entry = kernel_entry("batch_norm", "BatchNormParameters", kernel, storage_name(dtype));
    return function_of(device, {text + entry, "batch_norm", {}});
  };
  const Functions functions =
      forward ? Functions{function("moments_of_pieces"), function("moments_of_all"), function("normalize")}
              : Functions{function("slopes_of_pieces"), function("slopes_of_all"), function("spread_slopes")};
  const std::int64_t tiles = (sizes.channels + sizes.width - 1) / sizes.width;
  const BatchNormRun run{device, functions, sizes, grid_for(sizes.pieces * tiles * kThreads),
                         grid_for(tiles * kThreads)};
  const std::size_t partials = static_cast<std::size_t>(2 * sizes.pieces * sizes.channels) * size_of(computed);
  auto launch_all = [run, partials, forward](const KernelArgs& args) {
    BatchNormParameters p = run.sizes;
    auto* workspace = static_cast<std::byte*>(args.workspace);
    p.partials = workspace;
    p.factors = workspace + partials;
    p.x = args.in[0];
    p.gamma = args.in[1];
    if (forward) {
      p.beta = args.in[2];
      p.y = args.out[0], p.mean = args.out[1], p.var = args.out[2];
    } else {
      p.mean = const_cast<void*>(args.in[2]), p.var = const_cast<void*>(args.in[3]);
      p.dy = args.in[4];
      p.dx = args.out[0], p.dgamma = args.out[1], p.dbeta = args.out[2];
    }
    run.run(p, args);
  };
  return make_device_kernel(launch_all, partials + static_cast<std::size_t>(3 * sizes.channels) * size_of(computed));
}

}  // namespace

void register_batch_norm(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kBatchNorm, [](const KernelSpec& spec) { return prepare(spec, true); });
  registry.add(kCuda, ops::kBatchNormGrad, [](const KernelSpec& spec) { return prepare(spec, false); });
}

}  // namespace kerata::cuda
