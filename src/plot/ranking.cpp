#include "plot/ranking.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "plot/index.h"

namespace kerata::plot {
namespace {

/// Arcs by node, both directions.
std::vector<std::vector<int>> arcs_of_nodes(int num_nodes, const std::vector<Arc>& arcs) {
  std::vector<std::vector<int>> result(at(num_nodes));
  for (std::size_t i = 0; i < arcs.size(); ++i) {
    result[at(arcs[i].from)].push_back(static_cast<int>(i));
    if (arcs[i].to != arcs[i].from) result[at(arcs[i].to)].push_back(static_cast<int>(i));
  }
  return result;
}

/// One component of the graph.
class NetworkSimplex {
 public:
  NetworkSimplex(int num_nodes, const std::vector<Arc>& arcs)
      : num_nodes_(num_nodes), arcs_(arcs), arcs_of_(arcs_of_nodes(num_nodes, arcs)), layer_(at(num_nodes), 0) {
    in_tree_.assign(arcs.size(), false);
  }

  std::vector<int> run() {
    longest_paths();
    grow_tight_trees();
    // Each pivot costs a walk over the graph; a bound on their sum keeps hostile graphs cheap, and any stop is a
    // valid answer.
    const std::int64_t walk = num_nodes_ + static_cast<std::int64_t>(arcs_.size()) + 1;
    for (std::int64_t left = 300'000'000 / walk; left > 0 && pivot(); --left) {
    }
    shift_to_zero();
    return layer_;
  }

 private:
  int slack(int arc) const { return layer_[at(arcs_[at(arc)].to)] - layer_[at(arcs_[at(arc)].from)] - 1; }
  int other_end(int arc, int node) const {
    return arcs_[at(arc)].from == node ? arcs_[at(arc)].to : arcs_[at(arc)].from;
  }

  void longest_paths() {
    std::vector<int> open(at(num_nodes_), 0), ready;
    for (const Arc& arc : arcs_) ++open[at(arc.to)];
    for (int node = 0; node < num_nodes_; ++node)
      if (open[at(node)] == 0) ready.push_back(node);
    for (std::size_t i = 0; i < ready.size(); ++i) {
      const int node = ready[i];
      for (int arc : arcs_of_[at(node)]) {
        if (arcs_[at(arc)].from != node) continue;
        const int to = arcs_[at(arc)].to;
        layer_[at(to)] = std::max(layer_[at(to)], layer_[at(node)] + 1);
        if (--open[at(to)] == 0) ready.push_back(to);
      }
    }
  }

  // A spanning tree of each component of which all arcs have slack 0; nodes are moved together until there is one.
  void grow_tight_trees() {
    std::vector<bool> reached(at(num_nodes_), false);
    for (int root = 0; root < num_nodes_; ++root) {
      if (reached[at(root)]) continue;
      roots_.push_back(root);
      reached[at(root)] = true;
      std::vector<int> members = {root};
      std::size_t searched = 0;
      while (true) {
        for (; searched < members.size(); ++searched) take_tight(members[searched], members, reached);
        const int arc = shortest_way_out(members, reached);
        if (arc < 0) break;
        const int shift = reached[at(arcs_[at(arc)].from)] ? slack(arc) : -slack(arc);
        for (int node : members) layer_[at(node)] += shift;
        searched = 0;  // arcs of every member may have become tight
      }
    }
    hang_tree();
  }

  void take_tight(int node, std::vector<int>& members, std::vector<bool>& reached) {
    for (int arc : arcs_of_[at(node)]) {
      const int next = other_end(arc, node);
      if (reached[at(next)] || slack(arc) != 0) continue;
      reached[at(next)] = true;
      in_tree_[at(arc)] = true;
      members.push_back(next);
    }
  }

  int shortest_way_out(const std::vector<int>& members, const std::vector<bool>& reached) const {
    int best = -1;
    for (int node : members)
      for (int arc : arcs_of_[at(node)])
        if (!reached[at(other_end(arc, node))] && (best < 0 || slack(arc) < slack(best))) best = arc;
    return best;
  }

