// Kernels of softmax and the cross-entropies from logits.
#include "backend/parallel.h"
#include "cpu/nn_kernels.h"
#include "cpu/rows.h"
#include "ops/dispatch.h"
#include "ops/nn_attrs.h"

namespace kerata::cpu {
namespace {

using Target = KernelRegistry::Target;

constexpr Dim kTile = 1024, kGrain = 8192;  // elements

// y (rows, n) = softmax of the rows of x; several short rows share one call of exp.
template <class T>
void softmax_rows(const T* x, T* y, Dim rows, Dim n) {
  const Dim together = std::max<Dim>(1, kTile / n);
  for (Dim row = 0; row < rows; row += together) {
    const Dim end = std::min(rows, row + together);
    for (Dim i = row; i < end; ++i) {
      const T top = row_max(x + i * n, n);
      for (Dim j = 0; j < n; ++j) y[i * n + j] = x[i * n + j] - top;
    }
    run_unary(ops::kExp, y + row * n, y + row * n, (end - row) * n);
    for (Dim i = row; i < end; ++i) {
      const T scale = 1 / row_sum(y + i * n, n);
      for (Dim j = 0; j < n; ++j) y[i * n + j] *= scale;
    }
  }
}

// log(sum(exp(x - top))) of one row and top, its largest value: apart, since their sum would lose digits.
template <class T>
struct LogSum {
  T top, log;
};
template <class T>
LogSum<T> log_sum_exp(const T* x, Dim n) {
  const T top = row_max(x, n);
  T buffer[kTile], total = 0;
  for (Dim from = 0; from < n; from += kTile) {
    const Dim count = std::min(kTile, n - from);
    for (Dim j = 0; j < count; ++j) buffer[j] = x[from + j] - top;
    run_unary(ops::kExp, buffer, buffer, count);
    total += row_sum(buffer, count);
  }
  return {top, std::log(total)};
}

template <class T>
void log_softmax_rows(const T* x, T* y, Dim rows, Dim n) {
  for (Dim i = 0; i < rows; ++i) {
    const LogSum<T> norm = log_sum_exp(x + i * n, n);
    for (Dim j = 0; j < n; ++j) y[i * n + j] = (x[i * n + j] - norm.top) - norm.log;
  }
}

// x (outer, n, inner) over the middle axis.
template <class T, bool kLog>
void softmax_middle(const T* x, T* y, Dim n, Dim inner) {
  for (Dim i = 0; i < inner; ++i) {
    T top = x[i], total = 0;
    for (Dim j = 1; j < n; ++j) top = std::max(top, x[j * inner + i]);
    for (Dim j = 0; j < n; ++j) total += std::exp(x[j * inner + i] - top);
    const T norm = kLog ? std::log(total) : 1 / total;
    for (Dim j = 0; j < n; ++j) {
      const T v = x[j * inner + i] - top;
      y[j * inner + i] = kLog ? v - norm : std::exp(v) * norm;
    }
  }
}

template <class T, bool kLog>
std::unique_ptr<Kernel> softmax_kernel(const KernelSpec& spec) {
  const Shape& shape = spec.in[0].shape;
  const Dim axis = spec.attrs.as<ops::SoftmaxAttrs>().axis;
  const Dim n = shape[axis], inner = shape.from(axis + 1).size();
  const Dim outer = n * inner == 0 ? 0 : shape.size() / (n * inner);
  return make_kernel([=](const KernelArgs& args) {
    const T* x = args.input<T>(0);
    T* y = args.output<T>(0);
    parallel_for(outer, kGrain / (n * inner + 1) + 1, [&](Dim begin, Dim end) {
      if (inner == 1 && kLog) return log_softmax_rows(x + begin * n, y + begin * n, end - begin, n);
      if (inner == 1) return softmax_rows(x + begin * n, y + begin * n, end - begin, n);
      for (Dim i = begin; i < end; ++i) softmax_middle<T, kLog>(x + i * n * inner, y + i * n * inner, n, inner);
    });
  });
}

// norms (count <= kTile / n rows): as log_sum_exp, with one call of exp for all rows.
template <class T>
void log_sums(const T* x, Dim count, Dim n, LogSum<T>* norms) {
  if (n > kTile) {
    norms[0] = log_sum_exp(x, n);
    return;
  }
  T buffer[kTile];
  for (Dim i = 0; i < count; ++i) {
    norms[i].top = row_max(x + i * n, n);
    for (Dim j = 0; j < n; ++j) buffer[i * n + j] = x[i * n + j] - norms[i].top;
  }
  run_unary(ops::kExp, buffer, buffer, count * n);
  for (Dim i = 0; i < count; ++i) norms[i].log = std::log(row_sum(buffer + i * n, n));
}

// loss (rows) = log(sum(exp(x))) - x[label]
template <class T, class Label>
std::unique_ptr<Kernel> sparse_kernel(const KernelSpec& spec) {
  const Dim n = spec.in[0].shape.back(), rows = spec.in[1].shape.size();
  const Dim together = n == 0 ? 1 : std::clamp<Dim>(kTile / n, 1, 64), groups = (rows + together - 1) / together;
  return make_kernel([=](const KernelArgs& args) {
    const T* x = args.input<T>(0);
    const Label* labels = args.input<Label>(1);
    parallel_for(groups, kGrain / (n * together + 1) + 1, [&](Dim begin, Dim end) {
      LogSum<T> norms[64];
      for (Dim i = begin * together; i < std::min(rows, end * together); ++i) {
        const Dim within = i % together;
        if (within == 0) log_sums(x + i * n, std::min(together, rows - i), n, norms);
        const auto label = convert_one<std::int64_t>(labels[i]);
        const bool valid = label >= 0 && label < n;
        if (!valid) args.status->report(KernelStatus::index_out_of_range, label, n);
        args.output<T>(0)[i] = valid ? norms[within].log - (x[i * n + label] - norms[within].top) : T(0);
      }
    });
  });
}

// dx (rows, n) = g (p - one_hot(label))
template <class T, class Label>
std::unique_ptr<Kernel> sparse_grad_kernel(const KernelSpec& spec) {
  const Dim n = spec.in[0].shape.back(), rows = spec.in[1].shape.size();
  return make_kernel([=](const KernelArgs& args) {
    const Label* labels = args.input<Label>(1);
    parallel_for(rows, kGrain / (n + 1) + 1, [&](Dim begin, Dim end) {
      for (Dim i = begin; i < end; ++i) {
        const T* p = args.input<T>(0) + i * n;
        const T g = args.input<T>(2)[i];
        T* dx = args.output<T>(0) + i * n;
        for (Dim j = 0; j < n; ++j) dx[j] = g * p[j];
        const auto label = convert_one<std::int64_t>(labels[i]);
        if (label >= 0 && label < n)
          dx[label] -= g;
        else
          args.status->report(KernelStatus::index_out_of_range, label, n);
      }
    });
  });
}

// l = max(x, 0) - x z + log1p(exp(-|x|))
template <class T>
std::unique_ptr<Kernel> sigmoid_kernel(const KernelSpec& spec) {
  const Dim tiles = (spec.in[0].shape.size() + kTile - 1) / kTile;
  return make_kernel([n = spec.in[0].shape.size(), tiles](const KernelArgs& args) {
    parallel_for(tiles, kGrain / kTile, [&](Dim begin, Dim end) {
      T buffer[kTile];
      for (Dim from = begin * kTile; from < std::min(end * kTile, n); from += kTile) {
        const Dim count = std::min(kTile, n - from);
        const T *x = args.input<T>(0) + from, *z = args.input<T>(1) + from;
        T* y = args.output<T>(0) + from;
        for (Dim i = 0; i < count; ++i) buffer[i] = -std::abs(x[i]);
        run_unary(ops::kExp, buffer, buffer, count);
        run_unary(ops::kLog1p, buffer, buffer, count);
        for (Dim i = 0; i < count; ++i) y[i] = (x[i] > 0 ? x[i] : x[i] * 0) - x[i] * z[i] + buffer[i];
      }
    });
  });
}

template <bool kLog>
std::unique_ptr<Kernel> prepare_softmax(const KernelSpec& spec) {
  return for_floating(spec, [&]<class T>() { return softmax_kernel<T, kLog>(spec); });
}
std::unique_ptr<Kernel> prepare_sparse(const KernelSpec& spec) {
  return for_floating(spec, [&]<class T>() {
    return dispatch_any(spec.in[1].dtype, [&]<class Label>() { return sparse_kernel<T, Label>(spec); });
  });
}
std::unique_ptr<Kernel> prepare_sparse_grad(const KernelSpec& spec) {
  return for_floating(spec, [&]<class T>() {
    return dispatch_any(spec.in[1].dtype, [&]<class Label>() { return sparse_grad_kernel<T, Label>(spec); });
  });
}
std::unique_ptr<Kernel> prepare_sigmoid(const KernelSpec& spec) {
  return for_floating(spec, [&]<class T>() { return sigmoid_kernel<T>(spec); });
}

}  // namespace

void register_softmax_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kSoftmax, prepare_softmax<false>);
  registry.add(Target::cpu, ops::kLogSoftmax, prepare_softmax<true>);
  registry.add(Target::cpu, ops::kSparseSoftmaxCrossEntropy, prepare_sparse);
  registry.add(Target::cpu, ops::kSparseSoftmaxGrad, prepare_sparse_grad);
  registry.add(Target::cpu, ops::kSigmoidCrossEntropy, prepare_sigmoid);
}

}  // namespace kerata::cpu
