// What models say to wrong calls of their own members.
#include "kerata/kerata.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace layers;

TEST(ModelMessages, OfASequential) {
  EXPECT_ERROR(ValueError, Sequential({Tensor()}), "[Sequential] An element is empty.");
  const Sequential model({Dense(2)});
  EXPECT_ERROR_WITH(ValueError, model({ops::ones({1, 2}), ops::ones({1, 2})}),
                    "[Sequential] A Sequential model has one input. Received 2.");
  Sequential scalar({Dense(2)});
  EXPECT_ERROR(ShapeError, scalar.build(Shape()),
               "[Model.build] Expected a shape with the batch, (-1, ...), received ().");
  scalar.build({-1, 3});
  EXPECT_EQ(scalar.count_params(), 8);
}

TEST(ModelMessages, OfAnInputThatIsEmpty) {
  const Tensor x = Input({2}, {.name = "x"});
  const Model model(x, Dense(1)(x), {.name = "m"});
  EXPECT_ERROR_WITH(StateError, model(Tensors{Tensor()}), "[Functional] An input is an empty tensor.");
}

TEST(ModelMessages, OfDevicesThatAreNotThere) {
  if (devices().size() > 1) GTEST_SKIP() << "this machine has a GPU";
  EXPECT_ERROR_WITH(BackendError, Device::cuda(3), "[Device.cuda] There is no GPU 3: ");
  EXPECT_ERROR_WITH(BackendError, Device::cuda(3), ". Hint: use Device::best(), which takes the CPU then.");
  EXPECT_EQ(Device::best(), Device::cpu());
  Sequential model({Input({2}), Dense(1)});
  model.to(Device::best());
  EXPECT_EQ(ops::ones({2}).to(Device::cpu()).device(), Device::cpu());
}

TEST(SummaryMessages, OfItsOptions) {
  const Sequential model({Input({2}), Dense(1, {.name = "first"}), Dense(1, {.name = "last"})});
  std::string text;
  auto summary = [&](SummaryOptions options) {
    options.print_fn = [&](const std::string& printed) { text += printed; };
    model.summary(options);
  };
  EXPECT_ERROR(ValueError, summary({.positions = {0.3, 1.0}}),
               "[Model.summary] Expected 3 positions, one per column, received 2.");
  EXPECT_ERROR(ValueError, summary({.line_length = 8}), "[Model.summary] Insufficient console width to print summary.");
  EXPECT_ERROR(ValueError, summary({.layer_range = {"[", "last"}}),
               "[Model.summary] layer_range holds no valid regular expressions: \"[\", \"last\".");
  EXPECT_ERROR(ValueError, summary({.layer_range = {"first", "missing"}}),
               "[Model.summary] Passed layer_names do not match the layer names in the model. Received: \"first\", "
               "\"missing\".");
  EXPECT_EQ(text, "");
  summary({.layer_range = {"last", "last"}});
  EXPECT_EQ(text.find("first"), std::string::npos);
}

// Has no handle: nobody knows how it was made.
class BareLayer : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) const override { return x * 2; }
};

TEST(ModelMessages, OfALayerMadeWithoutAHandle) {
  const AnyLayer bare(std::make_shared<BareLayer>());
  EXPECT_ERROR(StateError, bare.get_config(),
               "[bare] The layer was not made through a handle, so its arguments are not known. Hint: using Bare = "
               "LayerRef<BareLayer, ...>.");
  const Tensor x = Input({2});
  const Model model(x, bare(x));
  EXPECT_ERROR(StateError, clone_model(model),
               "[clone_model] Layer 'bare' was not made through a handle, so its arguments are not known.");
}

class PairLayer : public MultiLayer {
 public:
  Tensors call(const Tensors& x, const CallContext&) const override { return {x[0], x[0] * 2}; }
};
using Pair = LayerRef<PairLayer>;

