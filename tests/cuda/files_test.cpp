// Files between devices: what is trained on the GPU goes on on the CPU, and back; and runs that are equal to the bit.
#include "cuda/both_devices.h"
#include "support/golden.h"
#include "support/precompiled.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

Model fresh_model() {
  utils::set_random_seed(7);
  Model model = Sequential({Input({8, 8, 1}), layers::Conv2D(4, 3, {.activation = "relu"}),
                            layers::BatchNormalization(), layers::MaxPooling2D(2), layers::Flatten(),
                            layers::Dropout(0.25), layers::Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}
Tensor images() { return Noise().tensor(DType::float32, {24, 8, 8, 1}); }
Tensor classes() { return Noise().indices({24}, 0, 3); }
void train(Model& model) {
  model.fit(images(), classes(), {.batch_size = 8, .epochs = 2, .verbose = 0, .shuffle = false});
}

// Two fits, each on its device, with a file between them.
std::vector<Tensor> trained(Device first, Device second) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model.keras");
  Model model = fresh_model();
  model.to(first);
  train(model);
  model.save(path);
  Model loaded = load_model(path);
  loaded.to(second);
  utils::set_random_seed(8);
  train(loaded);
  std::vector<Tensor> weights;
  for (const Tensor& weight : loaded.get_weights()) weights.push_back(weight.to(Device::cpu()));
  return weights;
}

TEST(CudaFiles, TrainingGoesOnOnTheOtherDevice) {
  const std::vector<Tensor> expected = trained(Device::cpu(), Device::cpu());
  for (const auto& [first, second] : {std::pair{Device::cuda(), Device::cpu()}, {Device::cpu(), Device::cuda()}}) {
    const std::vector<Tensor> found = trained(first, second);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) golden::expect_near_all(found[i], expected[i], {1e-3, 1e-4});
  }
}

// The same weights make the same file, wherever they lie.
TEST(CudaFiles, AreTheSameFromEitherDevice) {
  const TemporaryFolder folder;
  Model model = fresh_model();
  train(model);
  std::vector<std::string> files;
  for (const Device device : {Device::cpu(), Device::cuda()}) {
    model.to(device);
    model.save_weights(folder.file("model.weights.h5"), {.overwrite = true});
    files.push_back(folder.content("model.weights.h5"));
  }
  EXPECT_GT(files[0].size(), 1000u);
  EXPECT_EQ(files[0], files[1]);
}

TEST(CudaDeterminism, TwoRunsAreEqualToTheBit) {
  utils::enable_op_determinism();
  const std::vector<Tensor> one = trained(Device::cuda(), Device::cuda()),
                            two = trained(Device::cuda(), Device::cuda());
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].to_vector<float>(), two[i].to_vector<float>()) << i;
}

}  // namespace
}  // namespace kerata
