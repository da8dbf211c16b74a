// Convolutions by cuDNN beside the CPU: on a GPU by the real one, else by one that computes what its descriptors say
// (emulator/cudnn.cpp), whose heuristics also advise what must not be taken.
#include <thread>

#include "cuda/conv_case.h"
#include "cuda/cudnn_fixture.h"
#include "cuda/ops/cudnn_plan.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::FusedActivation;
using ops::WindowAttrs;

// Sums of half types are rounded once; those of the real one's float32 engines may be transformed (Winograd).
double tolerance_of(DType dtype) {
  if (dtype == DType::bfloat16) return 8e-3;
  return dtype == DType::float16 ? 1e-3 : is_emulated() ? 2e-5 : 1e-3;
}
constexpr DType kTypes[] = {DType::float32, DType::float16, DType::bfloat16};

TEST_F(CudaCudnn, ComputesThreePasses) {
  for (const ConvCase& c : kConvs)
    for (const DType dtype : kTypes)
      for (const bool same : {false, true}) {
        executions();
        compare_passes(noise_, c, dtype, same, tolerance_of(dtype));
        expect_executions(3, to_string(c.kernel));
      }
}

TEST_F(CudaCudnn, AddsBiasAndActivation) {
  for (const char* refused : {"", "fused"})
    for (const ConvCase& c : {kConvs[1], kConvs[5], kConvs[11]})
      for (const DType dtype : kTypes)
        for (const int activation :
             {FusedActivation::none, FusedActivation::relu, FusedActivation::tanh, FusedActivation::sigmoid}) {
          refuse(refused);
          executions();
          const double tolerance = tolerance_of(dtype) * (*refused ? 2 : 1);  // without fusion it is rounded twice
          compare_activated(noise_, c, dtype, *refused == 0, activation, tolerance);
          expect_executions(2, to_string(c.kernel));
        }
}

TEST_F(CudaCudnn, ReluKeepsNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::from_span<float>(std::vector{nan, -1.0f, 2.0f, 3.0f}, {1, 2, 2, 1});
  WindowAttrs p;
  p.activation = FusedActivation::relu;
  compare_devices(ops::kConv, {x, ops::ones({1, 1, 1, 2})}, p, tolerance_of(DType::float32));
}

TEST_F(CudaCudnn, LeavesOtherTypesToOurKernels) {
  executions();
  compare_devices(ops::kConv,
                  {noise_.tensor(DType::float64, {2, 5, 5, 3}), noise_.tensor(DType::float64, {3, 3, 3, 2})},
                  WindowAttrs{}, 1e-12);
  compare_devices(ops::kConv,
                  {noise_.tensor(DType::float32, {0, 5, 5, 3}), noise_.tensor(DType::float32, {3, 3, 3, 2})},
                  WindowAttrs{});
  expect_executions(0, "float64");
}

TEST_F(CudaCudnn, LeavesMemoryThatIsNotAlignedToOurKernels) {
  const Tensor x = noise_.tensor(DType::float32, {101}), kernel = noise_.tensor(DType::float32, {3, 3, 4, 2});
  auto part = [](const Tensor& t) { return t.slice({.start = 1, .stop = 101}).reshape({1, 5, 5, 4}); };
  const Tensor on_device = part(x.to(Device::cuda()));
  ASSERT_NE(reinterpret_cast<std::uintptr_t>(output_of(on_device).data()) % 16, 0u);
  executions();
  expect_same(apply(ops::kConv, {part(x), kernel}, WindowAttrs{}),
              apply(ops::kConv, {on_device, kernel.to(Device::cuda())}, WindowAttrs{}), 1e-5, "conv");
  expect_executions(0, "not aligned");
}

TEST_F(CudaCudnn, LeavesWhatIsRefusedToOurKernels) {
  if (!is_emulated()) GTEST_SKIP() << "The real cuDNN refuses nothing that is known.";
  const std::pair<const char*, int> cases[] = {{"all", 0}, {"plans", 0}, {"advised", 1}};
  Dim height = 30;  // plans are kept by shape
  for (const auto& [refused, count] : cases) {
    refuse(refused);
    executions();
    compare_devices(ops::kConv,
                    {noise_.tensor(DType::float32, {1, height++, 5, 3}), noise_.tensor(DType::float32, {3, 3, 3, 2})},
                    WindowAttrs{}, 2e-5);
    expect_executions(count, refused);
  }
}

std::vector<cudnnBackendNumericalNote_t> notes_of(DType dtype) {
  cuda::CudnnConvolution asked{dtype, cuda::ConvPass::kernel};
  asked.shape = cuda::window_shape({}, {2, 8, 8, 4}, {3, 3, 4, 8});
  const auto plan = cuda::CudnnPlan::find(asked, {cuda::cudnn_handle(0)->handle});
  EXPECT_TRUE(plan);
  return plan ? plan->notes() : std::vector<cudnnBackendNumericalNote_t>();
}

