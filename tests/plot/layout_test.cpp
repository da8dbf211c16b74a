// The layered layout: what must hold for every picture, and fewer crossings than Graphviz draws.
#include "plot/layout.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "plot/font.h"
#include "plot/ranking.h"
#include "support/golden.h"

namespace kerata::plot {
namespace {

using golden::Json;

const Json& layout_cases() { return golden::open("layouts")["cases"]; }

LayoutTask task_of(const Json& given) {
  LayoutTask task;
  for (const Json& size : given.at("sizes")) task.boxes.push_back({{size[0].get<double>(), size[1].get<double>()}, 0});
  for (const Json& edge : given.at("edges")) task.edges.push_back({edge[0].get<int>(), edge[1].get<int>()});
  return task;
}

std::optional<Point> crossing_of(Point p, Point q, Point u, Point v) {
  const double d = (q.x - p.x) * (v.y - u.y) - (q.y - p.y) * (v.x - u.x);
  if (d == 0) return {};
  const double s = ((u.x - p.x) * (v.y - u.y) - (u.y - p.y) * (v.x - u.x)) / d;
  const double t = ((u.x - p.x) * (q.y - p.y) - (u.y - p.y) * (q.x - p.x)) / d;
  if (!(0 < s && s < 1 && 0 < t && t < 1)) return {};
  return Point{p.x + s * (q.x - p.x), p.y + s * (q.y - p.y)};
}

/// Counted as tests/golden/make_plots.py counts those of Graphviz.
int crossings(const Layout& layout) {
  int count = 0;
  std::vector<Polygon> lines;
  for (const Path& path : layout.edges) lines.push_back(flattened(path, 0.05));
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      std::vector<Point> found;
      for (std::size_t a = 1; a < lines[i].size(); ++a)
        for (std::size_t b = 1; b < lines[j].size(); ++b) {
          const auto point = crossing_of(lines[i][a - 1], lines[i][a], lines[j][b - 1], lines[j][b]);
          auto is_near = [&](Point other) {
            return std::max(std::abs(point->x - other.x), std::abs(point->y - other.y)) <= 3;
          };
          if (point && std::none_of(found.begin(), found.end(), is_near)) found.push_back(*point);
        }
      count += static_cast<int>(found.size());
    }
  return count;
}

bool overlap(const Rect& a, const Rect& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
bool holds(const Rect& outer, const Rect& inner) {
  return outer.x <= inner.x && outer.y <= inner.y && outer.x + outer.width >= inner.x + inner.width &&
         outer.y + outer.height >= inner.y + inner.height;
}
bool is_inside(const Rect& rect, Point p, double margin) {
  return p.x > rect.x + margin && p.x < rect.x + rect.width - margin && p.y > rect.y + margin &&
         p.y < rect.y + rect.height - margin;
}
bool is_on_border(const Rect& rect, Point p) { return is_inside(rect, p, -1e-6) && !is_inside(rect, p, 1e-6); }

/// Points along a path, at most 2 apart.
Polygon walked(const Path& path) {
  Polygon points;
  for (Point p : flattened(path, 0.05)) {
    const Point from = points.empty() ? p : points.back();
    const int steps = static_cast<int>(std::hypot(p.x - from.x, p.y - from.y) / 2) + 1;
    for (int i = 1; i <= steps; ++i) {
      const double part = static_cast<double>(i) / steps;
      points.push_back({from.x + (p.x - from.x) * part, from.y + (p.y - from.y) * part});
    }
  }
  return points;
}

/// All clusters around a box, from the inside out.
std::vector<int> around(const LayoutTask& task, std::size_t box) {
  std::vector<int> clusters;
  for (int c = task.boxes[box].cluster; c >= 0; c = task.clusters[static_cast<std::size_t>(c)].parent)
    clusters.push_back(c);
  return clusters;
}

void expect_valid(const LayoutTask& task, const Layout& layout, const std::string& name) {
  ASSERT_EQ(layout.boxes.size(), task.boxes.size());
  const Rect page{0, 0, layout.size.width, layout.size.height};
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    EXPECT_TRUE(holds(page, layout.boxes[i])) << name << ": box " << i << " leaves the page";
    EXPECT_NEAR(layout.boxes[i].width, task.boxes[i].size.width, 1e-9);
    EXPECT_NEAR(layout.boxes[i].height, task.boxes[i].size.height, 1e-9);
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(overlap(layout.boxes[i], layout.boxes[j])) << name << ": boxes " << i << " and " << j;
    const std::vector<int> inside = around(task, i);
    for (std::size_t c = 0; c < layout.clusters.size(); ++c) {
      const bool belongs = std::find(inside.begin(), inside.end(), static_cast<int>(c)) != inside.end();
      EXPECT_TRUE(belongs ? holds(layout.clusters[c], layout.boxes[i]) : !overlap(layout.clusters[c], layout.boxes[i]))
          << name << ": box " << i << ", cluster " << c;
    }
  }
  for (std::size_t e = 0; e < task.edges.size(); ++e) {
    const Path& path = layout.edges[e];
    ASSERT_TRUE(path.size() >= 4 && path.size() % 3 == 1) << name << ": edge " << e;
    EXPECT_TRUE(is_on_border(layout.boxes[static_cast<std::size_t>(task.edges[e].from)], path.front()))
        << name << ": edge " << e << " begins at " << path.front().x << ", " << path.front().y;
    EXPECT_TRUE(is_on_border(layout.boxes[static_cast<std::size_t>(task.edges[e].to)], path.back()))
        << name << ": edge " << e << " ends at " << path.back().x << ", " << path.back().y;
    const Point before = path[path.size() - 4], tip = path.back();
    EXPECT_TRUE(std::abs(before.x - tip.x) < 1e-6 || std::abs(before.y - tip.y) < 1e-6);
    EXPECT_GE(std::hypot(before.x - tip.x, before.y - tip.y), kArrowLength - 1e-6) << name << ": edge " << e;
    for (Point p : walked(path)) {
      EXPECT_TRUE(is_inside(page, p, -1e-6)) << name << ": edge " << e;
      for (std::size_t i = 0; i < layout.boxes.size(); ++i)
        EXPECT_FALSE(is_inside(layout.boxes[i], p, 1e-6)) << name << ": edge " << e << " runs through box " << i;
    }
  }
}

class GoldenLayout : public testing::TestWithParam<std::size_t> {};

TEST_P(GoldenLayout, IsValidAndCrossesNoMoreThanGraphviz) {
  const Json& given = layout_cases().at(GetParam());
  const std::string name = given.at("name").get<std::string>();
  LayoutTask task = task_of(given);
  for (Direction direction :
       {Direction::top_bottom, Direction::left_right, Direction::bottom_top, Direction::right_left}) {
    task.direction = direction;
    const Layout layout = lay_out(task);
    expect_valid(task, layout, name);
    EXPECT_LE(crossings(layout), given.at("crossings").get<int>()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Graphs, GoldenLayout, testing::Range<std::size_t>(0, layout_cases().size()),
                         [](const testing::TestParamInfo<std::size_t>& param) {
                           return layout_cases().at(param.param).at("name").get<std::string>();
                         });

/// Boxes in clusters in clusters, edges anywhere: also backwards, and from a box to itself.
LayoutTask random_task(std::uint32_t seed) {
  std::mt19937 random(seed);
  auto pick = [&](std::size_t below) { return static_cast<int>(random() % below); };
  LayoutTask task;
  const std::size_t clusters = 1 + random() % 6, boxes = 1 + random() % 25, edges = random() % 40;
  for (std::size_t i = 1; i < clusters; ++i) task.clusters.push_back({pick(i), {20.0 + pick(150), 17}});
  for (std::size_t i = 0; i < boxes; ++i) task.boxes.push_back({{30.0 + pick(200), 20.0 + pick(80)}, pick(clusters)});
  for (std::size_t i = 0; i < edges; ++i) task.edges.push_back({pick(boxes), pick(boxes)});
  task.direction = static_cast<Direction>(seed % 4);
  return task;
}

TEST(Layout, RandomGraphsWithClustersCyclesAndLoopsAreValid) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const LayoutTask task = random_task(seed);
    expect_valid(task, lay_out(task), "seed " + std::to_string(seed));
    if (HasFailure()) break;
  }
}

TEST(Layout, LabelsOfClustersKeepClearOfEdgesAndBoxes) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const LayoutTask task = random_task(seed);
    const Layout layout = lay_out(task);
    for (std::size_t c = 1; c < task.clusters.size(); ++c) {
      if (layout.clusters[c].width == 0) continue;
      const Size size = task.clusters[c].label;
      const Rect label{layout.labels[c].x, layout.labels[c].y, size.width, size.height};
      EXPECT_TRUE(holds(layout.clusters[c], label)) << "seed " << seed;
      for (const Rect& box : layout.boxes) EXPECT_FALSE(overlap(label, box)) << "seed " << seed;
      for (const Path& path : layout.edges)
        for (Point p : walked(path)) EXPECT_FALSE(is_inside(label, p, 0)) << "seed " << seed;
    }
    if (HasFailure()) break;
  }
}

