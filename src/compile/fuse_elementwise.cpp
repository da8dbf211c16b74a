// Chains (and bushes) of elementwise instructions over one shape become one instruction. A result of a half type is
// rounded where it is made, as if it were written to memory.
#include <algorithm>
#include <unordered_map>

#include "compile/passes.h"
#include "ops/fused.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

constexpr std::size_t kMaxSteps = 32;
constexpr std::size_t kMaxVisits = 512;  // of one cycle check: keeps the pass linear; a refusal only costs a fusion

std::size_t at(int id) { return static_cast<std::size_t>(id); }

class Fuser {
 public:
  explicit Fuser(Graph& graph) : graph_(graph), producers_(find_producers(graph)), group_of_(graph.code.size()) {
    for (std::size_t i = 0; i < group_of_.size(); ++i) {
      group_of_[i] = static_cast<int>(i);
      members_.push_back({static_cast<int>(i)});
    }
  }

  void run() {
    for (std::size_t i = 0; i < graph_.code.size(); ++i) {
      if (!is_fusible(graph_.code[i])) continue;
      for (int id : graph_.code[i].in) try_merge(id, static_cast<int>(i));
    }
    emit_all();
  }

 private:
  const ValueType& type(int id) const { return graph_.values[at(id)]; }
  static bool is_chain_type(DType dtype) {
    return dtype == DType::float32 || dtype == DType::boolean || is_half(dtype);
  }

  bool is_fusible(const Instr& instr) const {
    if (!instr.op->elementwise || instr.out.size() != 1 || !is_chain_type(type(instr.out[0]).dtype)) return false;
    if (type(instr.out[0]).shape.size() == 0) return false;
    if (instr.op == &ops::kCast) return type(instr.in[0]).dtype != DType::float64;
    return std::all_of(instr.in.begin(), instr.in.end(), [&](int id) { return is_chain_type(type(id).dtype); });
  }

  // One op on half types is a chain, too: else its operands were cast to memory of their own.
  bool computes_halves(const Instr& instr) const {
    return instr.op != &ops::kCast &&
           std::any_of(instr.in.begin(), instr.in.end(), [&](int id) { return is_half(type(id).dtype); });
  }

  // Merges the group that makes `id` with the group of instruction `reader`.
  void try_merge(int id, int reader) {
    const int producer = producers_[at(id)];
    if (producer < 0 || !is_fusible(graph_.code[at(producer)])) return;
    if (!(type(id).shape == type(graph_.code[at(reader)].out[0]).shape)) return;
    const int a = group_of_[at(producer)], b = group_of_[at(reader)];
    if (a == b || members_[at(a)].size() + members_[at(b)].size() > kMaxSteps || would_cycle(a, b)) return;
    for (int i : members_[at(b)]) group_of_[at(i)] = a;
    members_[at(a)].insert(members_[at(a)].end(), members_[at(b)].begin(), members_[at(b)].end());
    members_[at(b)].clear();
    std::sort(members_[at(a)].begin(), members_[at(a)].end());
  }

  // Whether a path leads from one of the two groups out of both and back in.
  bool would_cycle(int a, int b) const {
    const int first = std::min(members_[at(a)].front(), members_[at(b)].front());
    std::vector<int> open;
    std::vector<int> seen;
    auto visit = [&](int group) {
      if (group < 0 || members_[at(group)].back() < first) return;
      if (std::find(seen.begin(), seen.end(), group) != seen.end()) return;
      seen.push_back(group);
      open.push_back(group);
    };
    auto visit_inputs = [&](int group, bool inside) {
      for (int i : members_[at(group)])
        for (int id : graph_.code[at(i)].in) {
          const int p = producers_[at(id)];
          const int g = p < 0 ? -1 : group_of_[at(p)];
          if (g == a || g == b) {
            if (!inside) return true;  // came back
          } else {
            visit(g);
          }
        }
      return false;
    };
    visit_inputs(a, true);
    visit_inputs(b, true);
    while (!open.empty()) {
      if (seen.size() > kMaxVisits) return true;
      const int group = open.back();
      open.pop_back();
      if (visit_inputs(group, false)) return true;
    }
    return false;
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
  std::vector<int> producers_, group_of_, uses_;
  std::vector<std::vector<int>> members_;  // by group, ascending
  std::vector<bool> emitted_;
  std::vector<Instr> code_;
};

}  // namespace

Graph fuse_elementwise(Graph graph) {
  Fuser(graph).run();
  return graph;
}

}  // namespace kerata
