// What is fused for a GPU only.
#include "compile/passes.h"
#include "cuda/both_devices.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"
#include "support/traced_graph.h"

namespace kerata {
namespace {

using Body = Function<std::vector<Tensor>(const std::vector<Tensor>&)>;

constexpr DType kHalf = DType::bfloat16;

// The results of a program for the GPU, beside the CPU's.
void compare_programs(const std::vector<Tensor>& in, const Body& f, double tolerance) {
  std::vector<ValueType> types;
  for (const Tensor& x : in) types.push_back(type_of(x));
  std::vector<Tensor> results[2];
  for (const bool gpu : {false, true}) {
    const ExecutablePtr program =
        Executable::compile(trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return f(x); }), {},
                            gpu ? Device::cuda() : Device::cpu());
    Workspace workspace;
    const Binding binding = workspace.bind(program);
    for (int run = 0; run < 3; ++run) {  // once as it is, then recorded
      for (std::size_t i = 0; i < in.size(); ++i)
        std::memcpy(binding.input(i), output_of(in[i]).data(), bytes_of(types[i]));
      binding.run();
    }
    binding.check();
    for (std::size_t i = 0; i < program->num_outputs(); ++i) {
      const ValueType& type = program->output_type(i);
      results[gpu].push_back(
          Tensor::from_bytes(binding.output(i), static_cast<std::size_t>(type.shape.size()), type.dtype, type.shape));
    }
  }
  for (std::size_t i = 0; i < results[0].size(); ++i)
    expect_same(results[0][i], results[1][i].to(Device::cuda()), tolerance, join_text("result ", i));
}

TEST(CudaPasses, SmallChainsOfOneShapeAreOneLaunch) {
  const Body f = [](const std::vector<Tensor>& x) {
    return std::vector{x[0] * 2.0 + 1.0, ops::exp(x[1]), ops::sum(x[2]) + x[3]};
  };
  const std::vector<ValueType> types{
      {DType::float32, {9}}, {DType::float32, {9}}, {DType::float32, {7}}, {DType::float32, {}}};
  EXPECT_EQ(names_of(fuse_elementwise(graph_of(types, f))), (Names{"fused", "exp", "sum", "add"}));
  EXPECT_EQ(names_of(fuse_elementwise(graph_of(types, f), Device::cuda())), (Names{"fused", "sum", "add"}));
  Noise noise;
  compare_programs({noise.tensor(DType::float32, {9}), noise.tensor(DType::float32, {9}),
                    noise.tensor(DType::float32, {7}), noise.tensor(DType::float32, {})},
                   f, 1e-6);
}

// A group that waits for another is not joined with what the other waits for; large ones are left alone.
TEST(CudaPasses, WhatWaitsOrIsLargeIsNotJoined) {
  const Graph waits = fuse_elementwise(graph_of({{DType::float32, {4}}},
                                                [](const std::vector<Tensor>& x) {
                                                  const Tensor y = ops::exp(x[0]);
                                                  return std::vector{ops::exp(y / ops::sum(y)), ops::cumsum(y, 0)};
                                                }),
                                       Device::cuda());
  EXPECT_EQ(names_of(waits), (Names{"exp", "sum", "fused", "cumsum"}));
  const Graph large = fuse_elementwise(graph_of({{DType::float32, {5000}}, {DType::float32, {5000}}},
                                                [](const std::vector<Tensor>& x) {
                                                  return std::vector{ops::exp(x[0]), ops::tanh(x[1])};
                                                }),
                                       Device::cuda());
  EXPECT_EQ(names_of(large), (Names{"exp", "tanh"}));
}

TEST(CudaPasses, ChainsTakeEveryType) {
  const Body f = [](const std::vector<Tensor>& x) {
    const Tensor same = ops::equal(x[0], x[1]);
    return std::vector{same.cast("float32") * 0.5, ops::where(same, x[0] + 1, x[1] * x[1]).cast("int64"),
                       x[2].cast("float64") * x[3]};
  };
  Noise noise;
  for (const Dim n : {3, 700, 5000}) {
    const Tensor a = noise.indices({n}, -3, 3), b = noise.indices({n}, -3, 3), c = noise.tensor(DType::uint8, {n}, 200),
                 d = noise.tensor(DType::float64, {n});
    const Graph graph = optimize(graph_of({type_of(a), type_of(b), type_of(c), type_of(d)}, f), {}, Device::cuda());
    EXPECT_EQ(graph.code.size(), n > 4096 ? 2u : 1u) << to_string(graph);
    compare_programs({a, b, c, d}, f, 1e-12);
  }
}

