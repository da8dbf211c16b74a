// Optimizer steps on a GPU: all variables of an optimizer in one or few launches.
#include <algorithm>

#include "cuda/kernels/optimizer_parameters.cuh"
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/optimizer_ops.h"

namespace kerata::cuda {
namespace {

static_assert(sizeof(StepParameters) <= 4096);

struct StepSizes {
  std::vector<std::int64_t> counts;  // elements per variable
  std::size_t kinds;                 // 1 + number of slots
  std::size_t element;               // bytes
  bool gated;
  std::vector<bool> narrow = {};  // whose gradients are of the half type
  DType half = DType::float32;    // which one; or the variables' type
  std::size_t variables() const { return counts.size(); }
};

int scalar_type(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return 0;
    case DType::float64:
      return 1;
    case DType::int32:
      return 2;
    case DType::int64:
      return 3;
    default:
      return -1;
  }
}

StepSegment segment_of(const StepSizes& s, const KernelArgs& args, std::size_t i) {
  StepSegment made{};
  for (std::size_t kind = 0; kind < s.kinds; ++kind) made.kinds[kind] = args.out[kind * s.variables() + i];
  made.gradient = args.in[s.kinds * s.variables() + i];
  made.count = s.counts[i];
  made.narrow = s.narrow[i];
  return made;
}

const std::byte* end_of(const void* memory, std::size_t element, std::int64_t count) {
  return static_cast<const std::byte*>(memory) + static_cast<std::size_t>(count) * element;
}
std::size_t gradient_bytes(const StepSizes& s, const StepSegment& segment) {
  return segment.narrow ? size_of(s.half) : s.element;
}

// `next` goes on where `segment` ends, in every kind of memory.
bool follows(const StepSizes& s, const StepSegment& segment, const StepSegment& next) {
  for (std::size_t kind = 0; kind < s.kinds; ++kind)
    if (next.kinds[kind] != end_of(segment.kinds[kind], s.element, segment.count)) return false;
  return next.narrow == segment.narrow &&
         next.gradient == end_of(segment.gradient, gradient_bytes(s, segment), segment.count);
}

bool is_aligned(const StepSizes& s, const StepSegment& segment) {
  auto fits = [](const void* memory, std::size_t element) {
    return reinterpret_cast<std::uintptr_t>(memory) % (4 * element) == 0;
  };
  return fits(segment.gradient, gradient_bytes(s, segment)) &&
         std::all_of(segment.kinds, segment.kinds + s.kinds,
                     [&](const void* memory) { return fits(memory, s.element); });
}

class StepKernel final : public Kernel {
 public:
  StepKernel(const KernelSpec& spec, StepSizes sizes, const std::string& rule, const StepParameters& factors)
      : device_(spec.device.index()), sizes_(std::move(sizes)), factors_(factors) {
    reports = false;
    const char* type = storage_name(spec.in[0].dtype);
    const std::string text = kernel_text("elementwise.cuh") + kernel_text("blocks.cuh") +
                             kernel_text("optimizer_parameters.cuh") + kernel_text("optimizer.cuh") + "typedef " +
                             rule + " Rule;\n" +
                             kernel_entry("step", "StepParameters", "step_segments",
                                          join_text(type, ", ", storage_name(sizes_.half), ", Rule"));
    function_ = function_of(device_, {text, "step", {}});
  }

  // Where the memory lies is known only here; the list is made anew for each launch (or once, when it is recorded).
  void run(const KernelArgs& args) const override {
    StepParameters p = factors_;
    const std::size_t scalars = (1 + sizes_.kinds) * sizes_.variables();
    p.rate = args.in[scalars];
    p.step = args.in[scalars + 1];
    p.gate = sizes_.gated ? args.input<bool>(scalars + 2) : nullptr;
    p.num_segments = 0;
    for (std::size_t i = 0; i < sizes_.variables(); ++i) {
      const StepSegment next = segment_of(sizes_, args, i);
      if (next.count == 0) continue;
      if (p.num_segments > 0 && follows(sizes_, p.segments[p.num_segments - 1], next)) {
        p.segments[p.num_segments - 1].count += next.count;
        continue;
      }
      if (p.num_segments == kStepSegments) launch_list(p, args);
      p.segments[p.num_segments++] = next;
    }
    if (p.num_segments > 0) launch_list(p, args);
  }

