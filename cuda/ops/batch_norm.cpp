// Batch normalization in training on a GPU: two launches for statistics and factors, one for the result, forward and
// backward; compiled programs have chains in place of the latter.
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

  void run(const BatchNormParameters& p, const KernelArgs& args) const {
    launch(device, functions.pieces, piece_grid, p, args);
    launch(device, functions.all, all_grid, p, args);
    if (functions.spread) launch(device, functions.spread, piece_grid, p, args);
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

// What each op's arguments are.
enum class Pass { forward, backward, factors, slopes };
bool is_forward(Pass pass) { return pass == Pass::forward || pass == Pass::factors; }
bool has_result(Pass pass) { return pass == Pass::forward || pass == Pass::backward; }

void set_arguments(BatchNormParameters& p, Pass pass, const KernelArgs& args, std::size_t channel_bytes) {
  auto* workspace = static_cast<std::byte*>(args.workspace);
  p.partials = workspace;
  p.x = args.in[0];
  p.gamma = args.in[1];
  if (is_forward(pass)) {
    p.beta = args.in[2];
  } else {
    p.mean = const_cast<void*>(args.in[2]), p.var = const_cast<void*>(args.in[3]);
    p.dy = args.in[4];
  }
  if (has_result(pass)) {
    p.scale = workspace + 2 * static_cast<std::size_t>(p.pieces) * channel_bytes;
    p.shift = static_cast<std::byte*>(p.scale) + channel_bytes;
    p.slope = static_cast<std::byte*>(p.shift) + channel_bytes;
  }
  switch (pass) {
    case Pass::forward:
      p.y = args.out[0], p.mean = args.out[1], p.var = args.out[2];
      break;
    case Pass::backward:
      p.dx = args.out[0], p.dgamma = args.out[1], p.dbeta = args.out[2];
      break;
    case Pass::factors:
      p.mean = args.out[0], p.var = args.out[1], p.scale = args.out[2], p.shift = args.out[3];
      break;
    case Pass::slopes:
      p.dgamma = args.out[0], p.dbeta = args.out[1], p.scale = args.out[2], p.slope = args.out[3],
      p.shift = args.out[4];
      break;
  }
}

template <Pass kPass>
std::unique_ptr<Kernel> prepare(const KernelSpec& spec) {
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
  Functions functions = is_forward(kPass) ? Functions{function("moments_of_pieces"), function("moments_of_all"), {}}
                                          : Functions{function("slopes_of_pieces"), function("slopes_of_all"), {}};
  if (has_result(kPass)) functions.spread = function(is_forward(kPass) ? "normalize" : "spread_slopes");
  const std::int64_t tiles = (sizes.channels + sizes.width - 1) / sizes.width;
  const BatchNormRun run{device, functions, sizes, grid_for(sizes.pieces * tiles * kThreads),
                         grid_for(tiles * kThreads)};
  const std::size_t channel_bytes = static_cast<std::size_t>(sizes.channels) * size_of(computed);
  auto launch_all = [run, channel_bytes](const KernelArgs& args) {
    BatchNormParameters p = run.sizes;
    set_arguments(p, kPass, args, channel_bytes);
    run.run(p, args);
  };
  return make_device_kernel(launch_all, (2 * static_cast<std::size_t>(sizes.pieces) + 3) * channel_bytes);
}

}  // namespace

void register_batch_norm(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kBatchNorm, prepare<Pass::forward>);
  registry.add(kCuda, ops::kBatchNormGrad, prepare<Pass::backward>);
  registry.add(kCuda, ops::kBatchNormFactors, prepare<Pass::factors>);
  registry.add(kCuda, ops::kBatchNormSlopes, prepare<Pass::slopes>);
}

}  // namespace kerata::cuda
