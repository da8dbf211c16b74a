// What a training run asks of the driver: counted in the log of its calls (KERATA_CUDA_LOG).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "backend/device_backend.h"
#include "cuda/driver_log.h"
#include "kerata/kerata.h"
#include "training/small_models.h"

namespace kerata {
namespace {

bool is_emulated() { return std::getenv("KERATA_EMULATED_SOURCES") != nullptr; }

/// The log from the first call on.
class Calls : public DriverLog {
 public:
  Calls() {
    static_cast<void>(ops::zeros({1}).to(Device::cuda()));
    static_cast<void>(since_last());
  }
};

constexpr int kRows = 22, kBatch = 4, kSteps = 6;  // the last batch has two rows

Model classifier() {
  utils::set_random_seed(3);
  const Model model = Sequential({Input({6}), layers::Dense(8, {.activation = "relu"}), layers::BatchNormalization(),
                                  layers::Dropout(0.2), layers::Dense(3, {.activation = "softmax"})});
  return model;
}
Tensor features() { return random::normal({kRows, 6}, 0, 1, {.seed = 1}); }
Tensor classes() { return ops::argmax(random::normal({kRows, 3}, 0, 1, {.seed = 2}), 1); }

// Halves the rate after every epoch but the first.
const callbacks::ReduceLROnPlateau::Options kNeverContent{
    .monitor = "loss", .factor = 0.5, .patience = 0, .min_delta = 1000};

std::map<std::string, int> calls_of_fit(Calls& calls, const AnyOptimizer& optimizer, int epochs, bool halves) {
  Model model = classifier();
  model.to(Device::cuda());
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  FitOptions options{.batch_size = kBatch, .epochs = epochs, .verbose = 0};
  if (halves) options.callbacks = {callbacks::ReduceLROnPlateau(kNeverContent)};
  static_cast<void>(calls.since_last());
  const History history = model.fit(features(), classes(), options);
  if (halves) {
    EXPECT_FLOAT_EQ(static_cast<float>(history["learning_rate"].back() / history["learning_rate"][0]),
                    std::ldexp(1.0f, 2 - epochs));
  }
  return calls.since_last();
}

TEST(CudaCalls, AChangingLearningRateIsNotCapturedAgain) {
  Calls calls;
  auto one = calls_of_fit(calls, optimizers::SGD(0.1), 1, false);
  auto many = calls_of_fit(calls, optimizers::SGD(0.1), 5, true);
  auto scheduled = calls_of_fit(calls, optimizers::SGD(optimizers::schedules::ExponentialDecay(0.1, 2, 0.5)), 5, false);
  // The whole batch, the rest, and the figures of the epoch; what runs once is not captured.
  EXPECT_EQ(one["instantiate"], 1);
  EXPECT_EQ(many["instantiate"], 3);
  EXPECT_EQ(scheduled["instantiate"], 3);
}

TEST(CudaCalls, AStepIsOneLaunch) {
  Calls calls;
  auto few = calls_of_fit(calls, "adam", 2, false);
  auto many = calls_of_fit(calls, "adam", 7, false);
  EXPECT_EQ(many["graph"] - few["graph"], 5 * (kSteps + 1));  // one more for the figures of the epoch
  // No kernel outside of a graph but in first runs, and the one that zeroes the metrics of an epoch.
  EXPECT_EQ(many["launch"], few["launch"] + 5);
  EXPECT_EQ(many["alloc"], few["alloc"]);
}

TEST(CudaCalls, TrainOnBatchIsRecordedOnce) {
  Calls calls;
  Model model = classifier();
  model.to(Device::cuda());
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  const Tensor x = features(), y = classes();
  for (int i = 0; i < 3; ++i)
    model.train_on_batch(x, y);  // two input buffers, recorded at the second run of the program
  static_cast<void>(calls.since_last());
  for (int i = 0; i < 4; ++i) model.train_on_batch(x, y);
  auto many = calls.since_last();
  EXPECT_EQ(many["instantiate"], 0);
  EXPECT_EQ(many["alloc"], 0);
  EXPECT_EQ(many["launch"], 4);  // zeroes the metrics
}

TEST(CudaCalls, ModelsThatMoveLeaveOthersRecorded) {
  Calls calls;
  Model model = classifier(), other = classifier();
  model.to(Device::cuda());
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  const Tensor x = features(), y = classes();
  for (int i = 0; i < 3; ++i) model.train_on_batch(x, y);
  other.to(Device::cuda());
  static_cast<void>(calls.since_last());
  model.train_on_batch(x, y);
  EXPECT_EQ(calls.since_last()["launch"], 1);  // zeroes the metrics
  // Its own variables elsewhere, and back.
  model.to(Device::cpu());
  model.to(Device::cuda());
  const std::vector<float> before = model.get_weights()[0].to_vector<float>();
  model.train_on_batch(x, y);
  EXPECT_NE(model.get_weights()[0].to_vector<float>(), before);
}

TEST(CudaCalls, WhatCannotBeRecordedRunsAllTheSame) {
  Calls calls;
  const auto fit = [&] {
    Model model = classifier();
    model.to(Device::cuda());
    model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
    return model.fit(features(), classes(), {.batch_size = kBatch, .epochs = 3, .verbose = 0}).history.at("loss");
  };
  const std::vector<double> expected = fit();
  if (expected.size() != 3 || !is_emulated()) GTEST_SKIP() << "A real driver refuses nothing.";
  setenv("KERATA_EMULATED_REFUSES_GRAPHS", "1", 1);
  ::testing::internal::CaptureStderr();
  static_cast<void>(calls.since_last());
  EXPECT_EQ(fit(), expected);
  auto made = calls.since_last();
  unsetenv("KERATA_EMULATED_REFUSES_GRAPHS");
  EXPECT_EQ(made["graph"], 0);
  EXPECT_GT(made["launch"], 3 * kSteps);
  const std::string warnings = ::testing::internal::GetCapturedStderr(),
                    warning =
                        "Warning: A program on cuda:0 cannot be recorded; its kernels are launched one by one. "
                        "[CUDA] cuGraphInstantiate failed on cuda:0: out of memory "
                        "(CUDA_ERROR_OUT_OF_MEMORY). Hint: a smaller batch_size, or end other programs that use "
                        "this GPU.\n";
  EXPECT_EQ(warnings, warning + warning + warning);  // the whole batch, the rest, and the figures: each once
}

// Data of another type is converted on its way to the device, once; it is larger than what is converted beforehand.
// What a driver refuses to a thread that records: the emulated one does, too, so that the other tests would show it.
TEST(CudaCalls, WhatRecordingsForbidEndsThem) {
  if (!is_emulated()) GTEST_SKIP() << "Which calls are refused is the driver's affair.";
  DeviceBackend& backend = *backend_of(Device::cuda());
  const Queue main = backend.main_queue(0);
  const Event event = backend.make_event(0);
  backend.record(0, event, main);
  const std::vector<Function<void(Queue)>> forbidden = {
      [&](Queue) { backend.wait(0, main); },
      [&](Queue) { backend.host_waits(0, event); },
      [&](Queue) { static_cast<void>(backend.allocate_pinned(0, 16)); },
      [&](Queue queue) { backend.queue_waits(0, queue, event); },
  };
  for (const Function<void(Queue)>& call : forbidden) {
    EXPECT_THROW(backend.capture(0, call), BackendError);
    EXPECT_THROW(backend.capture(0,
                                 [&](Queue queue) {
                                   try {
                                     call(queue);
                                   } catch (const BackendError&) {  // the recording has ended all the same
                                   }
                                 }),
                 BackendError);
  }
  EXPECT_NE(backend.capture(0, [](Queue) {}), nullptr);
  backend.release_event(0, event);
}

TEST(CudaCalls, DataOfAnotherTypeStaysOnTheDevice) {
  constexpr Dim kMany = 70000, kWidth = 16;  // two pieces of 4 MiB
  const Tensor whole = random::randint({kMany, kWidth}, 0, 200, {.dtype = "int32", .seed = 4});
  const Tensor y = ops::sum(whole.cast("float32"), {.axis = 1}) / 7000.0;
  Calls calls;
  const auto fit = [&](const Tensor& x) {
    utils::set_random_seed(5);
    Model model = Sequential({Input({kWidth}), layers::Dense(1)});
    model.to(Device::cuda());
    model.compile({.optimizer = optimizers::SGD(1e-6), .loss = "mse"});
    return model.fit(x, y, {.batch_size = 20000, .epochs = 2, .verbose = 0}).history.at("loss");
  };
  static_cast<void>(calls.since_last());
  const std::vector<double> expected = fit(whole.cast("float32"));
  const int uploads = calls.since_last()["upload"];
  for (const DType dtype : {DType::uint8, DType::float64, DType::int32}) {
    EXPECT_EQ(fit(whole.cast(dtype)), expected) << to_string(dtype);
    EXPECT_EQ(calls.since_last()["upload"], uploads) << to_string(dtype);
  }
}

// What crosses the bus in an epoch: up comes where the whole batches and the rest begin (the orders of so few samples
// come for 64 epochs at once); down come the figures by one copy, and what the kernels of either step have to report.
TEST(CudaCalls, AnEpochMovesItsFiguresOnly) {
  Calls calls;
  auto few = calls_of_fit(calls, "adam", 2, false);
  auto many = calls_of_fit(calls, "adam", 7, false);
  EXPECT_EQ(many["upload"] - few["upload"], 5 * 2);
  EXPECT_EQ(many["download"] - few["download"], 5 * 3);
}

// Where nobody looks at an epoch's figures at once, the next epoch is under way when they are waited for.
TEST(CudaCalls, AnEpochThatNobodyWatchesIsNotWaitedFor) {
  Calls calls;
  const auto calls_of = [&](int verbose) {
    Model model = Sequential({Input({6}), layers::Dense(1)});
    model.to(Device::cuda());
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const FitOptions options{.batch_size = kRows / 2, .epochs = 4, .verbose = verbose};
    static_cast<void>(calls.since_last());
    model.fit(features(), ops::zeros({kRows, 1}), options);
    std::string order;
    for (const std::string& call : calls.calls()) order += call + ' ';
    return order;
  };
  static_cast<void>(calls_of(0));  // kernels are compiled
  const std::string epoch = "launch graph graph graph download ";
  EXPECT_THAT(calls_of(0), ::testing::HasSubstr(epoch + "wait " + epoch + "wait wait "));
  EXPECT_THAT(calls_of(2), ::testing::HasSubstr(epoch + "wait " + epoch + "wait "));
  EXPECT_THAT(calls_of(2), ::testing::Not(::testing::HasSubstr(epoch + epoch)));
}

// The next batch is under way when the results of the one before are waited for.
TEST(CudaCalls, PredictKeepsTheGpuBusy) {
  constexpr int kBatches = 6;
  const Model model = classifier();
  const Tensor x = random::normal({kBatches * kBatch, 6}, 0, 1, {.seed = 5});
  const std::vector<float> expected = model.predict(x, {.batch_size = kBatch, .verbose = 0}).to_vector<float>();
  Model moved = model;
  moved.to(Device::cuda());
  Calls calls;
  const PredictOptions options{.batch_size = kBatch, .verbose = 0};
  for (int i = 0; i < 2; ++i) static_cast<void>(moved.predict(x, options));  // both input buffers are recorded
  static_cast<void>(calls.since_last());
  const std::vector<float> found = moved.predict(x, options).to_vector<float>();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6f);
  std::string order;
  for (const std::string& call : calls.calls()) order += call + ' ';
  std::string wanted = "upload graph download ";
  for (int i = 1; i < kBatches; ++i) wanted += "upload graph download wait ";
  EXPECT_EQ(order, wanted + "wait ");
}

TEST(CudaCalls, LogsOfAStepOfTheUsersOwnAreReadOnceAnEpoch) {
  Calls calls;
  const auto losses_of_fit = [](Device device, int epochs) {
    utils::set_random_seed(4);
    const Tensor x = Input({6});
    test::OwnLogs model(x, layers::Dense(1)(x));
    model.to(device);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    return model.fit(features(), classes(), {.batch_size = kBatch, .epochs = epochs, .verbose = 0}).history["my_loss"];
  };
  const std::vector<double> expected = losses_of_fit(Device::cpu(), 5);
  static_cast<void>(calls.since_last());
  losses_of_fit(Device::cuda(), 2);
  auto few = calls.since_last();
  const std::vector<double> found = losses_of_fit(Device::cuda(), 5);
  auto many = calls.since_last();
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(found[i], expected[i], 1e-5 * expected[i]);
  EXPECT_EQ(many["download"] - few["download"], 3 * 2);  // the loss, and the rows: a constant, which lies elsewhere
  EXPECT_EQ(many["wait"] - few["wait"], 3);              // for them
}

}  // namespace
}  // namespace kerata
