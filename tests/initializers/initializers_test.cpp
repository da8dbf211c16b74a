// Seeds, data types, errors, and initializers of a user's own.
#include "kerata/initializers/initializers.h"

#include <gtest/gtest.h>

#include "kerata/layers/dense.h"
#include "kerata/ops/creation.h"
#include "kerata/utils/random_seed.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace initializers;

std::vector<float> drawn(const AnyInitializer& initializer, const Shape& shape = {3, 4}) {
  return initializer->call(shape, DType::float32).to_vector<float>();
}

const std::vector<std::pair<AnyInitializer, AnyInitializer>>& seeded() {  // the same with another seed
  static const std::vector<std::pair<AnyInitializer, AnyInitializer>> list = {
      {RandomNormal({.seed = 1}), RandomNormal({.seed = 2})},
      {TruncatedNormal({.seed = 1}), TruncatedNormal({.seed = 2})},
      {RandomUniform({.seed = 1}), RandomUniform({.seed = 2})},
      {VarianceScaling({.seed = 1}), VarianceScaling({.seed = 2})},
      {GlorotUniform({.seed = 1}), GlorotUniform({.seed = 2})},
      {GlorotNormal({.seed = 1}), GlorotNormal({.seed = 2})},
      {HeUniform({.seed = 1}), HeUniform({.seed = 2})},
      {HeNormal({.seed = 1}), HeNormal({.seed = 2})},
      {LecunUniform({.seed = 1}), LecunUniform({.seed = 2})},
      {LecunNormal({.seed = 1}), LecunNormal({.seed = 2})},
      {Orthogonal({.seed = 1}), Orthogonal({.seed = 2})}};
  return list;
}

TEST(Initializers, TheSameSeedGivesTheSameValuesEachTime) {
  for (const auto& [one, other] : seeded()) {
    EXPECT_EQ(drawn(one), drawn(one)) << to_string(one->to_config());
    EXPECT_EQ(drawn(AnyInitializer(Initializer::from_config(one->to_config()))), drawn(one));
    EXPECT_NE(drawn(one), drawn(other)) << to_string(one->to_config());
  }
}

TEST(Initializers, WithoutASeedTheyFollowTheGlobalOne) {
  for (const char* name :
       {"glorot_uniform", "random_normal", "truncated_normal", "uniform", "orthogonal", "he_normal"}) {
    const AnyInitializer initializer = name;
    utils::set_random_seed(5);
    const std::vector<float> first = drawn(initializer), second = drawn(initializer);
    EXPECT_NE(first, second) << name;
    utils::set_random_seed(5);
    EXPECT_EQ(drawn(initializer), first) << name;
    utils::set_random_seed(6);
    EXPECT_NE(drawn(initializer), first) << name;
  }
}

TEST(Initializers, ConfigsComeBackWhole) {
  std::vector<AnyInitializer> all = {
      Zeros(),
      Ones(),
      Constant(3.5),
      Identity(2),
      Identity(),
      STFT({.side = "imag", .window = "hamming", .periodic = true}),
      STFT({.window = "", .scaling = "none"}),
      STFT({.window = std::vector<double>{1, 2, 3, 4}, .scaling = "spectrum"}),
      RandomNormal({.mean = 1, .stddev = 2}),
      RandomUniform({.minval = -1, .maxval = 3}),
      VarianceScaling(
          {.scale = 3, .mode = "fan_out", .distribution = "uniform", .input_axes = {-2}, .output_axes = {-1}}),
      HeNormal({.input_axes = {0, 1}, .output_axes = {-2}}),
      Orthogonal({.gain = 0.5})};
  for (const auto& [one, other] : seeded()) all.push_back(one);
  for (const AnyInitializer& initializer : all) {
    const Config config = initializer->to_config();
    EXPECT_EQ(Initializer::from_config(config)->to_config(), config) << to_string(config);
  }
}

