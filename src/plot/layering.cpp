#include "plot/layering.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "plot/index.h"

namespace kerata::plot {
namespace {

using Orders = std::vector<std::vector<int>>;

class Ordering {
 public:
  explicit Ordering(Layering& graph) : graph_(graph), position_(graph.nodes.size(), 0) {}

  void run() {
    best_ = graph_.layers;
    fewest_ = graph_.num_crossings();
    // Much is tried for small graphs, little for huge ones.
    const std::size_t size = graph_.nodes.size() + graph_.segments.size();
    const auto times = [size](std::size_t work, std::size_t least, std::size_t most) {
      return static_cast<int>(std::clamp<std::size_t>(work / (size + 1), least, most));
    };
    const int starts = times(40'000, 2, 60);
    rounds_ = times(2'000'000, 2, 24);
    passes_ = times(1'000'000, 1, 12);
    std::minstd_rand random(1);  // the same sequence everywhere
    for (int start = 0; start < starts && fewest_ > 0; ++start) {
      if (start < 2)
        graph_.layers = walked_order(start == 0);
      else
        shuffle(random);
      sweep(start % 2 == 0);
    }
    graph_.layers = best_;
  }

 private:
  // Nodes in the order of a walk from the first (or from the last) layer.
  Orders walked_order(bool from_top) const {
    Orders orders(graph_.layers.size());
    std::vector<bool> seen(graph_.nodes.size(), false);
    std::vector<int> stack;
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      const std::vector<int>& layer = graph_.layers[from_top ? i : graph_.layers.size() - 1 - i];
      for (int root : layer) {
        stack.push_back(root);
        while (!stack.empty()) {
          const int node = stack.back();
          stack.pop_back();
          if (seen[at(node)]) continue;
          seen[at(node)] = true;
          orders[at(graph_.nodes[at(node)].layer)].push_back(node);
          const std::vector<int>& next = from_top ? graph_.below[at(node)] : graph_.above[at(node)];
          for (auto segment = next.rbegin(); segment != next.rend(); ++segment)
            stack.push_back(from_top ? graph_.segments[at(*segment)].lower : graph_.segments[at(*segment)].upper);
        }
      }
    }
    return orders;
  }

  void shuffle(std::minstd_rand& random) {
    for (std::vector<int>& layer : graph_.layers)
      for (std::size_t i = layer.size(); i > 1; --i) std::swap(layer[i - 1], layer[random() % i]);
  }

  void sweep(bool downwards) {
    number_all();
    int without_gain = 0;
    keep_if_better();
    for (int round = 0; round < rounds_ && without_gain < 6 && fewest_ > 0; ++round, downwards = !downwards) {
      const std::size_t count = graph_.layers.size();
      for (std::size_t i = 1; i < count; ++i) sort_layer(downwards ? i : count - 1 - i, downwards, round % 4 >= 2);
      exchange_neighbours(round % 4 >= 2);
      without_gain = keep_if_better() ? 0 : without_gain + 1;
    }
  }

  bool keep_if_better() {
    const int crossings = graph_.num_crossings();
    if (crossings >= fewest_) return false;
    fewest_ = crossings;
    best_ = graph_.layers;
    return true;
  }

  void number_all() {
    for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer) number(layer);
  }
  void number(std::size_t layer) {
    for (std::size_t i = 0; i < graph_.layers[layer].size(); ++i)
      position_[at(graph_.layers[layer][i])] = static_cast<double>(i);
  }

