// Constant folding, common subexpressions, dead code.
#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

#include "compile/passes.h"

namespace kerata {
namespace {

constexpr std::size_t kLargestFold = 1 << 20;  // bytes: larger results are computed when they are needed

bool can_fold(const Graph& graph, const Instr& instr) {
  if (instr.op->random || instr.op->updates_inputs || instr.in.empty()) return false;
  for (int id : instr.in)
    if (!graph.constants.contains(id)) return false;
  for (int id : instr.out)
    if (bytes_of(graph.values[static_cast<std::size_t>(id)]) > kLargestFold) return false;
  return true;
}

std::size_t hash_of(const Instr& instr) {
  std::size_t hash = std::hash<const void*>()(instr.op);
  for (int id : instr.in) hash = hash * 1000003 + static_cast<std::size_t>(id);
  return hash;
}

bool same_computation(const Instr& a, const Instr& b) { return a.op == b.op && a.in == b.in && a.attrs == b.attrs; }

}  // namespace

Graph fold_constants(Graph graph) {
  std::vector<Instr> kept;
  for (Instr& instr : graph.code) {
    if (!can_fold(graph, instr)) {
      kept.push_back(std::move(instr));
      continue;
    }
    std::vector<Tensor> inputs;
    for (int id : instr.in) inputs.push_back(graph.constants.at(id));
    const std::vector<Tensor> results = apply_all(*instr.op, std::move(inputs), instr.attrs);
    for (std::size_t i = 0; i < results.size(); ++i) graph.constants.emplace(instr.out[i], results[i]);
  }
  graph.code = std::move(kept);
  return graph;
}

Graph eliminate_common(Graph graph) {
  std::vector<int> replacement(graph.values.size());
  std::iota(replacement.begin(), replacement.end(), 0);
  // Equal scalar literals first: every "2 * x" makes a new one.
  std::map<std::pair<int, std::uint64_t>, int> scalars;
  for (const auto& [id, value] : graph.constants)
    if (value.rank() == 0 && value.dtype() != DType::int64)
      replacement[static_cast<std::size_t>(id)] =
          scalars.try_emplace({static_cast<int>(value.dtype()), std::bit_cast<std::uint64_t>(value.item())}, id)
              .first->second;
  std::unordered_multimap<std::size_t, std::size_t> seen;  // hash -> index into kept
  std::vector<Instr> kept;
  for (Instr& instr : graph.code) {
    for (int& id : instr.in) id = replacement[static_cast<std::size_t>(id)];
    const std::size_t hash = hash_of(instr);
    const auto [first, last] = seen.equal_range(hash);
    const auto same = instr.op->updates_inputs ? last : std::find_if(first, last, [&](const auto& entry) {
      return same_computation(kept[entry.second], instr);
    });
    if (same == last) {
      seen.emplace(hash, kept.size());
      kept.push_back(std::move(instr));
      continue;
    }
    const Instr& earlier = kept[same->second];
    for (std::size_t i = 0; i < instr.out.size(); ++i)
      replacement[static_cast<std::size_t>(instr.out[i])] = earlier.out[i];
  }
  graph.code = std::move(kept);
  substitute(graph, replacement);
  return graph;
}

Graph eliminate_dead(Graph graph) {
  std::vector<bool> live(graph.values.size());
  auto mark = [&](int id) { live[static_cast<std::size_t>(id)] = true; };
  std::for_each(graph.outputs.begin(), graph.outputs.end(), mark);
  for (const Assign& assign : graph.assigns) mark(assign.value);
  std::vector<Instr> kept;
  for (auto instr = graph.code.rbegin(); instr != graph.code.rend(); ++instr) {
    if (std::none_of(instr->out.begin(), instr->out.end(), [&](int id) { return live[static_cast<std::size_t>(id)]; }))
      continue;
    std::for_each(instr->in.begin(), instr->in.end(), mark);
    kept.push_back(std::move(*instr));
  }
  std::reverse(kept.begin(), kept.end());
  graph.code = std::move(kept);
  std::erase_if(graph.constants, [&](const auto& entry) { return !live[static_cast<std::size_t>(entry.first)]; });
  std::erase_if(graph.variables, [&](const auto& entry) { return !live[static_cast<std::size_t>(entry.first)]; });
  return graph;
}

}  // namespace kerata