  // Parents, an order with parents first, and intervals that tell whether a node is below another.
  void hang_tree() {
    order_.clear();
    parent_arc_.assign(at(num_nodes_), -1);
    parent_.assign(at(num_nodes_), -1);
    first_.assign(at(num_nodes_), 0);
    last_.assign(at(num_nodes_), 0);
    std::vector<int> stack(roots_.rbegin(), roots_.rend());
    while (!stack.empty()) {
      const int node = stack.back();
      stack.pop_back();
      first_[at(node)] = last_[at(node)] = static_cast<int>(order_.size());
      order_.push_back(node);
      for (int arc : arcs_of_[at(node)]) {
        const int child = other_end(arc, node);
        if (!in_tree_[at(arc)] || arc == parent_arc_[at(node)] || child == node) continue;
        parent_[at(child)] = node;
        parent_arc_[at(child)] = arc;
        stack.push_back(child);
      }
    }
    for (std::size_t i = order_.size(); i-- > 0;)
      if (const int node = order_[i], up = parent_[at(node)]; up >= 0)
        last_[at(up)] = std::max(last_[at(up)], last_[at(node)]);
  }
  bool is_below(int node, int top) const {
    return first_[at(top)] <= first_[at(node)] && first_[at(node)] <= last_[at(top)];
  }

  // The cut value of a tree arc is the net flow out of the part below it (1 per arc), counted in the arc's direction.
  bool pivot() {
    std::vector<int> flow(at(num_nodes_), 0);
    for (const Arc& arc : arcs_) ++flow[at(arc.from)], --flow[at(arc.to)];
    int worst = 0, leaving_child = -1;
    for (std::size_t i = order_.size(); i-- > 0;) {
      const int node = order_[i];
      if (parent_[at(node)] < 0) continue;
      flow[at(parent_[at(node)])] += flow[at(node)];
      const int cut = arcs_[at(parent_arc_[at(node)])].from == node ? flow[at(node)] : -flow[at(node)];
      if (cut < worst) worst = cut, leaving_child = node;
    }
    if (leaving_child < 0) return false;
    const int leaving = parent_arc_[at(leaving_child)];
    const bool child_is_tail = arcs_[at(leaving)].from == leaving_child;
    int entering = -1;
    for (std::size_t i = 0; i < arcs_.size(); ++i) {
      const bool tail_below = is_below(arcs_[i].from, leaving_child), head_below = is_below(arcs_[i].to, leaving_child);
      if (tail_below == head_below || tail_below == child_is_tail) continue;  // from the head's part to the tail's
      if (entering < 0 || slack(static_cast<int>(i)) < slack(entering)) entering = static_cast<int>(i);
    }
    if (entering < 0) return false;
    const int shift = child_is_tail ? -slack(entering) : slack(entering);
    for (int i = first_[at(leaving_child)]; i <= last_[at(leaving_child)]; ++i) layer_[at(order_[at(i)])] += shift;
    in_tree_[at(leaving)] = false;
    in_tree_[at(entering)] = true;
    hang_tree();
    return true;
  }

  void shift_to_zero() {  // each component begins at layer 0
    for (std::size_t r = 0; r < roots_.size(); ++r) {
      const int begin = first_[at(roots_[r])], end = last_[at(roots_[r])];
      int lowest = std::numeric_limits<int>::max();
      for (int i = begin; i <= end; ++i) lowest = std::min(lowest, layer_[at(order_[at(i)])]);
      for (int i = begin; i <= end; ++i) layer_[at(order_[at(i)])] -= lowest;
    }
  }

  int num_nodes_;
  const std::vector<Arc>& arcs_;
  std::vector<std::vector<int>> arcs_of_;
  std::vector<int> layer_, roots_, order_, parent_, parent_arc_, first_, last_;
  std::vector<bool> in_tree_;
};

}  // namespace

std::vector<bool> arcs_against_the_order(int num_nodes, const std::vector<Arc>& arcs) {
  const std::vector<std::vector<int>> arcs_of = arcs_of_nodes(num_nodes, arcs);
  std::vector<bool> against(arcs.size(), false);
  enum : char { kNew, kOpen, kDone };
  std::vector<char> state(at(num_nodes), kNew);
  std::vector<std::pair<int, std::size_t>> stack;
  for (int root = 0; root < num_nodes; ++root) {
    if (state[at(root)] != kNew) continue;
    state[at(root)] = kOpen;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      const int node = stack.back().first;
      if (stack.back().second == arcs_of[at(node)].size()) {
        state[at(node)] = kDone;
        stack.pop_back();
        continue;
      }
      const int arc = arcs_of[at(node)][stack.back().second++];
      const int to = arcs[at(arc)].to;
      if (arcs[at(arc)].from != node || to == node) continue;
      if (state[at(to)] == kOpen) against[at(arc)] = true;
      if (state[at(to)] != kNew) continue;
      state[at(to)] = kOpen;
      stack.emplace_back(to, 0);
    }
  }
  return against;
}

std::vector<int> assign_layers(int num_nodes, const std::vector<Arc>& arcs) {
  return NetworkSimplex(num_nodes, arcs).run();
}

}  // namespace kerata::plot
