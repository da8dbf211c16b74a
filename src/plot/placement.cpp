// Where the nodes of ordered layers stand.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plot/index.h"
#include "plot/layering.h"

namespace kerata::plot {
namespace {

double gap_between(const Layering::Node& a, const Layering::Node& b) {
  constexpr double kBetweenBoxes = 24, kBesideEdge = 18, kBetweenEdges = 14;
  return a.is_bend && b.is_bend ? kBetweenEdges : a.is_bend || b.is_bend ? kBesideEdge : kBetweenBoxes;
}

/// Segments that may not be straight, because they cross a piece of a long edge, which must be.
std::vector<bool> segments_in_the_way(const Layering& graph, const std::vector<int>& position) {
  std::vector<bool> in_the_way(graph.segments.size(), false);
  auto is_inner = [&](const Segment& s) {
    return graph.nodes[at(s.upper)].is_bend && graph.nodes[at(s.lower)].is_bend;
  };
  for (std::size_t l = 1; l < graph.layers.size(); ++l) {
    const std::vector<int>& layer = graph.layers[l];
    int left = 0;
    std::size_t scanned = 0;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      int right = -1;
      for (int s : graph.above[at(layer[i])])
        if (is_inner(graph.segments[at(s)])) right = position[at(graph.segments[at(s)].upper)];
      if (right < 0 && i + 1 < layer.size()) continue;
      if (right < 0) right = static_cast<int>(graph.layers[l - 1].size());
      for (; scanned <= i; ++scanned)
        for (int s : graph.above[at(layer[scanned])]) {
          const int upper = position[at(graph.segments[at(s)].upper)];
          if ((upper < left || upper > right) && !is_inner(graph.segments[at(s)])) in_the_way[at(s)] = true;
        }
      left = right;
    }
  }
  return in_the_way;
}

/// One of the four extreme alignments: nodes are aligned with their neighbours above (or below), as far left (or right)
/// as it goes.
class Alignment {
 public:
  Alignment(const Layering& graph, const std::vector<int>& position, const std::vector<bool>& in_the_way, bool by_above,
            bool to_left)
      : graph_(graph),
        position_(position),
        in_the_way_(in_the_way),
        by_above_(by_above),
        sign_(to_left ? 1 : -1),
        root_(graph.nodes.size()),
        next_(graph.nodes.size()),
        shift_(graph.nodes.size(), 0) {}

  std::vector<double> run() {
    for (std::size_t i = 0; i < root_.size(); ++i) root_[i] = next_[i] = static_cast<int>(i);
    const std::size_t count = graph_.layers.size();
    for (std::size_t i = 1; i < count; ++i) align(graph_.layers[by_above_ ? i : count - 1 - i]);
    return compact();
  }

 private:
  struct Link {
    int node, place;
    double shift;
    int segment;
  };

  int place(int node) const { return sign_ * position_[at(node)]; }

  bool has_box(const std::vector<int>& segments, bool above) const {
    return std::any_of(segments.begin(), segments.end(), [&](int i) {
      const Segment& s = graph_.segments[at(i)];
      return !graph_.nodes[at(above ? s.upper : s.lower)].is_bend;
    });
  }

  /// Neighbours from left to right as this alignment sees them. Boxes are aligned with boxes where there are any: a
  /// chain stays straight beside the edges that skip it.
  std::vector<Link> links_of(int node) const {
    std::vector<Link> links;
    const std::vector<int>& segments = by_above_ ? graph_.above[at(node)] : graph_.below[at(node)];
    const bool is_bend = graph_.nodes[at(node)].is_bend, only_boxes = !is_bend && has_box(segments, by_above_);
    for (int i : segments) {
      const Segment& s = graph_.segments[at(i)];
      const int other = by_above_ ? s.upper : s.lower;
      const bool other_is_bend = graph_.nodes[at(other)].is_bend;
      if (only_boxes && other_is_bend) continue;
      if (is_bend && !other_is_bend &&
          has_box(by_above_ ? graph_.below[at(other)] : graph_.above[at(other)], !by_above_))
        continue;
      const double shift = by_above_ ? s.upper_port - s.lower_port : s.lower_port - s.upper_port;
      links.push_back({other, place(other), sign_ * shift, i});
    }
    std::sort(links.begin(), links.end(),
              [](const Link& a, const Link& b) { return a.place != b.place ? a.place < b.place : a.shift < b.shift; });
    return links;
  }

