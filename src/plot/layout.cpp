// Clusters are laid out from the inside out: to the layout around it a cluster is a box, and each edge that leaves it
// has a fixed place on its border. All lengths here are in layer coordinates: x along a layer, y from layer to layer.
#include "plot/layout.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/index.h"
#include "plot/layering.h"
#include "plot/ranking.h"
#include "plot/routing.h"

namespace kerata::plot {
namespace {

constexpr double kLayerGap = 38, kBorderGap = 14, kPadding = 12, kMargin = 6;

/// Where an edge crosses the border of a cluster.
struct Exit {
  int edge = 0;
  bool is_source = false;  // the edge begins inside
  bool at_top = false;
};

/// A part of an edge's path, within one cluster.
struct Fragment {
  int edge = 0, rank = 0, cluster = 0;  // ranks grow along the edge
  Path path;
};

struct Shape {  // of the layout's pieces, common to all levels
  const LayoutTask& task;
  std::vector<int> depth;                         // of clusters
  std::vector<std::vector<int>> boxes, clusters;  // in each cluster
  std::vector<std::vector<int>> edges;            // of which the cluster is the smallest that holds both ends
  std::vector<bool> is_used;                      // clusters with a box somewhere inside
  std::vector<int> item_of_box, item_of_cluster;  // their numbers in the level they belong to
  std::vector<Rect> box_at, cluster_at;           // within the cluster around
  std::vector<Point> label_at;
  std::vector<Fragment> fragments;

  explicit Shape(const LayoutTask& given) : task(given) {
    const std::size_t count = task.clusters.size();
    depth.assign(count, 0);
    boxes.resize(count);
    clusters.resize(count);
    edges.resize(count);
    is_used.assign(count, false);
    item_of_box.assign(task.boxes.size(), -1);
    item_of_cluster.assign(count, -1);
    box_at.resize(task.boxes.size());
    cluster_at.resize(count);
    label_at.resize(count);
    for (std::size_t i = 0; i < task.boxes.size(); ++i) {
      boxes[at(task.boxes[i].cluster)].push_back(static_cast<int>(i));
      for (int c = task.boxes[i].cluster; c >= 0 && !is_used[at(c)]; c = task.clusters[at(c)].parent)
        is_used[at(c)] = true;
    }
    for (std::size_t i = 1; i < count; ++i) {
      const int parent = task.clusters[i].parent;
      depth[i] = depth[at(parent)] + 1;
      if (is_used[i]) clusters[at(parent)].push_back(static_cast<int>(i));
    }
    for (std::size_t i = 0; i < task.edges.size(); ++i) edges[at(common(task.edges[i]))].push_back(static_cast<int>(i));
  }

  bool is_sideways() const {
    return task.direction == Direction::left_right || task.direction == Direction::right_left;
  }
  Size turned(Size size) const { return is_sideways() ? Size{size.height, size.width} : size; }

 private:
  int common(const LayoutTask::Edge& edge) const {
    int a = task.boxes[at(edge.from)].cluster, b = task.boxes[at(edge.to)].cluster;
    while (a != b)
      (depth[at(a)] >= depth[at(b)] ? a : b) = task.clusters[at(depth[at(a)] >= depth[at(b)] ? a : b)].parent;
    return a;
  }
};

/// The layout of what lies directly in one cluster.
class Level {
 public:
  Level(Shape& shape, int cluster, const std::vector<Exit>& exits) : shape_(shape), cluster_(cluster), exits_(exits) {}

  /// Fills in rectangles and fragments; returns the place of each exit on the border, from the left.
  std::vector<double> run() {
    list_items();
    list_links();
    make_layers();
    order_layers(graph_);
    lay_out_clusters();
    x_ = place_nodes(graph_);
    find_width();
    find_joints();
    find_heights();
    place_label();
    place_items();
    trace_links();
    std::vector<double> places;
    for (std::size_t i = 0; i < exits_.size(); ++i) places.push_back(x_[num_items() + i]);
    return places;
  }

