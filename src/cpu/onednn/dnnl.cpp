// Written for oneDNN 2.6 (Debian 12). In 3.x operation descriptors are gone (their arguments go to primitive_desc),
// memory::desc::data is get(), and append_eltwise has no scale.
#include "cpu/onednn/dnnl.h"

#include <algorithm>
#include <array>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <vector>

#include "core/require.h"

namespace kerata::cpu::onednn {

using dnnl::memory;

namespace {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

}  // namespace

struct Primitive::Impl {
  dnnl::primitive primitive;
  std::vector<std::pair<int, memory::desc>> layouts;
  memory::desc scratch;

  const memory::desc& layout(int id) const {
    for (const auto& [known, desc] : layouts)
      if (known == id) return desc;
    return scratch;
  }
};

std::size_t Primitive::scratch_bytes() const { return impl_ ? impl_->scratch.get_size() : 0; }

namespace {

// The arguments of one execution, in oneDNN's C form: it allocates nothing on our side.
class Execution {
 public:
  Execution() { check(dnnl_stream_create(&stream_, cpu_engine().get(), dnnl_stream_default_flags)); }
  ~Execution() {
    for (int i = 0; i < count_; ++i) dnnl_memory_destroy(arguments_[static_cast<std::size_t>(i)].memory);
    dnnl_stream_destroy(stream_);
  }
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  void add(int id, const memory::desc& layout, void* data) {
    dnnl_memory_t made = nullptr;
    check(dnnl_memory_create(&made, &layout.data, cpu_engine().get(), data));
    arguments_[static_cast<std::size_t>(count_++)] = {id, made};
  }
  void run(const dnnl::primitive& primitive) {
    check(dnnl_primitive_execute(primitive.get(), stream_, count_, arguments_.data()));
    check(dnnl_stream_wait(stream_));
  }