TEST_F(CudaCudnn, TakesTheBestEngineThatMayBeUsed) {
  if (!is_emulated()) GTEST_SKIP() << "Engines of the emulated cuDNN.";
  using Notes = std::vector<cudnnBackendNumericalNote_t>;
  const Notes tensor_core{CUDNN_NUMERICAL_NOTE_TENSOR_CORE};
  EXPECT_EQ(notes_of(DType::float32), Notes{CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC});
  EXPECT_EQ(notes_of(DType::float16), tensor_core);
  EXPECT_EQ(notes_of(DType::bfloat16), tensor_core);
  set_deterministic_ops(true);
  EXPECT_EQ(notes_of(DType::float32), Notes{});
  EXPECT_EQ(notes_of(DType::float16), tensor_core);
  set_tensor_float_32(true);
  EXPECT_EQ(notes_of(DType::float32), tensor_core);
  refuse("advised");
  EXPECT_EQ(notes_of(DType::float32), Notes{CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP});
}

// The plan of a convolution that was there before the switch is not taken after it.
TEST_F(CudaCudnn, RoundsToTensorFloat32WhenThatIsAllowed) {
  const Tensor x = noise_.tensor(DType::float32, {2, 16, 16, 32}),
               kernel = noise_.tensor(DType::float32, {3, 3, 32, 64});
  compare_devices(ops::kConv, {x, kernel}, WindowAttrs{}, tolerance_of(DType::float32));
  set_tensor_float_32(true);
  const Tensor y = compare_devices(ops::kConv, {x, kernel}, WindowAttrs{}, 2e-2)[0];
  const Tensor exact = apply(ops::kConv, {x, kernel}, WindowAttrs{});
  if (!is_emulated()) return;
  EXPECT_GT(ops::max(ops::abs(y.to(Device::cpu()) - exact)).item<float>(), 1e-4);
}

TEST_F(CudaCudnn, RefusalsOfARunAreErrors) {
  if (!is_emulated()) GTEST_SKIP() << "The real cuDNN executes its plans.";
  refuse("runs");
  const std::vector<Tensor> in = on_gpu({ops::ones({1, 3, 3, 1}), ops::ones({2, 2, 1, 1})});
  EXPECT_ERROR_WITH(BackendError, apply(ops::kConv, in, WindowAttrs{}),
                    "[CUDA] cudnnBackendExecute failed: CUDNN_STATUS_OF_THE_EMULATOR (a reason of the emulator's).");
}

// Recorded once, run many times; the kernel's gradient comes out turned.
TEST_F(CudaCudnn, TrainsAModel) {
  const Tensor x = noise_.tensor(DType::float32, {16, 8, 8, 3}), y = noise_.tensor(DType::float32, {16, 1});
  auto trained = [&](Device device) {
    utils::set_random_seed(5);
    Model model =
        Sequential({Input({8, 8, 3}), layers::Conv2D(6, 3, {.strides = 2, .padding = "same", .activation = "relu"}),
                    layers::Conv2D(4, 2, {.activation = "tanh"}), layers::Flatten(), layers::Dense(1)});
    model.to(device);
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.fit(x, y, {.batch_size = 8, .epochs = 3, .verbose = 0, .shuffle = false});
    std::vector<Tensor> weights;
    for (const Tensor& w : model.get_weights()) weights.push_back(w.to(Device::cpu()));
    return weights;
  };
  const std::vector<Tensor> expected = trained(Device::cpu());
  executions();
  const std::vector<Tensor> received = trained(Device::cuda());
  const int count = executions();
  EXPECT_TRUE(!is_emulated() || count >= 5) << count;  // the first layer's images need no gradient
  ASSERT_EQ(received.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    expect_same(expected[i], received[i].to(Device::cuda()), 20 * tolerance_of(DType::float32), "weights");
}

TEST_F(CudaCudnn, RunsInSeveralThreads) {
  const Tensor kernel = noise_.tensor(DType::float32, {3, 3, 4, 4});
  std::vector<Tensor> images, expected, received(4);
  for (int i = 0; i < 4; ++i) images.push_back(noise_.tensor(DType::float32, {1 + i % 2, 9, 9, 4}));
  for (const Tensor& x : images) expected.push_back(apply(ops::kConv, {x, kernel}, WindowAttrs{}));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < images.size(); ++i)
    threads.emplace_back([&, i] {
      for (int again = 0; again < 8; ++again)
        received[i] = apply(ops::kConv, on_gpu({images[i], kernel}), WindowAttrs{});
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < images.size(); ++i)
    expect_same(expected[i], received[i], tolerance_of(DType::float32), "conv");
}

}  // namespace
}  // namespace kerata