  // A place along the layer: the node's, and within it the port's.
  double key(int node, double port) const {
    const double width = graph_.nodes[at(node)].width;
    return position_[at(node)] + (width > 0 ? std::clamp(port / width, -0.49, 0.49) : 0);
  }
  std::vector<double> neighbour_keys(int node, bool above) const {
    std::vector<double> keys;
    for (int i : above ? graph_.above[at(node)] : graph_.below[at(node)]) {
      const Segment& segment = graph_.segments[at(i)];
      keys.push_back(above ? key(segment.upper, segment.upper_port) : key(segment.lower, segment.lower_port));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  static double weighted_median(const std::vector<double>& keys) {
    const std::size_t count = keys.size(), middle = count / 2;
    if (count % 2 == 1) return keys[middle];
    if (count == 2) return (keys[0] + keys[1]) / 2;
    const double left = keys[middle - 1] - keys.front(), right = keys.back() - keys[middle];
    if (left + right == 0) return (keys[middle - 1] + keys[middle]) / 2;
    return (keys[middle - 1] * right + keys[middle] * left) / (left + right);
  }

  // Nodes without neighbours in the fixed layer keep their places.
  void sort_layer(std::size_t layer, bool by_above, bool equal_ones_turn) {
    std::vector<int>& nodes = graph_.layers[layer];
    std::vector<std::pair<double, int>> movable;
    std::vector<std::size_t> slots;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::vector<double> keys = neighbour_keys(nodes[i], by_above);
      if (keys.empty()) continue;
      slots.push_back(i);
      movable.emplace_back(weighted_median(keys), nodes[i]);
    }
    if (equal_ones_turn) std::reverse(movable.begin(), movable.end());
    std::stable_sort(movable.begin(), movable.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < slots.size(); ++i) nodes[slots[i]] = movable[i].second;
    number(layer);
  }

  static int inversions(const std::vector<double>& left, const std::vector<double>& right) {
    int count = 0;  // both sorted
    std::size_t smaller = 0;
    for (double key : left) {
      while (smaller < right.size() && right[smaller] < key) ++smaller;
      count += static_cast<int>(smaller);
    }
    return count;
  }

  void exchange_neighbours(bool equal_ones_turn) {
    for (int pass = 0; pass < passes_; ++pass) {
      bool gained = false;
      for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer) {
        std::vector<int>& nodes = graph_.layers[layer];
        for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
          int now = 0, then = 0;
          for (bool above : {true, false}) {
            const std::vector<double> left = neighbour_keys(nodes[i], above);
            const std::vector<double> right = neighbour_keys(nodes[i + 1], above);
            now += inversions(left, right);
            then += inversions(right, left);
          }
          if (then > now || (then == now && !(equal_ones_turn && pass == 0))) continue;
          gained = gained || then < now;
          std::swap(nodes[i], nodes[i + 1]);
          std::swap(position_[at(nodes[i])], position_[at(nodes[i + 1])]);
        }
      }
      if (!gained) return;
    }
  }

  Layering& graph_;
  std::vector<double> position_;
  Orders best_;
  int fewest_ = 0, rounds_ = 0, passes_ = 0;
};

}  // namespace

void Layering::connect() {
  int depth = 0;
  for (const Node& node : nodes) depth = std::max(depth, node.layer + 1);
  layers.assign(at(depth), {});
  for (std::size_t i = 0; i < nodes.size(); ++i) layers[at(nodes[i].layer)].push_back(static_cast<int>(i));
  above.assign(nodes.size(), {});
  below.assign(nodes.size(), {});
  for (std::size_t i = 0; i < segments.size(); ++i) {
    below[at(segments[i].upper)].push_back(static_cast<int>(i));
    above[at(segments[i].lower)].push_back(static_cast<int>(i));
  }
}

int Layering::num_crossings() const {
  int crossings = 0;
  std::vector<std::size_t> position(nodes.size());
  for (const std::vector<int>& layer : layers)
    for (std::size_t i = 0; i < layer.size(); ++i) position[at(layer[i])] = i;
  std::vector<int> counts;
  for (const std::vector<int>& layer : layers) {
    struct End {
      std::size_t upper, lower;
      double upper_port, lower_port;
    };
    std::vector<End> ends;
    for (int node : layer)
      for (int i : below[at(node)]) {
        const Segment& s = segments[at(i)];
        ends.push_back({position[at(s.upper)], position[at(s.lower)], s.upper_port, s.lower_port});
      }
    auto lower_first = [](const End& a, const End& b) {
      return a.lower != b.lower ? a.lower < b.lower : a.lower_port < b.lower_port;
    };
    std::sort(ends.begin(), ends.end(), [&](const End& a, const End& b) {
      if (a.upper != b.upper) return a.upper < b.upper;
      return a.upper_port != b.upper_port ? a.upper_port < b.upper_port : lower_first(a, b);
    });
    // Ranks of the lower ends, then inversions with a Fenwick tree.
    std::vector<std::size_t> order(ends.size()), rank(ends.size());
    for (std::size_t i = 0; i < ends.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return lower_first(ends[a], ends[b]); });
    for (std::size_t i = 0, next = 0; i < order.size(); ++i)
      rank[order[i]] = i > 0 && !lower_first(ends[order[i - 1]], ends[order[i]]) ? next : (next = i);
    counts.assign(ends.size() + 1, 0);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      int not_larger = 0;
      for (std::size_t k = rank[i] + 1; k > 0; k -= k & (~k + 1)) not_larger += counts[k];
      crossings += static_cast<int>(i) - not_larger;
      for (std::size_t k = rank[i] + 1; k <= ends.size(); k += k & (~k + 1)) ++counts[k];
    }
  }
  return crossings;
}

void order_layers(Layering& graph) { Ordering(graph).run(); }

}  // namespace kerata::plot
