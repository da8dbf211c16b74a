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

}  // namespace
}  // namespace kerata
