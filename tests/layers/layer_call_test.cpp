// The call protocol of layers: errors with their context, parts, calls that throw, weights, names, handles.
#include <gtest/gtest.h>

#include "kerata/layers/layers.h"
#include "kerata/models/model.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace layers;

/// Adds one row, spread over a batch whose size is not known while the layer is tried out.
class AddRowLayer : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) const override {
    return x + ops::broadcast_to(ops::array({{1.0, 2.0}}), {x.shape()[0], 2});
  }
};
using AddRow = LayerRef<AddRowLayer>;

TEST(LayerCall, ALiteralMayTakeTheSizeOfTheBatch) {
  const Tensor x = Input({2});
  const Model model(x, AddRow()(x));
  for (const Dim rows : {1, 3}) {
    const Tensor y = model.predict(ops::zeros({rows, 2}), {.verbose = 0});
    EXPECT_EQ(y.shape(), (Shape{rows, 2}));
    EXPECT_EQ(y[rows - 1].to_vector<float>(), (std::vector<float>{1, 2}));
  }
}

/// A block that keeps its Dense or forgets to.
class BlockLayer : public Layer {
 public:
  struct Options {
    bool keeps = true;
    bool builds_anew = false;
  };
  explicit BlockLayer(const Options& options) : options_(options) {
    if (options.keeps) dense_ = add_layer("inner", Dense(2));
  }
  Tensor call(const Tensor& x, const CallContext&) const override {
    return options_.builds_anew ? Dense(3)(x) : dense_(x);
  }

 private:
  Options options_;
  Dense dense_{2};
};
using Block = LayerRef<BlockLayer>;

TEST(LayerCall, SaysWhichPartIsNotKept) {
  const Block kept;
  EXPECT_EQ(kept(ops::ones({1, 4})).shape(), (Shape{1, 2}));
  EXPECT_EQ(kept.weights().size(), 2U);
  EXPECT_EQ(kept.weights()[0].path(), "block/inner/kernel");
  EXPECT_ERROR(
      StateError, Block({.keeps = false})(ops::ones({1, 4})),
      "[Block] Layer 'dense' (Dense) is used in call() but is not part of the layer. Hint: in the constructor, keep it "
      "with add_layer(\"dense\", ...).\n  in layer 'dense' (Dense) called with input (1, 4)\n  in layer 'block' "
      "(Block) "
      "called with input (1, 4)");
  EXPECT_ERROR_WITH(StateError, Block({.builds_anew = true})(Input({4})),
                    "is used in call() but is not part of the layer");
}

/// Fails after it has updated its state, in build(), or in call().
class FailingLayer : public Layer {
 public:
  struct Options {
    std::string where = {};
  };
  explicit FailingLayer(const Options& options)
      : where_(options.where), count_(add_weight("count", {}, {.initializer = "zeros", .trainable = false})) {}
  void build(const Shape& input) override {
    kernel_ = add_weight("kernel", {input.back()});
    if (where_ == "build" && fails) throw ValueError("not built");
  }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    context.update(count_, count_ + 1);
    if (where_ == "call" && fails) throw std::runtime_error("not called");
    if (where_ == "empty") return {};
    if (where_ == "shape") context.update(count_, x);
    if (where_ == "loss") context.add_loss(x);
    return x * kernel_;
  }
  bool fails = true;

 private:
  std::string where_;
  Variable count_, kernel_;
};
using Failing = LayerRef<FailingLayer>;

