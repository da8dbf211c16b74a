#include "cuda/emulator/cudnn_compute.h"

#include <cmath>
#include <cstring>

#include "cuda/emulator/half.h"

namespace kerata::emulator {
double rounded(double x, Rounding how) {
  if (how == Rounding::half) return to_double(from_double<Half>(x));
  return how == Rounding::none ? x : to_tf32(x);
}

double load(const void* memory, cudnnDataType_t type, std::int64_t at) {
  if (type == CUDNN_DATA_HALF) return to_double(static_cast<const Half*>(memory)[at]);
  if (type == CUDNN_DATA_BFLOAT16) return to_double(static_cast<const BFloat16*>(memory)[at]);
  if (type == CUDNN_DATA_DOUBLE) return static_cast<const double*>(memory)[at];
  return to_double(static_cast<const float*>(memory)[at]);
}
void store(void* memory, cudnnDataType_t type, std::int64_t at, double x) {
  if (type == CUDNN_DATA_HALF)
    static_cast<Half*>(memory)[at] = from_double<Half>(x);
  else if (type == CUDNN_DATA_BFLOAT16)
    static_cast<BFloat16*>(memory)[at] = from_double<BFloat16>(x);
  else if (type == CUDNN_DATA_DOUBLE)
    static_cast<double*>(memory)[at] = x;
  else
    static_cast<float*>(memory)[at] = from_double<float>(x);
}

namespace {

using Values = std::vector<double>;  // dense, as (N, C, H, W)

std::size_t place(const TensorInfo& t, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return static_cast<std::size_t>(((n * t.size[1] + c) * t.size[2] + h) * t.size[3] + w);
}
template <class F>
void for_each(const TensorInfo& t, const F& visit) {
  std::size_t i = 0;
  for (std::int64_t n = 0; n < t.size[0]; ++n)
    for (std::int64_t c = 0; c < t.size[1]; ++c)
      for (std::int64_t h = 0; h < t.size[2]; ++h)
        for (std::int64_t w = 0; w < t.size[3]; ++w)
          visit(i++, n * t.stride[0] + c * t.stride[1] + h * t.stride[2] + w * t.stride[3]);
}

// All products of an image's, a filter's and a result's element that belong together.
template <class F>
void for_each_product(const OperationInfo& o, const F& visit) {
  const std::int64_t depth = o.b.size[1], width = o.b.size[0] / (o.x.size[1] / depth);
  for (std::int64_t n = 0; n < o.y.size[0]; ++n)
    for (std::int64_t k = 0; k < o.y.size[1]; ++k)
      for (std::int64_t p = 0; p < o.y.size[2]; ++p)
        for (std::int64_t q = 0; q < o.y.size[3]; ++q)
          for (std::int64_t r = 0; r < o.b.size[2]; ++r)
            for (std::int64_t s = 0; s < o.b.size[3]; ++s) {
              const std::int64_t h = p * o.window.stride[0] - o.window.before[0] + r * o.window.dilation[0];
              const std::int64_t w = q * o.window.stride[1] - o.window.before[1] + s * o.window.dilation[1];
              if (h < 0 || w < 0 || h >= o.x.size[2] || w >= o.x.size[3]) continue;
              for (std::int64_t c = 0; c < depth; ++c)
                visit(place(o.x, n, k / width * depth + c, h, w), place(o.b, k, c, r, s), place(o.y, n, k, p, q));
            }
}

class Run {
 public:
  explicit Run(const PlanWork& work) : work_(work) {}

  void operation(const OperationInfo& o) {
    Values result(static_cast<std::size_t>(o.result().count()), 0.0);
    if (o.kind == OperationInfo::Kind::relu) {
      result = read(o.x);
      for (double& x : result) x = x > 0 || (std::isnan(x) && o.keeps_nan) ? x : 0;
    } else if (o.kind == OperationInfo::Kind::add) {
      result = read(o.x);
      const Values b = read(o.b);
      const std::int64_t pixels = o.y.size[2] * o.y.size[3];
      for (std::size_t i = 0; i < result.size(); ++i) result[i] += b[i / static_cast<std::size_t>(pixels) % b.size()];
    } else {
      convolution(o, result);
    }
    write(o.result(), std::move(result));
  }

 private:
  void convolution(const OperationInfo& o, Values& result) {
    using Kind = OperationInfo::Kind;
    const Values x = o.kind == Kind::images ? Values() : spoiled(o.x);
    const Values b = o.kind == Kind::filters ? Values() : spoiled(o.b);
    const Values y = o.kind == Kind::forward ? Values() : spoiled(o.y);
    for_each_product(o, [&](std::size_t at_x, std::size_t at_b, std::size_t at_y) {
      if (o.kind == Kind::forward) result[at_y] += x[at_x] * b[at_b];
      if (o.kind == Kind::images) result[at_x] += y[at_y] * b[at_b];
      if (o.kind == Kind::filters) result[at_b] += x[at_x] * y[at_y];
    });
  }
  Values read(const TensorInfo& t) const {
    if (t.is_virtual) return between_.at(t.id);
    Values values(static_cast<std::size_t>(t.count()));
    for_each(t, [&](std::size_t i, std::int64_t at) { values[i] = load(work_.memory.at(t.id), t.type, at); });
    return values;
  }
  Values spoiled(const TensorInfo& t) const {
    Values values = read(t);
    for (double& x : values) x = rounded(x, work_.rounding);
    return values;
  }
  void write(const TensorInfo& t, Values values) {
    if (!t.is_virtual)
      for_each(t, [&](std::size_t i, std::int64_t at) { store(work_.memory.at(t.id), t.type, at, values[i]); });
    else
      between_[t.id] = std::move(values);
  }

  const PlanWork& work_;
  std::map<std::int64_t, Values> between_;
};

}  // namespace

void compute(const PlanWork& work) {
  // An engine may write its workspace at any time: before it reads, what lies there by mistake is lost.
  if (work.workspace_bytes) std::memset(work.workspace, 0x7f, static_cast<std::size_t>(work.workspace_bytes));
  Run run(work);
  for (const OperationInfo& operation : work.operations) run.operation(operation);
}

}  // namespace kerata::emulator
