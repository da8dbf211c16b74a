// GPUs of other compute capabilities than the tests' own: too old ones are refused, newer ones than NVRTC knows get
// PTX. CMakeLists.txt runs each test with its own KERATA_EMULATED_CAPABILITY.
#include "kerata/kerata.h"
#include "support/errors.h"

namespace kerata {
namespace {

TEST(Capability, OldOnesAreRefused) {
  const Tensor x = ops::ones({3});
  EXPECT_ERROR(BackendError, x.to(Device::cuda()),
               "[CUDA] cuda:0 has compute capability 7.5. Expected 8.0 or newer. Hint: use the CPU.");
  EXPECT_EQ((x + x).to_vector<float>(), (std::vector<float>{2, 2, 2}));  // the CPU goes on
  EXPECT_EQ(Device::best(), Device::cpu());
  EXPECT_EQ(devices().at(1).compute_capability, 75);  // listed all the same
  EXPECT_GT(devices().at(1).total_memory, 0u);
}

TEST(Capability, NewerOnesThanNvrtcKnowsGetPtx) {
  EXPECT_EQ(devices().at(1).compute_capability, 120);
  EXPECT_EQ(Device::best(), Device::cuda());
  const Tensor x = ops::ones({3}).to(Device::cuda());
  EXPECT_EQ((x + x).to_vector<float>(), (std::vector<float>{2, 2, 2}));
}

TEST(Capability, AnOlderDriverIsNamed) {
  EXPECT_ERROR(
      BackendError, Device::cuda(),
      "[Device.cuda] There is no GPU 0: the NVIDIA driver is for CUDA 11.8; 12.0 or newer is needed (install a "
      "newer driver). Hint: use Device::best(), which takes the CPU then.");
  EXPECT_EQ(Device::best(), Device::cpu());
  EXPECT_EQ(devices().size(), 1u);
}

TEST(CudaLog, ThatCannotBeWrittenIsSaid) {
  EXPECT_ERROR(BackendError, Device::cuda(), "[CUDA] KERATA_CUDA_LOG: cannot write /no/such/folder/calls.");
}

// The first one is too old for anything: nothing may be made on it.
TEST(Capability, TheSecondGpuIsEnough) {
  EXPECT_EQ(Device::best(), Device::cuda(1));
  EXPECT_EQ(devices().at(1).compute_capability, 75);
  Model model = Sequential({Input({3}), layers::Dense(2)});
  model.to(Device::best());
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const History history = model.fit(ops::ones({8, 3}), ops::ones({8, 2}), {.epochs = 3, .verbose = 0});
  EXPECT_LT(history["loss"].back(), history["loss"].front());
}

}  // namespace
}  // namespace kerata
