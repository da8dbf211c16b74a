// A GPU whose memory runs out, and what is left of it afterwards: an emulated one (KERATA_EMULATED_MEMORY).
#include <optional>

#include "backend/buffer.h"
#include "cuda/both_devices.h"
#include "cuda/driver_log.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

constexpr Dim kWidth = 256;
std::size_t free_memory() { return devices().at(1).free_memory; }

// Activations of a batch as large as `rows` do not fit into the emulated 32 MB.
Model wide_net() {
  utils::set_random_seed(5);
  Tensor input = Input({4});
  Tensor x = layers::Dense(kWidth, {.activation = "tanh"})(input);
  for (int i = 0; i < 3; ++i) x = layers::Dense(kWidth, {.activation = "tanh"})(x);
  Model model(input, layers::Dense(1)(x));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}
constexpr Dim kMany = 20000;
FitOptions batches_of(Dim size) { return {.batch_size = size, .epochs = 1, .verbose = 0, .shuffle = false}; }

template <class F>
void expect_out_of_memory(const F& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const BackendError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("[CUDA] Out of memory on cuda:0. Expected ")) << error.what();
    EXPECT_TRUE(std::string(error.what()).ends_with("Hint: a smaller batch_size.")) << error.what();
  }
}

TEST(CudaMemory, AFitGoesOnWithASmallerBatch) {
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {64, 4}), y = noise.tensor(DType::float32, {64, 1});
  const Tensor many = noise.tensor(DType::float32, {kMany, 4}), targets = noise.tensor(DType::float32, {kMany, 1});
  Model here = wide_net(), there = wide_net();
  there.to(Device::cuda());
  for (int round = 0; round < 2; ++round) {
    here.fit(x, y, batches_of(16));
    there.fit(x, y, batches_of(16));
    expect_out_of_memory([&] { there.fit(many, targets, batches_of(kMany)); });
  }
  here.fit(x, y, batches_of(16));
  there.fit(x, y, batches_of(16));
  golden::expect_near_all(there.predict(x, {.verbose = 0}), here.predict(x, {.verbose = 0}), {1e-4, 1e-5});
}

TEST(CudaMemory, APredictionGoesOnWithASmallerBatch) {
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {8, 4}), many = noise.tensor(DType::float32, {2 * kMany, 4});
  Model model = wide_net();
  const Tensor expected = model.predict(x, {.verbose = 0});
  model.to(Device::cuda());
  for (int round = 0; round < 3; ++round) {
    golden::expect_near_all(model.predict(x, {.verbose = 0}), expected, {1e-4, 1e-5});
    expect_out_of_memory([&] { model.predict(many, {.batch_size = 2 * kMany, .verbose = 0}); });
  }
  golden::expect_near_all(model.predict(x, {.verbose = 0}), expected, {1e-4, 1e-5});
}

// What was freed stays in the driver's pool, and is free all the same.
TEST(CudaMemory, WhatWasFreedIsFree) {
  const Tensor warm = ops::zeros({1}).to(Device::cuda());
  DeviceBackend& backend = *backend_of(Device::cuda());
  backend.wait(0, backend.main_queue(0));
  const std::size_t before = free_memory(), half = before / 2;
  BufferPtr large = allocate(half, Device::cuda());
  EXPECT_LE(free_memory(), before - half);
  large.reset();
  backend.wait(0, backend.main_queue(0));
  EXPECT_EQ(free_memory(), before);
  expect_out_of_memory([&] { static_cast<void>(allocate(2 * before, Device::cuda())); });
  EXPECT_NO_THROW(static_cast<void>(allocate(before / 4 * 3, Device::cuda())));  // the pool is trimmed for it
}

// Data that takes two fifths of the memory lies on the device in the second fit, too.
TEST(CudaMemory, ASecondFitFindsRoomForItsData) {
  const Dim width = 1024, rows = static_cast<Dim>(devices().at(1).total_memory * 2 / 5 / (width * sizeof(float)));
  const Tensor x = ops::zeros({rows, width}), y = ops::zeros({rows, 1});
  Model model = Sequential({Input({width}), layers::Dense(1)});
  model.to(Device::cuda());
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const FitOptions options{.batch_size = rows / 16, .epochs = 2, .verbose = 0};
  DriverLog log;
  static_cast<void>(log.since_last());
  for (int fit = 0; fit < 3; ++fit) {
    model.fit(x, y, options);
    EXPECT_LT(log.since_last()["upload"], 32) << fit;  // not batch by batch
  }
}

TEST(CudaMemory, DataWithoutRoomGoesThereBatchByBatch) {
  const Dim width = 512, rows = static_cast<Dim>(devices().at(1).total_memory * 3 / 5 / (width * sizeof(float)));
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {rows, width}), y = noise.tensor(DType::float32, {rows, 1});
  DriverLog log;
  const auto fit = [&](Device device) {
    utils::set_random_seed(7);
    Model model = Sequential({Input({width}), layers::Dense(1)});
    model.to(device);
    model.compile({.optimizer = optimizers::SGD(0.01), .loss = "mse"});
    static_cast<void>(log.since_last());
    std::vector<double> loss = model.fit(x, y, {.batch_size = 300, .verbose = 0}).history.at("loss");
    loss.push_back(ops::sum(ops::abs(model.predict(x, {.batch_size = 200, .verbose = 0}))).item());
    return loss;
  };
  const std::vector<double> expected = fit(Device::cpu()), found = fit(Device::cuda());
  EXPECT_GT(log.since_last()["upload"], rows / 300 + rows / 200);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5 * expected[i]);
}

// There was no memory for the code of a kernel: it is loaded again when it is needed again.
TEST(CudaMemory, KernelsThatFoundNoRoomAreLoadedLater) {
  const auto fit = [](const Model& trained) {
    Model model = trained;
    return model.fit(ops::ones({6, 5}), ops::ones({6, 1}), {.batch_size = 3, .verbose = 0}).history.at("loss");
  };
  const auto model_on = [](Device device) {
    utils::set_random_seed(11);
    Model model = Sequential({Input({5}), layers::Dense(3, {.activation = "softplus"}), layers::Dense(1)});
    model.to(device);
    model.compile({.optimizer = "rmsprop", .loss = "mse"});
    return model;
  };
  const std::vector<double> expected = fit(model_on(Device::cpu()));
  const Model model = model_on(Device::cuda());
  const Tensor x = ops::array({0.5f, 2.0f, 0.25f}).to(Device::cuda());
  setenv("KERATA_EMULATED_REFUSES_KERNELS", "1", 1);
  const auto refused = "[CUDA] cuModuleLoadData failed on cuda:0: out of memory (CUDA_ERROR_OUT_OF_MEMORY). Hint: ";
  EXPECT_ERROR_WITH(BackendError, fit(model), refused);
  EXPECT_ERROR_WITH(BackendError, ops::expm1(x), refused);
  unsetenv("KERATA_EMULATED_REFUSES_KERNELS");
  EXPECT_NEAR(fit(model)[0], expected[0], 1e-6);
  EXPECT_NEAR(ops::expm1(x).to(Device::cpu()).to_vector<float>()[1], std::expm1(2.0f), 1e-5f);
}

// A global model lives longer than everything that is made at the first use of a GPU.
std::optional<Model> global_model;

TEST(CudaMemory, AGlobalModelEndsWithTheProgram) {
  global_model = wide_net();
  global_model->to(Device::cuda());
  global_model->fit(ops::ones({8, 4}), ops::ones({8, 1}), {.epochs = 3, .verbose = 0});
}

}  // namespace
}  // namespace kerata
