// Chains (and bushes) of elementwise instructions over one shape become one instruction. A result of a half type is
// rounded where it is made, as if it were written to memory.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "compile/passes.h"
#include "ops/fused.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

constexpr std::size_t kMaxSteps = 32;
constexpr std::size_t kMaxInputs = 32;   // what a GPU's kernel takes is limited
constexpr Dim kSmall = 4096;             // elements of what is joined for the launch alone
constexpr std::size_t kMaxTries = 8;     // of such a join
constexpr std::size_t kMaxVisits = 512;  // groups between two: keeps the pass linear; a refusal only costs a fusion

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class Fuser {
 public:
  Fuser(Graph& graph, bool on_gpu)
      : graph_(graph), on_gpu_(on_gpu), producers_(find_producers(graph)), group_of_(graph.code.size()) {
    for (std::size_t i = 0; i < group_of_.size(); ++i) {
      group_of_[i] = static_cast<int>(i);
      members_.push_back({static_cast<int>(i)});
      order_.push_back(static_cast<int>(i));
      place_.push_back(static_cast<int>(i));
    }
  }

  void run() {
    if (on_gpu_) read_through_broadcasts();
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      if (!is_fusible(graph_.code[i])) continue;
      for (int id : graph_.code[i].in) try_merge(id, static_cast<int>(i));
    }
    if (on_gpu_) join_small();
    emit_all();
  }

 private:
  const ValueType& type(int id) const { return graph_.values[at(id)]; }
  bool is_chain_type(DType dtype) const {
    return on_gpu_ || dtype == DType::float32 || dtype == DType::boolean || is_half(dtype);
  }

  bool is_fusible(const Instr& instr) const {
    if (!instr.op->elementwise || instr.out.size() != 1 || !is_chain_type(type(instr.out[0]).dtype)) return false;
    if (type(instr.out[0]).shape.size() == 0) return false;
    if (instr.op == &ops::kCast) return on_gpu_ || type(instr.in[0]).dtype != DType::float64;
    return std::all_of(instr.in.begin(), instr.in.end(), [&](int id) { return is_chain_type(type(id).dtype); });
  }

  // One op on half types is a chain, too: else its operands were cast to memory of their own.
  bool computes_halves(const Instr& instr) const {
    return instr.op != &ops::kCast &&
           std::any_of(instr.in.begin(), instr.in.end(), [&](int id) { return is_half(type(id).dtype); });
  }

  // What is broadcast is read where it lies, beside an operand of the full shape.
  void read_through_broadcasts() {
    for (Instr& instr : graph_.code) {
      if (!is_fusible(instr)) continue;
      for (int& id : instr.in) {
        const int p = producers_[at(id)];
        if (p < 0 || graph_.code[at(p)].op != &ops::kBroadcastTo) continue;
        const bool has_full = std::any_of(instr.in.begin(), instr.in.end(), [&](int other) {
          return other != id && type(other).shape == type(instr.out[0]).shape;
        });
        if (has_full) id = graph_.code[at(p)].in[0];
      }
    }
  }

  // Merges the group that makes `id` with the group of instruction `reader`.
  void try_merge(int id, int reader) {
    const int producer = producers_[at(id)];
    if (producer < 0 || !is_fusible(graph_.code[at(producer)])) return;
    if (!(type(id).shape == type(graph_.code[at(reader)].out[0]).shape)) return;
    merge(group_of_[at(producer)], group_of_[at(reader)]);
  }

  // Makes b a part of a, unless a third group stands between them.
  bool merge(int a, int b) {
    if (a == b || members_[at(a)].size() + members_[at(b)].size() > kMaxSteps) return false;
    const int first = place_[at(a)] < place_[at(b)] ? a : b, last = first == a ? b : a;
    std::vector<int> before_last;
    if (num_inputs(a, b) > kMaxInputs || !find_inputs_between(first, last, before_last)) return false;
    for (int i : members_[at(b)]) group_of_[at(i)] = a;
    members_[at(a)].insert(members_[at(a)].end(), members_[at(b)].begin(), members_[at(b)].end());
    members_[at(b)].clear();
    std::sort(members_[at(a)].begin(), members_[at(a)].end());
    reorder(place_[at(first)], place_[at(last)], a, std::move(before_last));
    return true;
  }

  // The groups after `first` that `last` waits for; false when one of them waits for `first`.
  bool find_inputs_between(int first, int last, std::vector<int>& between) const {
    std::vector<int> open{last};
    while (!open.empty()) {
      const int group = open.back();
      open.pop_back();
      for (int i : members_[at(group)])
        for (int id : graph_.code[at(i)].in) {
          const int p = producers_[at(id)];
          const int input = p < 0 ? -1 : group_of_[at(p)];
          if (input < 0 || input == group || place_[at(input)] < place_[at(first)]) continue;
          if (input == first) {
            if (group != last) return false;
          } else if (std::find(between.begin(), between.end(), input) == between.end()) {
            if (between.size() == kMaxVisits) return false;
            between.push_back(input);
            open.push_back(input);
          }
        }
    }
    return true;
  }

  // The two groups at the ends of this run of order_ are `merged` now: what it waits for, itself, then the others.
  void reorder(int begin, int end, int merged, std::vector<int> before) {
    std::vector<int> behind;
    for (int k = begin + 1; k < end; ++k)
      if (const int group = order_[at(k)]; group >= 0 && std::find(before.begin(), before.end(), group) == before.end())
        behind.push_back(group);
    std::sort(before.begin(), before.end(), [&](int x, int y) { return place_[at(x)] < place_[at(y)]; });
    before.push_back(merged);
    before.insert(before.end(), behind.begin(), behind.end());
    for (int k = begin; k <= end; ++k) {
      const auto next = at(k - begin);
      order_[at(k)] = next < before.size() ? before[next] : -1;
      if (order_[at(k)] >= 0) place_[at(order_[at(k)])] = k;
    }
  }

  // Values that the two groups read from others.
  std::size_t num_inputs(int a, int b) const {
    std::vector<int> read;
    for (int group : {a, b})
      for (int i : members_[at(group)])
        for (int id : graph_.code[at(i)].in) {
          const int p = producers_[at(id)];
          const bool inside = p >= 0 && (group_of_[at(p)] == a || group_of_[at(p)] == b);
          if (!inside && std::find(read.begin(), read.end(), id) == read.end()) read.push_back(id);
        }
    return read.size();
  }

  // Groups over few elements that do not wait for each other.
  void join_small() {
    std::map<std::vector<Dim>, std::vector<int>> by_shape;
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      const int group = group_of_[i];
      if (!is_fusible(graph_.code[i]) || members_[at(group)].front() != static_cast<int>(i)) continue;
      const Shape& shape = type(graph_.code[i].out[0]).shape;
      if (shape.size() > kSmall) continue;
      std::vector<int>& others = by_shape[shape.to_vector()];
      const auto end = others.size() > kMaxTries ? others.begin() + kMaxTries : others.end();
      if (std::none_of(others.begin(), end, [&](int other) { return merge(other, group); })) others.push_back(group);
    }
  }

  // Emits every group when its last member comes, or before a reader that comes earlier.
  void emit_all() {
    emitted_.assign(members_.size(), false);
    uses_ = count_uses(graph_);
    for (std::size_t i = 0; i < graph_.code.size(); ++i)
      if (members_[at(group_of_[i])].back() == static_cast<int>(i)) emit_with_inputs(group_of_[i]);
    graph_.code = std::move(code_);
  }

  void emit_with_inputs(int root) {
    std::vector<int> stack{root};
    while (!stack.empty()) {
      const int group = stack.back();
      if (emitted_[at(group)]) {
        stack.pop_back();
        continue;
      }
      const std::size_t depth = stack.size();
      for (int i : members_[at(group)])
        for (int id : graph_.code[at(i)].in) {
          const int p = producers_[at(id)];
          if (p >= 0 && group_of_[at(p)] != group && !emitted_[at(group_of_[at(p)])]) stack.push_back(group_of_[at(p)]);
        }
      if (stack.size() > depth) continue;
      emit(group);
      stack.pop_back();
    }
  }

  void emit(int group) {
    emitted_[at(group)] = true;
    const std::vector<int>& members = members_[at(group)];
    const Instr& only = graph_.code[at(members[0])];
    const bool is_alone = members.size() == 1 && !(is_fusible(only) && computes_halves(only));
    if (is_alone)
      code_.push_back(only);
    else
      code_.push_back(make_fused(members));
  }

  Instr make_fused(const std::vector<int>& members) const {
    Instr fused{&ops::kFused, {}, {}, {}, graph_.code[at(members.back())].layer};
    ops::FusedProgram program;
    program.shape = type(graph_.code[at(members[0])].out[0]).shape;
    std::unordered_map<int, int> register_of, inner_uses;  // by value id
    for (int i : members) {
      register_of[graph_.code[at(i)].out[0]] = -1;
      for (int id : graph_.code[at(i)].in) ++inner_uses[id];
    }
    for (int i : members)
      for (int id : graph_.code[at(i)].in)
        if (register_of.try_emplace(id, program.num_inputs).second) {
          fused.in.push_back(id);
          ++program.num_inputs;
        }
    for (int i : members) {
      const Instr& instr = graph_.code[at(i)];
      ops::FusedStep step{instr.op, type(instr.out[0]).dtype, {}};
      for (int id : instr.in) step.args.push_back(register_of.at(id));
      const int made = program.num_inputs + static_cast<int>(program.steps.size());
      register_of[instr.out[0]] = made;
      program.steps.push_back(std::move(step));
      if (uses_[at(instr.out[0])] > inner_uses[instr.out[0]]) {
        fused.out.push_back(instr.out[0]);
        program.outputs.push_back(made);
      }
    }
    fused.attrs = ops::fused_attrs(std::move(program));
    return fused;
  }

  Graph& graph_;
  const bool on_gpu_;
  std::vector<int> producers_, group_of_, uses_;
  std::vector<std::vector<int>> members_;  // by group, ascending
  std::vector<int> order_, place_;  // groups so that none waits for a later one (-1: nothing), and where each stands
  std::vector<bool> emitted_;
  std::vector<Instr> code_;
};

}  // namespace

Graph fuse_elementwise(Graph graph, Device device) {
  Fuser(graph, !device.is_cpu()).run();
  return graph;
}

}  // namespace kerata
