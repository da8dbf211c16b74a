// Classes and functions of the user's own in configs.
#include <array>

#include "kerata/layers/layers.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/optimizers/optimizers.h"
#include "layers/config_compare.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

class ScaleLayer : public Layer {
 public:
  static constexpr std::array kArguments{"factor"};
  ScaleLayer(double factor, const Options&) : factor_(factor) {}
  Tensor call(const Tensor& x, const CallContext&) const override { return x * factor_; }

 private:
  double factor_;
};
using Scale = LayerRef<ScaleLayer, double>;

class Pinball : public Loss {
 public:
  struct Options {
    double q = 0.5;
    std::string name = "pinball";
    Choice<Reduction> reduction = "sum_over_batch_size";
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("reduction", &Options::reduction),
                        field("q", &Options::q)};
    }
  };
  explicit Pinball(const Options& options) : Loss(options.name, options.reduction), options_(options) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    const Tensor e = y_true - y_pred;
    return ops::mean(ops::maximum(options_.q * e, (options_.q - 1) * e), {.axis = -1});
  }
  Config get_config() const override { return kerata::config_of(options_); }

 private:
  Options options_;
};

/// Made from a Config.
class Shift : public Initializer {
 public:
  explicit Shift(double by) : by_(by) {}
  explicit Shift(const Config& config) : by_(config.find("by") ? config.find("by")->as_number() : 0) {}
  Tensor call(const Shape& shape, DType dtype) const override { return ops::full(shape, by_, dtype); }
  Config get_config() const override { return Config::Object{{"by", by_}}; }

 private:
  double by_;
};

/// Made without arguments.
class Halve : public Constraint {
 public:
  Tensor call(const Tensor& weight) const override { return weight * 0.5; }
  Config get_config() const override { return Config::Object{}; }
};
class Cubes : public Regularizer {
 public:
  Tensor call(const Tensor& weight) const override { return ops::sum(ops::power(weight, 3)); }
  Config get_config() const override { return Config::Object{}; }
};
class Worst : public Metric {
 public:
  Worst() : Metric("worst"), largest_(add_variable("largest", {})) {}
  Config get_config() const override { return Config::Object{}; }

 protected:
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor&, const CallContext& context) const override {
    context.update(largest_, ops::maximum(largest_, ops::max(ops::abs(y_true - y_pred))));
  }
  Tensor compute() const override { return largest_; }

 private:
  Variable largest_;
};
class Descent : public Optimizer {
 public:
  Descent() : Optimizer(0.5) {}
  Config get_config() const override { return Config::Object{}; }

 protected:
  void update_step(const Tensor& g, const Variable& w, const Tensor& rate,
                   const UpdateContext& context) const override {
    context.update(w, w - g * rate);
  }
};
class Halving : public Schedule {
 public:
  Tensor call(const Tensor& step) const override { return ops::power(0.5, step); }
  Config get_config() const override { return Config::Object{}; }
};

Tensor doubled(const Tensor& x) { return 2 * x; }
Tensor tripled(const Tensor& x) { return 3 * x; }
Tensor cubed(const Tensor& y_true, const Tensor& y_pred) { return ops::power(y_true - y_pred, 3); }

const golden::Json& golden_object(const char* name) {
  for (const golden::Json& entry : golden::open("configs")["registered"])
    if (entry.at("name") == name) return entry.at("config");
  throw ValueError("[golden] no such object");
}
/// As Keras writes it, for a class of __main__: there is no Python module here.
Config without_module(const golden::Json& json) {
  Config config = golden::config(json);
  config.set("module", nullptr);
  return config;
}

Config scale_config() { return Config::Object{{"name", "s"}, {"trainable", true}, {"factor", 0.5}}; }
Config renamed_class(Config config, const char* name) {
  config.set("class_name", name);
  config.set("registered_name", name);
  return config;
}

