// LSTM by cuDNN beside the CPU's, alone and in compiled programs.
#include "compile/passes.h"
#include "cuda/cudnn_fixture.h"
#include "cuda/ops/cudnn_rnn.h"
#include "ops/nn_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using cuda::CudnnLstmRequest;
using ops::LstmAttrs;
using ops::LstmGradAttrs;
using ops::ReserveLstmAttrs;

struct LstmSize {
  Dim batch, steps, features, units;
};
constexpr LstmSize kSizes[] = {{1, 1, 1, 1}, {3, 4, 5, 2}, {2, 7, 3, 9}, {9, 3, 40, 20}, {4, 5, 8, 16}};
constexpr DType kTypes[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16};

// h is rounded at every step, on both sides; the gradients of half types are rounded at every step on the GPU only.
double tolerance_of(DType dtype) {
  if (dtype == DType::float64) return 1e-11;
  if (dtype == DType::bfloat16) return 4e-2;
  return dtype == DType::float16 ? 5e-3 : is_emulated() ? 2e-5 : 1e-3;
}

class CudaCudnnLstm : public CudaCudnn {
 protected:
  // x, h0, c0, kernel, recurrent, bias
  std::vector<Tensor> inputs(DType dtype, const LstmSize& s) {
    return {noise_.tensor(dtype, {s.batch, s.steps, s.features}),
            noise_.tensor(dtype, {s.batch, s.units}),
            noise_.tensor(dtype, {s.batch, s.units}),
            noise_.tensor(dtype, {s.features, 4 * s.units}, 0.5),
            noise_.tensor(dtype, {s.units, 4 * s.units}, 0.5),
            noise_.tensor(dtype, {4 * s.units})};
  }
  static std::optional<std::size_t> reserve_bytes(const std::vector<Tensor>& in, bool goes_back,
                                                  Device device = Device::cuda()) {
    std::vector<ValueType> types;
    for (const Tensor& x : in) types.push_back(type_of(x));
    return kernels().reserve_bytes({ops::kReserveLstm, types, {}, ReserveLstmAttrs{goes_back}, device});
  }
  // Results of kReserveLstm; the inputs lie on the GPU.
  static std::vector<Tensor> forward(const std::vector<Tensor>& in, bool goes_back) {
    const auto bytes = reserve_bytes(in, goes_back);
    EXPECT_TRUE(bytes);
    return apply_all(ops::kReserveLstm, in, ReserveLstmAttrs{goes_back, static_cast<Dim>(bytes.value_or(0))});
  }
};

TEST_F(CudaCudnnLstm, AllStepsAndTheirGradients) {
  for (const LstmSize& s : kSizes)
    for (const DType dtype : kTypes) {
      const std::string what = join_text("lstm of ", dtype, ' ', s.batch, ' ', s.steps, ' ', s.features, ' ', s.units);
      const std::vector<Tensor> in = inputs(dtype, s), on_device = on_gpu(in);
      const std::vector<Tensor> expected = apply_all(ops::kLstm, in, LstmAttrs{});
      for (const bool goes_back : {false, true}) reserve_bytes(in, goes_back);  // tries the algorithm
      executions();
      const std::vector<Tensor> alone = forward(on_device, false);
      expect_executions(1, what);
      EXPECT_EQ(alone[3].size(), 0);
      for (std::size_t i = 0; i < 3; ++i) expect_same(expected[i], alone[i], tolerance_of(dtype), what);
      for (int given = 0; given < 8; ++given) {
        const LstmGradAttrs p{(given & 1) != 0, (given & 2) != 0, (given & 4) != 0};
        std::vector<Tensor> dy;
        if (p.has_dh) dy.push_back(noise_.tensor(dtype, {s.batch, s.steps, s.units}));
        if (p.has_dh_last) dy.push_back(noise_.tensor(dtype, {s.batch, s.units}));
        if (p.has_dc_last) dy.push_back(noise_.tensor(dtype, {s.batch, s.units}));
        std::vector<Tensor> before = in;
        before.insert(before.end(), {expected[0], expected[3], expected[4]});
        before.insert(before.end(), dy.begin(), dy.end());
        const std::vector<Tensor> expected_grads = apply_all(ops::kLstmGrad, before, p);
        executions();
        const std::vector<Tensor> out = forward(on_device, true);
        for (std::size_t i = 0; i < 3; ++i) expect_same(expected[i], out[i], tolerance_of(dtype), what);
        std::vector<Tensor> behind = on_device;
        behind.push_back(out[3]);
        for (const Tensor& d : on_gpu(dy)) behind.push_back(d);
        const std::vector<Tensor> grads = apply_all(ops::kReserveLstmGrad, behind, p);
        for (std::size_t i = 0; i < grads.size(); ++i)
          expect_same(expected_grads[i], grads[i], tolerance_of(dtype),
                      join_text(what, ", gradient ", i, " of ", given));
        expect_executions(3, what);
      }
    }
}

