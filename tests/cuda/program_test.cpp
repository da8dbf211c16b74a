// Compiled programs on the (emulated) GPU: batches in turn, state, errors, moving between devices.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "backend/buffer.h"
#include "compile/executable.h"
#include "cuda/driver/driver.h"
#include "cuda/runtime/modules.h"
#include "graph/placement.h"
#include "kerata/graph/operators.h"
#include "kerata/graph/variable.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/utils/device_timer.h"

namespace kerata {
namespace {

// y = x * 2 + total; total += x.
TracedFunction running_sum(const Variable& total) {
  return trace({{DType::float32, {3}}}, true, [&](const std::vector<Tensor>& x, Scope& scope) -> std::vector<Tensor> {
    const Tensor y = x[0] * 2.0 + total;
    scope.update(total, x[0] + total);
    return {y};
  });
}

Variable zeros(const char* name) { return Variable(name, Role::non_trainable, ops::zeros({3})); }

std::vector<float> run(const Binding& binding, const std::vector<float>& x) {
  std::memcpy(binding.input(0), x.data(), x.size() * sizeof(float));
  binding.run();
  const auto* y = static_cast<const float*>(binding.output(0));
  return {y, y + 3};
}

TEST(CudaProgram, GivesWhatTheCpuGivesAndKeepsItsState) {
  const Variable here = zeros("here"), there = zeros("there");
  move_variable(*there.cell(), Device::cuda());
  const ExecutablePtr on_cpu = Executable::compile(running_sum(here), {}, Device::cpu());
  const ExecutablePtr on_gpu = Executable::compile(running_sum(there), {}, Device::cuda());
  Workspace cpu, gpu;
  const Binding expected = cpu.bind(on_cpu), actual = gpu.bind(on_gpu);
  for (float step = 0; step < 7; ++step) {
    const std::vector<float> x = {step, 1, -2 * step};
    EXPECT_EQ(run(actual, x), run(expected, x)) << step;
  }
  EXPECT_EQ(there.value().to_vector<float>(), here.value().to_vector<float>());
}

// Nobody waits between the steps: the batch of step k + 1 is written while step k has not begun.
TEST(CudaProgram, BatchesDoNotOvertakeEachOther) {
  const Variable total = zeros("total");
  move_variable(*total.cell(), Device::cuda());
  const ExecutablePtr program = Executable::compile(running_sum(total), {}, Device::cuda());
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  for (int step = 0; step < 10; ++step) {
    const float x[] = {1, static_cast<float>(step), static_cast<float>(step * step)};
    std::memcpy(binding.input(0), x, sizeof x);
    binding.run();
  }
  binding.check();
  EXPECT_EQ(total.value().to_vector<float>(), (std::vector<float>{10, 45, 285}));
}

TEST(CudaProgram, ReadsACallersMemoryAndGoesBackToItsOwn) {
  const Variable total = zeros("total");
  move_variable(*total.cell(), Device::cuda());
  Workspace workspace;
  const Binding binding = workspace.bind(Executable::compile(running_sum(total), {}, Device::cuda()));
  float x[] = {5, 6, 7};
  binding.set_input(0, x);
  binding.run();
  x[0] = 100;  // the batch was taken at run()
  binding.use_own_input(0);
  EXPECT_EQ(run(binding, {1, 1, 1}), (std::vector<float>{7, 8, 9}));
}

TEST(CudaProgram, TwoProgramsShareAWorkspace) {
  const Variable total = zeros("total");
  move_variable(*total.cell(), Device::cuda());
  const ExecutablePtr first = Executable::compile(running_sum(total), {}, Device::cuda());
  const ExecutablePtr second = Executable::compile(
      trace({{DType::float32, {5000}}}, true,
            [](const std::vector<Tensor>& x, Scope&) -> std::vector<Tensor> { return {x[0] + 1.0}; }),
      {}, Device::cuda());
  Workspace workspace;
  for (int round = 0; round < 3; ++round) {
    const Binding a = workspace.bind(first);
    const float x[] = {1, 2, 3};
    std::memcpy(a.input(0), x, sizeof x);
    a.run();
    const Binding b = workspace.bind(second);
    std::vector<float> large(5000, static_cast<float>(round));
    std::memcpy(b.input(0), large.data(), large.size() * sizeof(float));
    b.run();
    EXPECT_EQ(static_cast<const float*>(b.output(0))[4999], static_cast<float>(round) + 1);
  }
  EXPECT_EQ(total.value().to_vector<float>(), (std::vector<float>{3, 6, 9}));
}

// Rows in a given order out of data on the device; the device finds the next batch by itself.
TEST(CudaProgram, IsFedFromTheDevicesMemory) {
  const Variable total("total", Role::non_trainable, ops::zeros({2, 3}));
  move_variable(*total.cell(), Device::cuda());
  const auto f = [&](const std::vector<Tensor>& x, Scope& scope) -> std::vector<Tensor> {
    scope.update(total, x[0] + total);
    return {x[0] * 1.0};
  };
  const ExecutablePtr program = Executable::compile(trace({{DType::float32, {2, 3}}}, true, f), {}, Device::cuda());
  const Tensor data = ops::arange(0, 18).cast("float32").reshape({6, 3}).to(Device::cuda());
  const std::vector<std::int64_t> places = {5, 0, 3, 1, 2, 4};
  const Tensor order = Tensor::from_span(std::span(places), {6}).to(Device::cuda());
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  const FedColumn column{output_of(data).data(), 3 * sizeof(float)};
  auto run_at = [&](std::int64_t first) {
    binding.run_fed(first, 0, 0);
    const auto* y = static_cast<const float*>(binding.output(0));
    return std::vector<float>(y, y + 6);
  };
  binding.feed({&column, 1}, reinterpret_cast<const std::int64_t*>(output_of(order).data()));
  EXPECT_EQ(run_at(0), (std::vector<float>{15, 16, 17, 0, 1, 2}));
  EXPECT_EQ(run_at(2), (std::vector<float>{9, 10, 11, 3, 4, 5}));
  EXPECT_EQ(run_at(4), (std::vector<float>{6, 7, 8, 12, 13, 14}));
  EXPECT_EQ(run_at(2), (std::vector<float>{9, 10, 11, 3, 4, 5}));  // not the next one
  EXPECT_EQ(total.value().to_vector<float>(), (std::vector<float>{39, 43, 47, 18, 22, 26}));
  binding.feed({&column, 1}, nullptr);
  EXPECT_EQ(run_at(2), (std::vector<float>{6, 7, 8, 9, 10, 11}));
}

// Nobody waits between them: a batch of its own lies where the fed step, which has not begun, has its batch.
TEST(CudaProgram, FedStepsAndOthersDoNotOvertakeEachOther) {
  const Variable total = zeros("total");
  move_variable(*total.cell(), Device::cuda());
  const ExecutablePtr program = Executable::compile(running_sum(total), {}, Device::cuda());
  const Tensor data = ops::full({1, 3}, 100).to(Device::cuda());
  const FedColumn column{output_of(data).data(), 3 * sizeof(float)};
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  binding.feed({&column, 1}, nullptr);
  for (int round = 0; round < 5; ++round) {
    binding.run_fed(0, 0, 0);
    for (const float step : {1.0f, 2.0f, 3.0f}) {
      const float x[] = {step, step, step};
      std::memcpy(binding.input(0), x, sizeof x);
      binding.run();
    }
  }
  EXPECT_EQ(total.value().to_vector<float>(), (std::vector<float>(3, 530)));
}

TEST(CudaProgram, SaysWhenItsVariablesWereMoved) {
  const Variable total = zeros("total");
  move_variable(*total.cell(), Device::cuda());
  const ExecutablePtr program = Executable::compile(running_sum(total), {}, Device::cuda());
  Workspace workspace;
  EXPECT_NO_THROW(workspace.bind(program));
  move_variable(*total.cell(), Device::cpu());
  try {
    workspace.bind(program);
    FAIL();
  } catch (const StateError& error) {
    EXPECT_STREQ(error.what(),
                 "[Model] The weights were moved to cpu after a program for cuda:0 was made. Hint: make the predictor "
                 "again.");
  }
  move_variable(*total.cell(), Device::cuda());
  EXPECT_EQ(run(workspace.bind(program), {1, 1, 1}), (std::vector<float>{2, 2, 2}));
}

TEST(CudaDevice, ListsAndNames) {
  const std::vector<DeviceInfo> all = devices();
  ASSERT_GE(all.size(), 2u);
  EXPECT_EQ(all[0].device, Device::cpu());
  EXPECT_GT(all[0].total_memory, 0u);
  EXPECT_EQ(all[1].device, Device::cuda(0));
  EXPECT_FALSE(all[1].name.empty());
  EXPECT_GT(all[1].total_memory, 0u);
  EXPECT_GE(all[1].compute_capability, 80);
  if (all[1].name == "Emulated GPU") {
    EXPECT_EQ(all[1].compute_capability, 90);
  }
  EXPECT_EQ(Device::best(), Device::cuda());
  EXPECT_EQ(to_string(Device::named("cuda:0")), "cuda:0");
}

template <class E, class F>
std::string message_of(const F& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(CudaDevice, SaysWhichDeviceIsNotThere) {
  const int gpus = static_cast<int>(devices().size()) - 1;
  EXPECT_EQ(message_of<BackendError>([&] { Device::cuda(gpus + 2); }),
            "[Device.cuda] There is no GPU " + std::to_string(gpus + 2) + ". Expected 0 to " +
                std::to_string(gpus - 1) + ". Hint: kerata::devices() lists them.");
  EXPECT_EQ(message_of<ValueError>([] { Device::named("gpu"); }),
            "[Device] There is no device \"gpu\". Expected \"cpu\", \"cuda\", \"cuda:1\" or \"best\".");
  EXPECT_EQ(message_of<ValueError>([] { Device::named("cuda:x"); }),
            "[Device] There is no device \"cuda:x\". Expected \"cpu\", \"cuda\", \"cuda:1\" or \"best\".");
}

TEST(CudaDevice, SaysWhenMemoryIsOutAndGoesOn) {
  const Tensor x = ops::zeros({1000}).to(Device::cuda());
  const std::size_t bytes = devices()[1].total_memory / 256 * 256 + 256;
  const std::string message = message_of<BackendError>([&] { static_cast<void>(allocate(bytes, Device::cuda())); });
  EXPECT_EQ(message.substr(0, message.find(", received")),
            "[CUDA] Out of memory on cuda:0. Expected " + std::to_string(bytes) + " bytes");
  EXPECT_EQ((x + 1.0).to_vector<float>(), std::vector<float>(1000, 1));
}

// Kernels compile beside each other; what is wrong with one is said when it is needed.
TEST(CudaKernels, SayWhenTheyDoNotCompile) {
  const cuda::KernelFunction function = cuda::function_of(0, {"this is no kernel", "nothing", {}});
  EXPECT_TRUE(function);
  const std::string message = message_of<BackendError>([&] { function.get(); });
  EXPECT_EQ(message.substr(0, message.find('\n')), "[CUDA] A kernel did not compile:");
  EXPECT_FALSE(cuda::KernelFunction());
}

TEST(CudaTimer, TellsTheTimeBetweenTwoPlacesInTheOrderOfWork) {
  utils::DeviceTimer timer(Device::cuda());
  EXPECT_EQ(message_of<StateError>([&] { timer.stop(); }), "[DeviceTimer] stop() before start().");
  Tensor x = ops::zeros({1000}).to(Device::cuda());
  x = x + 1.0;  // its kernel is there
  for (int turn = 0; turn < 2; ++turn) {
    const auto before = std::chrono::steady_clock::now();
    timer.start();
    for (int i = 0; i < 10; ++i) x = x * 2.0 - 1.0;
    const double time = timer.stop();
    const std::chrono::duration<double> outside = std::chrono::steady_clock::now() - before;
    EXPECT_GT(time, 0) << turn;
    EXPECT_LE(time, outside.count()) << turn;
  }
  EXPECT_EQ(x.to_vector<float>(), std::vector<float>(1000, 1));
}

// What the driver refuses is said with what helps.
TEST(CudaErrors, GiveAdvice) {
  const auto message = [](CUresult result) {
    return message_of<BackendError>([&] { cuda::check(result, "cuCall", 1); });
  };
  EXPECT_EQ(message_of<BackendError>([] { cuda::check(CUDA_SUCCESS, "cuCall", 0); }), "nothing was thrown");
  const auto ends = [&](CUresult result, std::string_view end) {
    EXPECT_TRUE(message(result).starts_with("[CUDA] cuCall failed on cuda:1: ")) << message(result);
    EXPECT_TRUE(message(result).ends_with(end)) << message(result);
  };
  ends(CUDA_ERROR_OUT_OF_MEMORY, "Hint: a smaller batch_size, or end other programs that use this GPU.");
  ends(CUDA_ERROR_DEVICE_UNAVAILABLE, "Hint: another program has this GPU for itself; take another one, or the CPU.");
  ends(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
       "Hint: install a newer driver, or the NVRTC of the driver's version of CUDA.");
  ends(CUDA_ERROR_NO_BINARY_FOR_GPU, "Hint: install a newer driver, or the NVRTC of the driver's version of CUDA.");
  ends(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "Hint: the driver was updated while it ran; restart the machine.");
  ends(CUDA_ERROR_ECC_UNCORRECTABLE, "Hint: the GPU's memory is faulty; start the program anew on another GPU.");
  for (const CUresult lost : {CUDA_ERROR_ILLEGAL_ADDRESS, CUDA_ERROR_MISALIGNED_ADDRESS, CUDA_ERROR_LAUNCH_FAILED})
    ends(
        lost,
        "Hint: this GPU takes no more work of this program: start it anew. This is a bug in Kerata; please report it.");
  ends(CUDA_ERROR_LAUNCH_TIMEOUT,
       "Hint: a GPU that drives a display ends kernels that take seconds: a smaller batch_size, or another GPU.");
  EXPECT_EQ(message(CUDA_ERROR_INVALID_VALUE).find("Hint"), std::string::npos);
}

TEST(CudaTensor, DataIsNotReadFromTheHost) {
  const Tensor x = ops::zeros({2}).to(Device::cuda());
  EXPECT_EQ(message_of<StateError>([&] { static_cast<void>(x.data<float>()); }),
            "[Tensor.data] The tensor is on cuda:0. Hint: to(Device::cpu()), or to_vector() which copies.");
  EXPECT_EQ(x.to(Device::cpu()).to_vector<float>(), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace kerata
