// Random numbers on a GPU: the same Philox words for the same elements as on the CPU.
#include <algorithm>
#include <cmath>

#include "cuda/kernels/random_parameters.cuh"
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/random_attrs.h"

namespace kerata::cuda {
namespace {

using ops::RandomAttrs;

std::string random_text() {
  return kernel_text("elementwise.cuh") + kernel_text("random_parameters.cuh") + kernel_text("philox.cuh");
}

// `name`: a struct of random.cuh; its elements a Philox block: `each`.
std::unique_ptr<Kernel> draw_kernel(const KernelSpec& spec, const char* name, int each, RandomParameters made) {
  made.count = spec.out[0].shape.size();
  made.stream = static_cast<unsigned long long>(spec.attrs.as<RandomAttrs>().stream);
  if (made.count == 0) return make_nothing();
  const int device = spec.device.index();
  const std::string draw = join_text(name, '<', storage_name(spec.out[0].dtype), '>');
  const std::string text =
      random_text() + kernel_text("random.cuh") + kernel_entry("drawn", "RandomParameters", "draw", draw);
  const KernelFunction function = function_of(device, {text, "drawn", {"-fmad=false"}});
  return make_device_kernel([device, function, made, grid = grid_for(made.count, each)](const KernelArgs& args) {
    RandomParameters p = made;
    p.state = static_cast<const long long*>(args.in[0]);
    p.out = args.out[0];
    launch(device, function, grid, p, args);
  });
}

bool makes_floats(const KernelSpec& spec) {
  return spec.out[0].dtype == DType::float32 || spec.out[0].dtype == DType::float64;
}
int per_block(const KernelSpec& spec) { return size_of(spec.out[0].dtype) == 8 ? 2 : 4; }

template <class T>
RandomParameters uniform_parameters(const RandomAttrs& p) {
  const T low = static_cast<T>(p.a), range = static_cast<T>(p.b) - low;
  RandomParameters made{};
  made.a = low;
  made.b = range;
  made.c = range > 0 ? std::nextafter(static_cast<T>(p.b), low) : low;  // low + u range may round up to high
  return made;
}

std::unique_ptr<Kernel> prepare_uniform(const KernelSpec& spec) {
  if (!makes_floats(spec)) return nullptr;
  const auto& p = spec.attrs.as<RandomAttrs>();
  return draw_kernel(
      spec, "Uniform", per_block(spec),
      spec.out[0].dtype == DType::float32 ? uniform_parameters<float>(p) : uniform_parameters<double>(p));
}

std::unique_ptr<Kernel> prepare_normal(const KernelSpec& spec) {
  if (!makes_floats(spec)) return nullptr;
  const auto& p = spec.attrs.as<RandomAttrs>();
  RandomParameters made{};
  made.a = p.a, made.b = p.b;
  return draw_kernel(spec, "Normal", per_block(spec), made);
}

std::unique_ptr<Kernel> prepare_truncated(const KernelSpec& spec) {
  if (!makes_floats(spec)) return nullptr;
  const auto& p = spec.attrs.as<RandomAttrs>();
  RandomParameters made{};
  made.a = p.a, made.b = p.b, made.c = 0.5 * std::erfc(std::sqrt(2.0));
  return draw_kernel(spec, "TruncatedNormal", per_block(spec), made);
}

std::unique_ptr<Kernel> prepare_bernoulli(const KernelSpec& spec) {
  if (!makes_floats(spec)) return nullptr;
  RandomParameters made{};
  made.range = static_cast<std::uint32_t>(std::ceil(spec.attrs.as<RandomAttrs>().a * 0x1p24));
  return draw_kernel(spec, "Bernoulli", 4, made);
}

std::unique_ptr<Kernel> prepare_randint(const KernelSpec& spec) {
  if (spec.out[0].dtype != DType::int32 && spec.out[0].dtype != DType::int64) return nullptr;
  const auto& p = spec.attrs.as<RandomAttrs>();
  RandomParameters made{};
  made.low = static_cast<Dim>(p.a);
  made.range = static_cast<std::uint64_t>(static_cast<Dim>(p.b) - static_cast<Dim>(p.a));
  return draw_kernel(spec, "RandomInteger", 2, made);
}

std::unique_ptr<Kernel> prepare_permutation(const KernelSpec& spec) {
  const auto& attrs = spec.attrs.as<RandomAttrs>();
  const auto count = static_cast<std::size_t>(attrs.shape[0]);
  if (count == 0) return make_nothing();
  const int device = spec.device.index();
  const std::string text = random_text() + kernel_text("permutation.cuh");
  std::vector<KernelFunction> steps;
  for (const char* name : {"permutation_clear", "permutation_link", "permutation_next", "permutation_values"})
    steps.push_back(function_of(device, {text, name, {}}));
  PermutationParameters made{};
  made.count = static_cast<int>(count);
  made.stream = static_cast<unsigned long long>(attrs.stream);
  auto run = [=, grid = grid_for(static_cast<std::int64_t>(count))](const KernelArgs& args) {
    PermutationParameters p = made;
    p.state = static_cast<const long long*>(args.in[0]);
    p.out = static_cast<int*>(args.out[0]);
    p.heads = static_cast<int*>(args.workspace);
    p.links = p.heads + count, p.partners = p.links + count, p.next = p.partners + count;
    for (const KernelFunction& step : steps) launch(device, step, grid, p, args);
  };
  return make_device_kernel(run, 4 * count * sizeof(int));
}

}  // namespace

void register_random(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kRandomUniform, prepare_uniform);
  registry.add(kCuda, ops::kRandomNormal, prepare_normal);
  registry.add(kCuda, ops::kTruncatedNormal, prepare_truncated);
  registry.add(kCuda, ops::kBernoulli, prepare_bernoulli);
  registry.add(kCuda, ops::kRandint, prepare_randint);
  registry.add(kCuda, ops::kPermutation, prepare_permutation);
}

}  // namespace kerata::cuda