TEST(Registration, ObjectsHaveKerasForm) {
  register_layer<Scale>("acme>Scale");
  register_loss<Pinball>("acme>Pinball");
  register_function("acme>doubled", doubled);
  register_function("acme>cubed", cubed);
  const Scale scale(2.5, {.name = "scale"});
  EXPECT_TRUE(test::same_config(serialize_layer(*scale.ptr()), without_module(golden_object("layer"))));
  EXPECT_TRUE(test::same_config(Pinball({.q = 0.25}).to_config(), without_module(golden_object("loss"))));
  EXPECT_TRUE(test::same_config(AnyLoss(cubed)->to_config(), golden::config(golden_object("loss_function"))));
  const layers::Dense dense(2, {.activation = doubled, .name = "dense"});
  EXPECT_TRUE(test::same_config(serialize_layer(*dense.ptr()), golden::config(golden_object("activation"))));
}

TEST(Registration, ObjectsComeBack) {
  register_layer<Scale>("acme>Scale");
  register_loss<Pinball>("acme>Pinball");
  register_function("acme>doubled", doubled);
  register_function("acme>cubed", cubed);
  const Tensor one = ops::ones({1, 1});
  EXPECT_EQ(layer_from_config(golden::config(golden_object("layer")))(one).item(), 2.5);
  EXPECT_EQ((*Loss::from_config(golden::config(golden_object("loss"))))(one, one * 3).item(), 1.5);
  EXPECT_EQ((*Loss::from_config(golden::config(golden_object("loss_function"))))(one * 3, one).item(), 8);
  const AnyLayer dense = layer_from_config(golden::config(golden_object("activation")));
  EXPECT_TRUE(test::same_config(serialize_layer(*dense.ptr()), golden::config(golden_object("activation"))));
  // By name, as a metric, and in the form of old .h5 files.
  EXPECT_EQ(AnyActivation("acme>doubled")->call(one).item(), 2);
  EXPECT_EQ((*AnyLoss("acme>cubed"))(one * 3, one).item(), 8);
  const AnyMetric metric = "acme>cubed";
  EXPECT_EQ(metric->name(), "cubed");
  metric->update_state(one * 3, one);
  EXPECT_EQ(metric->result(), 8);
  EXPECT_EQ(Metric::from_config(metric->to_config())->result(), 0);
  const Config old = Config::Object{{"class_name", "acme>Scale"}, {"config", scale_config()}};
  EXPECT_EQ(layer_from_config(old)(one).item(), 0.5);
}

template <class Base, class T>
void expect_round_trip(const T& object, const char* class_name) {
  const Config config = object.to_config();
  EXPECT_EQ(*config.find("module"), Config());
  EXPECT_EQ(*config.find("class_name"), Config(class_name));
  EXPECT_EQ(*config.find("registered_name"), Config(std::string("acme>") + class_name));
  const auto again = Base::from_config(config);
  EXPECT_NE(dynamic_cast<const T*>(again.get()), nullptr);
  EXPECT_EQ(again->to_config(), config);
}

TEST(Registration, WorksForEveryFamily) {
  register_initializer<Shift>("acme>Shift");
  register_constraint<Halve>("acme>Halve");
  register_regularizer<Cubes>("acme>Cubes");
  register_metric<Worst>("acme>Worst");
  register_optimizer<Descent>("acme>Descent");
  register_schedule<Halving>("acme>Halving");
  expect_round_trip<Initializer>(Shift(2), "Shift");
  expect_round_trip<Constraint>(Halve(), "Halve");
  expect_round_trip<Regularizer>(Cubes(), "Cubes");
  expect_round_trip<Metric>(Worst(), "Worst");
  expect_round_trip<Optimizer>(Descent(), "Descent");
  expect_round_trip<Schedule>(Halving(), "Halving");
  const AnyOptimizer sgd = optimizers::SGD(Halving());
  EXPECT_EQ(Optimizer::from_config(sgd->to_config())->to_config(), sgd->to_config());
  const layers::Dense dense(2, {.kernel_initializer = Shift(3), .kernel_constraint = Halve()});
  EXPECT_EQ(layer_from_config(serialize_layer(*dense.ptr())).get_config(), dense.get_config());
}

TEST(Registration, FunctionsOfOneTypeAreToldApart) {
  register_function("acme>doubled", doubled);
  register_function("acme>tripled", tripled);
  EXPECT_EQ(*AnyActivation(tripled)->to_config().find("config"), Config("acme>tripled"));
  EXPECT_EQ(*AnyActivation(doubled)->to_config().find("config"), Config("acme>doubled"));
  EXPECT_EQ(*AnyRegularizer(doubled)->to_config().find("config"), Config("acme>doubled"));
  const auto lambda = [](const Tensor& x) { return x + 1; };
  register_function("acme>next", lambda);
  EXPECT_EQ(*AnyActivation(lambda)->to_config().find("config"), Config("acme>next"));
}

