// Whole training runs against real Keras: same initial weights, no shuffling, a partial last batch.
#include "training/golden_run.h"

namespace kerata {
namespace {

void check_all(const std::string& stem) {
  const golden::File& file = golden::open(stem);
  for (const golden::Json& run : file["runs"]) {
    SCOPED_TRACE(stem + ": " + run.at("name").get<std::string>());
    test::check_run(file, run);
  }
}

TEST(GoldenRuns, DenseWithSgd) { check_all("training_dense_sgd"); }
TEST(GoldenRuns, DenseWithRmsprop) { check_all("training_dense_rmsprop"); }
TEST(GoldenRuns, DenseWithAdam) { check_all("training_dense_adam"); }
TEST(GoldenRuns, OptimizerOptions) { check_all("training_optimizer_options"); }
TEST(GoldenRuns, BatchNormalization) { check_all("training_batchnorm"); }
TEST(GoldenRuns, Convolutions) { check_all("training_conv"); }
TEST(GoldenRuns, Lstm) { check_all("training_lstm"); }
// From TensorFlow: on JAX a training step loses the mask of the predictions before the metrics see it.
TEST(GoldenRuns, MaskedOutputs) { check_all("training_masked_outputs"); }
TEST(GoldenRuns, TwoInputsTwoOutputs) { check_all("training_two_outputs"); }
TEST(GoldenRuns, SharedAndNestedLayers) { check_all("training_graph"); }
TEST(GoldenRuns, Regularizers) { check_all("training_regularizers"); }
TEST(GoldenRuns, SampleAndClassWeights) { check_all("training_sample_weight"); }

TEST(GoldenRuns, ArgumentsOfFit) { check_all("training_fit_arguments"); }

TEST(GoldenRuns, EarlyStopping) {
  const golden::File& file = golden::open("training_early_stopping");
  for (const golden::Json& run : file["runs"]) {
    SCOPED_TRACE(run.at("name").get<std::string>());
    const golden::Json &expected = run.at("early_stopping"), &given = expected.at("options");
    callbacks::EarlyStopping::Options options{.monitor = given.at("monitor").get<std::string>(),
                                              .min_delta = given.at("min_delta").get<double>(),
                                              .patience = given.at("patience").get<int>(),
                                              .restore_best_weights = given.at("restore_best_weights").get<bool>(),
                                              .start_from_epoch = given.at("start_from_epoch").get<int>()};
    if (!given.at("baseline").is_null()) options.baseline = given.at("baseline").get<double>();
    if (run.at("name") == "mode_given") options.mode = "max";  // the file does not hold it
    callbacks::EarlyStopping stopping(options);
    test::check_run(file, run, {stopping});
    EXPECT_EQ(stopping.stopped_epoch(), expected.at("stopped_epoch").get<int>());
    EXPECT_EQ(stopping.best_epoch(), expected.at("best_epoch").get<int>());
    EXPECT_NEAR(stopping.best().value(), expected.at("best").get<double>(), 1e-5);
  }
}

}  // namespace
}  // namespace kerata
