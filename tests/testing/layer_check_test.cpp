// layer_check finds what is wrong with a layer: each broken one breaks in one way only.
#include "kerata/testing/layer_check.h"

#include <gtest/gtest.h>

#include "graph/scope.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

using kerata::testing::layer_check;

const Tensor& samples() {
  static const Tensor x = ops::array({{1.0, -2.0, 0.5}, {0.25, 1.5, -1.0}, {2.0, 0.1, 0.3}, {-1.0, 0.7, 1.1}});
  return x;
}

/// y = x . kernel * gain, and the ways to get it wrong.
class GainLayer : public Layer {
 public:
  struct Options {
    double gain = 2;
    std::string fault = {};
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("fault", &Options::fault), field("name", &Options::name)};
    }
  };
  static constexpr std::array kArguments{"units"};
  GainLayer(Dim units, const Options& options) : units_(units), options_(options) {}
  void build(const Shape& input) override {
    kernel_ = add_weight("kernel", {input.back(), units_}, {.initializer = "ones"});
    if (has("unused weight")) unused_ = add_weight("bias", {units_});
  }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    const Mode mode = Scope::current()->mode();
    if (has("symbolic shape") && mode == Mode::dry) return ops::matmul(x, ops::concatenate({kernel_, kernel_}, 1));
    if (has("symbolic dtype") && mode == Mode::dry) return ops::matmul(x, kernel_).cast("float64");
    Tensor y = ops::matmul(x, has("no gradient") ? ops::stop_gradient(kernel_) : Tensor(kernel_)) * options_.gain;
    if (has("compiled") && mode == Mode::trace && !context.training()) y = y * 1.01;
    if (has("nan") && context.training()) y = y / ops::zeros({});
    return y;
  }
  Config get_config() const override {
    Config config = Layer::get_config();
    if (!has("config")) config.set("gain", options_.gain);
    return config;
  }
  static std::shared_ptr<LayerBase> from_config(const Config& config);

 private:
  bool has(std::string_view fault) const { return options_.fault == fault; }
  Dim units_;
  Options options_;
  Variable kernel_, unused_;
};
using PlainGain = LayerRef<GainLayer, Dim>;

/// Reads the gain, unless its fault is to forget it.
class Gain : public PlainGain {
 public:
  using PlainGain::PlainGain;
  static std::shared_ptr<LayerBase> from_config(const Config& config) {
    const char* const others[] = {"units", "gain"};
    Options options = read_fields<Options>(config, "Gain", others);
    const bool forgets = options.fault == "from_config";
    if (const Config* gain = config.find("gain"); gain && !forgets) options.gain = gain->as_number();
    return make(options, config.find("units")->as_integer());
  }
};

testing::LayerCheckOptions sound() {
  return {.inputs = samples(), .output_shapes = {{4, 2}}, .num_weights = 1, .num_trainable_weights = 1};
}

void check(const char* fault, const testing::LayerCheckOptions& options = sound()) {
  register_layer<Gain>("Gain");
  layer_check([fault] { return Gain(2, {.gain = 3, .fault = fault}); }, options);
}

TEST(LayerCheck, LetsASoundLayerPass) { EXPECT_NO_THROW(check("")); }

TEST(LayerCheck, FindsAWeightThatIsNotUsed) {
  testing::LayerCheckOptions options = sound();
  options.num_weights = options.num_trainable_weights = 2;
  EXPECT_ERROR_WITH(ValueError, check("unused weight", options), "A training step does not change 'bias'.");
}

TEST(LayerCheck, FindsAWeightThatGetsNoGradient) {
  EXPECT_ERROR_WITH(ValueError, check("no gradient"), "A training step does not change 'kernel'.");
}

TEST(LayerCheck, FindsAnotherNumberOfWeights) {
  EXPECT_ERROR_WITH(ValueError, check("unused weight"), "[layer_check] Expected 1 weights, received 2.");
  testing::LayerCheckOptions options = sound();
  options.num_trainable_weights = 0;
  EXPECT_ERROR_WITH(ValueError, check("", options), "[layer_check] Expected 0 trainable weights, received 1.");
}

TEST(LayerCheck, FindsALieAboutTheShape) {
  EXPECT_ERROR_WITH(ValueError, check("symbolic shape"), "but the symbolic call said");
  EXPECT_ERROR_WITH(ValueError, check("symbolic dtype"), "but the symbolic call said float64");
  testing::LayerCheckOptions options = sound();
  options.output_shapes = {{4, 3}};
  EXPECT_ERROR_WITH(ValueError, check("", options), "Output 0 has another shape. Expected (4, 3), received (4, 2).");
}

TEST(LayerCheck, FindsAnotherResultWhenCompiled) {
  EXPECT_ERROR_WITH(ValueError, check("compiled"), "The compiled layer gives");
}

TEST(LayerCheck, FindsWhatTheConfigLoses) {
  EXPECT_ERROR_WITH(ValueError, check("config"), "The layer from its config gives");
  EXPECT_ERROR_WITH(ValueError, check("from_config"), "The config changes on its way");
  testing::LayerCheckOptions options = sound();
  options.check_config = false;
  EXPECT_NO_THROW(check("config", options));
}

TEST(LayerCheck, FindsLossesThatAreNotFinite) {
  EXPECT_ERROR_WITH(ValueError, check("nan"), "The loss of a training step is");
}

TEST(LayerCheck, NeedsInputs) {
  EXPECT_ERROR_WITH(ValueError, check("", {}), "[layer_check] There are no sample inputs.");
}

}  // namespace
}  // namespace kerata
