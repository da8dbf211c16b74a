// What the real cuDNN makes of our requests, for GPUs that are not there: cuDNN 9.11 and newer prepare engines by a
// GPU's properties alone. Needs libcudnn, but neither a GPU nor a driver.
#include "backend/determinism.h"
#include "backend/tensor_float_32.h"
#include "cuda/ops/cudnn_plan.h"
#include "cuda/ops/cudnn_rnn.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using cuda::ConvPass;
using cuda::CudnnConvolution;
using cuda::CudnnDescriptor;
using cuda::CudnnPlan;
using cuda::CudnnTarget;
using ops::WindowAttrs;

struct Gpu {
  const char* name;
  int capability, processors, shared_memory, clock, memory_clock, cache;  // bytes, kHz
};
constexpr Gpu kGpus[] = {{"A100", 800, 108, 166912, 1410000, 1215000, 41943040},
                         {"H100", 900, 132, 232448, 1980000, 2619000, 52428800},
                         {"B200", 1000, 148, 232448, 1965000, 3996000, 132644864}};

// As CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION gives it for a GPU that is there.
std::string properties_of(const Gpu& gpu) {
  return join_text(
      R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,"warpSize":32,)",
      R"("maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,)",
      R"("maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"pciDeviceId":0,"isTccDriver":0,)",
      R"("supportCoopLaunch":1,"totalGlobalMem":85029158912,"cudaDeviceId":0,"driverVer":13000,"deviceName":")",
      gpu.name, R"(","deviceVer":)", gpu.capability, R"(,"multiProcessorCount":)", gpu.processors,
      R"(,"maxSharedMemoryPerBlockOptin":)", gpu.shared_memory, R"(,"smClockRateKHz":)", gpu.clock,
      R"(,"memClockRateKHz":)", gpu.memory_clock, R"(,"l2CacheSize":)", gpu.cache, '}');
}

struct Case {
  Shape x, kernel;
  Dim stride = 1, dilation = 1;
  bool same = true;
};
const Case kCases[] = {
    {{32, 28, 28, 64}, {3, 3, 64, 128}},      {{32, 28, 28, 1}, {3, 3, 1, 32}, 1, 1, false},
    {{16, 224, 224, 3}, {7, 7, 3, 64}, 2},  // two zeros in front, three behind
    {{16, 56, 56, 64}, {3, 3, 64, 128}, 2},   {{16, 56, 56, 64}, {1, 1, 64, 256}},
    {{16, 28, 28, 64}, {3, 3, 64, 64}, 1, 2}, {{16, 28, 28, 64}, {3, 3, 1, 64}},  // a group for each channel
    {{16, 28, 28, 64}, {3, 3, 16, 64}},                                           // four groups
    {{256, 56, 56, 64}, {3, 3, 64, 64}},      {{1, 6, 7, 3}, {2, 2, 3, 4}},
    {{1, 5, 5, 2}, {2, 2, 2, 3}, 3},
};

struct Request {
  ConvPass pass;
  bool has_bias = false, has_relu = false;
};
// A relu without a bias is not among them: engines for that are compiled when they are needed, by a driver.
constexpr Request kRequests[] = {{ConvPass::forward},
                                 {ConvPass::forward, true},
                                 {ConvPass::forward, true, true},
                                 {ConvPass::images},
                                 {ConvPass::kernel}};

CudnnConvolution convolution(const Case& c, DType dtype, const Request& request) {
  WindowAttrs p;
  p.stride_h = p.stride_w = c.stride;
  p.dilation_h = p.dilation_w = c.dilation;
  p.same = c.same;
  return {dtype, request.pass, cuda::window_shape(p, c.x, c.kernel), request.has_bias, request.has_relu};
}

class CudnnPlans : public ::testing::TestWithParam<Gpu> {
 protected:
  void SetUp() override {
    if (!cuda::cudnn().is_there) GTEST_SKIP() << "There is no cuDNN here.";
    const std::string text = properties_of(GetParam());
    properties_.emplace(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    properties_->set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, static_cast<std::int64_t>(text.size()),
                     text.data());
    if (!properties_->finalize()) GTEST_SKIP() << "This cuDNN needs the GPU that it prepares engines for.";
  }
  void TearDown() override {
    set_deterministic_ops(false);
    set_tensor_float_32(false);
  }

  std::unique_ptr<const CudnnPlan> find(const CudnnConvolution& asked) const {
    const CudnnTarget target{nullptr, &*properties_};
    EXPECT_EQ(cuda::CudnnGraph(asked, target).status(), CUDNN_STATUS_SUCCESS);
    return CudnnPlan::find(asked, target);
  }
  static bool has(const CudnnPlan& plan, cudnnBackendNumericalNote_t note) {
    return std::find(plan.notes().begin(), plan.notes().end(), note) != plan.notes().end();
  }
  std::optional<CudnnDescriptor> properties_;
};
INSTANTIATE_TEST_SUITE_P(Gpus, CudnnPlans, ::testing::ValuesIn(kGpus), [](const auto& p) { return p.param.name; });