TEST(LayerCall, ThatThrowsChangesNothing) {
  const Failing in_build({.where = "build"});
  EXPECT_ERROR(ValueError, in_build(ops::ones({2, 3})),
               "not built\n  in layer 'failing' (Failing) called with input (2, 3)");
  EXPECT_FALSE(in_build.built());
  EXPECT_EQ(in_build.weights().size(), 1U);  // the one of the constructor
  in_build->fails = false;
  EXPECT_EQ(in_build(ops::ones({2, 5})).shape(), (Shape{2, 5}));
  EXPECT_EQ(in_build.weights().size(), 2U);

  const Failing in_call({.where = "call"});
  EXPECT_THROW(static_cast<void>(in_call(ops::ones({2, 3}))), std::runtime_error);
  EXPECT_EQ(in_call.non_trainable_weights()[0].value().item(), 0);  // the update is not done
  in_call->fails = false;
  static_cast<void>(in_call(ops::ones({2, 3})));
  EXPECT_EQ(in_call.non_trainable_weights()[0].value().item(), 1);
  EXPECT_EQ(Dense(2)(ops::ones({2, 3})).shape(), (Shape{2, 2}));  // no scope is left open
}

TEST(LayerCall, ChecksWhatCallDoes) {
  const std::string where = "\n  in layer 'failing' (Failing) called with input (2, 3)";
  EXPECT_ERROR(StateError, Failing({.where = "empty"})(ops::ones({2, 3})),
               "[Failing] call() returned an empty tensor." + where);
  EXPECT_ERROR(ShapeError, Failing({.where = "shape"})(ops::ones({2, 3})),
               "[CallContext.update] 'failing/count' has another shape. Expected (), received (2, 3)." + where);
  EXPECT_ERROR(ShapeError, Failing({.where = "loss"})(ops::ones({2, 3})),
               "[CallContext.add_loss] Expected a scalar, received (2, 3)." + where);
}

TEST(LayerCall, ChecksItsInputs) {
  EXPECT_ERROR(
      ValueError, Dense(2)({ops::ones({2, 3}), ops::ones({2, 3})}),
      "[Dense] Layer 'dense' expects 1 input, but it received 2 input tensors.\n  in layer 'dense' (Dense) called with "
      "inputs (2, 3), (2, 3)");
  EXPECT_ERROR(ValueError, Dense(2)(Tensors()),
               "[Dense] The layer was called without inputs.\n  in layer 'dense' (Dense) called with inputs ");
  EXPECT_ERROR(StateError, Dense(2)(Tensor()),
               "[Dense] An input is an empty tensor.\n  in layer 'dense' (Dense) called with input nothing");
  const LSTM lstm(2, {.return_state = true});
  EXPECT_ERROR(ValueError, lstm(ops::ones({1, 2, 3})),
               "[lstm] The layer has 3 outputs. Hint: auto [a, b] = layer.call_all(x).unpack<2>().");
}

TEST(LayerCall, WeightsAreSetAllOrNothing) {
  const Dense dense(2, {.name = "d"});
  EXPECT_ERROR(StateError, dense.set_weights(Tensors{ops::ones({3, 2})}),
               "[d] The layer has no weights yet. Hint: call it on data or on Input() first.");
  EXPECT_ERROR(
      StateError, dense.count_params(),
      "[d] You tried to call count_params on layer 'd', but the layer isn't built. Hint: call it on data or on Input() "
      "first.");
  static_cast<void>(dense(ops::ones({1, 3})));
  EXPECT_EQ(dense.count_params(), 8);
  const std::vector<float> before = dense.get_weights()[0].to_vector<float>();
  EXPECT_ERROR(
      ValueError, dense.set_weights(Tensors{ops::ones({3, 2})}),
      "[d] You called set_weights(weights) on layer 'd' with a weight list of length 1, but the layer was expecting 2 "
      "weights.");
  EXPECT_ERROR(
      ShapeError, dense.set_weights({ops::ones({3, 2}), ops::ones({3})}),
      "[d] Layer 'd' weight shape is not compatible with the provided weight shape. Expected (2,) for 'd/bias', "
      "received (3,).");
  EXPECT_ERROR(StateError, dense.set_weights({ops::ones({3, 2}), Tensor()}),
               "[d] The new value of 'd/bias' has no data.");
  EXPECT_EQ(dense.get_weights()[0].to_vector<float>(), before);
  dense.set_weights({ops::ones({3, 2}), ops::array({1, 2})});  // integers are cast
  EXPECT_EQ(dense(ops::ones({1, 3})).to_vector<float>(), (std::vector<float>{4, 5}));
  EXPECT_EQ(dense.weights()[1].dtype(), DType::float32);
}

