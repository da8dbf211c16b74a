// Small launches that are joined when a program is recorded: the first run of a program launches each kernel by itself,
// the second one is recorded.
#include <gtest/gtest.h>

#include <cstring>

#include "backend/buffer.h"
#include "compile/executable.h"
#include "cuda/both_devices.h"
#include "cuda/driver_log.h"
#include "cuda/runtime/joined_launch.h"
#include "cuda/runtime/recording.h"

namespace kerata {
namespace {

using Body = std::function<std::vector<Tensor>(const Tensor&)>;

/// The results of one run after the other, and how many kernels the second one has.
struct Runs {
  std::vector<std::vector<std::byte>> by_run;
  int launches_alone = 0, launches_recorded = 0;
};

Runs run_twice(const Body& body, const Tensor& x) {
  const ExecutablePtr program = Executable::compile(
      trace({{x.dtype(), x.shape()}}, true, [&](const std::vector<Tensor>& in, Scope&) { return body(in[0]); }), {},
      Device::cuda());
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  const std::vector<float> values = x.to_vector<float>();
  Runs runs;
  DriverLog log;
  static_cast<void>(log.since_last());
  for (int run = 0; run < 3; ++run) {
    std::memcpy(binding.input(0), values.data(), values.size() * sizeof(float));
    binding.run();
    std::vector<std::byte> results;
    for (std::size_t i = 0; i < program->num_outputs(); ++i) {
      const auto* bytes = static_cast<const std::byte*>(binding.output(i));
      results.insert(results.end(), bytes, bytes + bytes_of(program->output_type(i)));
    }
    runs.by_run.push_back(std::move(results));
    if (run < 2) (run == 0 ? runs.launches_alone : runs.launches_recorded) = log.since_last()["launch"];
  }
  return runs;
}

void expect_equal_runs(const Runs& runs) {
  EXPECT_EQ(runs.by_run[1], runs.by_run[0]);
  EXPECT_EQ(runs.by_run[2], runs.by_run[0]);
}

Tensor noise(const Shape& shape) { return Noise().tensor(DType::float32, shape); }
bool has_clusters() { return cuda::context_of(0).capability >= 90; }
bool counts_with_clusters() { return DriverLog::is_there() && has_clusters(); }

TEST(JoinedLaunches, GiveTheSameBytes) {
  const Tensor weights = noise({20, 12});
  const Body body = [&](const Tensor& x) -> std::vector<Tensor> {
    const Tensor h = ops::tanh(ops::matmul(x, weights)), p = ops::softmax(h);
    return {ops::sum(p * h, {.axis = 0}),  ops::argmax(p, 1),        ops::cumsum(ops::transpose(p)),
            ops::sort(ops::exp(h)),        ops::max(h, {.axis = 1}), ops::matmul(ops::transpose(x), p),
            ops::logsumexp(h, {.axis = 1})};
  };
  const Runs runs = run_twice(body, noise({32, 20}));
  expect_equal_runs(runs);
  if (counts_with_clusters()) {
    EXPECT_GE(runs.launches_alone, 8);
    EXPECT_EQ(runs.launches_recorded, 1);
  }
}

// Every kernel reads what blocks of the one before it wrote, in another order.
TEST(JoinedLaunches, WaitForEachOther) {
  const Body body = [](const Tensor& x) -> std::vector<Tensor> {
    Tensor y = x;
    for (int i = 0; i < 6; ++i) y = ops::flip(ops::transpose(y + 1.0)) * ops::mean(y);
    return {y};
  };
  for (const Dim side : {3, 16, 40, 60}) {  // of one block, and of several
    const Runs runs = run_twice(body, noise({side, side}));
    expect_equal_runs(runs);
    if (DriverLog::is_there() && (side <= 16 || has_clusters())) {
      EXPECT_GE(runs.launches_alone, 12);
      EXPECT_EQ(runs.launches_recorded, 1) << side;
    }
  }
}

// What the blocks wait for: launches of one step, and those that touch what others write.
TEST(JoinedLaunches, WaitForWhatTheyNeed) {
  const cuda::KernelFunction function = cuda::function_of(0, {"KERATA_KERNEL(nothing, int) {}\n", "nothing", {}});
  std::byte memory[100];
  const auto at = [&](int begin, std::size_t bytes) { return MemoryRange{memory + begin, bytes}; };
  const auto use = [](std::vector<MemoryRange> reads, std::vector<MemoryRange> writes) {
    return std::make_shared<const MemoryUse>(MemoryUse{std::move(reads), std::move(writes)});
  };
  const auto waits = [&](const std::vector<std::shared_ptr<const MemoryUse>>& uses) {
    cuda::JoinedLaunch joined(cuda::context_of(0));
    for (const auto& each : uses) joined.add({function, {}, std::vector<std::byte>(4), each});
    return joined.num_waits();
  };
  const auto one = use({at(0, 10)}, {at(10, 10)}), reads_result = use({at(19, 1)}, {at(30, 1)}),
             writes_operand = use({}, {at(9, 1)}), writes_result = use({}, {at(15, 20)}),
             reads_operand = use({at(0, 10)}, {at(40, 5)}), far = use({at(20, 10)}, {at(50, 50)}),
             writes_nothing = use({at(10, 10), at(30, 0)}, {});
  EXPECT_EQ(waits({}), 0u);
  EXPECT_EQ(waits({one}), 0u);
  EXPECT_EQ(waits({one, one}), 1u) << "of one step";
  EXPECT_EQ(waits({one, reads_result}), 1u);
  EXPECT_EQ(waits({one, writes_operand}), 1u);
  EXPECT_EQ(waits({one, writes_result}), 1u);
  EXPECT_EQ(waits({one, reads_operand, far}), 0u);
  EXPECT_EQ(waits({one, writes_nothing, far}), 1u);
  EXPECT_EQ(waits({one, one, far, reads_result, reads_operand}), 2u);
  EXPECT_EQ(waits({one, nullptr, far}), 2u) << "what is not known waits, and is waited for";
}

// Sums of one matrix stand side by side, and what needs them all comes after.
TEST(JoinedLaunches, StandSideBySide) {
  const Body body = [](const Tensor& x) -> std::vector<Tensor> {
    std::vector<Tensor> sums;
    for (int i = 1; i <= 6; ++i) sums.push_back(ops::cumsum(ops::transpose(x), 0) * static_cast<double>(i));
    Tensor total = sums[0];
    for (int i = 1; i < 6; ++i) total = total + ops::flip(sums[static_cast<std::size_t>(i)]);
    sums.push_back(ops::sum(total, {.axis = 0}));
    return sums;
  };
  for (const Dim side : {5, 40}) expect_equal_runs(run_twice(body, noise({side, side + 3})));
}

TEST(JoinedLaunches, LeaveLargeOnesAlone) {
  const Body body = [](const Tensor& x) -> std::vector<Tensor> {
    const Tensor row = ops::sum(x, {.axis = 0});
    return {ops::sum(row) + ops::max(row), ops::cumsum(x)};
  };
  const Runs runs = run_twice(body, noise({300, 400}));
  expect_equal_runs(runs);
  if (!DriverLog::is_there()) return;
  EXPECT_LT(runs.launches_recorded, runs.launches_alone);
  EXPECT_GT(runs.launches_recorded, 1);
}

// Kernels compiled without fma cannot stand in one text with others: (1 + 2^-12)^2 - 1 - 2^-11 is 2^-24 or rounded to
// 0.
TEST(JoinedLaunches, KeepTheCompilersOptions) {
  if (!__builtin_cpu_supports("fma")) GTEST_SKIP() << "The emulated GPU has no fma on this processor.";
  const std::string text =
      "struct P { float x, y; float* z; };\nKERATA_KERNEL(f, P) { if (first_index() == 0) *p.z = p.x * p.x + p.y; }\n";
  const cuda::KernelFunction fused = cuda::function_of(0, {text, "f", {}});
  const cuda::KernelFunction rounded = cuda::function_of(0, {text, "f", {"-fmad=false"}});
  struct Parameters {
    float x, y;
    std::byte* z;
  };
  const float x = 1 + std::ldexp(1.0f, -12), y = -1 - std::ldexp(1.0f, -11);
  DeviceBackend& backend = *backend_of(Device::cuda());
  const Queue queue = backend.main_queue(0);
  const BufferPtr memory = allocate(4 * 256, Device::cuda());
  backend
      .capture(0,
               [&](Queue to) {
                 for (std::size_t i = 0; i < 4; ++i)
                   cuda::launch(0, i % 2 ? rounded : fused, cuda::Grid{}, Parameters{x, y, memory->data() + 256 * i},
                                {nullptr, nullptr, nullptr, nullptr, nullptr, to});
               })
      ->launch(queue);
  for (std::size_t i = 0; i < 4; ++i) {
    float z = -1;
    backend.download(0, &z, memory->data() + 256 * i, sizeof z, queue);
    backend.wait(0, queue);
    EXPECT_EQ(z, i % 2 ? 0.0f : std::ldexp(1.0f, -24)) << i;
  }
}

TEST(JoinedLaunches, AreAsManyAsThereIsRoomFor) {
  const Body body = [](const Tensor& x) -> std::vector<Tensor> {
    Tensor y = x;
    for (int i = 0; i < 150; ++i) y = ops::cumsum(y) * 0.5;
    return {y};
  };
  const Runs runs = run_twice(body, noise({4}));
  expect_equal_runs(runs);
  if (!DriverLog::is_there()) return;
  EXPECT_GE(runs.launches_alone, 300);
  EXPECT_GE(runs.launches_recorded, (runs.launches_alone + 127) / 128);
  EXPECT_LE(runs.launches_recorded, runs.launches_alone / 8);
}

// A block has 48 KB of shared memory.
TEST(JoinedLaunches, ShareABlocksMemory) {
  const Body body = [](const Tensor& x) -> std::vector<Tensor> {
    std::vector<Tensor> results;
    for (const DType dtype : kAllTypes) {
      if (dtype == DType::boolean) continue;
      results.push_back(ops::cumsum(x.cast(dtype)));
      results.push_back(ops::sort(results.back()));
    }
    return results;
  };
  const Runs runs = run_twice(body, noise({6}));
  expect_equal_runs(runs);
  if (!DriverLog::is_there()) return;
  EXPECT_GE(runs.launches_recorded, 2);
  EXPECT_LE(2 * runs.launches_recorded, runs.launches_alone);
}

// Other work keeps its place among them.
TEST(JoinedLaunches, StandBackForCopies) {
  DeviceBackend& backend = *backend_of(Device::cuda());
  cuda::Context& context = cuda::context_of(0);
  const BufferPtr memory = allocate(3 * 256, Device::cuda());
  std::byte *a = memory->data(), *b = a + 256, *c = b + 256;
  const cuda::KernelFunction add_one = cuda::function_of(
      0, {"struct P { float* x; };\nKERATA_KERNEL(add_one, P) { if (first_index() < 64) p.x[first_index()] += 1; }\n",
          "add_one",
          {}});
  const auto graph = backend.capture(0, [&](Queue queue) {
    const KernelArgs args{nullptr, nullptr, nullptr, nullptr, nullptr, queue};
    backend.fill_zero(0, a, 256, queue);
    cuda::launch(0, add_one, cuda::Grid{}, a, args);
    cuda::launch(0, add_one, cuda::Grid{}, a, args);
    backend.copy(0, b, a, 256, queue);
    cuda::launch(0, add_one, cuda::Grid{}, a, args);
    cuda::launch(0, add_one, cuda::Grid{}, b, args);
    cuda::launch(0, add_one, cuda::Grid{}, b, args);
    backend.copy(0, c, b, 256, queue);
  });
  EXPECT_EQ(context.recorded, nullptr);
  graph->launch(context.main);
  float found[3];
  for (int i = 0; i < 3; ++i) backend.download(0, &found[i], a + 256 * i, sizeof(float), context.main);
  backend.wait(0, context.main);
  EXPECT_EQ(found[0], 3);
  EXPECT_EQ(found[1], 4);
  EXPECT_EQ(found[2], 4);
}

TEST(JoinedLaunches, AnErrorWhileRecordingLeavesNothingBehind) {
  DeviceBackend& backend = *backend_of(Device::cuda());
  cuda::Context& context = cuda::context_of(0);
  const cuda::KernelFunction broken = cuda::function_of(0, {"this is no kernel", "nothing", {}});
  EXPECT_THROW(backend.capture(
                   0,
                   [&](Queue queue) {
                     cuda::launch(0, broken, cuda::Grid{}, queue, {nullptr, nullptr, nullptr, nullptr, nullptr, queue});
                   }),
               BackendError);
  EXPECT_EQ(context.recorded, nullptr);
  expect_equal_runs(run_twice([](const Tensor& x) -> std::vector<Tensor> { return {ops::sum(x * x)}; }, noise({5})));
}

// The whole step of a small model, with its batch and the way to the next one, is one kernel.
TEST(JoinedLaunches, AStepOfASmallModelIsOneKernel) {
  utils::set_random_seed(1);
  Model model =
      Sequential({Input({2}), layers::Dense(4, {.activation = "tanh"}), layers::Dense(1, {.activation = "sigmoid"})});
  model.to(Device::cuda());
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = noise({12, 2}), y = ops::cast(noise({12, 1}) > 0.0, "float32");
  const FitOptions options{.batch_size = 4, .epochs = 1, .verbose = 0, .shuffle = false};
  model.fit(x, y, options);
  DriverLog log;
  static_cast<void>(log.since_last());
  model.fit(x, y, {.batch_size = 4, .epochs = 3, .verbose = 0, .shuffle = false});
  // The step and the epoch's figures are recorded: one kernel each, one more where the batch is larger than a block.
  // Three times the metrics are zeroed.
  EXPECT_LE(log.since_last()["launch"], has_clusters() ? 2 + 3 : 4 + 3);
}

}  // namespace
}  // namespace kerata
