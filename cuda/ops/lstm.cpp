// kLstm and kLstmGrad: one product for the inputs of all steps, then a product and a kernel of cells for each step.
#include <algorithm>

#include "cuda/ops/column_sums.h"
#include "cuda/ops/gemm.h"
#include "cuda/ops/move.h"
#include "cuda/ops/register.h"
#include "ops/nn_attrs.h"

namespace kerata::cuda {
namespace {

using Product = std::shared_ptr<const MatrixKernel>;

struct CellParameters {
  long long total, units, steps, step;
  Divide units_by;
  const void* bias;
  const void* mask;
  void* gates;
  const void *c_before, *h_before;
  void *c, *h;
  long long h_row;
  const void* dh_steps;
  void *dgates, *dh, *dc;
};

struct LstmShape {
  explicit LstmShape(const KernelSpec& spec)
      : batch(spec.in[0].shape[0]),
        steps(spec.in[0].shape[1]),
        features(spec.in[0].shape[2]),
        units(spec.in[1].shape[1]),
        dtype(spec.in[0].dtype) {}
  std::int64_t states() const { return batch * units; }
  std::int64_t rows() const { return batch * steps; }
  std::size_t bytes(std::int64_t elements) const { return static_cast<std::size_t>(elements) * size_of(dtype); }
  const std::byte* at(const void* memory, std::int64_t element) const {
    return static_cast<const std::byte*>(memory) + bytes(element);
  }
  std::byte* at(void* memory, std::int64_t element) const { return static_cast<std::byte*>(memory) + bytes(element); }
  MatrixProduct product(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k) const {
    MatrixProduct made;
    made.dtype = made.result = dtype;
    made.trans_a = trans_a;
    made.trans_b = trans_b;
    made.m = m, made.n = n, made.k = k;
    return made;
  }
  CellParameters cell_parameters() const {
    CellParameters p = {};
    p.total = states();
    p.units = units;
    p.steps = steps;
    p.units_by = divide_by(units);
    return p;
  }
  KernelFunction cell_function(int device, const char* name) const {
    const char* computed = dtype == DType::float64 ? "typedef double Acc;\n" : "typedef float Acc;\n";
    const std::int64_t largest = rows() * std::max(4 * units, features);
    return function_of(device, {indexing(largest) + typed("T", dtype) + computed + kernel_text("lstm.cuh"), name, {}});
  }

  std::int64_t batch, steps, features, units;
  DType dtype;
};

class LstmForward final : public Kernel {
 public:
  explicit LstmForward(const KernelSpec& spec)
      : device_(spec.device.index()),
        s_(spec),
        has_mask_(spec.attrs.as<ops::LstmAttrs>().has_mask),
        last_h_(device_, size_of(s_.dtype), {{s_.batch, s_.steps * s_.units}, {s_.units, 1}},
                std::max<std::int64_t>(0, s_.steps - 1) * s_.units) {
    reports = false;
    if (s_.rows() * s_.units == 0) return;
    cell_ = s_.cell_function(device_, "lstm_cell");
    const std::int64_t width = 4 * s_.units;
    MatrixProduct inputs = s_.product(false, false, s_.batch, width, s_.features);
    inputs.lda = s_.steps * s_.features;
    inputs.batch = {{s_.steps, s_.features, 0}};
    inputs_ = make_product(device_, inputs);
    MatrixProduct step = s_.product(false, false, s_.batch, width, s_.units);
    step.adds = true;
    first_ = make_product(device_, step);
    step.lda = s_.steps * s_.units;
    next_ = make_product(device_, step);
    workspace_bytes = std::max({inputs_->workspace_bytes, first_->workspace_bytes, next_->workspace_bytes});
  }

  void run(const KernelArgs& args) const override {
    void *h = args.out[0], *gates = args.out[3], *cells = args.out[4];
    if (cell_) inputs_->run({.a = args.in[0], .b = args.in[3], .out = gates, .workspace = args.workspace}, args);
    for (std::int64_t t = 0; cell_ && t < s_.steps; ++t) {
      CellParameters p = s_.cell_parameters();
      p.step = t;
      p.bias = args.in[5];
      p.mask = has_mask_ ? args.in[6] : nullptr;
      p.gates = s_.at(gates, t * 4 * s_.states());
      p.c_before = t == 0 ? args.in[2] : s_.at(cells, (t - 1) * s_.states());
      p.h_before = t == 0 ? args.in[1] : s_.at(h, (t - 1) * s_.units);
      p.h_row = t == 0 ? s_.units : s_.steps * s_.units;
      p.c = s_.at(cells, t * s_.states());
      p.h = s_.at(h, t * s_.units);
      const Product& product = t == 0 ? first_ : next_;
      product->run({.a = p.h_before, .b = args.in[4], .out = p.gates, .workspace = args.workspace}, args);
      launch(device_, cell_, grid_for(p.total), p, args);
    }
    const std::size_t state = s_.bytes(s_.states());
    if (s_.steps == 0) {
      copy_dense(device_, args.out[1], args.in[1], state, args);
      return copy_dense(device_, args.out[2], args.in[2], state, args);
    }
    last_h_.run(h, args.out[1], args);
    copy_dense(device_, args.out[2], s_.at(cells, (s_.steps - 1) * s_.states()), state, args);
  }

