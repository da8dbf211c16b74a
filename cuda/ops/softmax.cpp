// softmax, log_softmax and the cross-entropies from logits on a GPU.
#include <algorithm>
#include <bit>

#include "cuda/kernels/softmax_parameters.cuh"
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/axis_view.h"
#include "ops/nn_attrs.h"

namespace kerata::cuda {
namespace {

constexpr std::int64_t kThreads = 256, kEach = 8;  // elements of a short row that a thread keeps

std::string softmax_text() {
  return kernel_text("elementwise.cuh") + kernel_text("blocks.cuh") + kernel_text("softmax_parameters.cuh") +
         kernel_text("softmax.cuh");
}

std::string cross_entropy_text(std::int64_t count) {
  return softmax_text() + "typedef " + (count < std::int64_t{1} << 30 ? "unsigned int" : "long long") + " Index;\n" +
         kernel_text("cross_entropy.cuh");
}

int power_of_two(std::int64_t least, std::int64_t most) {
  return static_cast<int>(std::min(static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(least))), most));
}

// Threads for a row of `count`: about four elements each, a block where a warp would have too many.
int lanes_for(std::int64_t count) {
  return count > 32 * kEach ? static_cast<int>(kThreads) : power_of_two(std::max<std::int64_t>(1, (count + 3) / 4), 32);
}

template <bool kLog>
std::unique_ptr<Kernel> prepare_softmax(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::SoftmaxAttrs>().axis);
  if (v.outer * v.size * v.inner == 0) return make_nothing();
  const int device = spec.device.index(), lanes = lanes_for(v.size);
  const int width = power_of_two(v.inner, v.size > 64 ? 32 : kThreads);
  const bool is_long = v.size > kEach * kThreads;
  const char* kernel = v.inner > 1 ? "softmax_columns" : is_long ? "softmax_long" : "softmax_short";
  std::string arguments = join_text(storage_name(spec.in[0].dtype), kLog ? ", true" : ", false");
  if (v.inner == 1 && !is_long) arguments += join_text(", ", kEach);
  const KernelFunction function = function_of(
      device, {softmax_text() + kernel_entry("softmax", "SoftmaxParameters", kernel, arguments), "softmax", {}});
  const std::int64_t tiles = (v.inner + width - 1) / width;
  const Grid grid =
      v.inner > 1 ? grid_for(v.outer * tiles * kThreads) : grid_for(v.outer * (is_long ? kThreads : lanes));
  const SoftmaxParameters made{nullptr, nullptr, v.outer, v.size, v.inner, lanes, width};
  return make_device_kernel([=](const KernelArgs& args) {
    SoftmaxParameters p = made;
    p.x = args.in[0];
    p.y = args.out[0];
    launch(device, function, grid, p, args);
  });
}

// Both take (x, labels) and, for the gradient, g.
template <bool kGradient>
std::unique_ptr<Kernel> prepare_sparse(const KernelSpec& spec) {
  const std::int64_t count = spec.in[0].shape.back(), rows = spec.in[1].shape.size();
  if (spec.out[0].shape.size() == 0) return make_nothing();
  const int device = spec.device.index();
  const char* kernel = kGradient ? "sparse_gradient" : "sparse_loss";
  const std::string arguments = join_text(storage_name(spec.in[0].dtype), ", ", storage_name(spec.in[1].dtype));
  const std::string text =
      cross_entropy_text(rows * count) + kernel_entry("sparse", "SparseParameters", kernel, arguments);
  const KernelFunction function = function_of(device, {text, "sparse", {}});
  const int lanes = lanes_for(count);
  const Grid grid = grid_for(kGradient ? rows * count : rows * lanes);
  auto run = [=](const KernelArgs& args) {
    const void* g = kGradient ? args.in[2] : nullptr;
    const SparseParameters p{args.in[0], args.in[1], g, args.out[0], args.status, rows, count, lanes};
    launch(device, function, grid, p, args);
  };
  return make_device_kernel(run, 0, true);
}

std::unique_ptr<Kernel> prepare_sigmoid(const KernelSpec& spec) {
  const std::int64_t count = spec.out[0].shape.size();
  if (count == 0) return make_nothing();
  const int device = spec.device.index();
  const std::string text = cross_entropy_text(count) +
                           kernel_entry("sigmoid", "SigmoidParameters", "sigmoid_loss", storage_name(spec.in[0].dtype));
  const KernelFunction function = function_of(device, {text, "sigmoid", {}});
  return make_device_kernel([=, grid = grid_for(count)](const KernelArgs& args) {
    launch(device, function, grid, SigmoidParameters{args.in[0], args.in[1], args.out[0], count}, args);
  });
}

}  // namespace

void register_softmax(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kSoftmax, prepare_softmax<false>);
  registry.add(kCuda, ops::kLogSoftmax, prepare_softmax<true>);
  registry.add(kCuda, ops::kSparseSoftmaxCrossEntropy, prepare_sparse<false>);
  registry.add(kCuda, ops::kSparseSoftmaxGrad, prepare_sparse<true>);
  registry.add(kCuda, ops::kSigmoidCrossEntropy, prepare_sigmoid);
}

}  // namespace kerata::cuda