TEST(Registration, UnknownClassesSayWhichCallIsMissing) {
  const Config arguments{Config::Object{}};
  auto object = [&](const char* name) {
    return Config::Object{{"module", nullptr},
                          {"class_name", name},
                          {"config", arguments},
                          {"registered_name", std::string("p>") + name}};
  };
  EXPECT_ERROR(ValueError, layer_from_config(object("Gated")),
               "[layer_from_config] Unknown layer class \"Gated\". Hint: a class of your own is made known by "
               "register_layer<Gated>(\"p>Gated\").");
  EXPECT_ERROR(ValueError, Loss::from_config(object("MeanSquaredError")),  // a class of that name, but another one
               "[losses] Unknown loss class \"MeanSquaredError\". Hint: a class of your own is made known by "
               "register_loss<MeanSquaredError>(\"p>MeanSquaredError\").");
  EXPECT_ERROR(ValueError, Optimizer::from_config(Config::Object{{"class_name", "Ftrl"}, {"config", arguments}}),
               "[optimizers] Unknown optimizer class \"Ftrl\". Hint: a class of your own is made known by "
               "register_optimizer<Ftrl>(\"package>Ftrl\").");
  EXPECT_ERROR_WITH(ValueError, AnyActivation("p>swoosh"), "[activations] Unknown activation \"p>swoosh\".");
}

class HalfLoss : public Loss {
 public:
  HalfLoss() : Loss("half") {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return (y_true - y_pred) * 0.5; }
};

// The call that the error above names helps: also for a class of Keras that is missing here, and for old files, which
// name no package.
TEST(Registration, ClassesWithoutAPackageAreFoundInAnyPackage) {
  const Config of_keras = Config::Object{{"module", "keras.losses"},
                                         {"class_name", "HalfLoss"},
                                         {"config", Config(Config::Object{})},
                                         {"registered_name", nullptr}};
  EXPECT_ERROR_WITH(ValueError, Loss::from_config(of_keras), "register_loss<HalfLoss>(\"package>HalfLoss\")");
  register_loss<HalfLoss>("package>HalfLoss");
  EXPECT_NE(dynamic_cast<HalfLoss*>(Loss::from_config(of_keras).get()), nullptr);
  EXPECT_NE(Loss::from_config(Config::Object{{"class_name", "HalfLoss"}, {"config", Config(Config::Object{})}}),
            nullptr);
  register_loss<HalfLoss>("other>HalfLoss");  // now nobody knows which one is meant
  EXPECT_ERROR_WITH(ValueError, Loss::from_config(of_keras), "Unknown loss class \"HalfLoss\".");
}

class Nameless : public Constraint {
 public:
  Tensor call(const Tensor& weight) const override { return weight; }
};

TEST(Registration, ClassesWithoutAConfigSayWhatToWrite) {
  EXPECT_ERROR(StateError, Nameless().to_config(),
               "[constraint] The class Nameless does not say what its config holds. Hint: override get_config(), and "
               "make the class known by register_constraint<Nameless>(\"package>Nameless\").");
  const AnyConstraint lambda = [](const Tensor& w) { return w; };
  EXPECT_ERROR(StateError, lambda->to_config(),
               "[constraint] A function without a name cannot be written to a config. Hint: make it known by "
               "register_function(\"package>name\", function).");
}

// As Keras: a class that is not registered is written under its plain name, and read once it is.
TEST(Registration, UnregisteredClassesAreWrittenByName) {
  class Later : public Halve {};
  const Config config = Later().to_config();
  EXPECT_TRUE(test::same_config(renamed_class(config, "Unknown"), without_module(golden_object("unregistered"))));
  EXPECT_THROW(static_cast<void>(Constraint::from_config(config)), ValueError);
  register_constraint<Later>("Later");
  EXPECT_NE(Constraint::from_config(config), nullptr);
}

}  // namespace
}  // namespace kerata