 private:
  static void check(dnnl_status_t status) {
    require<BackendError>(status == dnnl_success, "oneDNN", "A primitive failed with status ", static_cast<int>(status),
                          '.');
  }
  dnnl_stream_t stream_ = nullptr;
  std::array<dnnl_exec_arg_t, 8> arguments_ = {};
  int count_ = 0;
};

}  // namespace

void Primitive::execute(std::span<const Argument> arguments, void* scratch) const {
  Execution execution;
  for (const Argument& a : arguments) execution.add(a.id, impl_->layout(a.id), const_cast<void*>(a.data));
  if (scratch_bytes() > 0) execution.add(DNNL_ARG_SCRATCHPAD, impl_->scratch, scratch);
  execution.run(impl_->primitive);
}

namespace {

memory::data_type type_of(DType dtype) {
  return dtype == DType::bfloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

// Sizes of a convolution in oneDNN's order: images (n, c, h, w) stored as nhwc, kernel (g, o, i, h, w).
struct Layouts {
  Layouts(const ConvShape& s, DType dtype)
      : x({s.batch, s.channels, s.in_h, s.in_w}, type_of(dtype), memory::format_tag::nhwc),
        y({s.batch, s.filters, s.out_h, s.out_w}, type_of(dtype), memory::format_tag::nhwc),
        bias({s.filters}, type_of(dtype), memory::format_tag::a),
        strides{s.stride_h, s.stride_w},
        dilation{s.dilation_h - 1, s.dilation_w - 1},
        before{s.pad_top, s.pad_left},
        after{rest(s.in_h, s.out_h, s.kh, s.stride_h, s.dilation_h, s.pad_top),
              rest(s.in_w, s.out_w, s.kw, s.stride_w, s.dilation_w, s.pad_left)} {
    const Dim row = s.kw * s.depth * s.filters, pixel = s.depth * s.filters, width = s.filters / s.groups;
    if (s.groups == 1) {
      const memory::dims sizes{s.filters, s.depth, s.kh, s.kw};
      ours = memory::desc(sizes, type_of(dtype), memory::dims{1, s.filters, row, pixel});
      any = memory::desc(sizes, type_of(dtype), memory::format_tag::any);
    } else {
      const memory::dims sizes{s.groups, width, s.depth, s.kh, s.kw};
      ours = memory::desc(sizes, type_of(dtype), memory::dims{width, 1, s.filters, row, pixel});
      any = memory::desc(sizes, type_of(dtype), memory::format_tag::any);
    }
  }
  static Dim rest(Dim in, Dim out, Dim window, Dim stride, Dim dilation, Dim before) {
    return std::max<Dim>(0, (out - 1) * stride + (window - 1) * dilation + 1 - in - before);
  }
  memory::desc x, y, bias, ours, any;
  memory::dims strides, dilation, before, after;
};

dnnl::primitive_attr user_scratch() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

dnnl::convolution_forward::primitive_desc forward_desc(const Layouts& l, bool has_bias) {
  const auto kind = dnnl::prop_kind::forward_training;
  const auto how = dnnl::algorithm::convolution_direct;
  const auto desc =
      has_bias ? dnnl::convolution_forward::desc(kind, how, l.x, l.any, l.bias, l.y, l.strides, l.dilation, l.before,
                                                 l.after)
               : dnnl::convolution_forward::desc(kind, how, l.x, l.any, l.y, l.strides, l.dilation, l.before, l.after);
  return {desc, user_scratch(), cpu_engine()};
}

template <class Desc>
Primitive make(dnnl::primitive primitive, const Desc& desc, std::vector<std::pair<int, memory::desc>> layouts) {
  return Primitive(std::make_shared<const Primitive::Impl>(
      Primitive::Impl{std::move(primitive), std::move(layouts), desc.scratchpad_desc()}));
}

// Whether `blocked` is the same bytes as `plain`: one block that holds all filters, which lie together in `plain` too.
bool same_bytes(const memory::desc& plain, const memory::desc& blocked) {
  const dnnl_memory_desc_t &a = plain.data, &b = blocked.data;
  const auto &x = a.format_desc.blocking, &y = b.format_desc.blocking;
  if (plain.get_size() != blocked.get_size() || b.format_kind != dnnl_blocked || b.extra.flags != 0) return false;
  if (y.inner_nblks != 1 || y.inner_idxs[0] != 0 || y.inner_blks[0] != a.dims[0] || x.strides[0] != 1) return false;
  return std::equal(x.strides + 1, x.strides + a.ndims, y.strides + 1);
}

Primitive reorder(const memory::desc& from, const memory::desc& to) {
  if (from == to || same_bytes(from, to) || same_bytes(to, from)) return {};
  const dnnl::reorder::primitive_desc desc(cpu_engine(), from, cpu_engine(), to, user_scratch());
  return make(dnnl::reorder(desc), desc, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

// Where oneDNN multiplies bfloat16 without AMX, float32 between casts is as fast or faster.
template <class Desc>
bool is_fast(const Desc& desc, DType dtype) {
  return dtype == DType::float32 || std::string_view(desc.impl_info_str()).find("amx") != std::string_view::npos;
}

template <class F>
auto or_none(const F& f) -> decltype(f()) {
  try {
    return f();
  } catch (const dnnl::error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<ConvPrimitive> conv_forward(const ConvShape& s, DType dtype, bool has_bias) {
  return or_none([&]() -> std::optional<ConvPrimitive> {
    const Layouts l(s, dtype);
    const auto desc = forward_desc(l, has_bias);
    if (!is_fast(desc, dtype)) return std::nullopt;
    const memory::desc kernel = desc.weights_desc();
    std::vector<std::pair<int, memory::desc>> layouts{
        {DNNL_ARG_SRC, l.x}, {DNNL_ARG_WEIGHTS, kernel}, {DNNL_ARG_DST, l.y}};
    if (has_bias) layouts.emplace_back(DNNL_ARG_BIAS, l.bias);
    return ConvPrimitive{make(dnnl::convolution_forward(desc), desc, layouts), reorder(l.ours, kernel),
                         kernel.get_size()};
  });
}

std::optional<ConvPrimitive> conv_input_grad(const ConvShape& s, DType dtype) {
  return or_none([&]() -> std::optional<ConvPrimitive> {
    const Layouts l(s, dtype);
    const dnnl::convolution_backward_data::desc how(dnnl::algorithm::convolution_direct, l.x, l.any, l.y, l.strides,
                                                    l.dilation, l.before, l.after);
    const dnnl::convolution_backward_data::primitive_desc desc(how, user_scratch(), cpu_engine(),
                                                               forward_desc(l, false));
    if (!is_fast(desc, dtype)) return std::nullopt;
    const memory::desc kernel = desc.weights_desc();
    return ConvPrimitive{make(dnnl::convolution_backward_data(desc), desc,
                              {{DNNL_ARG_DIFF_DST, l.y}, {DNNL_ARG_WEIGHTS, kernel}, {DNNL_ARG_DIFF_SRC, l.x}}),
                         reorder(l.ours, kernel), kernel.get_size()};
  });
}

std::optional<ConvPrimitive> conv_kernel_grad(const ConvShape& s, DType dtype) {
  return or_none([&]() -> std::optional<ConvPrimitive> {
    using Backward = dnnl::convolution_backward_weights;
    const Layouts l(s, dtype);
    const Backward::desc how(dnnl::algorithm::convolution_direct, l.x, l.any, l.y, l.strides, l.dilation, l.before,
                             l.after);
    const Backward::primitive_desc desc(how, user_scratch(), cpu_engine(), forward_desc(l, false));
    if (!is_fast(desc, dtype)) return std::nullopt;
    const memory::desc kernel = desc.diff_weights_desc();
    return ConvPrimitive{
        make(Backward(desc), desc, {{DNNL_ARG_DIFF_DST, l.y}, {DNNL_ARG_SRC, l.x}, {DNNL_ARG_DIFF_WEIGHTS, kernel}}),
        reorder(kernel, l.ours), kernel.get_size()};
  });
}

std::optional<Primitive> matmul(const MatmulPlan& plan) {
  return or_none([&]() -> std::optional<Primitive> {
    const GemmShape& p = plan.shape;
    const auto matrices = [](Dim count, Dim rows, Dim columns, bool transposed, Dim stored_row) {
      const Dim down = transposed ? 1 : stored_row, right = transposed ? stored_row : 1;
      return memory::desc({count, rows, columns}, memory::data_type::bf16, memory::dims{rows * columns, down, right});
    };
    const memory::desc a = matrices(plan.step_a ? plan.batch : 1, p.m, p.k, p.trans_a, p.lda),
                       b = matrices(plan.step_b ? plan.batch : 1, p.k, p.n, p.trans_b, p.ldb),
                       c = matrices(plan.batch, p.m, p.n, false, p.ldc);
    const dnnl::matmul::primitive_desc desc(dnnl::matmul::desc(a, b, c), user_scratch(), cpu_engine());
    if (!is_fast(desc, DType::bfloat16)) return std::nullopt;
    return make(dnnl::matmul(desc), desc, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
  });
}

}  // namespace kerata::cpu::onednn
