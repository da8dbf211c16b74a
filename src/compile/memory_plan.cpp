#include "compile/memory_plan.h"

#include <algorithm>
#include <unordered_map>

#include "compile/free_list.h"

namespace kerata {
namespace {

std::size_t block_bytes(const ValueType& type) {
  return std::max<std::size_t>(1, (bytes_of(type) + kAlignment - 1) / kAlignment) * kAlignment;
}

class Planner {
 public:
  Planner(const Graph& graph, bool in_place) : graph_(graph), in_place_(in_place) {
    const std::size_t n = graph.values.size();
    plan_.where.resize(n);
    plan_.skip.resize(graph.code.size());
    root_.resize(n);
    last_read_.assign(n, -1);
    freed_.assign(n, false);
    for (std::size_t v = 0; v < n; ++v) root_[v] = static_cast<int>(v);
  }

  MemoryPlan run() {
    place_leaves();
    find_views();
    find_last_reads();
    find_targets();
    find_direct();
    for (std::size_t step = 0; step < graph_.code.size(); ++step) {
      if (!plan_.skip[step]) place_outputs(step);
      free_dead(step);
    }
    for (std::size_t v = 0; v < root_.size(); ++v) plan_.where[v] = plan_.where[at(root_[v])];
    finish_targets();
    plan_.arena_bytes = arena_.end();
    return std::move(plan_);
  }

 private:
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  const ValueType& type(int id) const { return graph_.values[at(id)]; }

  void place_leaves() {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i)
      plan_.where[at(graph_.inputs[i])] = {Location::slot, static_cast<int>(i)};
    if (graph_.random_state >= 0)
      plan_.where[at(graph_.random_state)] = {Location::slot, static_cast<int>(graph_.inputs.size())};
    for (const auto& [id, value] : graph_.constants) plan_.where[at(id)] = {Location::constant, id};
    for (const auto& [id, variable] : graph_.variables)
      plan_.where[at(id)] = {Location::variable, variable_index(variable)};
  }

  int variable_index(const Variable& variable) {
    const auto [found, first] = index_of_.try_emplace(variable.cell(), static_cast<int>(plan_.variables.size()));
    if (first) plan_.variables.push_back(variable);
    return found->second;
  }