 private:
  struct Item {
    bool is_cluster = false;
    int index = 0;
    bool has_loop = false;
    Size size;  // in layer coordinates
  };
  struct Link {  // a part of an edge that lies in this level, from an upper to a lower node
    int upper = 0, lower = 0, edge = 0;
    bool is_turned = false;     // the edge runs upwards
    std::vector<int> nodes;     // with the bends
    std::vector<int> segments;  // between them
  };
  struct Band {
    double top = 0, bottom = 0;                     // of the layer's boxes
    bool heads_above = false, heads_below = false;  // arrows at the upper border of this layer, at the lower one
  };

  std::size_t num_items() const { return items_.size(); }
  bool is_item(int node) const { return at(node) < items_.size(); }
  bool is_box(int node) const { return is_item(node) && !items_[at(node)].is_cluster; }

  void list_items() {
    for (int box : shape_.boxes[at(cluster_)]) {
      shape_.item_of_box[at(box)] = static_cast<int>(items_.size());
      items_.push_back({false, box, false, shape_.turned(shape_.task.boxes[at(box)].size)});
    }
    for (int inner : shape_.clusters[at(cluster_)]) {
      shape_.item_of_cluster[at(inner)] = static_cast<int>(items_.size());
      items_.push_back({true, inner, false, {}});
    }
  }

  int item_of(int box) const {
    int inner = shape_.task.boxes[at(box)].cluster;
    if (inner == cluster_) return shape_.item_of_box[at(box)];
    while (shape_.task.clusters[at(inner)].parent != cluster_) inner = shape_.task.clusters[at(inner)].parent;
    return shape_.item_of_cluster[at(inner)];
  }

  void list_links() {
    std::vector<Arc> arcs;
    std::vector<int> ids;
    const std::vector<LayoutTask::Edge>& edges = shape_.task.edges;
    for (int edge : shape_.edges[at(cluster_)]) {
      const Arc arc{item_of(edges[at(edge)].from), item_of(edges[at(edge)].to)};
      if (arc.from == arc.to) {
        items_[at(arc.from)].has_loop = true;
        loops_.push_back({arc.from, edge});
        continue;
      }
      arcs.push_back(arc);
      ids.push_back(edge);
    }
    const std::vector<bool> against = arcs_against_the_order(static_cast<int>(num_items()), arcs);
    for (std::size_t i = 0; i < arcs.size(); ++i)
      links_.push_back(
          {against[i] ? arcs[i].to : arcs[i].from, against[i] ? arcs[i].from : arcs[i].to, ids[i], against[i], {}, {}});
    for (std::size_t i = 0; i < exits_.size(); ++i) {
      const Exit& exit = exits_[i];
      const LayoutTask::Edge& edge = edges[at(exit.edge)];
      const int inside = item_of(exit.is_source ? edge.from : edge.to), border = static_cast<int>(num_items() + i);
      links_.push_back({exit.at_top ? border : inside,
                        exit.at_top ? inside : border,
                        exit.edge,
                        exit.is_source == exit.at_top,
                        {},
                        {}});
    }
  }

  // The edges of a cluster come through its border in the order in which they go on around it; then the order of the
  // layers is looked for once more, with these places.
  void lay_out_clusters() {
    bool has_clusters = false;
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (items_[i].is_cluster) has_clusters = true, lay_out_cluster(static_cast<int>(i));
    if (has_clusters) order_layers(graph_);
  }

  void lay_out_cluster(int item) {
    struct Passage {
      std::size_t position = 0;  // of the next node outside, within its layer
      Exit exit;
      double* port = nullptr;
    };
    std::vector<Passage> passages;
    for (Link& link : links_) {
      const bool is_upper = link.upper == item;
      if (!is_upper && link.lower != item) continue;
      const int next = is_upper ? link.nodes[1] : link.nodes[link.nodes.size() - 2];
      const std::vector<int>& layer = graph_.layers[at(graph_.nodes[at(next)].layer)];
      Segment& segment = graph_.segments[at(is_upper ? link.segments.front() : link.segments.back())];
      passages.push_back({static_cast<std::size_t>(std::find(layer.begin(), layer.end(), next) - layer.begin()),
                          {link.edge, is_upper != link.is_turned, !is_upper},
                          is_upper ? &segment.upper_port : &segment.lower_port});
    }
    std::stable_sort(passages.begin(), passages.end(),
                     [](const Passage& a, const Passage& b) { return a.position < b.position; });
    std::vector<Exit> exits;
    for (const Passage& passage : passages) exits.push_back(passage.exit);
    const std::vector<double> places = Level(shape_, items_[at(item)].index, exits).run();
    const Rect& size = shape_.cluster_at[at(items_[at(item)].index)];
    items_[at(item)].size = {size.width, size.height};
    graph_.nodes[at(item)].width += size.width;
    for (std::size_t k = 0; k < places.size(); ++k) *passages[k].port = places[k] - size.width / 2;
  }

