#include "cuda/runtime/joined_launch.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <sstream>

#include "core/require.h"
#include "cuda/driver/compiler.h"

namespace kerata::cuda {
namespace {

constexpr unsigned kThreads = 256, kCluster = 8;  // blocks that every GPU with clusters can run as one
constexpr std::size_t kMostLaunches = 128;
constexpr std::size_t kMostShared = 47 * 1024;  // of a block, less what joined.cuh and gaps between variables take
// Of a kernel's parameters. More than that is taken since CUDA 12.1, but drivers of some years fail when a graph holds
// such a kernel (https://github.com/openxla/xla/pull/19252).
constexpr std::size_t kMostParameters = 4096;

/// As JoinedPart in joined_entry.cuh; parameters begin at multiples of kAlignment.
struct Part {
  unsigned kernel, parameters, grid[3], first, waits;
};
constexpr std::size_t kAlignment = 16, kRoom = 512;
std::size_t padded(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }
std::size_t bytes_of(std::size_t launches, std::size_t parameters) {
  return padded(launches * sizeof(Part), kAlignment) + parameters;
}

bool fits_parameters(std::size_t data) { return kAlignment + data <= kMostParameters; }

bool has_clusters(const Context& context) { return context.capability >= 90; }
std::uint64_t num_blocks(const Grid& grid) { return std::uint64_t{grid.x} * grid.y * grid.z; }

bool overlap(const MemoryRange& a, const MemoryRange& b) {
  const auto begin = [](const MemoryRange& range) { return reinterpret_cast<std::uintptr_t>(range.begin); };
  return begin(a) < begin(b) + b.bytes && begin(b) < begin(a) + a.bytes;
}
bool overlap(const std::vector<MemoryRange>& all, const std::vector<MemoryRange>& others) {
  return std::any_of(all.begin(), all.end(), [&](const MemoryRange& range) {
    return std::any_of(others.begin(), others.end(), [&](const MemoryRange& other) { return overlap(range, other); });
  });
}
// Whether one launch must be done before the other begins. Those of one step follow each other.
bool must_follow(const Launch& later, const Launch& earlier) {
  if (!later.use || !earlier.use || later.use == earlier.use) return true;
  return overlap(later.use->writes, earlier.use->writes) || overlap(later.use->writes, earlier.use->reads) ||
         overlap(later.use->reads, earlier.use->writes);
}

// A text's own macros end with it.
std::string undefine_all(const std::string& text) {
  constexpr std::string_view kDefine = "#define ";
  std::istringstream lines(text);
  std::string undefined;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kDefine)) continue;
    const std::string rest = line.substr(kDefine.size());
    undefined += "#undef " + rest.substr(0, rest.find_first_of(" (")) + '\n';
  }
  return undefined;
}

}  // namespace

// Each block of the cluster takes two places: that costs less than a launch.
unsigned most_joined_blocks(const Context& context) {
  static const bool joins = [] {
    const char* value = std::getenv("KERATA_JOIN_LAUNCHES");
    return !value || std::string_view(value) != "0";
  }();
  return joins ? 2 * (has_clusters(context) ? kCluster : 1) : 0;
}

JoinedLaunch::JoinedLaunch(const Context& context) : context_(context) {}

std::size_t JoinedLaunch::place_of(const KernelFunction& function) const {
  const auto same = [&](const KernelFunction& other) { return &other.source() == &function.source(); };
  return static_cast<std::size_t>(std::find_if(kernels_.begin(), kernels_.end(), same) - kernels_.begin());
}

// What it adds: a kernel's is there once.
std::size_t JoinedLaunch::shared_bytes(const KernelFunction& function) const {
  if (place_of(function) < kernels_.size()) return 0;
  int bytes = 0;
  check(driver().cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function.get()), "cuFuncGetAttribute",
        context_.index);
  return static_cast<std::size_t>(bytes);
}

bool JoinedLaunch::takes(const Launch& launch) const {
  const bool is_small = num_blocks(launch.grid) <= most_joined_blocks(context_) && launch.grid.threads == kThreads;
  if (!is_small || launches_.size() == kMostLaunches) return false;
  if (!launches_.empty() && launch.function.source().options != kernels_[0].source().options) return false;
  const std::size_t data =
      padded(bytes_of(launches_.size() + 1, parameter_bytes_ + padded(launch.parameters.size(), kAlignment)), kRoom);
  const std::size_t shared = shared_bytes_ + shared_bytes(launch.function);
  return shared + (fits_parameters(data) ? 0 : data) <= kMostShared;
}

unsigned JoinedLaunch::level_of(const Launch& launch) const {
  unsigned level = 0;
  for (std::size_t i = 0; i < launches_.size(); ++i)
    if (levels_[i] >= level && must_follow(launch, launches_[i])) level = levels_[i] + 1;
  return level;
}

