#include "kerata/activations/activations.h"

#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

TEST(Activation, ConfigOfABuiltInFunctionIsItsName) {
  EXPECT_EQ(to_string(AnyActivation("relu")->to_config()), "\"relu\"");
  EXPECT_EQ(to_string(AnyActivation(activations::gelu)->to_config()), "\"gelu\"");
}

TEST(Activation, OldNamesAreTheNewFunctions) {
  EXPECT_EQ(to_string(AnyActivation("swish")->to_config()), "\"silu\"");
  EXPECT_EQ(to_string(AnyActivation("hard_swish")->to_config()), "\"hard_silu\"");
}

TEST(Activation, FromConfigTakesANameAndKerasFunctionObject) {
  using activations::Activation;
  const Config object(Config::Object{{"class_name", "function"}, {"config", "tanh"}});
  EXPECT_EQ(to_string(Activation::from_config("elu")->to_config()), "\"elu\"");
  EXPECT_EQ(to_string(Activation::from_config(object)->to_config()), "\"tanh\"");
}

TEST(Activation, CallablesAndObjectsAreTaken) {
  const AnyActivation doubled([](const Tensor& x) { return x * 2; });
  EXPECT_EQ(doubled->call(ops::array({1.5, -2.0})).to_vector<float>(), (std::vector<float>{3, -4}));
  const AnyActivation relu(activations::relu);
  EXPECT_EQ(relu->call(ops::array({1.5, -2.0})).to_vector<float>(), (std::vector<float>{1.5, 0}));
}

TEST(Activation, UnknownNameTellsTheNearest) {
  EXPECT_ERROR(ValueError, AnyActivation("rellu"),
               "[activations] Unknown activation \"rellu\". Hint: did you mean \"relu\"?");
}

TEST(Activation, ThresholdNeedsItsNumbers) {
  EXPECT_ERROR(
      ValueError, AnyActivation("threshold"),
      "[activations] The activation \"threshold\" needs two numbers. Hint: .activation = [](const Tensor& x) { return "
      "activations::threshold(x, 1, 0); }.");
}

TEST(Activation, CallableWithoutNameHasNoConfig) {
  const AnyActivation doubled([](const Tensor& x) { return x * 2; });
  EXPECT_ERROR(StateError, doubled->to_config(),
               "[activation] A function without a name cannot be written to a config. Hint: make it known by "
               "register_function(\"package>name\", function).");
}

TEST(Activation, ConfigWithoutClassNameIsRefused) {
  EXPECT_ERROR(ValueError, activations::Activation::from_config(Config(Config::Object{{"name", "relu"}})),
               "[activations] Expected a name or {\"class_name\", \"config\"}, received {\"name\": \"relu\"}.");
}

TEST(Activation, GluNeedsAnEvenSize) {
  EXPECT_ERROR(ShapeError, activations::glu(ops::zeros({2, 3})),
               "[glu] Expected an even size on axis -1, received shape (2, 3).");
}

TEST(Activation, LargeInputsStayFinite) {
  const Tensor x = ops::array({-1000.0, 1000.0});
  for (const char* name :
       {"softplus", "mish", "elu", "selu", "celu", "sigmoid", "log_sigmoid", "silu", "gelu", "squareplus"}) {
    const Tensor finite = ops::isfinite(AnyActivation(name)->call(x));
    EXPECT_EQ(finite.to_vector<bool>(), (std::vector<bool>{true, true})) << name;
  }
}

}  // namespace
}  // namespace kerata
