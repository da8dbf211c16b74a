// Random kernels. Element i of a 32-bit draw uses word i % 4 of Philox block i / 4; of a 64-bit draw (float64,
// integers) words 2 (i % 2) and 2 (i % 2) + 1 of block i / 2. So numbers do not depend on the number of threads.
#include <algorithm>
#include <cmath>
#include <memory>

#include "backend/parallel.h"
#include "core/philox.h"
#include "cpu/philox_run.h"
#include "cpu/random_maths.h"
#include "cpu/register.h"
#include "ops/random_attrs.h"

namespace kerata::cpu {
namespace {

using ops::RandomAttrs;
using Target = KernelRegistry::Target;

constexpr Dim kRun = 64;    // Philox blocks at once
constexpr Dim kGrain = 16;  // runs that pay for a thread

/// Calls body(words, first element, elements) for runs of kRun blocks; each block makes `kPerBlock` elements.
template <Dim kPerBlock, class F>
void each_run(Dim n, std::uint64_t key, std::uint64_t stream, const F& body) {
  const Dim span = kRun * kPerBlock, runs = (n + span - 1) / span;
  parallel_for(runs, kGrain, [&](Dim begin, Dim end) {
    std::uint32_t words[4 * kRun];
    for (Dim run = begin; run < end; ++run) {
      philox_run<kRun>(key, stream, static_cast<std::uint64_t>(run * kRun), words);
      body(words, run * span, std::min(span, n - run * span));
    }
  });
}

std::uint64_t word64(const std::uint32_t* words, Dim i) {
  return static_cast<std::uint64_t>(words[2 * i]) << 32 | words[2 * i + 1];
}
// [0, 1) with all bits that T holds
inline float unit(const std::uint32_t* words, Dim i, float) { return uniform_from(words[i]); }
inline double unit(const std::uint32_t* words, Dim i, double) {
  return static_cast<double>(word64(words, i) >> 11) * 0x1p-53;
}

template <class T>
constexpr Dim kPerBlock = sizeof(T) == 8 ? 2 : 4;

// A kernel from element = make(words, i within the run).
template <class T, class Make>
std::unique_ptr<Kernel> element_kernel(const KernelSpec& spec, Make make) {
  const Dim n = spec.out[0].shape.size();
  const auto stream = static_cast<std::uint64_t>(spec.attrs.as<RandomAttrs>().stream);
  return make_kernel([n, stream, make](const KernelArgs& args) {
    T* out = args.output<T>(0);
    each_run<kPerBlock<T>>(n, random_key(args.input<std::int64_t>(0)), stream,
                           [&](const std::uint32_t* words, Dim first, Dim count) {
                             for (Dim i = 0; i < count; ++i) out[first + i] = make(words, i);
                           });
  });
}

template <class T>
std::unique_ptr<Kernel> uniform_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  const T low = static_cast<T>(p.a), range = static_cast<T>(p.b) - low;
  const T most = range > 0 ? std::nextafter(static_cast<T>(p.b), low) : low;  // low + u range may round up to high
  return element_kernel<T>(
      spec, [=](const std::uint32_t* words, Dim i) { return std::min(low + unit(words, i, T()) * range, most); });
}

// Box and Muller: two uniform numbers give two normal ones (words 2j and 2j + 1 those at 2j and 2j + 1).
template <class T>
std::unique_ptr<Kernel> normal_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  const Dim n = spec.out[0].shape.size();
  return make_kernel([n, stream = static_cast<std::uint64_t>(p.stream), mean = static_cast<T>(p.a),
                      deviation = static_cast<T>(p.b)](const KernelArgs& args) {
    T* out = args.output<T>(0);
    each_run<kPerBlock<T>>(n, random_key(args.input<std::int64_t>(0)), stream,
                           [&](const std::uint32_t* words, Dim first, Dim count) {
                             constexpr Dim kPairs = kRun * kPerBlock<T> / 2;
                             alignas(64) T radius[kPairs], angle[kPairs], pair[2 * kPairs];
                             for (Dim i = 0; i < kPairs; ++i) {
                               radius[i] = 1 - unit(words, 2 * i, T());  // (0, 1]
                               angle[i] = unit(words, 2 * i + 1, T());
                             }
                             box_muller(radius, angle, pair, kPairs);
                             for (Dim i = 0; i < count; ++i) out[first + i] = mean + deviation * pair[i];
                           });
  });
}