TEST(Initializers, GiveTheDtypeThatIsAsked) {
  for (const char* name : {"zeros", "ones", "glorot_uniform", "random_normal", "orthogonal", "identity", "he_normal"}) {
    for (DType dtype : {DType::float32, DType::float64, DType::float16, DType::bfloat16}) {
      const Tensor x = AnyInitializer(name)->call({3, 3}, dtype);
      EXPECT_EQ(x.dtype(), dtype) << name;
      EXPECT_EQ(x.shape(), (Shape{3, 3})) << name;
    }
  }
  EXPECT_EQ(Constant(3).call({2}, DType::int32).to_vector<int>(), (std::vector<int>{3, 3}));
}

TEST(Initializers, GlobalFloat64IsNotRoundedToFloat32) {
  const std::vector<double> values = RandomUniform({.seed = 3}).call({100}, DType::float64).to_vector<double>();
  int fine = 0;
  for (double value : values) fine += static_cast<double>(static_cast<float>(value)) != value;
  EXPECT_GT(fine, 90);
}

TEST(Initializers, EmptyShapesGiveEmptyTensors) {
  for (const char* name : {"glorot_uniform", "random_normal", "zeros", "orthogonal"})
    EXPECT_EQ(AnyInitializer(name)->call({0, 3}, DType::float32).shape(), (Shape{0, 3})) << name;
}

TEST(Initializers, SayWhatIsWrong) {
  EXPECT_ERROR(ValueError, AnyInitializer("glorot_unform"),
               "[initializers] Unknown initializer \"glorot_unform\". Hint: did you mean \"glorot_uniform\"?");
  EXPECT_ERROR(ValueError, VarianceScaling({.scale = 0}),
               "[VarianceScaling] Argument `scale` must be positive float. Received: scale=0.");
  EXPECT_ERROR(
      ShapeError, Identity().call({3}, DType::float32),
      "[Identity] Identity matrix initializer can only be used for 2D matrices. Received: shape=(3,) of rank 1.");
  EXPECT_ERROR(
      ShapeError, Orthogonal().call({3}, DType::float32),
      "[Orthogonal] The tensor to initialize must be at least two-dimensional. Received: shape=(3,) of rank 1.");
  EXPECT_ERROR(ValueError, STFT({.window = "hanning"}),
               "[STFT] Unknown window 'hanning'. Hint: did you mean \"hamming\"?");
  EXPECT_ERROR(ShapeError, STFT().call({8, 2, 5}, DType::float32),
               "[STFT] Expected a shape (window, 1, frequencies), received (8, 2, 5).");
  EXPECT_ERROR(ShapeError, STFT({.window = std::vector<double>{1, 2}}).call({8, 1, 5}, DType::float32),
               "[STFT] The shape of `window` must be equal to [frame_length]. Expected 8 values, received 2.");
  EXPECT_ERROR(ValueError, Initializer::from_config(Config(Config::Object{{"name", "zeros"}})),
               "[initializers] Expected a name or {\"class_name\", \"config\"}, received {\"name\": \"zeros\"}.");
}

TEST(Initializers, CanBeCallables) {
  const AnyInitializer twos = [](const Shape& shape, DType dtype) { return ops::full(shape, 2, dtype); };
  const layers::Dense dense(2, {.kernel_initializer = twos});
  EXPECT_EQ(dense(ops::ones({1, 3})).to_vector<float>(), (std::vector<float>{6, 6}));
  EXPECT_ERROR(StateError, dense.get_config(),
               "[initializer] A function without a name cannot be written to a config. Hint: make it known by "
               "register_function(\"package>name\", function).");
  const layers::Dense wrong(2, {.kernel_initializer = [](const Shape&, DType) { return ops::zeros({1}); }});
  EXPECT_ERROR_WITH(
      ShapeError, wrong(ops::ones({1, 3})),
      "[Dense.add_weight] The initializer of 'kernel' gave another shape. Expected (3, 2), received (1,).");
}

}  // namespace
}  // namespace kerata
