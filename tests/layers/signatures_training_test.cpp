// The same for losses, metrics, optimizers, callbacks, and for the arguments of compile, fit, evaluate, predict,
// summary.
#include <gtest/gtest.h>

#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/models/compile_options.h"
#include "kerata/models/fit_options.h"
#include "kerata/models/summary_options.h"
#include "kerata/optimizers/optimizers.h"
#include "kerata/training/early_stopping.h"
#include "kerata/training/reduce_lr_on_plateau.h"
#include "layers/signature.h"

namespace kerata {

static Config config_of(const ValidationFreq& value) {
  return value.is_list() ? Config("list") : Config(value.every());
}

namespace {

using test::members;
using test::Reasons;

const Reasons kOnlyInKeras = {
    {"Model.compile.jit_compile", "every step is compiled; run_eagerly is the way out"},
    {"LossScaleOptimizer.learning_rate", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.weight_decay", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.clipnorm", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.clipvalue", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.global_clipnorm", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.use_ema", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.ema_momentum", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.ema_overwrite_frequency", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.loss_scale_factor", "of the inner optimizer; Keras refuses it here"},
    {"LossScaleOptimizer.gradient_accumulation_steps", "of the inner optimizer; Keras refuses it here"},
    {"Model.evaluate.return_dict", "Scores is both a list and a map"},
};
const Reasons kOnlyInKerata = {
    {"*.lr", "old spelling of learning_rate, as in Keras 2"},
};

const golden::Json& signature(const char* family, const std::string& name) {
  return golden::open("signatures")[family].at(name);
}

template <class Options, class... Fields>
void check(const char* family, const std::string& name, const std::vector<std::string>& positional,
           const std::tuple<Fields...>& fields) {
  const auto list = members<Options>(fields);
  test::expect_no_gaps<Options>(list, name);
  test::SignatureCheck(name, signature(family, name), kOnlyInKeras, kOnlyInKerata).run(positional, list);
}

template <class T>
void check_class(const char* family, std::set<std::string>& done, const std::string& name) {
  using Options = typename T::Options;
  if constexpr (requires(Options options) { options.lr; })
    check<Options>(family, name, {}, std::tuple_cat(Options::fields(), std::tuple{field("lr", &Options::lr)}));
  else
    check<Options>(family, name, {}, Options::fields());
  done.insert(name);
}

void expect_all_checked(const char* family, const std::set<std::string>& done) {
  for (const auto& [name, value] : golden::open("signatures")[family].items())
    EXPECT_TRUE(done.contains(name)) << name << " is not compared";
}

TEST(Signatures, OfLosses) {
  std::set<std::string> done;
  check_class<losses::MeanSquaredError>("losses", done, "MeanSquaredError");
  check_class<losses::MeanAbsoluteError>("losses", done, "MeanAbsoluteError");
  check_class<losses::BinaryCrossentropy>("losses", done, "BinaryCrossentropy");
  check_class<losses::CategoricalCrossentropy>("losses", done, "CategoricalCrossentropy");
  check_class<losses::SparseCategoricalCrossentropy>("losses", done, "SparseCategoricalCrossentropy");
  expect_all_checked("losses", done);
}

TEST(Signatures, OfMetrics) {
  std::set<std::string> done;
  check_class<metrics::Mean>("metrics", done, "Mean");
  check_class<metrics::Accuracy>("metrics", done, "Accuracy");
  check_class<metrics::BinaryAccuracy>("metrics", done, "BinaryAccuracy");
  check_class<metrics::CategoricalAccuracy>("metrics", done, "CategoricalAccuracy");
  check_class<metrics::SparseCategoricalAccuracy>("metrics", done, "SparseCategoricalAccuracy");
  check_class<metrics::MeanSquaredError>("metrics", done, "MeanSquaredError");
  check_class<metrics::MeanAbsoluteError>("metrics", done, "MeanAbsoluteError");
  check_class<metrics::RootMeanSquaredError>("metrics", done, "RootMeanSquaredError");
  using Options = metrics::MeanMetricWrapper::Options;
  check<Options>("metrics", "MeanMetricWrapper", {"fn"},
                 std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)});
  done.insert("MeanMetricWrapper");
  expect_all_checked("metrics", done);
}