void JoinedLaunch::add(Launch launch) {
  levels_.push_back(level_of(launch));
  parameter_bytes_ += padded(launch.parameters.size(), kAlignment);
  shared_bytes_ += shared_bytes(launch.function);
  if (place_of(launch.function) == kernels_.size()) {
    kernels_.push_back(launch.function);
    sizes_.push_back(launch.parameters.size());
  }
  launches_.push_back(std::move(launch));
}

void JoinedLaunch::clear() {
  launches_.clear();
  levels_.clear();
  kernels_.clear();
  sizes_.clear();
  parameter_bytes_ = shared_bytes_ = 0;
}

// What a block does at one place of a small launch takes about as long as a cluster's wait, whose blocks read through
// the L2 cache what the others wrote (half a microsecond each); a block alone waits for nothing and finds it in its L1.
Grid JoinedLaunch::grid() const {
  std::vector<std::uint64_t> places(num_waits() + 1);  // between two waits
  for (std::size_t i = 0; i < launches_.size(); ++i) places[levels_[i]] += num_blocks(launches_[i].grid);
  const auto cost = [&](unsigned blocks) {
    std::uint64_t sum = blocks > 1 ? num_waits() : 0;
    for (const std::uint64_t count : places) sum += (count + blocks - 1) / blocks;
    return sum;
  };
  unsigned best = 1;
  for (unsigned blocks = 2; has_clusters(context_) && blocks <= kCluster; blocks *= 2)
    if (cost(blocks) < cost(best)) best = blocks;
  return {best, 1, 1, kThreads};
}

std::size_t JoinedLaunch::room() const { return padded(bytes_of(launches_.size(), parameter_bytes_), kRoom); }

// Each kernel is there once, however often it is launched.
KernelSource JoinedLaunch::source() const {
  std::string spaces, calls;
  std::vector<std::string> texts;  // each in a namespace of its own
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    const KernelSource& kernel = kernels_[i].source();
    const auto at = std::find(texts.begin(), texts.end(), kernel.text);
    const std::string space = join_text("part", at - texts.begin());
    if (at == texts.end()) {
      texts.push_back(kernel.text);
      spaces += join_text("namespace ", space, " {\nusing ::load;\nusing ::rounded;\nusing ::store;\n", kernel.text,
                          "}\n", undefine_all(kernel.text));
    }
    const std::string name = join_text(space, "::", kernel.name);
    spaces += join_text("static_assert(sizeof(", name, "_parameters) == ", sizes_[i], ", \"\");\n");
    calls += join_text("    case ", i, ":\n      return ", name, "(*(const ", name, "_parameters*)parameters);\n");
  }
  KernelSource joined;
  joined.before =
      join_text("#define KERATA_JOINED ", grid().x, "\n#define KERATA_JOINED_BYTES ", room(),
                "\n#define KERATA_JOINED_IN_MEMORY ", is_in_memory() ? 1 : 0, '\n', kernel_text("joined.cuh"));
  joined.text = spaces + kernel_text("joined_entry.cuh") +
                "KERATA_DEVICE void run_kernel(unsigned kernel, const unsigned char* parameters) {\n"
                "  switch (kernel) {\n" +
                calls + "  }\n}\n";
  joined.name = "joined";
  joined.options = kernels_[0].source().options;
  return joined;
}

// The table of parts, then what their kernels take. Launches between two waits begin with another block each, so that
// all have work.
std::vector<std::byte> JoinedLaunch::data() const {
  std::vector<std::byte> all(room());
  std::byte* bytes = all.data();
  const std::size_t count = launches_.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return levels_[a] < levels_[b]; });
  std::size_t at = bytes_of(count, 0);
  const unsigned blocks = grid().x;
  std::uint64_t places = 0;  // taken since the last wait
  for (std::size_t i = 0; i < count; ++i) {
    const Launch& launch = launches_[order[i]];
    const bool waits = i > 0 && levels_[order[i]] != levels_[order[i - 1]];
    if (waits) places = 0;
    const Part part{static_cast<unsigned>(place_of(launch.function)),
                    static_cast<unsigned>(at),
                    {launch.grid.x, launch.grid.y, launch.grid.z},
                    static_cast<unsigned>(places % blocks),
                    waits};
    places += num_blocks(launch.grid);
    std::memcpy(bytes + i * sizeof part, &part, sizeof part);
    std::memcpy(bytes + at, launch.parameters.data(), launch.parameters.size());
    at += padded(launch.parameters.size(), kAlignment);
  }
  return all;
}

// As Joined in joined_entry.cuh.
std::vector<std::byte> JoinedLaunch::parameters(const std::byte* in_memory) const {
  const auto count = static_cast<unsigned>(launches_.size());
  std::vector<std::byte> all(kAlignment);
  std::memcpy(all.data(), &count, sizeof count);
  if (is_in_memory()) {
    std::memcpy(all.data() + sizeof in_memory, &in_memory, sizeof in_memory);
  } else {
    const std::vector<std::byte> bytes = data();
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

bool JoinedLaunch::is_in_memory() const { return !fits_parameters(room()); }

}  // namespace kerata::cuda