TEST(Layout, EdgesLeaveAClusterInTheOrderInWhichTheyGoOn) {
  LayoutTask task;
  task.boxes.assign(7, {{100, 40}, 0});
  task.boxes[0].cluster = 1;
  task.clusters = {{}, {0, {50, 16}}};
  task.edges = {{0, 2}, {0, 3}, {0, 4}, {1, 3}, {3, 4}, {5, 0}, {5, 1}, {2, 6}, {4, 6}};
  const Layout layout = lay_out(task);
  expect_valid(task, layout, "passages");
  EXPECT_EQ(crossings(layout), 0);
}

TEST(Layout, AChainIsAStraightLine) {
  LayoutTask task;
  for (int i = 0; i < 5; ++i) task.boxes.push_back({{60.0 + 20 * i, 40}, 0});
  for (int i = 0; i < 4; ++i) task.edges.push_back({i, i + 1});
  const Layout layout = lay_out(task);
  for (int i = 1; i < 5; ++i)
    EXPECT_NEAR(layout.boxes[static_cast<std::size_t>(i)].center().x, layout.boxes[0].center().x, 1e-9);
  for (const Path& path : layout.edges) EXPECT_EQ(path.size(), 4u);
}

TEST(Layout, TheMainPathStaysStraightBesideTheEdgesThatSkipIt) {
  LayoutTask task;
  for (int i = 0; i < 13; ++i) task.boxes.push_back({{100, 40}, 0});
  for (int i = 0; i < 12; ++i) task.edges.push_back({i, i + 1});
  for (int i = 0; i < 12; i += 3) task.edges.push_back({i, i + 3});
  const Layout layout = lay_out(task);
  for (const Rect& box : layout.boxes) EXPECT_NEAR(box.center().x, layout.boxes[0].center().x, 1e-9);
}