// Inverse distribution function on the part of (0, 1) that lies within two standard deviations.
template <class T>
std::unique_ptr<Kernel> truncated_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  const double low = 0.5 * std::erfc(std::sqrt(2.0)), range = 1 - 2 * low;
  return element_kernel<T>(spec, [=, mean = p.a, deviation = p.b](const std::uint32_t* words, Dim i) {
    const double half = sizeof(T) == 8 ? 0x1p-54 : 0x1p-25;  // the middle of a step: symmetric, never 0
    const double z = normal_quantile(low + range * (static_cast<double>(unit(words, i, T())) + half));
    return static_cast<T>(mean + deviation * std::clamp(z, -2.0, 2.0));
  });
}

// float64 has the truth values of float32: both compare the same 24 bits.
template <class T>
std::unique_ptr<Kernel> bernoulli_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  const Dim n = spec.out[0].shape.size();
  const auto limit = static_cast<std::uint32_t>(std::ceil(p.a * 0x1p24));
  return make_kernel([n, limit, stream = static_cast<std::uint64_t>(p.stream)](const KernelArgs& args) {
    T* out = args.output<T>(0);
    each_run<4>(n, random_key(args.input<std::int64_t>(0)), stream,
                [&](const std::uint32_t* words, Dim first, Dim count) {
                  for (Dim i = 0; i < count; ++i) out[first + i] = (words[i] >> 8) < limit ? T(1) : T(0);
                });
  });
}

template <class T>
std::unique_ptr<Kernel> randint_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  const Dim n = spec.out[0].shape.size(), low = static_cast<Dim>(p.a);
  const auto range = static_cast<std::uint64_t>(static_cast<Dim>(p.b) - low);
  return make_kernel([n, low, range, stream = static_cast<std::uint64_t>(p.stream)](const KernelArgs& args) {
    T* out = args.output<T>(0);
    each_run<2>(n, random_key(args.input<std::int64_t>(0)), stream,
                [&](const std::uint32_t* words, Dim first, Dim count) {
                  for (Dim i = 0; i < count; ++i)
                    out[first + i] = static_cast<T>(low + static_cast<Dim>(multiply_high(word64(words, i), range)));
                });
  });
}

// Fisher and Yates, from the last element down; element i is exchanged with one of 0 .. i.
std::unique_ptr<Kernel> prepare_permutation(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<RandomAttrs>();
  return make_kernel([n = p.shape[0], stream = static_cast<std::uint64_t>(p.stream)](const KernelArgs& args) {
    std::int32_t* out = args.output<std::int32_t>(0);
    for (Dim i = 0; i < n; ++i) out[i] = static_cast<std::int32_t>(i);
    const std::uint64_t key = random_key(args.input<std::int64_t>(0));
    for (Dim i = n - 1; i > 0; --i) {
      const PhiloxBlock block = philox(key, stream, static_cast<std::uint64_t>(i / 2));
      const std::uint64_t j = multiply_high(word64(block.data(), i % 2), static_cast<std::uint64_t>(i) + 1);
      std::swap(out[i], out[j]);
    }
  });
}

template <class F>
std::unique_ptr<Kernel> for_result(const KernelSpec& spec, const F& make) {
  const DType dtype = spec.out[0].dtype;
  if (dtype == DType::float32) return make.template operator()<float>();
  return dtype == DType::float64 ? make.template operator()<double>() : nullptr;
}

}  // namespace

void register_random_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kRandomUniform, [](const KernelSpec& spec) {
    return for_result(spec, [&]<class T>() { return uniform_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kRandomNormal, [](const KernelSpec& spec) {
    return for_result(spec, [&]<class T>() { return normal_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kTruncatedNormal, [](const KernelSpec& spec) {
    return for_result(spec, [&]<class T>() { return truncated_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kBernoulli, [](const KernelSpec& spec) {
    return for_result(spec, [&]<class T>() { return bernoulli_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kRandint, [](const KernelSpec& spec) -> std::unique_ptr<Kernel> {
    if (spec.out[0].dtype == DType::int32) return randint_kernel<std::int32_t>(spec);
    return spec.out[0].dtype == DType::int64 ? randint_kernel<std::int64_t>(spec) : nullptr;
  });
  registry.add(Target::cpu, ops::kPermutation, prepare_permutation);
}

}  // namespace kerata::cpu