  void make_layers() {
    std::vector<Arc> arcs;
    for (const Link& link : links_)
      if (is_item(link.upper) && is_item(link.lower)) arcs.push_back({link.upper, link.lower});
    const std::vector<int> layers = assign_layers(static_cast<int>(num_items()), arcs);
    has_top_ = std::any_of(exits_.begin(), exits_.end(), [](const Exit& exit) { return exit.at_top; });
    has_bottom_ = std::any_of(exits_.begin(), exits_.end(), [](const Exit& exit) { return !exit.at_top; });
    const int last = *std::max_element(layers.begin(), layers.end());
    for (std::size_t i = 0; i < items_.size(); ++i)
      graph_.nodes.push_back(
          {items_[i].size.width + (items_[i].has_loop ? 2 * kLoopWidth : 0), layers[i] + has_top_, false});
    for (const Exit& exit : exits_) graph_.nodes.push_back({0, exit.at_top ? 0 : last + 1 + has_top_, true});
    for (Link& link : links_) {
      link.nodes.push_back(link.upper);
      const int end = graph_.nodes[at(link.lower)].layer;
      for (int layer = graph_.nodes[at(link.upper)].layer + 1; layer < end; ++layer) {
        link.nodes.push_back(static_cast<int>(graph_.nodes.size()));
        graph_.nodes.push_back({0, layer, true});
      }
      link.nodes.push_back(link.lower);
      for (std::size_t k = 0; k + 1 < link.nodes.size(); ++k) {
        link.segments.push_back(static_cast<int>(graph_.segments.size()));
        graph_.segments.push_back({link.nodes[k], link.nodes[k + 1], 0, 0});
      }
    }
    graph_.connect();
  }

  // The strip that holds the cluster's label, along the border where the drawing has its upper side.
  double strip() const { return cluster_ == 0 ? 0 : shape_.task.clusters[at(cluster_)].label.height + 4; }
  double strip_above() const { return shape_.task.direction == Direction::top_bottom ? strip() : 0; }
  double strip_below() const { return shape_.task.direction == Direction::bottom_top ? strip() : 0; }
  double padding() const { return cluster_ == 0 ? kMargin : kPadding; }

  void find_heights() {
    bands_.resize(graph_.layers.size());
    for (const Link& link : links_) {
      const int head = link.is_turned ? link.upper : link.lower;
      if (!is_box(head)) continue;
      Band& band = bands_[at(graph_.nodes[at(head)].layer)];
      (link.is_turned ? band.heads_below : band.heads_above) = true;
    }
    double y = has_top_ ? 0 : strip_above() + padding();
    for (std::size_t i = 0; i < bands_.size(); ++i) {
      double height = 0;
      for (int node : graph_.layers[i])
        if (is_item(node)) height = std::max(height, items_[at(node)].size.height);
      if (i == 0 && has_top_) height = strip_above();
      if (i + 1 == bands_.size() && has_bottom_) height = strip_below();
      bands_[i].top = y;
      bands_[i].bottom = y + height;
      y += height + (i + 1 < bands_.size() ? gap_below(i) : 0);
    }
    extent_.height = y + (has_bottom_ ? 0 : strip_below() + padding());
  }

  // Wide steps get more room, so that curves stay readable.
  double gap_below(std::size_t layer) const {
    double widest = 0;
    for (int node : graph_.layers[layer])
      for (int s : graph_.below[at(node)]) widest = std::max(widest, std::abs(joints_[at(s)][0] - joints_[at(s)][1]));
    const bool at_border = (layer == 0 && has_top_) || (layer + 2 == bands_.size() && has_bottom_);
    const double heads = bands_[layer].heads_below + bands_[layer + 1].heads_above;
    return (at_border ? kBorderGap + heads * kArrowLength : kLayerGap) + std::min(60.0, widest * 0.12);
  }