 private:
  void launch_list(StepParameters& p, const KernelArgs& args) const {
    std::int64_t tiles = 0;
    for (int i = 0; i < p.num_segments; ++i) {
      StepSegment& segment = p.segments[i];
      segment.first_tile = static_cast<int>(tiles);
      segment.aligned = is_aligned(sizes_, segment);
      tiles += (segment.count + kStepTile - 1) / kStepTile;
    }
    p.num_tiles = static_cast<int>(tiles);
    launch(device_, function_, grid_for(tiles * 256), p, args);
    p.num_segments = 0;
  }

  int device_;
  StepSizes sizes_;
  StepParameters factors_;
  KernelFunction function_;
};

const char* word(bool truth) { return truth ? "true" : "false"; }

// Null unless all variables have one floating type. Gradients of float32 ones may be of one half type.
template <class Attrs>
std::unique_ptr<Kernel> prepare(const KernelSpec& spec, const Attrs& attrs, const std::string& flags,
                                StepParameters factors) {
  const DType dtype = spec.in[0].dtype;
  if (dtype != DType::float32 && dtype != DType::float64) return nullptr;
  for (const ValueType& type : spec.out)
    if (type.dtype != dtype) return nullptr;
  const auto n = static_cast<std::size_t>(attrs.variables);
  StepSizes sizes{{}, n == 0 ? 1 : spec.out.size() / n, size_of(dtype), attrs.gated};
  sizes.half = dtype;
  for (std::size_t i = 0; i < n; ++i) {
    const DType gradient = spec.in[sizes.kinds * n + i].dtype;
    const bool narrow = gradient != dtype;
    if (narrow && (dtype != DType::float32 || !is_half(gradient))) return nullptr;
    if (narrow && sizes.half != dtype && sizes.half != gradient) return nullptr;
    if (narrow) sizes.half = gradient;
    sizes.narrow.push_back(narrow);
    sizes.counts.push_back(spec.in[i].shape.size());
  }
  const std::size_t scalars = (1 + sizes.kinds) * n;
  factors.rate_type = scalar_type(spec.in[scalars].dtype);
  factors.step_type = scalar_type(spec.in[scalars + 1].dtype);
  if (factors.rate_type < 0 || factors.step_type < 0) return nullptr;
  const std::size_t at = flags.find('<') + 1;
  const std::string rule = flags.substr(0, at) + storage_name(dtype) + flags.substr(at);
  return std::make_unique<StepKernel>(spec, std::move(sizes), rule, factors);
}

std::unique_ptr<Kernel> prepare_sgd(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::SgdAttrs>();
  StepParameters factors{};
  factors.a = p.momentum;
  return prepare(spec, p, join_text("Sgd<, ", word(p.momentum != 0), ", ", word(p.nesterov), '>'), factors);
}

std::unique_ptr<Kernel> prepare_rmsprop(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::RmspropAttrs>();
  StepParameters factors{};
  factors.a = p.rho, factors.b = p.momentum, factors.epsilon = p.epsilon;
  return prepare(spec, p, join_text("Rmsprop<, ", word(p.momentum > 0), ", ", word(p.centered), '>'), factors);
}

std::unique_ptr<Kernel> prepare_adam(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::AdamAttrs>();
  StepParameters factors{};
  factors.a = p.beta_1, factors.b = p.beta_2, factors.epsilon = p.epsilon;
  return prepare(spec, p, join_text("Adam<, ", word(p.amsgrad), '>'), factors);
}

}  // namespace

void register_optimizers(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kSgdStep, prepare_sgd);
  registry.add(kCuda, ops::kRmspropStep, prepare_rmsprop);
  registry.add(kCuda, ops::kAdamStep, prepare_adam);
}

}  // namespace kerata::cuda