TEST_F(CudaCudnnLstm, IsAskedForWhatItTakesOnly) {
  EXPECT_TRUE(reserve_bytes(inputs(DType::float32, {2, 3, 4, 5}), true));
  EXPECT_EQ(reserve_bytes(inputs(DType::float32, {2, 3, 4, 5}), false), 0u);
  EXPECT_FALSE(reserve_bytes(inputs(DType::float32, {2, 3, 4, 5}), true, Device::cpu()));
  for (const LstmSize& s : {LstmSize{0, 3, 4, 5}, {2, 0, 4, 5}, {2, 3, 0, 5}, {2, 3, 4, 0}})
    EXPECT_FALSE(reserve_bytes(inputs(DType::float32, s), true));
  set_deterministic_ops(true);
  EXPECT_FALSE(reserve_bytes(inputs(DType::float32, {2, 3, 4, 5}), true));
  set_deterministic_ops(false);
  if (!is_emulated()) return;
  refuse("all");
  EXPECT_FALSE(reserve_bytes(inputs(DType::float32, {2, 3, 4, 6}), true));  // another one: answers are kept
}

TEST_F(CudaCudnnLstm, TakesThePersistentAlgorithmsWhereTheyAreFaster) {
  auto algorithm = [](DType dtype, Dim batch, Dim features, Dim units, bool goes_back) {
    const CudnnLstmRequest request{dtype, batch, 6, features, units, goes_back};
    const auto found = cuda::CudnnLstm::find(cuda::context_of(0), *cuda::cudnn_handle(0), request);
    return found ? found->algorithm() : CUDNN_RNN_ALGO_COUNT;
  };
  EXPECT_EQ(algorithm(DType::float32, 5, 7, 128, true), CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);
  EXPECT_EQ(algorithm(DType::float32, 5, 7, 129, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float32, 5, 7, 192, false), CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);
  EXPECT_EQ(algorithm(DType::float32, 5, 7, 193, false), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float64, 5, 7, 8, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::bfloat16, 64, 128, 256, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float16, 64, 128, 256, true), CUDNN_RNN_ALGO_PERSIST_STATIC);
  EXPECT_EQ(algorithm(DType::float16, 136, 128, 256, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float16, 64, 100, 256, true), CUDNN_RNN_ALGO_STANDARD);
  if (!is_emulated()) return;
  refuse("persistent");
  EXPECT_EQ(algorithm(DType::float32, 5, 8, 128, true), CUDNN_RNN_ALGO_STANDARD);
  refuse("persistent runs");  // says so only when it is to run
  EXPECT_EQ(algorithm(DType::float32, 5, 9, 128, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float32, 5, 9, 128, false), CUDNN_RNN_ALGO_STANDARD);
  refuse("recorded persistent runs");
  EXPECT_EQ(algorithm(DType::float32, 5, 10, 128, true), CUDNN_RNN_ALGO_STANDARD);
  EXPECT_EQ(algorithm(DType::float32, 5, 10, 128, false), CUDNN_RNN_ALGO_STANDARD);
}