TEST(ModelMessages, OfACloneWithOtherOutputs) {
  const Tensor x = Input({2});
  const Model model(x, Dense(2, {.name = "one"})(x));
  EXPECT_ERROR(ValueError, clone_model(model, {.clone_function = [](const AnyLayer&) { return AnyLayer(Pair()); }}),
               "[clone_model] The layer that stands for 'one' has another number of outputs. Expected 1, received 2.");
}

class PartsLayer : public Layer {
 public:
  explicit PartsLayer(bool twice) {
    add_layer("part", Dense(2));
    if (twice)
      add_layer("part", Dense(2));
    else
      add_layer("other", AnyLayer(nullptr));
  }
  Tensor call(const Tensor& x, const CallContext&) const override { return x; }
};

// Takes itself for a part as soon as it is built.
class SnakeLayer : public Layer {
 public:
  void build(const Shape&) override { add_layer("tail", AnyLayer(shared_from_this())); }
  Tensor call(const Tensor& x, const CallContext&) const override { return x; }
};
using Snake = LayerRef<SnakeLayer>;

TEST(LayerMessages, OfAPartThatIsTheLayer) {
  EXPECT_ERROR_WITH(ValueError, Snake()(ops::ones({1, 2})),
                    "[Snake.add_layer] The part 'tail' is or holds the layer itself, so calling it would never end. "
                    "Expected a graph without cycles.");
}

TEST(LayerMessages, OfParts) {
  EXPECT_ERROR(ValueError, PartsLayer(true),
               "[Parts.add_layer] There are two parts 'part'. Hint: the name of a part is its path in saved files.");
  EXPECT_ERROR(StateError, PartsLayer(false), "[Parts.add_layer] The part 'other' is empty.");
}

TEST(LayerMessages, OfEmptyHandles) {
  const AnyLayer none(nullptr);
  EXPECT_ERROR(StateError, none(ops::ones({1})), "[Layer] The handle is empty.");
  EXPECT_ERROR(StateError, none.name(), "[Layer] The handle is empty.");
  EXPECT_ERROR(ValueError, Model(Dense(2).ptr()), "[Model] The layer is not a model.");
  EXPECT_ERROR(StateError, Variable().name(), "[Variable] The variable is empty: its layer has not been built.");
  EXPECT_ERROR(StateError, Variable("w", Role::trainable, Input({2})),
               "[Variable] The first value of 'w' must be concrete.");
  EXPECT_ERROR(StateError, Variable("w", Role::trainable, Tensor()),
               "[Variable] The first value of 'w' must be concrete.");
}

TEST(LayerMessages, OfAContextOutsideOfACall) {
  const CallContext context;
  const Variable v("v", Role::non_trainable, ops::zeros({2}));
  EXPECT_ERROR(StateError, context.update(v, ops::ones({2})),
               "[CallContext.update] No call is running. Hint: use the context inside call() only.");
  EXPECT_ERROR(StateError, context.add_loss(ops::zeros({})),
               "[CallContext.add_loss] No call is running. Hint: use the context inside call() only.");
}

TEST(TensorMessages, OfAListByName) {
  Tensors named{{"a", ops::ones({1})}, {"b", ops::ones({1})}};
  EXPECT_ERROR(ValueError, named.push_back(ops::ones({1})),
               "[Tensors.push_back] A list by name takes no tensor without a name.");
  EXPECT_EQ(named.size(), 2u);
  EXPECT_ERROR(ValueError, named[2], "[Tensors] There is no tensor 2: the list has 2.");
  EXPECT_ERROR(ValueError, Tensors({ops::ones({1}), ops::ones({1})})["a"],
               "[Tensors] There is no tensor \"a\": the list has no names.");
}

TEST(GradientMessages, OfALayerThatWasOnlyRecorded) {
  const Tensor x = Input({2});
  const Tensor y = Dense(1)(x);
  EXPECT_ERROR(StateError, gradients(ops::sum(y), x),
               "[gradients] The graph holds a layer call that was only recorded. Hint: call the layers on concrete "
               "data under a GradientTape, or inside a train_step.");
}

}  // namespace
}  // namespace kerata