TEST(Signatures, OfOptimizers) {
  std::set<std::string> done;
  check_class<optimizers::SGD>("optimizers", done, "SGD");
  check_class<optimizers::RMSprop>("optimizers", done, "RMSprop");
  check_class<optimizers::Adam>("optimizers", done, "Adam");
  using Scaling = optimizers::LossScaleOptimizer::Options;
  check<Scaling>("optimizers", "LossScaleOptimizer", {"inner_optimizer"}, Scaling::fields());
  done.insert("LossScaleOptimizer");
  expect_all_checked("optimizers", done);
}

TEST(Signatures, OfCallbacks) {
  using Options = callbacks::EarlyStopping::Options;
  check<Options>("callbacks", "EarlyStopping", {},
                 std::tuple{field("monitor", &Options::monitor), field("min_delta", &Options::min_delta),
                            field("patience", &Options::patience), field("verbose", &Options::verbose),
                            field("mode", &Options::mode), field("baseline", &Options::baseline),
                            field("restore_best_weights", &Options::restore_best_weights),
                            field("start_from_epoch", &Options::start_from_epoch)});
  using Plateau = callbacks::ReduceLROnPlateau::Options;
  check<Plateau>("callbacks", "ReduceLROnPlateau", {},
                 std::tuple{field("monitor", &Plateau::monitor), field("factor", &Plateau::factor),
                            field("patience", &Plateau::patience), field("verbose", &Plateau::verbose),
                            field("mode", &Plateau::mode), field("min_delta", &Plateau::min_delta),
                            field("cooldown", &Plateau::cooldown), field("min_lr", &Plateau::min_lr)});
  EXPECT_TRUE(signature("callbacks", "History").at("parameters").empty());  // fit() returns it
  expect_all_checked("callbacks", {"EarlyStopping", "History", "ReduceLROnPlateau"});
}

TEST(Signatures, OfCompileAndSummary) {
  using Compile = CompileOptions;
  check<Compile>(
      "methods", "Model.compile", {},
      std::tuple{field("optimizer", &Compile::optimizer), field("loss", &Compile::loss),
                 field("loss_weights", &Compile::loss_weights), field("metrics", &Compile::metrics),
                 field("weighted_metrics", &Compile::weighted_metrics), field("run_eagerly", &Compile::run_eagerly),
                 field("steps_per_execution", &Compile::steps_per_execution),
                 field("auto_scale_loss", &Compile::auto_scale_loss)});
  using Summary = SummaryOptions;
  check<Summary>(
      "methods", "Model.summary", {},
      std::tuple{field("line_length", &Summary::line_length), field("positions", &Summary::positions),
                 field("print_fn", &Summary::print_fn), field("expand_nested", &Summary::expand_nested),
                 field("show_trainable", &Summary::show_trainable), field("layer_range", &Summary::layer_range)});
}

TEST(Signatures, OfFitEvaluateAndPredict) {
  using Fit = FitOptions;
  check<Fit>(
      "methods", "Model.fit", {"x", "y"},
      std::tuple{field("batch_size", &Fit::batch_size), field("epochs", &Fit::epochs), field("verbose", &Fit::verbose),
                 field("callbacks", &Fit::callbacks), field("validation_split", &Fit::validation_split),
                 field("validation_data", &Fit::validation_data), field("shuffle", &Fit::shuffle),
                 field("class_weight", &Fit::class_weight), field("sample_weight", &Fit::sample_weight),
                 field("initial_epoch", &Fit::initial_epoch), field("steps_per_epoch", &Fit::steps_per_epoch),
                 field("validation_steps", &Fit::validation_steps),
                 field("validation_batch_size", &Fit::validation_batch_size),
                 field("validation_freq", &Fit::validation_freq)});
  using Evaluate = EvaluateOptions;
  check<Evaluate>("methods", "Model.evaluate", {"x", "y"},
                  std::tuple{field("batch_size", &Evaluate::batch_size), field("verbose", &Evaluate::verbose),
                             field("sample_weight", &Evaluate::sample_weight), field("steps", &Evaluate::steps),
                             field("callbacks", &Evaluate::callbacks)});
  using Predict = PredictOptions;
  check<Predict>("methods", "Model.predict", {"x"},
                 std::tuple{field("batch_size", &Predict::batch_size), field("verbose", &Predict::verbose),
                            field("steps", &Predict::steps), field("callbacks", &Predict::callbacks)});
  expect_all_checked("methods", {"Model.compile", "Model.fit", "Model.evaluate", "Model.predict", "Model.summary"});
}

}  // namespace
}  // namespace kerata