constexpr DType kTypes[] = {DType::float32, DType::float16, DType::bfloat16};

TEST_P(CudnnPlans, ThereIsAnEngineForEachRequest) {
  for (const bool deterministic : {false, true})
    for (const Case& c : kCases)
      for (const DType dtype : kTypes)
        for (const Request& request : kRequests) {
          set_deterministic_ops(deterministic);
          const CudnnConvolution asked = convolution(c, dtype, request);
          const auto plan = find(asked);
          ASSERT_TRUE(plan) << to_string(dtype) << to_string(c.kernel) << " pass " << static_cast<int>(request.pass)
                            << (request.has_bias ? " bias" : "") << (request.has_relu ? " relu" : "");
          EXPECT_LE(plan->workspace_bytes(), cuda::most_cudnn_workspace(asked));
          EXPECT_FALSE(deterministic && has(*plan, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC));
          EXPECT_FALSE(dtype == DType::float32 && has(*plan, CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
        }
}

// What propagates NaN strictly is the engine that takes everything; without room for a copy of images and results it
// would be all that is left for large images of float32.
TEST_P(CudnnPlans, LargeImagesHaveAFastEngine) {
  const Case large{{256, 56, 56, 64}, {3, 3, 64, 64}};
  for (const DType dtype : kTypes)
    for (const bool has_bias : {false, true}) {
      const auto plan = find(convolution(large, dtype, {ConvPass::forward, has_bias, has_bias}));
      ASSERT_TRUE(plan);
      EXPECT_FALSE(has(*plan, CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP)) << to_string(dtype);
    }
}

TEST_P(CudnnPlans, TensorCoresAreUsed) {
  set_tensor_float_32(true);
  for (const DType dtype : kTypes)
    for (const Request& request : kRequests) {
      const auto plan = find(convolution(kCases[0], dtype, request));
      ASSERT_TRUE(plan);
      EXPECT_TRUE(has(*plan, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)) << to_string(dtype);
    }
}

// Windows that do not lead to the results' size are refused, so that a wrong padding cannot pass.
TEST_P(CudnnPlans, AWrongPaddingIsRefused) {
  CudnnConvolution asked = convolution(kCases[2], DType::float32, kRequests[0]);
  asked.shape.pad_top += 5;
  EXPECT_NE(cuda::CudnnGraph(asked, {nullptr, &*properties_}).status(), CUDNN_STATUS_SUCCESS);
}

TEST(CudnnPacks, AreAccepted) {
  if (!cuda::cudnn().is_there) GTEST_SKIP() << "There is no cuDNN here.";
  alignas(16) float memory[16] = {};
  EXPECT_EQ((cuda::CudnnMemory{memory, memory + 4, memory + 8}.pack().status()), CUDNN_STATUS_SUCCESS);
  EXPECT_EQ((cuda::CudnnMemory{memory, memory + 4, memory + 8, memory + 12, memory}.pack().status()),
            CUDNN_STATUS_SUCCESS);
}

TEST(CudnnLstms, AreDescribedAsItWants) {
  if (!cuda::cudnn().is_there) GTEST_SKIP() << "There is no cuDNN here.";
  const std::pair<cudnnRNNAlgo_t, std::vector<DType>> cases[] = {
      {CUDNN_RNN_ALGO_STANDARD, {DType::float32, DType::float64, DType::float16, DType::bfloat16}},
      {CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, {DType::float32, DType::float16, DType::bfloat16}},
      {CUDNN_RNN_ALGO_PERSIST_STATIC, {DType::float16}}};
  for (const bool rounds_to_tf32 : {false, true})
    for (const auto& [algorithm, types] : cases)
      for (const DType dtype : types) {
        set_tensor_float_32(rounds_to_tf32);
        const cuda::CudnnLstm lstm(nullptr, {dtype, 32, 20, 128, 128, true}, algorithm);
        EXPECT_TRUE(lstm.is_described()) << to_string(dtype) << " by " << algorithm;
        EXPECT_FALSE(lstm.is_usable());  // that takes a GPU
      }
  set_tensor_float_32(false);
  EXPECT_FALSE(cuda::CudnnLstm(nullptr, {DType::float32, 32, 20, 128, 0}, CUDNN_RNN_ALGO_STANDARD).is_described());
}

TEST(CudnnPacks, RefusalsAreErrors) {
  if (!cuda::cudnn().is_there) GTEST_SKIP() << "There is no cuDNN here.";
  EXPECT_ERROR_WITH(BackendError, cuda::check(CUDNN_STATUS_EXECUTION_FAILED, "cudnnBackendExecute"),
                    "[CUDA] cudnnBackendExecute failed: CUDNN_STATUS_EXECUTION_FAILED (");
}

}  // namespace
}  // namespace kerata
