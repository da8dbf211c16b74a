#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/require.h"
#include "plot/canvas.h"
#include "plot/drawing.h"

namespace kerata::plot {
namespace {

constexpr int kLargestSide = 32'767;  // what other programs draw and show
constexpr int kStripRows = 128;

void append_number(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
}

void append_chunk(std::string& file, const std::string& type, const std::string& data) {
  append_number(file, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + data;
  file += body;
  append_number(file, static_cast<std::uint32_t>(
                          crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
}

/// zlib's stream as IDAT chunks.
class Compressor {
 public:
  explicit Compressor(std::string& file) : file_(file) {
    require<BackendError>(deflateInit(&stream_, 6) == Z_OK, "plot_model", "zlib cannot be set up.");
  }
  ~Compressor() { deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void write(const std::uint8_t* data, std::size_t size, bool is_last) {
    stream_.next_in = const_cast<Bytef*>(data);
    stream_.avail_in = static_cast<uInt>(size);
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      const std::size_t count = buffer_.size() - stream_.avail_out;
      if (count > 0) append_chunk(file_, "IDAT", std::string(reinterpret_cast<char*>(buffer_.data()), count));
    } while (stream_.avail_out == 0);
  }

 private:
  std::string& file_;
  z_stream stream_{};
  std::array<Bytef, 1 << 15> buffer_{};
};

/// A shape as polygons in pixels, with the rows they touch.
class Outliner {
 public:
  explicit Outliner(double scale) : scale_(scale), tolerance_(0.1 / scale) {}

  Colour operator()(const FilledRect& shape, std::vector<Polygon>& polygons) const {
    polygons = {corners(shape.rect)};
    return shape.colour;
  }
  Colour operator()(const FilledPolygon& shape, std::vector<Polygon>& polygons) const {
    polygons = {shape.corners};
    return shape.colour;
  }
  Colour operator()(const Stroke& shape, std::vector<Polygon>& polygons) const {
    polygons = {widened(flattened(shape.path, tolerance_), shape.width / 2)};
    return shape.colour;
  }
  Colour operator()(const DashedRect& shape, std::vector<Polygon>& polygons) const {
    const Rect& r = shape.rect;
    const double half = shape.width / 2;
    for (double at = 0; at < r.width; at += kDash + kDashGap)
      for (double y : {r.y, r.y + r.height})
        polygons.push_back(corners({r.x + at, y - half, std::min(kDash, r.width - at), shape.width}));
    for (double at = 0; at < r.height; at += kDash + kDashGap)
      for (double x : {r.x, r.x + r.width})
        polygons.push_back(corners({x - half, r.y + at, shape.width, std::min(kDash, r.height - at)}));
    return shape.colour;
  }
  Colour operator()(const Text& shape, std::vector<Polygon>& polygons) const {
    polygons = text_outline(shape.text, shape.font, shape.baseline, tolerance_);
    return shape.colour;
  }

  void to_pixels(std::vector<Polygon>& polygons) const {
    for (Polygon& polygon : polygons)
      for (Point& p : polygon) p = {p.x * scale_, p.y * scale_};
  }

 private:
  static Polygon corners(const Rect& r) {
    return {{r.x, r.y}, {r.x + r.width, r.y}, {r.x + r.width, r.y + r.height}, {r.x, r.y + r.height}};
  }

  /// The line as a band: along its left side and back along its right.
  static Polygon widened(const Polygon& line, double half) {
    Polygon left, right;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const Point before = line[i > 0 ? i - 1 : 0], after = line[std::min(i + 1, line.size() - 1)];
      const double dx = after.x - before.x, dy = after.y - before.y, length = std::hypot(dx, dy);
      if (length == 0) continue;
      left.push_back({line[i].x + dy / length * half, line[i].y - dx / length * half});
      right.push_back({line[i].x - dy / length * half, line[i].y + dx / length * half});
    }
    left.insert(left.end(), right.rbegin(), right.rend());
    return left;
  }

  double scale_, tolerance_;
};

struct Rows {
  double first = INFINITY, last = -INFINITY;
};

Rows rows_of(const std::vector<Polygon>& polygons) {
  Rows rows;
  for (const Polygon& polygon : polygons)
    for (const Point& p : polygon) rows.first = std::min(rows.first, p.y), rows.last = std::max(rows.last, p.y);
  return rows;
}

bool is_grey(const Drawing& drawing) {
  return std::all_of(drawing.shapes.begin(), drawing.shapes.end(), [](const Drawing::Shape& shape) {
    const Colour colour = std::visit([](const auto& one) { return one.colour; }, shape);
    return colour.red == colour.green && colour.green == colour.blue;
  });
}

}  // namespace

std::string to_png(const Drawing& drawing, int dpi) {
  const double longest = std::max({drawing.size.width, drawing.size.height, 1.0});
  const double scale = std::min(dpi / 72.0, kLargestSide / longest);
  const int width = std::clamp(static_cast<int>(std::ceil(drawing.size.width * scale)), 1, kLargestSide);
  const int height = std::clamp(static_cast<int>(std::ceil(drawing.size.height * scale)), 1, kLargestSide);
  std::string file = "\x89PNG\r\n\x1a\n", header, density;
  append_number(header, static_cast<std::uint32_t>(width));
  append_number(header, static_cast<std::uint32_t>(height));
  const bool grey = is_grey(drawing);
  header += std::string("\x08", 1) + (grey ? '\0' : '\x02') + std::string(3, '\0');  // 8 bits a colour, not interlaced
  append_chunk(file, "IHDR", header);
  const auto per_metre = static_cast<std::uint32_t>(std::lround(scale * 72 / 0.0254));
  append_number(density, per_metre);
  append_number(density, per_metre);
  append_chunk(file, "pHYs", density + '\x01');

  const Outliner outliner(scale);
  std::vector<Polygon> polygons;
  std::vector<Rows> rows;
  for (const Drawing::Shape& shape : drawing.shapes) {
    polygons.clear();
    std::visit([&](const auto& one) { outliner(one, polygons); }, shape);
    outliner.to_pixels(polygons);
    rows.push_back(rows_of(polygons));
  }
  Compressor compressor(file);
  for (int first = 0; first < height; first += kStripRows) {
    const int count = std::min(kStripRows, height - first);
    Canvas canvas(width, first, count);
    for (std::size_t i = 0; i < drawing.shapes.size(); ++i) {
      if (rows[i].first >= first + count || rows[i].last <= first) continue;
      polygons.clear();
      const Colour colour = std::visit([&](const auto& one) { return outliner(one, polygons); }, drawing.shapes[i]);
      outliner.to_pixels(polygons);
      canvas.fill(polygons, colour);
    }
    for (int row = 0; row < count; ++row) {
      const std::span<const std::uint8_t> colours = canvas.row(row);
      std::vector<std::uint8_t> line = {0};  // no filter
      for (std::size_t i = 0; i < colours.size(); i += grey ? 3 : 1) line.push_back(colours[i]);
      compressor.write(line.data(), line.size(), first + row + 1 == height);
    }
  }
  append_chunk(file, "IEND", "");
  return file;
}

}  // namespace kerata::plot
