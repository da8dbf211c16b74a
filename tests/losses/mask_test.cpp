// Masks that travel through layers into a loss.
#include <cmath>

#include "kerata/graph/gradients.h"
#include "kerata/layers/activation.h"
#include "kerata/layers/dense.h"
#include "kerata/layers/embedding.h"
#include "kerata/layers/input.h"
#include "kerata/losses/losses.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/compiled_run.h"
#include "support/golden.h"

namespace kerata {
namespace {

// The words 0 are masked: the second row is half, the third wholly masked.
const Tensor kWords = ops::array({{3, 1, 2, 4}, {2, 5, 0, 0}, {0, 0, 0, 0}});

Sequential tagger(const std::string& activation) {
  return Sequential({Input({4}, {.dtype = "int32"}), layers::Embedding(6, 5, {.mask_zero = true}), layers::Dense(3),
                     layers::Activation(activation)});
}

// The mean of `values` (batch, steps) over the six words that are not masked.
double mean_of_unmasked(const Tensor& values) {
  const std::vector<double> all = values.to_vector<double>(), words = kWords.to_vector<double>();
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) sum += words[i] != 0 ? all[i] : 0;
  return sum / 6;
}

TEST(LossMask, OfAnEmbeddingReachesEveryLoss) {
  const Tensor one_hot =
      ops::cast(ops::equal(ops::expand_dims(random::randint({3, 4}, 0, 3), -1), ops::arange(3)), "float32");
  const Tensor classes = random::randint({3, 4}, 0, 3);
  for (const char* name :
       {"mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"}) {
    SCOPED_TRACE(name);
    const bool is_sparse = std::string(name).starts_with("sparse");
    const Sequential model = tagger(std::string(name).starts_with("binary") ? "sigmoid" : "softmax");
    const std::shared_ptr<Loss> loss = Loss::from_name(name);
    const Tensor y = is_sparse ? classes : one_hot;
    const Tensor prediction = model(kWords);
    ASSERT_FALSE(prediction.mask().is_empty());
    const double expected = mean_of_unmasked(loss->call(y, prediction));
    EXPECT_NEAR((*loss)(y, prediction).item(), expected, 1e-6);
    CompiledRun run({y, kWords}, true,
                    [&](const std::vector<Tensor>& x, Scope&) { return std::vector{(*loss)(x[0], model(x[1]))}; });
    EXPECT_NEAR(run({y, kWords})[0].item(), expected, 1e-6);
  }
}

TEST(LossMask, MaskedStepsHaveNoGradient) {
  const Tensor y = random::randint({3, 4}, 0, 3), mask = ops::not_equal(kWords, 0);
  const Tensor logits = random::normal({3, 4, 3});
  const losses::SparseCategoricalCrossentropy loss({.from_logits = true});
  const GradientTape tape;
  const Tensor gradient = gradients(loss(y, logits.with_mask(mask)), logits)[0];
  const std::vector<double> sizes = ops::sum(ops::abs(gradient), {.axis = -1}).to_vector<double>();
  const std::vector<double> words = kWords.to_vector<double>();
  for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_EQ(sizes[i] > 0, words[i] != 0) << i;
}

// What stands at a masked step does not matter, be it a label outside the classes' range of sense or an infinity.
TEST(LossMask, ValuesOfMaskedStepsDoNotCount) {
  const Tensor mask = ops::array({{true, true, false}});
  const losses::MeanSquaredError loss;
  auto value = [&](double masked) {
    return loss(ops::array({{{1.0}, {2.0}, {masked}}}), ops::array({{{0.0}, {0.0}, {5.0}}}).with_mask(mask)).item();
  };
  EXPECT_EQ(value(0), 2.5);
  EXPECT_EQ(value(1e6), 2.5);
}

TEST(LossMask, IgnoredClassAndMaskAreJoined) {
  const Tensor y = ops::array({{0, 2, 1}}), mask = ops::array({{true, true, false}});
  const Tensor p = ops::array({{{0.5, 0.3, 0.2}, {0.1, 0.1, 0.8}, {0.2, 0.2, 0.6}}});
  const losses::SparseCategoricalCrossentropy loss({.ignore_class = 2});
  EXPECT_NEAR(loss(y, p.with_mask(mask)).item(), std::log(2.0), 1e-6);  // the first step alone is left
  EXPECT_NEAR(loss(y, p).item(), (std::log(2.0) - std::log(0.2)) / 2, 1e-6);
}

}  // namespace
}  // namespace kerata
