// Several GPUs: tensors and models on each, and from one to another.
#include "cuda/both_devices.h"
#include "graph/placement.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

const Device kFirst = Device::cuda(0), kSecond = Device::cuda(1);

class TwoGpus : public ::testing::Test {
 protected:
  void SetUp() override {
    if (devices().size() < 3) GTEST_SKIP() << "needs two GPUs";
  }
};

TEST_F(TwoGpus, AreListed) {
  const std::vector<DeviceInfo> all = devices();
  EXPECT_EQ(all[1].device, kFirst);
  EXPECT_EQ(all[2].device, kSecond);
  EXPECT_EQ(Device::named("cuda:1"), kSecond);
  EXPECT_EQ(to_string(kSecond), "cuda:1");
}

TEST_F(TwoGpus, TensorsGoFromOneToAnother) {
  const Tensor x = ops::array({1, 2, 3}), there = x.to(kSecond);
  EXPECT_EQ(there.device(), kSecond);
  const Tensor sum = there + there;
  EXPECT_EQ(sum.device(), kSecond);
  const Tensor back = sum.to(kFirst);
  EXPECT_EQ(back.device(), kFirst);
  EXPECT_EQ(back.to_vector<float>(), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ((x + there).device(), kSecond);  // the CPU's memory follows
  EXPECT_ERROR(StateError, back + there,
               "[add] The inputs lie on cuda:0 and cuda:1. Hint: move one of them with to().");
}

// A model is trained on the CPU, on each GPU, and on both in turn: the same weights.
std::vector<Tensor> trained(const std::vector<Device>& places) {
  utils::set_random_seed(3);
  Model model =
      Sequential({Input({6}), layers::Dense(8, {.activation = "tanh"}), layers::Dropout(0.25), layers::Dense(2)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {20, 6}), y = noise.tensor(DType::float32, {20, 2});
  for (const Device place : places) {
    model.to(place);
    EXPECT_EQ(model.device(), place);
    model.fit(x, y, {.batch_size = 8, .epochs = 3, .verbose = 0});
    for (const Variable& weight : model.weights()) EXPECT_EQ(output_of(weight.cell()->tensor).device(), place);
  }
  std::vector<Tensor> weights;
  for (const Variable& weight : model.weights()) weights.push_back(weight.value());
  weights.push_back(model.predict(x, {.verbose = 0}));
  return weights;
}

TEST_F(TwoGpus, TrainModelsInTurn) {
  const std::vector<Tensor> expected = trained({Device::cpu(), Device::cpu()});
  for (const std::vector<Device>& places :
       {std::vector{kSecond, kSecond}, {kFirst, kSecond}, {kSecond, Device::cpu()}}) {
    SCOPED_TRACE(to_string(places[0]) + ", " + to_string(places[1]));
    const std::vector<Tensor> found = trained(places);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) golden::expect_near_all(found[i], expected[i], {1e-4, 1e-5});
  }
}

TEST_F(TwoGpus, ServeTwoModelsAtOnce) {
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {4, 6});
  Model a = Sequential({Input({6}), layers::Dense(3)}), b = Sequential({Input({6}), layers::Dense(3)});
  const Tensor of_a = a.predict(x, {.verbose = 0}), of_b = b.predict(x, {.verbose = 0});
  a.to(kFirst), b.to(kSecond);
  for (int i = 0; i < 3; ++i) {
    golden::expect_near_all(a.predict(x, {.verbose = 0}), of_a, {1e-5, 1e-6});
    golden::expect_near_all(b.predict(x, {.verbose = 0}), of_b, {1e-5, 1e-6});
  }
}

}  // namespace
}  // namespace kerata