TEST(LayerCall, HandlesAreTheSameLayer) {
  const Dense dense(2);
  const AnyLayer copy = dense;
  static_cast<void>(copy(ops::ones({1, 3})));
  EXPECT_TRUE(dense.built());
  dense.weights()[1].assign(ops::array({5.0, 6.0}));
  dense.weights()[0].assign(ops::zeros({3, 2}));
  EXPECT_EQ(copy(ops::ones({1, 3})).to_vector<float>(), (std::vector<float>{5, 6}));
}

TEST(LayerCall, SymbolicCallsAreRemembered) {
  const Dense dense(2);
  EXPECT_ERROR(
      StateError, dense.input(),
      "[dense] The layer has never been called on symbolic tensors, so it has no input. Hint: call it on Input(), or "
      "add it to a model.");
  EXPECT_ERROR_WITH(StateError, dense.output_shape(), "so it has no output");
  const Tensor x = Input({3}), y = dense(x);
  EXPECT_TRUE(y.is_symbolic());
  EXPECT_EQ(dense.input_shape(), x.shape());
  EXPECT_EQ(dense.output_shape().back(), 2);
  const Add sum;
  const Tensor z = sum({y, y});
  EXPECT_ERROR(ValueError, sum.input(), "[add] The layer has 2 inputs, not one.");
  const LSTM lstm(2, {.return_state = true});
  const Tensors states = lstm.call_all(Input({4, 3}));
  EXPECT_ERROR(ValueError, lstm.output(), "[lstm] The layer has 3 outputs, not one.");
}

TEST(LayerCall, TrainableReachesWeightsAndParts) {
  const Block block;
  static_cast<void>(block(ops::ones({1, 4})));
  EXPECT_EQ(block.trainable_weights().size(), 2U);
  block.set_trainable(false);
  EXPECT_TRUE(block.trainable_weights().empty());
  EXPECT_EQ(block.non_trainable_weights().size(), 2U);
  EXPECT_FALSE(block.weights()[0].trainable());
  block.set_trainable(true);
  EXPECT_EQ(block.trainable_weights().size(), 2U);
}

TEST(LayerCall, FloatsAreCastToTheLayersDtype) {
  EXPECT_EQ(Dense(2, {.dtype = "float64"})(ops::ones({1, 3})).dtype(), DType::float64);
  EXPECT_EQ(Dense(2)(ops::ones({1, 3}).cast("float64")).dtype(), DType::float32);
  EXPECT_EQ(Flatten()(ops::ones({1, 3}).cast("int32")).dtype(), DType::int32);  // integers stay
  EXPECT_EQ(Embedding(3, 2)(ops::array({{1.0, 2.0}})).dtype(), DType::float32);
}

TEST(LayerConfig, SaysWhatIsMissing) {
  EXPECT_ERROR(ValueError,
               layer_from_config(Config(Config::Object{{"class_name", "Dence"}, {"config", Config(Config::Object{})}})),
               "[layer_from_config] Unknown layer class \"Dence\". Hint: did you mean \"Dense\"? Hint: a class of your "
               "own is made known by register_layer<Dence>(\"package>Dence\").");
  EXPECT_ERROR(
      ValueError, layer_from_config(Config(Config::Object{{"class_name", "Dense"}})),
      "[layer_from_config] Expected {\"class_name\": ..., \"config\": {...}}, received {\"class_name\": \"Dense\"}.");
  EXPECT_ERROR(ValueError,
               layer_from_config(Config(Config::Object{{"class_name", "Dense"}, {"config", Config(Config::Object{})}})),
               "[Dense] The config has no \"units\".");
  EXPECT_ERROR(StateError, Block().get_config(),
               "[Block] The class does not say what its config holds. Hint: give its Options a static fields() and the "
               "class a kArguments with the names of the positional arguments.");
}

}  // namespace
}  // namespace kerata