 private:
  int device_;
  LstmShape s_;
  bool has_mask_;
  Move last_h_;
  Product inputs_, first_, next_;
  KernelFunction cell_;
};

class LstmBackward final : public Kernel {
 public:
  explicit LstmBackward(const KernelSpec& spec)
      : device_(spec.device.index()),
        s_(spec),
        p_(spec.attrs.as<ops::LstmGradAttrs>()),
        x_steps_first_(swap(s_.steps, s_.batch, s_.features)),
        dx_batch_first_(swap(s_.batch, s_.steps, s_.features)),
        h_steps_first_(
            device_, size_of(s_.dtype),
            {{std::max<std::int64_t>(0, s_.steps - 1), s_.units}, {s_.batch, s_.steps * s_.units}, {s_.units, 1}}),
        bias_(device_, s_.dtype, s_.rows(), 4 * s_.units) {
    reports = false;
    const std::int64_t width = 4 * s_.units;
    if (s_.rows() * s_.units > 0) cell_ = s_.cell_function(device_, "lstm_cell_grad");
    MatrixProduct step = s_.product(false, true, s_.batch, s_.units, width);
    step.adds = p_.has_mask;  // past the cell where a step was masked
    step_ = make_product(device_, step);
    kernel_ = make_product(device_, s_.product(true, false, s_.features, width, s_.rows()));
    recurrent_ = make_product(device_, s_.product(true, false, s_.units, width, s_.rows()));
    dx_ = make_product(device_, s_.product(false, true, s_.rows(), s_.features, width));
    dgates_bytes_ = aligned(s_.bytes(s_.rows() * width));
    steps_first_bytes_ = aligned(s_.bytes(s_.rows() * std::max(s_.units, s_.features)));
    workspace_bytes = dgates_bytes_ + steps_first_bytes_ +
                      std::max({step_->workspace_bytes, kernel_->workspace_bytes, recurrent_->workspace_bytes,
                                dx_->workspace_bytes, bias_.workspace_bytes});
  }

  void run(const KernelArgs& args) const override {
    auto* dgates = static_cast<std::byte*>(args.workspace);
    std::byte *steps_first = dgates + dgates_bytes_, *rest = steps_first + steps_first_bytes_;
    through_time(dgates, rest, args);
    x_steps_first_.run(args.in[0], steps_first, args);
    kernel_->run({.a = steps_first, .b = dgates, .out = args.out[3], .workspace = rest}, args);
    if (s_.steps > 0) copy_dense(device_, steps_first, args.in[1], s_.bytes(s_.states()), args);
    h_steps_first_.run(args.in[6], s_.at(steps_first, s_.states()), args);
    recurrent_->run({.a = steps_first, .b = dgates, .out = args.out[4], .workspace = rest}, args);
    bias_.run(dgates, args.out[5], rest, args);
    dx_->run({.a = dgates, .b = args.in[3], .out = steps_first, .workspace = rest}, args);
    dx_batch_first_.run(steps_first, args.out[0], args);
  }

 private:
  // (b, a, width) to (a, b, width)
  Move swap(std::int64_t a, std::int64_t b, std::int64_t width) const {
    return {device_, size_of(s_.dtype), {{a, width}, {b, a * width}, {width, 1}}};
  }

  // dh and dc, the gradients of the first states, carry those of the states from step to step.
  void through_time(std::byte* dgates, std::byte* rest, const KernelArgs& args) const {
    std::size_t next = 9;
    CellParameters p = s_.cell_parameters();
    const std::size_t state = s_.bytes(s_.states());
    p.dh_steps = p_.has_dh ? args.in[next++] : nullptr;
    for (std::size_t i : {1, 2}) {
      if (i == 1 ? p_.has_dh_last : p_.has_dc_last)
        copy_dense(device_, args.out[i], args.in[next++], state, args);
      else
        cuda_backend()->fill_zero(device_, args.output<std::byte>(i), state, args.queue);
    }
    p.mask = p_.has_mask ? args.in[next] : nullptr;
    p.dh = args.out[1];
    p.dc = args.out[2];
    for (std::int64_t t = s_.steps; cell_ && t-- > 0;) {
      p.step = t;
      p.gates = const_cast<std::byte*>(s_.at(args.in[7], t * 4 * s_.states()));
      p.c = const_cast<std::byte*>(s_.at(args.in[8], t * s_.states()));
      p.c_before = t == 0 ? args.in[2] : s_.at(args.in[8], (t - 1) * s_.states());
      p.dgates = s_.at(dgates, t * 4 * s_.states());
      launch(device_, cell_, grid_for(p.total), p, args);
      step_->run({.a = p.dgates, .b = args.in[4], .out = p.dh, .workspace = rest}, args);
    }
  }

  int device_;
  LstmShape s_;
  ops::LstmGradAttrs p_;
  Move x_steps_first_, dx_batch_first_, h_steps_first_;
  ColumnSums bias_;
  Product step_, kernel_, recurrent_, dx_;
  std::size_t dgates_bytes_ = 0, steps_first_bytes_ = 0;
  KernelFunction cell_;
};

}  // namespace

void register_lstm(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kLstm,
               [](const KernelSpec& spec) -> std::unique_ptr<Kernel> { return std::make_unique<LstmForward>(spec); });
  registry.add(kCuda, ops::kLstmGrad,
               [](const KernelSpec& spec) -> std::unique_ptr<Kernel> { return std::make_unique<LstmBackward>(spec); });
}

}  // namespace kerata::cuda
