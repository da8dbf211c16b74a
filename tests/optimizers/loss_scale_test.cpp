// LossScaleOptimizer against Keras: skipped steps, the scale's rise and fall, every rule within; its config and errors.
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "optimizers/optimizer_case.h"
#include "support/errors.h"

namespace kerata {
namespace {

using golden::Json;
using optimizers::LossScaleOptimizer;
using optimizers::SGD;
using test::OptimizerCase;

const Json& cases() { return golden::open("optimizers")["loss_scale_cases"]; }

TEST(LossScaleOptimizer, StepsEqualKeras) {
  EXPECT_GE(cases().size(), 9u);
  for (const Json& json : cases()) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    OptimizerCase(json).run_eagerly();
  }
}

// One program: that a step is skipped, or the scale grows, is decided anew in each run.
TEST(LossScaleOptimizer, CompiledStepsEqualKeras) {
  for (const Json& json : cases()) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    OptimizerCase(json).run_compiled();
  }
}

TEST(LossScaleOptimizer, ConfigsRoundTrip) {
  for (const Json& json : cases()) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const OptimizerCase c(json);
    const Config written = c.optimizer->to_config();
    EXPECT_EQ(written.find("class_name")->as_text(), "LossScaleOptimizer");
    const Config &config = *written.find("config"), given = golden::config(json.at("config"));
    for (const char* key : {"name", "initial_scale", "dynamic_growth_steps"})
      EXPECT_EQ(*config.find(key), *given.find(key)) << key;
    const Config &inner = *config.find("inner_optimizer"), &expected = *given.find("inner_optimizer");
    EXPECT_EQ(*inner.find("class_name"), *expected.find("class_name"));
    EXPECT_EQ(inner.find("config")->as_object().size(), expected.find("config")->as_object().size());
    EXPECT_TRUE(inner.find("config")->find("loss_scale_factor")->is_null());
    EXPECT_EQ(Optimizer::from_config(written)->to_config(), written);
  }
}

TEST(LossScaleOptimizer, ScalesTheLossByWhatItIsNow) {
  const Variable v("v", Role::trainable, ops::ones({2}));
  LossScaleOptimizer optimizer(SGD({.learning_rate = 0.5, .loss_scale_factor = 3}),
                               {.initial_scale = 8, .dynamic_growth_steps = 1});
  EXPECT_EQ(optimizer.scale_loss(ops::full({}, 0.5)).item(), 4);
  optimizer.apply(ops::full({2}, 8), {v});  // a gradient of 1
  EXPECT_EQ(v.value().to_vector<float>(), (std::vector<float>{0.5, 0.5}));
  EXPECT_EQ(optimizer.dynamic_scale(), 16);
  EXPECT_EQ(optimizer.scale_loss(ops::full({}, 0.5)).item(), 8);
  EXPECT_EQ(optimizer.scale_loss(ops::full({}, 0.5, "float16")).dtype(), DType::float16);
  optimizer.apply(ops::array({1.0, HUGE_VAL}), {v});
  EXPECT_EQ(v.value().to_vector<float>(), (std::vector<float>{0.5, 0.5}));
  EXPECT_EQ(optimizer.dynamic_scale(), 8);
  EXPECT_EQ(optimizer.step_counter(), 0);
  EXPECT_EQ(optimizer.iterations(), 1);
}

TEST(LossScaleOptimizer, TheRateIsTheInnerOnes) {
  LossScaleOptimizer optimizer("sgd");
  EXPECT_EQ(optimizer.name(), "loss_scale_optimizer");
  optimizer.set_learning_rate(0.25);
  EXPECT_EQ(optimizer.learning_rate(), 0.25);
  EXPECT_EQ(optimizer.inner_optimizer()->learning_rate(), 0.25);
}

TEST(LossScaleOptimizer, Errors) {
  EXPECT_ERROR(ValueError, LossScaleOptimizer("sgd", {.initial_scale = 0}),
               "[LossScaleOptimizer] initial_scale must be positive. Received 0.");
  EXPECT_ERROR(ValueError, LossScaleOptimizer("sgd", {.dynamic_growth_steps = 0}),
               "[LossScaleOptimizer] dynamic_growth_steps must be at least 1. Received 0.");
  EXPECT_ERROR(ValueError, LossScaleOptimizer(AnyOptimizer(LossScaleOptimizer("sgd"))),
               "[LossScaleOptimizer] inner_optimizer: Expected an optimizer that does not scale the loss itself, "
               "received a LossScaleOptimizer.");
  EXPECT_ERROR(ValueError, LossScaleOptimizer(AnyOptimizer()),
               "[LossScaleOptimizer] inner_optimizer: Expected an optimizer, received none.");
  EXPECT_ERROR(ValueError, AnyOptimizer("LossScaleOptimizer"),
               "[LossScaleOptimizer] inner_optimizer: Expected an optimizer, received none.");
  const Variable v("v", Role::trainable, ops::ones({2}));
  LossScaleOptimizer optimizer("sgd");
  EXPECT_NO_THROW(optimizer.apply(Tensors(), {}));
  EXPECT_ERROR(ValueError, optimizer.apply(Tensors(), {v}),
               "[sgd] Expected one gradient per variable (1), received 0.");
  EXPECT_ERROR(ValueError, optimizer.apply(Tensors(std::vector<Tensor>{Tensor()}), {v}),
               "[sgd] No gradients provided for any variable.");
}

// What older versions of Keras wrote: arguments of the base class that mean nothing here.
TEST(LossScaleOptimizer, OldConfigs) {
  Config config = LossScaleOptimizer("sgd").to_config();
  Config own = *config.find("config");
  own.set("dynamic", true);
  own.set("clipnorm", Config());
  own.set("ema_momentum", 0.99);
  config.set("config", own);
  EXPECT_EQ(Optimizer::from_config(config)->to_config(), LossScaleOptimizer("sgd").to_config());
  for (const auto& [key, value, instead] : std::vector<std::tuple<std::string, Config, std::string>>{
           {"clipnorm", 1.0, "clipnorm"}, {"use_ema", true, "use_ema"}, {"dynamic", false, "loss_scale_factor"}}) {
    Config changed = own;
    changed.set(key, value);
    config.set("config", changed);
    EXPECT_ERROR(ValueError, Optimizer::from_config(config),
                 "[LossScaleOptimizer] LossScaleOptimizer does not support `" + key + "`. Instead, set `" + instead +
                     "` on the `inner_optimizer`.");
  }
}

}  // namespace
}  // namespace kerata