TEST_F(CudaCudnnLstm, RoundsToTensorFloat32WhenThatIsAllowed) {
  const std::vector<Tensor> in = inputs(DType::float32, {4, 3, 64, 32});
  const Tensor exact = apply_all(ops::kLstm, in, LstmAttrs{})[0];
  expect_same(exact, forward(on_gpu(in), false)[0], tolerance_of(DType::float32), "lstm");
  set_tensor_float_32(true);
  const Tensor y = forward(on_gpu(in), false)[0];
  expect_same(exact, y, 2e-2, "lstm by TF32");
  if (!is_emulated()) return;
  EXPECT_GT(ops::max(ops::abs(y.to(Device::cpu()) - exact)).item<float>(), 1e-5);
}

std::string program(const TracedFunction& f, Device device) { return to_string(optimize(flatten(f), {}, device)); }

constexpr auto kHas = [](const std::string& text, const std::string& op) { return text.find(op) != std::string::npos; };

// f(x, h0, c0, kernel, recurrent, bias) of outputs chosen by `choose` from those of kLstm.
template <class F>
TracedFunction traced_lstm(const F& choose) {
  const std::vector<ValueType> types{{DType::float32, {2, 3, 4}}, {DType::float32, {2, 5}},  {DType::float32, {2, 5}},
                                     {DType::float32, {4, 20}},   {DType::float32, {5, 20}}, {DType::float32, {20}}};
  return trace(types, true,
               [&](const std::vector<Tensor>& x, Scope&) { return choose(x, apply_all(ops::kLstm, x, LstmAttrs{})); });
}

TEST_F(CudaCudnnLstm, CompiledProgramsHaveItInPlaceOfOurs) {
  const TracedFunction alone = traced_lstm([](const std::vector<Tensor>&, const std::vector<Tensor>& y) {
    return std::vector{y[0], y[2]};
  });
  const std::string text = program(alone, Device::cuda());
  EXPECT_TRUE(kHas(text, "= reserve_lstm(") && kHas(text, "goes_back=false") && !kHas(text, "= lstm(")) << text;
  EXPECT_TRUE(kHas(program(alone, Device::cpu()), "= lstm("));
  const TracedFunction step = traced_lstm([](const std::vector<Tensor>& x, const std::vector<Tensor>& y) {
    return std::vector{y[1], gradients(ops::sum(ops::square(y[0])), x[3]).single()};
  });
  const std::string both = program(step, Device::cuda());
  EXPECT_TRUE(kHas(both, "= reserve_lstm(") && kHas(both, "= reserve_lstm_grad(") && kHas(both, "goes_back=true"))
      << both;
  EXPECT_TRUE(!kHas(both, "= lstm(") && !kHas(both, "= lstm_grad(")) << both;
}

TEST_F(CudaCudnnLstm, OursStaysWhereItsGatesAreRead) {
  const TracedFunction gates = traced_lstm([](const std::vector<Tensor>&, const std::vector<Tensor>& y) {
    return std::vector{y[0], y[3]};
  });
  EXPECT_TRUE(kHas(program(gates, Device::cuda()), "= lstm("));
  const TracedFunction twice = traced_lstm([](const std::vector<Tensor>& x, const std::vector<Tensor>& y) {
    return std::vector{gradients(ops::sum(ops::square(y[0])), x[3]).single(),
                       gradients(ops::sum(ops::exp(y[1])), x[4]).single()};
  });
  const std::string text = program(twice, Device::cuda());
  EXPECT_TRUE(kHas(text, "= lstm(") && !kHas(text, "reserve_lstm")) << text;
  set_deterministic_ops(true);
  const TracedFunction alone =
      traced_lstm([](const std::vector<Tensor>&, const std::vector<Tensor>& y) { return std::vector{y[0]}; });
  EXPECT_TRUE(kHas(program(alone, Device::cuda()), "= lstm("));
}

