#include "graph/eager_kernels.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>

#include "backend/determinism.h"
#include "backend/parallel.h"
#include "backend/tensor_float_32.h"

namespace kerata {
namespace {

constexpr std::size_t kMost = 512;

/// What a kernel depends on beside its spec.
struct Settings {
  int threads = num_threads();
  bool is_deterministic = deterministic_ops(), rounds_to_tf32 = tensor_float_32();
  bool operator==(const Settings&) const = default;
};

/// A kernel, and what it was prepared from: it may refer to that.
struct Prepared {
  Prepared(const KernelSpec& spec, const Settings& with)
      : op(spec.op),
        in(spec.in.begin(), spec.in.end()),
        out(spec.out.begin(), spec.out.end()),
        attrs(spec.attrs),
        device(spec.device),
        settings(with),
        kernel(kernels().prepare({op, in, out, attrs, device})) {}

  const OpDef& op;
  const std::vector<ValueType> in, out;
  const Attrs attrs;
  const Device device;
  const Settings settings;
  const std::unique_ptr<const Kernel> kernel;
};

bool same(std::span<const ValueType> a, std::span<const ValueType> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ValueType& left, const ValueType& right) {
    return left.dtype == right.dtype && left.shape == right.shape;
  });
}
bool is_for(const Prepared& known, const KernelSpec& spec, const Settings& settings) {
  return &known.op == &spec.op && known.device == spec.device && known.settings == settings &&
         same(known.in, spec.in) && same(known.out, spec.out) && known.attrs == spec.attrs;
}

std::size_t hash_of(const KernelSpec& spec) {
  std::size_t hash = std::hash<const void*>()(&spec.op);
  auto mix = [&](std::size_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15u; };
  for (const std::span<const ValueType> types : {spec.in, spec.out})
    for (const ValueType& type : types) {
      mix(static_cast<std::size_t>(type.dtype));
      for (const Dim size : type.shape) mix(static_cast<std::size_t>(size));
    }
  return hash;
}

class EagerKernels {
 public:
  std::shared_ptr<const Kernel> find(const KernelSpec& spec) {
    const Settings settings;
    const std::size_t hash = hash_of(spec);
    if (auto kernel = known(hash, spec, settings)) return kernel;
    Entry entry{hash, std::make_shared<const Prepared>(spec, settings)};
    keep(entry);
    return kernel_of(entry);
  }

 private:
  struct Entry {
    std::size_t hash;
    std::shared_ptr<const Prepared> prepared;
  };
  using Entries = std::list<Entry>;

  static std::shared_ptr<const Kernel> kernel_of(const Entry& entry) {
    return {entry.prepared, entry.prepared->kernel.get()};
  }
  std::shared_ptr<const Kernel> known(std::size_t hash, const KernelSpec& spec, const Settings& settings) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = places_.equal_range(hash);
    for (auto place = first; place != last; ++place) {
      if (!is_for(*place->second->prepared, spec, settings)) continue;
      entries_.splice(entries_.begin(), entries_, place->second);
      return kernel_of(entries_.front());
    }
    return nullptr;
  }
  void keep(const Entry& entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_front(entry);
    places_.emplace(entry.hash, entries_.begin());
    if (entries_.size() <= kMost) return;
    const auto oldest = std::prev(entries_.end());
    const auto [first, last] = places_.equal_range(oldest->hash);
    places_.erase(std::find_if(first, last, [&](const auto& place) { return place.second == oldest; }));
    entries_.erase(oldest);
  }

  std::mutex mutex_;
  Entries entries_;  // the latest first
  std::unordered_multimap<std::size_t, Entries::iterator> places_;
};

}  // namespace

// Objects among the attributes are new at each call, and may hold much. Never destroyed: an op may run while statics
// are.
std::shared_ptr<const Kernel> eager_kernel(const KernelSpec& spec) {
  if (spec.attrs.has_objects()) return kernels().prepare(spec);
  static auto* const prepared = new EagerKernels;
  return prepared->find(spec);
}

}  // namespace kerata