TEST(Layout, TheSameTaskGivesTheSameNumbers) {
  const LayoutTask task = random_task(77);
  const Layout a = lay_out(task), b = lay_out(task);
  for (std::size_t e = 0; e < a.edges.size(); ++e)
    for (std::size_t i = 0; i < a.edges[e].size(); ++i) EXPECT_EQ(a.edges[e][i].x, b.edges[e][i].x);
}

TEST(Layout, NoBoxes) { EXPECT_EQ(lay_out({}).size.width, 0); }

TEST(Ranking, LayersMakeTheSumOfLengthsSmallest) {
  // 3 could stand anywhere below 0; its only other edge leads to 4, so it moves down to it.
  const std::vector<Arc> arcs = {{0, 1}, {1, 2}, {2, 4}, {0, 3}, {3, 4}, {3, 4}};
  EXPECT_EQ(assign_layers(5, arcs), (std::vector<int>{0, 1, 2, 2, 3}));
  EXPECT_EQ(assign_layers(3, {{0, 2}}), (std::vector<int>{0, 0, 1}));
}

TEST(Ranking, ACycleIsCutOnce) {
  const std::vector<bool> against = arcs_against_the_order(4, {{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 3}});
  EXPECT_EQ(against, (std::vector<bool>{false, false, true, false, false}));
}

}  // namespace
}  // namespace kerata::plot
