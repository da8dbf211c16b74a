// Optimizer steps: all variables in one parallel pass, segment by segment, tile by tile.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "backend/parallel.h"
#include "cpu/pack.h"
#include "cpu/register.h"
#include "ops/dispatch.h"
#include "ops/optimizer_ops.h"

namespace kerata::cpu {
namespace {

using Target = KernelRegistry::Target;

constexpr Dim kTile = 1024, kRun = 128;  // elements of a tile, and of the runs of it that may be left out
constexpr Dim kGrain = 16;               // tiles that pay for a thread

template <class T>
using Run = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstRun = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

// Variables that lie next to each other in every kind of memory (weights, each slot, gradients) make one segment.
struct Segment {
  std::size_t variable;  // the first one
  Dim elements, first_tile;
};

struct StepSizes {
  std::vector<Dim> elements;        // per variable
  std::vector<DType> gradients;     // their types: the variables', or a half type
  std::vector<Dim> width;           // of the rows of a gradient by rows (kRowGradient), else 0
  std::vector<std::size_t> places;  // input with the places of such rows
  std::vector<Dim> memory;          // where its rows begin in KernelArgs::memory, a byte each, or -1
  std::size_t memory_bytes = 0;
  std::size_t kinds;  // 1 + number of slots
  bool gated = false;
  DType rate, step;
  std::size_t variables() const { return elements.size(); }
  std::size_t workspace() const { return elements.size() * sizeof(Segment); }
  std::size_t scalars() const { return (1 + kinds) * elements.size(); }
  bool is_shut(const KernelArgs& args) const { return gated && !*args.input<bool>(scalars() + 2); }
};

template <class T>
const T* gradient(const StepSizes& s, const KernelArgs& args, std::size_t i) {
  return args.input<T>(s.kinds * s.variables() + i);
}

double read_scalar(DType dtype, const void* data) {
  return dispatch_any(dtype, [&]<class S>() { return convert_one<double>(*static_cast<const S*>(data)); });
}

template <class T>
bool follows(const StepSizes& s, const KernelArgs& args, std::size_t i) {
  if (s.width[i] > 0 || s.width[i - 1] > 0) return false;
  for (std::size_t kind = 0; kind < s.kinds; ++kind) {
    const std::size_t at = kind * s.variables() + i;
    if (args.output<T>(at) != args.output<T>(at - 1) + s.elements[i - 1]) return false;
  }
  const auto bytes = static_cast<Dim>(size_of(s.gradients[i]));
  return s.gradients[i] == s.gradients[i - 1] &&
         gradient<std::byte>(s, args, i) == gradient<std::byte>(s, args, i - 1) + s.elements[i - 1] * bytes;
}

template <class T>
bool all_zero(const T* x, Dim count) {
  const auto* words = reinterpret_cast<const unsigned char*>(x);
  Pack<std::uint64_t> any{};
  Dim i = 0;
  for (; i + kLanes<T> <= count; i += kLanes<T>) {
    Pack<std::uint64_t> next;
    std::memcpy(&next, words + static_cast<std::size_t>(i) * sizeof(T), sizeof next);
    any |= next;
  }
  std::uint64_t parts[kLanes<std::uint64_t>], all = 0;
  store(parts, any);
  for (std::uint64_t part : parts) all |= part;
  for (; i < count; ++i) all |= static_cast<std::uint64_t>(x[i] != T(0));
  return all == 0;
}

// Gradient and slots are zero, as in most rows of an embedding: every rule here leaves such weights as they are.
template <class T>
bool slots_are_zero(const StepSizes& s, const KernelArgs& args, std::size_t i, Dim from, Dim count) {
  for (std::size_t kind = 1; kind < s.kinds; ++kind)
    if (!all_zero<T>(args.output<T>(kind * s.variables() + i) + from, count)) return false;
  return true;
}
template <class T>
bool untouched(const StepSizes& s, const KernelArgs& args, std::size_t i, Dim from, const T* g) {
  return all_zero(g, kRun) && slots_are_zero<T>(s, args, i, from, kRun);
}

// Calls body(variable, offset, count, gradient there) for the parts of one tile that change.
template <class T, class F>
void each_run(const StepSizes& s, const KernelArgs& args, std::size_t i, Dim from, Dim count, const T* g,
              const F& body) {
  Dim begin = 0;
  for (Dim at = 0; at + kRun <= count; at += kRun) {
    if (!untouched(s, args, i, from + at, g + at)) continue;
    if (at > begin) body(i, from + begin, at - begin, g + begin);
    begin = at + kRun;
  }
  if (count > begin) body(i, from + begin, count - begin, g + begin);
}

// The rows of one variable whose gradient comes by rows.
template <class T>
class RowStep {
 public:
  RowStep(const StepSizes& s, const KernelArgs& args, std::size_t i)
      : s_(s),
        args_(args),
        i_(i),
        width_(s.width[i]),
        places_(args.input<std::int32_t>(s.places[i])),
        untouched_(args.memory && s.memory[i] >= 0 ? static_cast<unsigned char*>(args.memory) + s.memory[i] : nullptr) {
  }

