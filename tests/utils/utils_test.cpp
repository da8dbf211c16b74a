#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "kerata/core/error.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "kerata/utils/device_timer.h"
#include "kerata/utils/labels.h"
#include "kerata/utils/numpy_random.h"
#include "kerata/utils/random_seed.h"
#include "kerata/utils/sequences.h"
#include "kerata/utils/timestamp.h"
#include "support/errors.h"

namespace kerata {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

TEST(DeviceTimer, OfTheCpuTellsTheTimeThatPasses) {
  utils::DeviceTimer timer(Device::cpu());
  EXPECT_ERROR(StateError, timer.stop(), "[DeviceTimer] stop() before start().");
  const auto before = std::chrono::steady_clock::now();
  timer.start();
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::chrono::duration<double> inside = std::chrono::steady_clock::now() - begin;
  const double time = timer.stop();
  const std::chrono::duration<double> outside = std::chrono::steady_clock::now() - before;
  EXPECT_GE(time, inside.count());
  EXPECT_LE(time, outside.count());
  EXPECT_GE(timer.stop(), time);  // goes on
  utils::DeviceTimer other = std::move(timer);
  other.start();  // anew
  EXPECT_GE(other.stop(), 0);
}

TEST(ToCategorical, MakesOneHotRows) {
  const Tensor x = utils::to_categorical(ops::array({0, 2, 1}), 4);
  EXPECT_EQ(x.shape(), (Shape{3, 4}));
  EXPECT_THAT(x.to_vector<float>(), ElementsAre(1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0));
}

TEST(ToCategorical, CountsTheClassesAndDropsALastAxisOfOne) {
  EXPECT_EQ(utils::to_categorical(ops::array({{0}, {4}})).shape(), (Shape{2, 5}));
  EXPECT_EQ(utils::to_categorical(ops::array({{0, 1}, {1, 0}})).shape(), (Shape{2, 2, 2}));
}

TEST(ToCategorical, RefusesLabelsOutsideTheClasses) {
  try {
    utils::to_categorical(ops::array({0, 5}), 5);
    FAIL() << "no error";
  } catch (const ValueError& error) {
    EXPECT_THAT(error.what(), HasSubstr("Expected labels from 0 to 4, received 5 at position 1"));
  }
  EXPECT_ERROR(ValueError, utils::to_categorical(ops::array({-1, 0})),
               "[utils.to_categorical] A label is no class. Expected labels from 0 to 0, received -1 at position 0.");
  EXPECT_ERROR(ValueError, utils::to_categorical(ops::zeros({0}, "int32")),
               "[utils.to_categorical] There are no labels to count. Expected num_classes > 0, received -1.");
}

TEST(PadSequences, PadsAndCutsInFront) {
  const Tensor x = utils::pad_sequences(std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {4}, {}});
  EXPECT_EQ(x.shape(), (Shape{3, 3}));
  EXPECT_THAT(x.to_vector<int>(), ElementsAre(1, 2, 3, 0, 0, 4, 0, 0, 0));
  const Tensor cut = utils::pad_sequences(std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {4}}, {.maxlen = 2});
  EXPECT_THAT(cut.to_vector<int>(), ElementsAre(2, 3, 0, 4));
}

TEST(PadSequences, HasKerasOptions) {
  const Tensor x =
      utils::pad_sequences(std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {4}},
                           {.maxlen = 2, .dtype = "float32", .padding = "post", .truncating = "post", .value = 9});
  EXPECT_EQ(x.dtype(), DType::float32);
  EXPECT_THAT(x.to_vector<int>(), ElementsAre(1, 2, 4, 9));
}

TEST(PadSequences, RefusesANegativeLength) {
  EXPECT_ERROR(ValueError, utils::pad_sequences(std::vector<std::vector<std::int32_t>>{{1}}, {.maxlen = -2}),
               "[utils.pad_sequences] Expected maxlen >= 0 (or -1 for the longest), received -2.");
}

TEST(NumpyRandom, RefusesUnknownSizesAndNegativeCounts) {
  utils::NumpyRandom random(7);
  EXPECT_ERROR(ShapeError, random.rand({-1, 2}), "[NumpyRandom.rand] Expected known sizes, received (?, 2).");
  EXPECT_ERROR(ValueError, random.permutation(-1), "[NumpyRandom.permutation] Expected count >= 0, received -1.");
}

TEST(NumpyRandom, GivesNumPysNumbers) {
  utils::NumpyRandom random(7);  // np.random.seed(7); np.random.rand(3)
  EXPECT_THAT(random.rand({3}).to_vector<float>(),
              ElementsAre(FloatEq(0.07630829f), FloatEq(0.77991879f), FloatEq(0.43840923f)));
  utils::NumpyRandom order(42);  // np.random.RandomState(42).permutation(10)
  EXPECT_THAT(order.permutation(10).to_vector<int>(), ElementsAre(8, 1, 5, 0, 7, 2, 9, 4, 3, 6));
}

TEST(RandomSeed, TheSameSeedGivesTheSameNumbers) {
  utils::set_random_seed(3);
  const auto first = random::uniform({5}).to_vector<float>(), next = random::uniform({5}).to_vector<float>();
  utils::set_random_seed(3);
  EXPECT_EQ(random::uniform({5}).to_vector<float>(), first);
  EXPECT_NE(first, next);
  utils::set_random_seed(4);
  EXPECT_NE(random::uniform({5}).to_vector<float>(), first);
}

TEST(Timestamp, FollowsTheFormat) {
  const std::string text = utils::timestamp("run_%Y");
  EXPECT_EQ(text.size(), 8u);
  EXPECT_THAT(text, testing::StartsWith("run_2"));
}

}  // namespace
}  // namespace kerata