  void align(const std::vector<int>& layer) {
    int last = std::numeric_limits<int>::min();
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const int node = sign_ > 0 ? layer[i] : layer[layer.size() - 1 - i];
      const std::vector<Link> links = links_of(node);
      if (links.empty()) continue;
      for (std::size_t m = (links.size() - 1) / 2; m <= links.size() / 2; ++m) {
        const Link& link = links[m];
        if (next_[at(node)] != node || link.place <= last || in_the_way_[at(link.segment)]) continue;
        next_[at(link.node)] = node;
        root_[at(node)] = next_[at(node)] = root_[at(link.node)];
        shift_[at(node)] = shift_[at(link.node)] + link.shift;
        last = link.place;
      }
    }
  }

  struct Apart {
    int left, right;  // roots of blocks
    double distance;
  };

  std::vector<Apart> distances() const {
    std::vector<Apart> result;
    for (const std::vector<int>& layer : graph_.layers)
      for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
        const int left = sign_ > 0 ? layer[i] : layer[i + 1], right = sign_ > 0 ? layer[i + 1] : layer[i];
        const Layering::Node &a = graph_.nodes[at(left)], &b = graph_.nodes[at(right)];
        const double distance = (a.width + b.width) / 2 + gap_between(a, b);
        result.push_back({root_[at(left)], root_[at(right)], distance + shift_[at(left)] - shift_[at(right)]});
      }
    return result;
  }

  // Blocks as far left as possible, then each as far right as its neighbours allow: no gap is wider than it must be.
  std::vector<double> compact() const {
    const std::vector<Apart> apart = distances();
    std::vector<std::vector<int>> out(root_.size());
    std::vector<int> open(root_.size(), 0), order;
    for (std::size_t i = 0; i < apart.size(); ++i) {
      out[at(apart[i].left)].push_back(static_cast<int>(i));
      ++open[at(apart[i].right)];
    }
    for (std::size_t i = 0; i < root_.size(); ++i)
      if (open[i] == 0) order.push_back(static_cast<int>(i));
    std::vector<double> x(root_.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i)
      for (int a : out[at(order[i])]) {
        const Apart& pair = apart[at(a)];
        x[at(pair.right)] = std::max(x[at(pair.right)], x[at(pair.left)] + pair.distance);
        if (--open[at(pair.right)] == 0) order.push_back(pair.right);
      }
    for (std::size_t i = order.size(); i-- > 0;) {
      double most = std::numeric_limits<double>::infinity();
      for (int a : out[at(order[i])]) most = std::min(most, x[at(apart[at(a)].right)] - apart[at(a)].distance);
      if (std::isfinite(most)) x[at(order[i])] = std::max(x[at(order[i])], most);
    }
    std::vector<double> middles(root_.size());
    for (std::size_t i = 0; i < root_.size(); ++i) middles[i] = sign_ * (x[at(root_[i])] + shift_[i]);
    return middles;
  }

  const Layering& graph_;
  const std::vector<int>& position_;
  const std::vector<bool>& in_the_way_;
  bool by_above_;
  int sign_;
  std::vector<int> root_, next_;
  std::vector<double> shift_;  // from the middle of a block's root to that of the node
};

struct Span {
  double first, last;
};

Span span_of(const Layering& graph, const std::vector<double>& x) {
  Span span{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < x.size(); ++i) {
    span.first = std::min(span.first, x[i] - graph.nodes[i].width / 2);
    span.last = std::max(span.last, x[i] + graph.nodes[i].width / 2);
  }
  return span;
}

}  // namespace

std::vector<double> place_nodes(const Layering& graph) {
  std::vector<int> position(graph.nodes.size());
  for (const std::vector<int>& layer : graph.layers)
    for (std::size_t i = 0; i < layer.size(); ++i) position[at(layer[i])] = static_cast<int>(i);
  const std::vector<bool> in_the_way = segments_in_the_way(graph, position);
  std::array<std::vector<double>, 4> all;
  std::array<Span, 4> spans{};
  std::size_t narrowest = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    all[i] = Alignment(graph, position, in_the_way, i < 2, i % 2 == 0).run();
    spans[i] = span_of(graph, all[i]);
    if (spans[i].last - spans[i].first < spans[narrowest].last - spans[narrowest].first) narrowest = i;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const double by = i % 2 == 0 ? spans[narrowest].first - spans[i].first : spans[narrowest].last - spans[i].last;
    for (double& x : all[i]) x += by;
  }
  std::vector<double> result(graph.nodes.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::array<double, 4> x = {all[0][i], all[1][i], all[2][i], all[3][i]};
    std::sort(x.begin(), x.end());
    result[i] = (x[1] + x[2]) / 2;
  }
  return result;
}

}  // namespace kerata::plot