  void find_width() {
    double left = INFINITY, right = -INFINITY;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      left = std::min(left, x_[i] - graph_.nodes[i].width / 2);
      right = std::max(right, x_[i] + graph_.nodes[i].width / 2);
    }
    const double before = padding() + (shape_.is_sideways() ? strip() : 0);
    for (double& x : x_) x += before - left;
    extent_.width = right - left + before + padding();
  }

  // On the left, or between the edges that come through that border.
  void place_label() {
    if (cluster_ == 0) return;
    const Size label = shape_.task.clusters[at(cluster_)].label;
    double offset = kPadding;
    if (shape_.is_sideways()) {
      extent_.height = std::max(extent_.height, label.width + 2 * kPadding);
    } else {
      std::vector<double> edges;
      for (std::size_t i = 0; i < exits_.size(); ++i)
        if (exits_[i].at_top == (shape_.task.direction == Direction::top_bottom)) edges.push_back(x_[num_items() + i]);
      std::sort(edges.begin(), edges.end());
      for (double edge : edges)
        if (edge > offset - 6 && edge < offset + label.width + 6) offset = edge + 8;
      extent_.width = std::max(extent_.width, offset + label.width + kPadding);
    }
    shape_.label_at[at(cluster_)] = {offset, 3};
  }

  // Where links join boxes: straight on where that is possible, else apart from each other.
  void find_joints() {
    joints_.resize(graph_.segments.size());
    for (std::size_t i = 0; i < graph_.segments.size(); ++i) {
      const Segment& s = graph_.segments[i];
      joints_[i] = {x_[at(s.upper)] + s.upper_port, x_[at(s.lower)] + s.lower_port};
    }
    const std::vector<std::array<double, 2>> middles = joints_;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].is_cluster) continue;
      for (const bool below : {false, true}) join_side(static_cast<int>(i), below, middles);
    }
  }

  void join_side(int node, bool below, const std::vector<std::array<double, 2>>& middles) {
    std::vector<int> segments = below ? graph_.below[at(node)] : graph_.above[at(node)];
    const std::size_t near = below ? 0 : 1, far = 1 - near;
    std::stable_sort(segments.begin(), segments.end(),
                     [&](int a, int b) { return middles[at(a)][far] < middles[at(b)][far]; });
    const double width = items_[at(node)].size.width, middle = x_[at(node)];
    const double low = middle - width / 2 + std::min(12.0, width / 4), high = 2 * middle - low;
    std::vector<double> wishes;
    for (int s : segments) {
      const int other = below ? graph_.segments[at(s)].lower : graph_.segments[at(s)].upper;
      const double target = middles[at(s)][far];
      if (is_box(other) && std::abs(target - middle) <= std::min(width, items_[at(other)].size.width) / 4)
        wishes.push_back((target + middle) / 2);
      else if (segments.size() > 1 || (!is_box(other) && target >= low && target <= high))
        wishes.push_back(std::clamp(target, low, high));
      else
        wishes.push_back(middle);
    }
    spread(wishes, low, high, 14);
    for (std::size_t i = 0; i < segments.size(); ++i) joints_[at(segments[i])][near] = wishes[i];
  }

  Rect rect_of(int node) const {
    const Item& item = items_[at(node)];
    const Band& band = bands_[at(graph_.nodes[at(node)].layer)];
    const double top = (band.top + band.bottom - item.size.height) / 2;
    return {x_[at(node)] - item.size.width / 2, top, item.size.width, item.size.height};
  }

  void place_items() {
    for (std::size_t i = 0; i < items_.size(); ++i)
      (items_[i].is_cluster ? shape_.cluster_at : shape_.box_at)[at(items_[i].index)] = rect_of(static_cast<int>(i));
    Rect& whole = shape_.cluster_at[at(cluster_)];
    whole.width = extent_.width;
    whole.height = extent_.height;
  }

  void trace_links() {
    for (const Link& link : links_) {
      const bool is_exit = !is_item(link.upper) || !is_item(link.lower);
      const bool is_source = is_exit && is_item(link.upper) != link.is_turned;
      const int depth = shape_.depth[at(cluster_)];
      Path path = trace(link);
      if (link.is_turned) std::reverse(path.begin(), path.end());
      shape_.fragments.push_back({link.edge, !is_exit ? 0 : is_source ? -depth : depth, cluster_, std::move(path)});
    }
    for (const auto& [item, edge] : loops_) shape_.fragments.push_back({edge, 0, cluster_, loop_beside(rect_of(item))});
  }

  Path trace(const Link& link) const {
    auto side = [&](int node, bool below) {
      if (is_item(node)) {
        const Rect rect = rect_of(node);
        return below ? rect.y + rect.height : rect.y;
      }
      return below ? 0 : extent_.height;  // an exit
    };
    DownwardPath path({joints_[at(link.segments[0])][0], side(link.upper, true)});
    for (std::size_t k = 0; k < link.segments.size(); ++k) {
      const std::size_t layer = at(graph_.nodes[at(link.nodes[k])].layer);
      const double above = bands_[layer].heads_below ? kArrowLength : 0;
      const double below = bands_[layer + 1].heads_above ? kArrowLength : 0;
      path.line_to(bands_[layer].bottom + above);
      path.curve_to({joints_[at(link.segments[k])][1], bands_[layer + 1].top - below});
    }
    path.line_to(side(link.lower, false));
    return path.take();
  }

  Shape& shape_;
  const int cluster_;
  const std::vector<Exit>& exits_;
  std::vector<Item> items_;
  std::vector<Link> links_;
  std::vector<std::pair<int, int>> loops_;  // item, edge
  Layering graph_;                          // nodes: items, exits, bends
  bool has_top_ = false, has_bottom_ = false;
  std::vector<double> x_;
  std::vector<Band> bands_;
  Size extent_;
  std::vector<std::array<double, 2>> joints_;  // upper and lower end of each segment
};