  // As each_run: rows that have a gradient, and runs of others that their slots still move.
  template <class F>
  void each(Dim from, Dim count, const F& body) const {
    alignas(64) static constexpr T kZeros[kTile] = {};
    const Dim end = from + count;
    for (Dim at = from; at < end;) {
      const Dim row = at / width_;
      Dim next = std::min(end, (row + 1) * width_);
      if (places_[row] >= 0) {
        if (untouched_) untouched_[row] = 0;
        body(i_, at, next - at, gradient<T>(s_, args_, i_) + places_[row] * width_ + at % width_);
      } else if (moves(at, next)) {
        while (next < end && places_[next / width_] < 0 && moves(next, std::min(end, next + width_)))
          next = std::min(end, next + width_);
        body(i_, at, next - at, kZeros);
      }
      at = next;
    }
  }

 private:
  // Whether a row (or what a tile has of it) without a gradient changes. What is known of it need not be read again.
  bool moves(Dim from, Dim end) const {
    const Dim row = from / width_;
    if (untouched_ && untouched_[row]) return false;
    if (!slots_are_zero<T>(s_, args_, i_, from, end - from)) return true;
    if (untouched_) untouched_[row] = 1;
    return false;
  }

  const StepSizes& s_;
  const KernelArgs& args_;
  std::size_t i_;
  Dim width_;
  const std::int32_t* places_;
  unsigned char* untouched_;  // per row: 1 when its slots are known to be zero
};

// As each_run, of a tile whose gradient is of a half type.
template <class T, class F>
void each_widened_run(const StepSizes& s, const KernelArgs& args, std::size_t i, Dim from, Dim count, const F& body) {
  alignas(64) T widened[kTile];
  const std::byte* narrow = gradient<std::byte>(s, args, i) + from * static_cast<Dim>(size_of(s.gradients[i]));
  convert(narrow, s.gradients[i], widened, dtype_of<T>(), static_cast<std::size_t>(count));
  each_run(s, args, i, from, count, static_cast<const T*>(widened), body);
}

// Calls body(variable, offset, count, gradient there) for tiles of all segments.
template <class T, class F>
void each_tile(const StepSizes& s, const KernelArgs& args, const F& body) {
  auto* segments = static_cast<Segment*>(args.workspace);
  std::size_t count = 0;
  for (std::size_t i = 0; i < s.variables(); ++i) {
    if (i > 0 && follows<T>(s, args, i))
      segments[count - 1].elements += s.elements[i];
    else
      segments[count++] = {i, s.elements[i], 0};
  }
  Dim tiles = 0;
  for (std::size_t i = 0; i < count; ++i) {
    segments[i].first_tile = tiles;
    tiles += (segments[i].elements + kTile - 1) / kTile;
  }
  parallel_for(tiles, kGrain, [&](Dim begin, Dim end) {
    std::size_t at = 0;
    for (Dim tile = begin; tile < end; ++tile) {
      while (at + 1 < count && segments[at + 1].first_tile <= tile) ++at;
      const std::size_t i = segments[at].variable;
      const Dim offset = (tile - segments[at].first_tile) * kTile,
                size = std::min(kTile, segments[at].elements - offset);
      if (s.width[i] > 0)
        RowStep<T>(s, args, i).each(offset, size, body);
      else if (is_half(s.gradients[i]))
        each_widened_run<T>(s, args, i, offset, size, body);
      else
        each_run(s, args, i, offset, size, gradient<T>(s, args, i) + offset, body);
    }
  });
}

// w -= rate g; with momentum: m = momentum m - rate g, w += m (nesterov: w += momentum m - rate g)
template <class T>
std::unique_ptr<Kernel> sgd_kernel(StepSizes s, const Attrs& attrs) {
  const std::size_t bytes = s.workspace();
  return make_kernel(
      [s = std::move(s), p = attrs.as<ops::SgdAttrs>()](const KernelArgs& args) {
        if (s.is_shut(args)) return;
        const std::size_t n = s.variables();
        const T rate = static_cast<T>(read_scalar(s.rate, args.in[s.scalars()])), momentum = static_cast<T>(p.momentum);
        each_tile<T>(s, args, [&](std::size_t i, Dim from, Dim count, const T* gradient) {
          Run<T> w(args.output<T>(i) + from, count);
          const ConstRun<T> g(gradient, count);
          if (s.kinds == 1) {
            w -= rate * g;
            return;
          }
          Run<T> m(args.output<T>(n + i) + from, count);
          m = momentum * m - rate * g;
          if (p.nesterov)
            w += momentum * m - rate * g;
          else
            w += m;
        });
      },
      bytes);
}

// v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v (- mean_g^2) + eps), through a momentum if there is one
template <class T>
std::unique_ptr<Kernel> rmsprop_kernel(StepSizes s, const Attrs& attrs) {
  const std::size_t bytes = s.workspace();
  return make_kernel(
      [s = std::move(s), p = attrs.as<ops::RmspropAttrs>()](const KernelArgs& args) {
        if (s.is_shut(args)) return;
        const std::size_t n = s.variables(), mean_kind = p.momentum > 0 ? 3 : 2;
        const T rate = static_cast<T>(read_scalar(s.rate, args.in[s.scalars()])), epsilon = static_cast<T>(p.epsilon);
        const T rho = static_cast<T>(p.rho), rest = static_cast<T>(1 - p.rho), momentum = static_cast<T>(p.momentum);
        each_tile<T>(s, args, [&](std::size_t i, Dim from, Dim count, const T* gradient) {
          Run<T> w(args.output<T>(i) + from, count), v(args.output<T>(n + i) + from, count);
          const ConstRun<T> g(gradient, count);
          v = rho * v + rest * g.square();
          Eigen::Array<T, Eigen::Dynamic, 1, 0, kTile, 1> increment(count);
          if (p.centered) {
            Run<T> mean(args.output<T>(mean_kind * n + i) + from, count);
            mean = rho * mean + rest * g;
            increment = rate * g / (v - mean.square() + epsilon).sqrt();
          } else {
            increment = rate * g / (v + epsilon).sqrt();
          }
          if (p.momentum > 0) {
            Run<T> m(args.output<T>(2 * n + i) + from, count);
            m = momentum * m + increment;
            w -= m;
          } else {
            w -= increment;
          }
        });
      },
      bytes);
}

// m += (g - m)(1 - b1), v += (g^2 - v)(1 - b2), w -= m alpha / (sqrt(v) + eps), alpha = rate sqrt(1 - b2^t) / (1 -
// b1^t)
template <class T>
std::unique_ptr<Kernel> adam_kernel(StepSizes s, const Attrs& attrs) {
  const std::size_t bytes = s.workspace();
  return make_kernel(
      [s = std::move(s), p = attrs.as<ops::AdamAttrs>()](const KernelArgs& args) {
        if (s.is_shut(args)) return;
        const std::size_t n = s.variables();
        const double rate = read_scalar(s.rate, args.in[s.scalars()]);
        const double t = read_scalar(s.step, args.in[s.scalars() + 1]) + 1;
        const T alpha = static_cast<T>(rate * std::sqrt(1 - std::pow(p.beta_2, t)) / (1 - std::pow(p.beta_1, t)));
        const T rest_1 = static_cast<T>(1 - p.beta_1), rest_2 = static_cast<T>(1 - p.beta_2),
                epsilon = static_cast<T>(p.epsilon);
        each_tile<T>(s, args, [&](std::size_t i, Dim from, Dim count, const T* gradient) {
          Run<T> w(args.output<T>(i) + from, count), m(args.output<T>(n + i) + from, count);
          Run<T> v(args.output<T>(2 * n + i) + from, count);
          const ConstRun<T> g(gradient, count);
          m += (g - m) * rest_1;
          v += (g.square() - v) * rest_2;
          if (p.amsgrad) {
            Run<T> largest(args.output<T>(3 * n + i) + from, count);
            largest = largest.max(v);
            w -= alpha * m / (largest.sqrt() + epsilon);
          } else {
            w -= alpha * m / (v.sqrt() + epsilon);
          }
        });
      },
      bytes);
}

template <class P>
StepSizes sizes_of(const KernelSpec& spec, const P& p) {
  StepSizes s;
  const auto n = static_cast<std::size_t>(p.variables);
  for (std::size_t i = 0; i < n; ++i) s.elements.push_back(spec.in[i].shape.size());
  s.kinds = n == 0 ? 1 : spec.out.size() / n;
  s.gated = p.gated;
  for (std::size_t i = 0; i < n; ++i) s.gradients.push_back(spec.in[s.kinds * n + i].dtype);
  const std::size_t rate = s.scalars(), places = rate + (p.gated ? 3 : 2);
  s.rate = spec.in[rate].dtype;
  s.step = spec.in[rate + 1].dtype;
  s.width.assign(n, 0);
  s.places.assign(n, 0);
  s.memory.assign(n, -1);
  for (std::size_t i = 0; i < p.by_rows.size(); ++i) {
    const auto variable = static_cast<std::size_t>(p.by_rows[i]);
    s.width[variable] = spec.in[variable].shape.from(1).size();
    s.places[variable] = places + i;
    if (s.width[variable] == 0 || kTile % s.width[variable] != 0) continue;  // else two threads would share a row
    s.memory[variable] = static_cast<Dim>(s.memory_bytes);
    s.memory_bytes += static_cast<std::size_t>(spec.in[variable].shape[0]);
  }
  return s;
}

using MakeStep = std::unique_ptr<Kernel> (*)(StepSizes s, const Attrs& attrs);

template <class P, MakeStep kFloat, MakeStep kDouble>
std::unique_ptr<Kernel> prepare_step(const KernelSpec& spec) {
  const DType dtype = spec.in[0].dtype;
  const bool one_type =
      std::all_of(spec.out.begin(), spec.out.end(), [&](const ValueType& v) { return v.dtype == dtype; });
  if (!one_type) return nullptr;
  if (dtype != DType::float32 && dtype != DType::float64) return nullptr;
  const StepSizes sizes = sizes_of(spec, spec.attrs.as<P>());
  for (const DType gradient : sizes.gradients)
    if (gradient != dtype && !is_half(gradient)) return nullptr;
  std::unique_ptr<Kernel> kernel = (dtype == DType::float32 ? kFloat : kDouble)(sizes, spec.attrs);
  kernel->memory_bytes = sizes.memory_bytes;
  return kernel;
}

}  // namespace

void register_optimizer_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kSgdStep, prepare_step<ops::SgdAttrs, sgd_kernel<float>, sgd_kernel<double>>);
  registry.add(Target::cpu, ops::kRmspropStep,
               prepare_step<ops::RmspropAttrs, rmsprop_kernel<float>, rmsprop_kernel<double>>);
  registry.add(Target::cpu, ops::kAdamStep, prepare_step<ops::AdamAttrs, adam_kernel<float>, adam_kernel<double>>);
}

}  // namespace kerata::cpu