// Two layers, one of them backwards from states of its own; the states of the other go on.
Model network(bool mask) {
  const auto x = Input({6}, {.dtype = "int32", .name = "x"});
  const auto state = Input({4}, {.name = "state"});
  const auto words = layers::Embedding(20, 5, {.mask_zero = mask})(x);
  const auto h = layers::LSTM(7, {.return_sequences = true})(words);
  const auto back = layers::LSTM(4, {.go_backwards = true})({h, state, state});
  return Model({x, state}, layers::Dense(1)(back));
}

struct Trained {
  std::vector<Tensor> weights;
  Tensor predicted;
};
Trained train(Device device, const Tensor& x, const Tensor& state, const Tensor& y, bool mask) {
  utils::set_random_seed(5);
  Model model = network(mask);
  model.to(device);
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.fit({x, state}, y, {.batch_size = 8, .epochs = 3, .verbose = 0, .shuffle = false});
  Trained made;
  for (const Tensor& w : model.get_weights()) made.weights.push_back(w.to(Device::cpu()));
  made.predicted = model.predict({x, state}, {.verbose = 0}).to(Device::cpu());
  return made;
}

TEST_F(CudaCudnnLstm, TrainsAModel) {
  const Tensor x = noise_.indices({24, 6}, 0, 20), state = noise_.tensor(DType::float32, {24, 4}),
               y = noise_.tensor(DType::float32, {24, 1});
  for (const bool mask : {false, true}) {
    const Trained expected = train(Device::cpu(), x, state, y, mask);
    executions();
    const Trained received = train(Device::cuda(), x, state, y, mask);
    // Two layers forward and back, tried twice, run and recorded; then two layers in predict(), for one batch of 24,
    // tried twice and run.
    expect_executions(mask ? 0 : 2 * 3 * 4 + 2 * 3, "a model");
    ASSERT_EQ(received.weights.size(), expected.weights.size());
    const double tolerance = 20 * tolerance_of(DType::float32);
    for (std::size_t i = 0; i < expected.weights.size(); ++i)
      expect_same(expected.weights[i], received.weights[i].to(Device::cuda()), tolerance, join_text("weight ", i));
    expect_same(expected.predicted, received.predicted.to(Device::cuda()), tolerance, "predictions");
  }
}

// A model that has run is compiled anew.
TEST_F(CudaCudnnLstm, IsLeftAloneAfterDeterminismIsAskedFor) {
  Model model = Sequential({Input({5, 3}), layers::LSTM(4), layers::Dense(1)});
  model.to(Device::cuda());
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = noise_.tensor(DType::float32, {8, 5, 3}), y = noise_.tensor(DType::float32, {8, 1});
  auto train_and_predict = [&] {
    model.fit(x, y, {.batch_size = 4, .epochs = 2, .verbose = 0});
    return model.predict(x, {.verbose = 0});
  };
  executions();
  train_and_predict();
  EXPECT_TRUE(executions() > 0 || !is_emulated());
  set_deterministic_ops(true);
  train_and_predict();
  expect_executions(0, "deterministic");
}

TEST_F(CudaCudnnLstm, RefusalsOfARunAreErrors) {
  if (!is_emulated()) GTEST_SKIP() << "The real cuDNN executes what it takes.";
  Model model = Sequential({Input({5, 3}), layers::LSTM(4)});
  model.to(Device::cuda());
  refuse("runs");
  EXPECT_ERROR_WITH(BackendError, model.predict(ops::ones({2, 5, 3}), {.verbose = 0}),
                    "[CUDA] cudnnRNNForward failed: CUDNN_STATUS_OF_THE_EMULATOR (a reason of the emulator's).");
  unsetenv("KERATA_EMULATED_CUDNN_REFUSES");
  EXPECT_EQ(model.predict(ops::ones({2, 5, 3}), {.verbose = 0}).shape(), Shape({2, 4}));
}

}  // namespace
}  // namespace kerata