/// From layer coordinates to those of the drawing.
class Turn {
 public:
  Turn(Direction direction, double length) : direction_(direction), length_(length) {}
  Point operator()(Point p) const {
    switch (direction_) {
      case Direction::left_right:
        return {p.y, p.x};
      case Direction::bottom_top:
        return {p.x, length_ - p.y};
      case Direction::right_left:
        return {length_ - p.y, p.x};
      default:
        return p;
    }
  }
  Rect operator()(const Rect& r) const {
    const Point a = (*this)(Point{r.x, r.y}), b = (*this)(Point{r.x + r.width, r.y + r.height});
    return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)};
  }

 private:
  Direction direction_;
  double length_;
};

Rect moved(const Rect& rect, Point by) { return {rect.x + by.x, rect.y + by.y, rect.width, rect.height}; }

}  // namespace

Layout lay_out(const LayoutTask& task) {
  Layout result;
  if (task.boxes.empty()) return result;
  Shape shape(task);
  Level(shape, 0, {}).run();
  const std::size_t count = task.clusters.size();
  std::vector<Point> origin(count);
  const Turn turn(task.direction, shape.cluster_at[0].height);
  for (std::size_t i = 0; i < count; ++i) {
    const Point around = i == 0 ? Point{} : origin[at(task.clusters[i].parent)];
    origin[i] = {around.x + shape.cluster_at[i].x, around.y + shape.cluster_at[i].y};
    const Rect rect = turn(moved(shape.cluster_at[i], around));
    result.clusters.push_back(shape.is_used[i] ? rect : Rect{});
    result.labels.push_back({rect.x + shape.label_at[i].x, rect.y + shape.label_at[i].y});
  }
  result.size = {result.clusters[0].width, result.clusters[0].height};
  for (std::size_t i = 0; i < task.boxes.size(); ++i)
    result.boxes.push_back(turn(moved(shape.box_at[i], origin[at(task.boxes[i].cluster)])));
  std::stable_sort(shape.fragments.begin(), shape.fragments.end(),
                   [](const Fragment& a, const Fragment& b) { return a.rank < b.rank; });
  result.edges.resize(task.edges.size());
  for (const Fragment& fragment : shape.fragments) {
    Path& path = result.edges[at(fragment.edge)];
    const Point by = origin[at(fragment.cluster)];
    for (std::size_t i = path.empty() ? 0 : 1; i < fragment.path.size(); ++i)
      path.push_back(turn(Point{fragment.path[i].x + by.x, fragment.path[i].y + by.y}));
  }
  return result;
}

}  // namespace kerata::plot
