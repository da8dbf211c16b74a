// Weights in shards: their names, what becomes of an older set, and what an index may say.
#include <gmock/gmock.h>

#include <chrono>

#include "kerata/kerata.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using namespace layers;
using ::testing::HasSubstr;

Model sequential() {
  return Sequential({Input({6}), Dense(3, {.name = "first"}), Dense(1, {.use_bias = false})}, {.name = "row"});
}

Model trained(Model model) {
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  model.fit(ops::ones({2, 6}), ops::ones({2, 1}), {.verbose = 0});
  return model;
}

std::vector<float> content(const Model& model) {
  std::vector<float> all;
  for (const Tensor& weight : model.get_weights())
    for (const float value : weight.to_vector<float>()) all.push_back(value);
  return all;
}

class Shards : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.file(name); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  TemporaryFolder folder_;
};

TEST_F(Shards, HoldAtMostTheirSize) {
  const Model model = trained(sequential());
  model.save_weights(at("m.weights.json"), {.max_shard_size = 80.0 / (1 << 30)});
  EXPECT_TRUE(std::filesystem::exists(at("m_00000.weights.h5")));
  EXPECT_TRUE(std::filesystem::exists(at("m_00003.weights.h5")));
  Model other = trained(sequential());
  other.fit(ops::ones({2, 6}), ops::ones({2, 1}), {.epochs = 3, .verbose = 0});
  other.load_weights(at("m.weights.json"));
  EXPECT_EQ(content(other), content(model));
  EXPECT_EQ(other.optimizer().iterations(), 1);
}

// The names of a set: Keras's, or with a word where a set with Keras's names is in place.
TEST_F(Shards, ASetIsReplacedByOtherFiles) {
  Model model = trained(sequential());
  auto save = [&] {
    model.fit(ops::ones({2, 6}), ops::ones({2, 1}), {.verbose = 0});
    model.save_weights(at("m.weights.json"), {.max_shard_size = 80.0 / (1 << 30)});
    Model other = trained(sequential());
    other.load_weights(at("m.weights.json"));
    EXPECT_EQ(content(other), content(model));
  };
  save();
  const std::vector<std::string> first{"m.weights.json",     "m_00000.weights.h5", "m_00001.weights.h5",
                                       "m_00002.weights.h5", "m_00003.weights.h5", "m_00004.weights.h5"};
  EXPECT_EQ(names(), first);
  folder_.write("m_00005.weights.h5", "of a larger set");
  folder_.write("m_x.weights.h5", "not a shard");
  folder_.write("n_00001.weights.h5", "another one's");
  save();
  const std::vector<std::string> second = names();
  ASSERT_EQ(second.size(), 9u);  // five shards, the index, the empty first one, two that are none of ours
  EXPECT_TRUE(std::filesystem::exists(at("m_x.weights.h5")));
  EXPECT_TRUE(std::filesystem::exists(at("n_00001.weights.h5")));
  EXPECT_FALSE(std::filesystem::exists(at("m_00001.weights.h5")));
  const std::string word = second[1].substr(8, 16);
  EXPECT_EQ(second[1], "m_00000." + word + ".weights.h5");
  EXPECT_EQ(second[2], "m_00000.weights.h5");
  EXPECT_EQ(second[5], "m_00003." + word + ".weights.h5");
  for (const char* none_of_ours : {"m_x.weights.h5", "n_00001.weights.h5"}) std::filesystem::remove(at(none_of_ours));
  save();
  EXPECT_EQ(names(), first);
}

TEST_F(Shards, OfAKilledProcessAreRemovedOnceTheyAreOld) {
  const std::string young = folder_.write("m_00000.0123456789abcdef.weights.h5", "half of a set");
  const std::string old = folder_.write("m_00001.0123456789abcdef.weights.h5", "half of a set");
  std::filesystem::last_write_time(old, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(61));
  sequential().save_weights(at("m.weights.json"), {.max_shard_size = 1});
  EXPECT_TRUE(std::filesystem::exists(young));  // perhaps its index is about to be written
  EXPECT_FALSE(std::filesystem::exists(old));
}

// A file that only looks like an index is no reason to give other names, and none to remove what it names.
TEST_F(Shards, AnOldIndexThatCannotBeReadIsReplaced) {
  folder_.write("precious.txt", "text");
  for (const char* index : {"no index", R"({"weight_map": {"/a/vars": "../m_00000.weights.h5"}})",
                            R"({"weight_map": {"/a/vars": "precious.txt"}})"}) {
    folder_.write("m.weights.json", index);
    sequential().save_weights(at("m.weights.json"), {.max_shard_size = 1});
    EXPECT_TRUE(std::filesystem::exists(at("m_00000.weights.h5")));
    sequential().load_weights(at("m.weights.json"));
  }
  EXPECT_EQ(folder_.content("precious.txt"), "text");
}

TEST_F(Shards, UnderTheNameOfAnH5FileGetAnIndex) {
  ::testing::internal::CaptureStderr();
  sequential().save_weights(at("m.weights.h5"), {.max_shard_size = 1});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("requires `*.json` as the extension"));
  EXPECT_TRUE(std::filesystem::exists(at("m.weights.json")));
}

TEST_F(Shards, AnArrayLargerThanAShard) {
  EXPECT_ERROR(ValueError, sequential().save_weights(at("m.weights.json"), {.max_shard_size = 10.0 / (1 << 30)}),
               "[Model.save_weights] The size of layers/dense/vars/0 is 72.00 B which exceeds the maximum shard size "
               "10.00 B. You can increase the `max_shard_size` parameter to accommodate the size.");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_ERROR_WITH(ValueError, sequential().save_weights(at("m.npz"), {.max_shard_size = 1}),
                    "The filename must end in `.weights.json` when `max_shard_size` is specified.");
  EXPECT_ERROR_WITH(ValueError, sequential().save_weights(at("m.weights.json"), {.max_shard_size = 0}),
                    "max_shard_size must be above 0. Received 0.");
}

TEST_F(Shards, AnIndexMayNameFilesBesideItOnly) {
  Model model = sequential();
  std::ofstream(at("m.weights.json")) << R"({"weight_map": {"/layers/dense/vars": "../m_00000.weights.h5"}})";
  EXPECT_ERROR(
      ValueError, model.load_weights(at("m.weights.json")),
      "[" + at("m.weights.json") + "] A shard must be a file beside the index. Received '../m_00000.weights.h5'.");
  std::ofstream(at("m.weights.json")) << "{}";
  EXPECT_ERROR_WITH(ValueError, model.load_weights(at("m.weights.json")), "Expected a \"weight_map\"");
}

}  // namespace
}  // namespace kerata