// More than a kernel takes: several chains.
TEST(CudaPasses, ManyInputsAreSeveralLaunches) {
  const Body f = [](const std::vector<Tensor>& x) {
    std::vector<Tensor> y;
    for (std::size_t i = 0; i + 1 < x.size(); i += 2) y.push_back(x[i] * x[i + 1]);
    return y;
  };
  Noise noise;
  std::vector<Tensor> in;
  std::vector<ValueType> types;
  for (int i = 0; i < 80; ++i) {
    in.push_back(noise.tensor(DType::float32, {6}));
    types.push_back({DType::float32, {6}});
  }
  EXPECT_EQ(fuse_elementwise(graph_of(types, f), Device::cuda()).code.size(), 3u);
  compare_programs(in, f, 1e-6);
}

TEST(CudaPasses, BroadcastsAreReadWhereTheyLie) {
  const Body f = [](const std::vector<Tensor>& x) {
    const Tensor wide = ops::broadcast_to(x[1], {6, 5, 8});
    return std::vector{ops::where(x[0] > 0.0, wide, 0.0), ops::broadcast_to(x[1], {2, 6, 5, 8})};
  };
  Noise noise;
  for (const Shape& shape : {Shape{6, 1, 8}, Shape{5, 1}, Shape{8}}) {
    const Tensor x = noise.tensor(DType::float32, {6, 5, 8}), y = noise.tensor(DType::float32, shape);
    const Graph graph = optimize(graph_of({type_of(x), type_of(y)}, f), {}, Device::cuda());
    EXPECT_EQ(names_of(graph), (Names{"fused", "broadcast_to"})) << to_string(graph);
    compare_programs({x, y}, f, 0);
  }
}

// Statistics, and chains with what stands behind them.
TEST(CudaPasses, BatchNormalizationRunsIntoItsReaders) {
  const Body f = [](const std::vector<Tensor>& x) {
    const ops::BatchNormAttrs attrs{1e-3};
    const DType dtype = x[0].dtype(), wide = x[1].dtype();
    const Tensor images = x[0].cast(wide), dy = x[3].cast(wide);
    const std::vector<Tensor> y = apply_all(ops::kBatchNorm, {images, x[1], x[2]}, attrs),
                              dx = apply_all(ops::kBatchNormGrad, {images, x[1], y[1], y[2], dy}, attrs);
    return std::vector{ops::relu(y[0].cast(dtype)), y[1], y[2], dx[0].cast(dtype) + x[0], dx[1], dx[2]};
  };
  Noise noise;
  for (const DType dtype : {DType::float32, DType::float64, DType::float16, DType::bfloat16})
    for (const Shape& shape : {Shape{40, 3}, Shape{3, 4, 5, 8}, Shape{1, 7}}) {
      const DType wide = is_half(dtype) ? DType::float32 : dtype;
      const Shape channels{shape.back()};
      const std::vector<Tensor> in{noise.tensor(dtype, shape), noise.tensor(wide, channels),
                                   noise.tensor(wide, channels), noise.tensor(dtype, shape)};
      const Graph graph =
          optimize(graph_of({type_of(in[0]), type_of(in[1]), type_of(in[2]), type_of(in[3])}, f), {}, Device::cuda());
      EXPECT_EQ(names_of(graph), (Names{"batch_norm_factors", "batch_norm_slopes", "fused"})) << to_string(graph);
      compare_programs(in, f,
                       dtype == DType::float64   ? 1e-10
                       : dtype == DType::float32 ? 2e-5
                       : dtype == DType::float16 ? 2e-3
                                                 : 2e-2);
    }
}

TEST(CudaPasses, WeightsAreCastInOneLaunch) {
  const Variable w("w", Role::trainable, ops::ones({5, 4})), b("b", Role::trainable, ops::ones({4}));
  const Graph graph = join_casts(graph_of({{DType::float32, {4}}}, [&](const std::vector<Tensor>& x) {
    const Tensor weight = w, bias = b;
    return std::vector{weight.cast(kHalf), x[0].cast(kHalf), bias.cast(kHalf), bias.cast("float64")};
  }));
  EXPECT_EQ(names_of(graph), (Names{"cast_all", "cast", "cast"}));
  EXPECT_EQ(graph.code[0].in.size(), 2u);
}

// Of any size, any number, and where memory is not aligned.
TEST(CudaPasses, CastsManyTensorsAtOnce) {
  Noise noise;
  for (const DType half : {DType::float16, DType::bfloat16}) {
    std::vector<Tensor> in;
    for (Dim i = 0; i < 250; ++i) in.push_back(noise.tensor(DType::float32, {i % 7, i % 31 + 1}, 100));
    in.push_back(noise.tensor(DType::float32, {5001}));
    std::vector<Tensor> on_device = on_gpu(in);
    for (const Dim start : {1, 2, 3}) {
      in.push_back(in[250].slice({.start = start}));
      on_device.push_back(on_device[250].slice({.start = start}));
    }
    const std::vector<Tensor> found = apply_all(ops::kCastAll, on_device, ops::CastAttrs{half});
    for (std::size_t i = 0; i < in.size(); ++i) expect_same(in[i].cast(half), found[i], 0, join_text("tensor ", i));
  }
}

}  // namespace
}  // namespace kerata