  void find_views() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      const Instr& instr = graph_.code[i];
      if (!instr.op->is_view) continue;
      root_[at(instr.out[0])] = root_[at(instr.in[0])];
      plan_.skip[i] = true;
    }
  }

  void find_last_reads() {
    const int end = static_cast<int>(graph_.code.size());
    for (int i = 0; i < end; ++i)
      for (std::size_t k = 0; k < graph_.code[at(i)].in.size(); ++k) {
        const int v = root_[at(graph_.code[at(i)].in[k])];
        if (!plan_.skip[at(i)] && !reads_only_type(*graph_.code[at(i)].op, k))
          last_read_[at(v)] = std::max(last_read_[at(v)], i);
      }
    for (int v : graph_.outputs) last_read_[at(root_[at(v)])] = end;
    for (const Assign& assign : graph_.assigns) last_read_[at(root_[at(assign.value)])] = end;
  }

  // What lies at a place of its own at the end: variables' new contents, the carries of a loop.
  struct Target {
    int value;
    Location place;
    int old;  // the value that lies there before, or -1
    DType dtype;
  };

  void find_targets() {
    std::unordered_map<const VariableCell*, int> old_value;
    for (const auto& [id, variable] : graph_.variables) old_value[variable.cell()] = id;
    for (const Assign& assign : graph_.assigns) {
      const auto old = old_value.find(assign.variable.cell());
      targets_.push_back({assign.value,
                          {Location::variable, variable_index(assign.variable)},
                          old == old_value.end() ? -1 : old->second,
                          assign.variable.dtype()});
    }
    for (std::size_t i = 0; i < num_carries(); ++i)
      targets_.push_back(
          {graph_.outputs[i], {Location::slot, static_cast<int>(i)}, graph_.inputs[i], type(graph_.inputs[i]).dtype});
  }

  std::size_t num_carries() const { return graph_.num_carries.value_or(0); }

  // Values that can be computed straight into the place where they are wanted.
  void find_direct() {
    const std::vector<int> producers = find_producers(graph_);
    std::vector<int> times(graph_.values.size());
    for (const Target& target : targets_) ++times[at(root_[at(target.value)])];
    for (const Target& target : targets_) {
      const int root = root_[at(target.value)];
      const int producer = producers[at(root)];
      if (root != target.value || producer < 0 || times[at(root)] != 1 || plan_.skip[at(producer)]) continue;
      if (type(root).dtype != target.dtype) continue;
      const int last = target.old < 0 ? -1 : last_read_[at(target.old)];
      if (last > producer) continue;
      if (last == producer && !may_overwrite(graph_.code[at(producer)], root, target.old)) continue;
      direct_[root] = target.place;
    }
    if (!graph_.num_carries) return;
    for (std::size_t i = num_carries(); i < graph_.outputs.size(); ++i) {
      const int root = root_[at(graph_.outputs[i])];
      if (producers[at(root)] >= 0)
        direct_.try_emplace(root, Location{Location::slot, static_cast<int>(slot_of_output(graph_, i))});
    }
  }

  // Whether `instr` may write its output `out` over its input `in`.
  bool may_overwrite(const Instr& instr, int out, int in) const {
    if (instr.op->updates_inputs) {
      for (std::size_t i = 0; i < instr.in.size(); ++i) {
        const bool reads = root_[at(instr.in[i])] == in;
        const bool same_place = i < instr.out.size() && instr.out[i] == out;
        if (reads && !same_place) return false;
      }
      return true;
    }
    if (!instr.op->elementwise && !instr.op->in_place) return false;
    return bytes_of(type(out)) == bytes_of(type(in)) && type(out).shape.size() == type(in).shape.size();
  }

  void place_outputs(std::size_t step) {
    const Instr& instr = graph_.code[step];
    std::vector<int> taken;  // inputs whose memory an output has taken over
    for (std::size_t i = 0; i < instr.out.size(); ++i) {
      const int out = instr.out[i];
      if (last_read_[at(out)] < 0 && (instr.op->optional_outputs >> std::min<std::size_t>(i, 31) & 1)) continue;
      plan_.unplanned_bytes += block_bytes(type(out));
      Location& place = plan_.where[at(out)];
      if (const auto direct = direct_.find(out); direct != direct_.end()) {
        place = direct->second;
      } else if (const int input =
                     instr.op->updates_inputs ? updated_input(step, i) : overwritten_input(step, out, taken);
                 input >= 0) {
        taken.push_back(input);
        place = plan_.where[at(input)];
        freed_[at(input)] = true;  // its block now belongs to the output
      } else {
        place = {Location::arena, -1, arena_.take(block_bytes(type(out)))};
      }
      if (instr.op->updates_inputs) copy_updated_input(step, i, place);
    }
    for (int out : instr.out)  // results that nobody reads
      if (last_read_[at(out)] < static_cast<int>(step)) last_read_[at(out)] = static_cast<int>(step);
  }

  bool dies_here(int root, std::size_t step) const {
    return plan_.where[at(root)].kind == Location::arena && !freed_[at(root)] &&
           last_read_[at(root)] == static_cast<int>(step);
  }

  int updated_input(std::size_t step, std::size_t i) const {
    const int root = root_[at(graph_.code[step].in[i])];
    return dies_here(root, step) ? root : -1;
  }

  int overwritten_input(std::size_t step, int out, const std::vector<int>& taken) const {
    if (!in_place_) return -1;
    const Instr& instr = graph_.code[step];
    if (!instr.op->elementwise && !instr.op->in_place) return -1;
    for (int v : instr.in) {
      const int root = root_[at(v)];
      if (dies_here(root, step) && may_overwrite(instr, out, root) &&
          std::find(taken.begin(), taken.end(), root) == taken.end())
        return root;
    }
    return -1;
  }

  void copy_updated_input(std::size_t step, std::size_t i, const Location& place) {
    const int root = root_[at(graph_.code[step].in[i])];
    if (plan_.where[at(root)] != place) plan_.before[step].push_back({root, place, bytes_of(type(root))});
  }

  void free_dead(std::size_t step) {
    auto release = [&](int v) {
      const int root = root_[at(v)];
      const Location& place = plan_.where[at(root)];
      if (place.kind != Location::arena || freed_[at(root)] || last_read_[at(root)] > static_cast<int>(step)) return;
      freed_[at(root)] = true;
      arena_.give_back(place.offset, block_bytes(type(root)));
    };
    for (int v : graph_.code[step].in) release(v);
    for (int v : graph_.code[step].out) release(v);
  }

  // A place that belongs to no value of the graph.
  int add_place(const Location& place) {
    plan_.where.push_back(place);
    return static_cast<int>(plan_.where.size()) - 1;
  }

  // What is left: copies at the end. A source that another one overwrites is saved in the arena first.
  void finish_targets() {
    std::vector<Copy> saves, copies;
    for (const Target& target : targets_) {
      const int root = root_[at(target.value)];
      const Location from = plan_.where[at(root)];
      const std::size_t bytes = bytes_of(type(root));
      if (from == target.place) continue;
      if (!is_target(from)) {
        copies.push_back({root, target.place, bytes});
      } else {
        const Location save{Location::arena, -1, arena_.take(block_bytes(type(root)))};
        saves.push_back({add_place(from), save, bytes});
        copies.push_back({add_place(save), target.place, bytes});
      }
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const int v = graph_.outputs[i];
      Location& place = plan_.outputs.emplace_back(plan_.where[at(v)]);
      const bool is_old = std::any_of(copies.begin(), copies.end(), [&](const Copy& copy) { return copy.to == place; });
      if (!is_old || i < num_carries()) continue;
      const Location save{Location::arena, -1, arena_.take(block_bytes(type(v)))};
      saves.push_back({add_place(place), save, bytes_of(type(v))});
      place = save;
    }
    plan_.at_end = std::move(saves);
    plan_.at_end.insert(plan_.at_end.end(), copies.begin(), copies.end());
  }

  bool is_target(const Location& place) const {
    return std::any_of(targets_.begin(), targets_.end(), [&](const Target& target) { return target.place == place; });
  }

  const Graph& graph_;
  const bool in_place_;
  MemoryPlan plan_;
  FreeList arena_;
  std::vector<int> root_;       // of a view: the value whose memory it is
  std::vector<int> last_read_;  // by root: index of the last instruction that reads it
  std::vector<bool> freed_;
  std::unordered_map<const VariableCell*, int> index_of_;
  std::vector<Target> targets_;
  std::unordered_map<int, Location> direct_;  // value -> where it is computed into
};

}  // namespace

MemoryPlan plan_memory(const Graph& graph, bool in_place) { return Planner(graph, in_place).run(); }

}  // namespace kerata
