#include "models/summary_recipes.h"

#include <map>

#include "core/require.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata::test {
namespace {

using namespace layers;

Model mnist_model() {
  Tensor inputs = Input({784}, {.name = "img"});
  Tensor x = Dense(64, {.activation = "relu"})(inputs);
  x = Dense(64, {.activation = "relu"})(x);
  return Model(inputs, Dense(10, {.activation = "softmax"})(x), {.name = "mnist_model"});
}

Model fashion_mlp() {
  return Sequential({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), Dense(100, {.activation = "relu"}),
                     Dense(10, {.activation = "softmax"})});
}

Model sequential_input_shape() {
  Sequential model({}, {.name = "small"});
  model.add(Dense(32, {.input_shape = {16}}));
  model.add(Activation("tanh"));
  model.add(Dropout(0.5));
  model.add(Dense(1));
  return model;
}

Model sequential_unbuilt() { return Sequential({Dense(8, {.activation = "relu"}), BatchNormalization(), Dense(1)}); }
Model sequential_empty() { return Sequential(); }

Model sequential_built_late() {
  Model model = sequential_unbuilt();
  model.build({-1, 4});
  return model;
}

Model sequential_fixed_batch() { return Sequential({Input({4}, {.batch_size = 16}), Dense(3)}); }

Model convnet() {
  return Sequential({Input({28, 28, 1}), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(),
                     Conv2D(64, 3, {.padding = "same", .activation = "relu"}), AveragePooling2D(2), Flatten(),
                     Dropout(0.25), Dense(10, {.activation = "softmax"})});
}

Model wide_deep() {
  Tensor wide = Input({5}, {.name = "wide"}), deep = Input({6}, {.name = "deep"});
  Tensor x = Normalization({.name = "norm_deep"})(deep);
  x = Dense(30, {.activation = "relu", .name = "hidden1"})(x);
  x = Dense(30, {.activation = "relu", .name = "hidden2"})(x);
  Tensor both = concatenate({Normalization({.name = "norm_wide"})(wide), x});
  Tensor main = Dense(1, {.name = "main_output"})(both), aux = Dense(1, {.name = "aux_output"})(x);
  return Model({wide, deep}, {main, aux}, {.name = "wide_and_deep"});
}

Model wide_deep_one_input() {
  Tensor inputs = Input({8});
  Tensor x = Normalization()(inputs);
  Tensor hidden = Dense(30, {.activation = "relu"})(x);
  hidden = Dense(30, {.activation = "relu"})(hidden);
  return Model(inputs, Dense(1)(Concatenate()({x, hidden})));
}

Model encoder() {
  Tensor inputs = Input({28, 28, 1}, {.name = "original_img"});
  Tensor x = Conv2D(16, 3, {.activation = "relu"})(inputs);
  x = Conv2D(32, 3, {.activation = "relu"})(x);
  x = MaxPooling2D(3)(x);
  x = Conv2D(32, 3, {.activation = "relu"})(x);
  x = Conv2D(16, 3, {.activation = "relu"})(x);
  return Model(inputs, GlobalMaxPooling2D()(x), {.name = "encoder"});
}

// Keras numbers layers per session, Kerata per model: `conv` is what the second model's layer is called in a session.
Model decoder(const std::string& conv) {
  Tensor inputs = Input({16}, {.name = "encoded_img"});
  Tensor x = Reshape({4, 4, 1})(inputs);
  x = Conv2D(8, 3, {.padding = "same", .activation = "relu", .name = conv})(x);
  x = Flatten()(x);
  x = Dense(784, {.activation = "sigmoid"})(x);
  return Model(inputs, Reshape({28, 28, 1})(x), {.name = "decoder"});
}
Model decoder_alone() { return decoder({}); }

Model autoencoder() {
  Model first = encoder(), second = decoder("conv2d_4");
  Tensor inputs = Input({28, 28, 1}, {.name = "img"});
  return Model(inputs, second(first(inputs)), {.name = "autoencoder"});
}

Model nested_twice() {
  Sequential inner({Input({4}), Dense(3, {.name = "inner_dense"})}, {.name = "inner"});
  Tensor inputs = Input({4}, {.name = "input_layer_1"});
  Model middle(inputs, Activation("relu")(inner(inputs)), {.name = "middle"});
  return Sequential({Input({4}), middle, Dense(2)}, {.name = "outer"});
}

Model nested_three_deep() {
  Tensor inner_input = Input({4}, {.name = "inner_input"});
  Model inner(inner_input, Dense(3, {.name = "inner_dense"})(inner_input), {.name = "inner"});
  Tensor middle_input = Input({4}, {.name = "middle_input"});
  Tensor x = add({inner(middle_input), Dense(3, {.name = "beside"})(middle_input)});
  Model middle(middle_input, x, {.name = "middle"});
  Tensor inputs = Input({4}, {.name = "x"});
  return Model(inputs, Dense(2, {.name = "head"})(middle(inputs)), {.name = "outer"});
}

Model two_outputs_inside() {
  Tensor start = Input({6}, {.name = "start"});
  Tensor x = Dense(5, {.activation = "relu", .name = "trunk"})(start);
  Tensor one = Dense(4, {.name = "one"})(x), two = Dense(4, {.name = "two"})(x);
  Model pair(start, {one, two}, {.name = "pair"});
  Tensor first = Input({6}, {.name = "first"}), second = Input({6}, {.name = "second"});
  auto [a, b] = pair.call_all(first).unpack<2>();
  auto [c, d] = pair.call_all(second).unpack<2>();
  return Model({first, second}, {subtract({a, c}), multiply({b, d})}, {.name = "siamese"});
}

Model shared_model() {
  Tensor start = Input({4}, {.name = "start"});
  Model step(start, Dense(4, {.name = "move"})(start), {.name = "step"});
  Tensor inputs = Input({4}, {.name = "x"});
  return Model(inputs, step(Activation("relu", {.name = "relu"})(step(inputs))), {.name = "twice"});
}

Model also_called_outside() {
  Dense shared(4, {.name = "shared"});
  Tensor start = Input({4}, {.name = "start"});
  Model inner(start, Activation("relu", {.name = "relu"})(shared(start)), {.name = "inner"});
  Tensor inputs = Input({4}, {.name = "x"});
  return Model(inputs, add({inner(inputs), shared(inputs)}), {.name = "outer"});
}

Model ensemble() {
  Tensor inputs = Input({128});
  Tensors outputs;
  for (int i = 0; i < 3; ++i) {
    const std::string number = i == 0 ? "" : "_" + std::to_string(i);
    Tensor start = Input({128}, {.name = "input_layer_" + std::to_string(i + 1)});
    outputs.push_back(
        Model(start, Dense(1, {.name = "dense" + number})(start), {.name = "functional" + number})(inputs));
  }
  return Model(inputs, average(outputs), {.name = "functional_3"});
}

Model shared_layer() {
  Tensor first = Input({6}, {.name = "left"}), second = Input({6}, {.name = "right"});
  Dense shared(4, {.name = "shared"});
  return Model({first, second}, Subtract()({shared(first), shared(second)}));
}

Model shared_in_a_row() {
  Tensor inputs = Input({4});
  Dense shared(4, {.name = "shared"});
  return Model(inputs, shared(shared(inputs)));
}

Model shared_embedding() {
  Embedding embedding(1000, 128);
  Tensor first = Input({-1}, {.dtype = "int32"}), second = Input({-1}, {.dtype = "int32"});
  return Model({first, second}, {embedding(first), embedding(second)});
}

Model batchnorm_mlp() {
  return Sequential({Input({20}), Dense(16, {.use_bias = false}), BatchNormalization(), Activation("relu"), Dense(1)});
}

Model masked_lstm() {
  Tensor inputs = Input({-1}, {.dtype = "int32", .name = "words"});
  Tensor x = Embedding(1000, 16, {.mask_zero = true})(inputs);
  x = LSTM(8, {.return_sequences = true})(x);
  x = LSTM(8)(x);
  return Model(inputs, Dense(1, {.activation = "sigmoid"})(x), {.name = "sentiment"});
}

Model masked_lstm_sequential() {
  return Sequential({Input({-1}, {.dtype = "int32"}), Embedding(1000, 16, {.mask_zero = true}), LSTM(8),
                     Dense(1, {.activation = "sigmoid"})});
}

Model masked_merge() {
  Tensor left = Input({5}, {.dtype = "int32", .name = "left"}), right = Input({5}, {.dtype = "int32", .name = "right"});
  Embedding embedding(10, 4, {.mask_zero = true});
  Tensor a = embedding(left), b = embedding(right);
  return Model({left, right}, LSTM(3)(Concatenate()({a, b})));
}

Model lstm_states() {
  Tensor inputs = Input({7, 3});
  return Model(inputs, LSTM(4, {.return_sequences = true, .return_state = true}).call_all(inputs));
}

Model lstm_initial_state() {
  Tensor inputs = Input({7, 3}), state_h = Input({4}), state_c = Input({4});
  return Model({inputs, state_h, state_c}, LSTM(4)(inputs, {.initial_state = {state_h, state_c}}));
}

Model operators() {
  Tensor x = Input({4}, {.name = "x"}), y = Input({4}, {.name = "y"});
  Tensor z = x + y;
  z = 2 * z - x;
  z = z * y;
  z = z / 3.0;
  return Model({x, y}, Dense(1)(-z));
}

Model operator_slice() {
  Tensor x = Input({6}, {.name = "x"});
  Tensor left = Dense(2)(x.slice({.axis = 1, .stop = 3})), right = Dense(2)(x.slice({.axis = 1, .start = 3}));
  return Model(x, left + right);
}

Model keras_ops() {
  Tensor x = Input({4, 3}, {.name = "x"});
  Tensor y = ops::mean(ops::square(x), {.axis = 1}), z = ops::max(x, {.axis = 1});
  return Model(x, ops::concatenate({y, z}, -1));
}

Model residual() {
  Tensor inputs = Input({8, 8, 3});
  Tensor x = Conv2D(4, 3, {.padding = "same", .activation = "relu"})(inputs);
  Tensor y = Conv2D(4, 3, {.padding = "same", .activation = "relu"})(x);
  x = add({x, y});
  return Model(inputs, Dense(10)(GlobalAveragePooling2D()(x)), {.name = "toy_resnet"});
}

Model frozen() {
  Sequential model({Input({4}), Dense(8), BatchNormalization(), Dense(2)});
  model.layers()[0].set_trainable(false);
  return model;
}

Model frozen_whole() {
  Model model = mnist_model();
  model.set_trainable(false);
  return model;
}

Model long_names() {
  Tensor inputs = Input({12}, {.name = "an_input_with_quite_a_long_name_indeed"});
  Tensor x = Dense(1024, {.name = "the_first_hidden_layer_of_this_network"})(inputs);
  Tensor y = Dense(1024, {.name = "the_second_hidden_layer_of_this_network"})(inputs);
  Tensor z = Concatenate({.name = "both_of_the_hidden_layers_side_by_side"})({x, y});
  return Model(inputs, Dense(1000, {.name = "predictions"})(z), {.name = "a_model_with_long_names"});
}

Model long_names_sequential() {
  return Sequential({Input({12}), Dense(5, {.name = "a_layer_whose_name_is_much_longer_than_the_column_that_holds_it"}),
                     Dense(2, {.name = "short"})});
}

Model wide_names() {
  Tensor inputs = Input({3}, {.name = "層 😀 %d %s"});
  Tensor x = Dense(4, {.name = "größe\t\"x\" e\u0301 <b>&amp;"})(inputs);
  x = Dense(4, {.name = "深い学習のための長い名前の層です"})(x);
  Tensor y = Dense(4, {.name = "ab\tc"})(inputs);
  return Model(inputs, Add({.name = "a 入力 b 入力 c"})({x, y}), {.name = "模型"});
}

Model big() { return Sequential({Input({2048}), Dense(4096), Dense(2048), Dense(1)}); }

Model input_is_output() {
  Tensor inputs = Input({3});
  return Model(inputs, inputs);
}

class TwoLayersLayer : public ModelLayer {
 public:
  explicit TwoLayersLayer(const Options&)
      : hidden_(add_layer("hidden", Dense(8, {.activation = "relu", .name = "hidden"}))),
        head_(add_layer("head", Dense(1, {.name = "head"}))) {}
  Tensors call(const Tensors& inputs, const CallContext&) const override { return head_(hidden_(inputs)); }

 private:
  Dense hidden_, head_;
};
using TwoLayers = ModelRef<TwoLayersLayer>;

Model subclassed_unbuilt() { return TwoLayers({.name = "two_layers"}); }

Model subclassed() {
  TwoLayers model({.name = "two_layers"});
  static_cast<void>(model(ops::zeros({2, 5})));
  return model;
}

}  // namespace

Model summary_recipe(const std::string& name) {
  static const std::map<std::string, Model (*)()> recipes = {{"mnist_model", mnist_model},
                                                             {"fashion_mlp", fashion_mlp},
                                                             {"sequential_input_shape", sequential_input_shape},
                                                             {"sequential_unbuilt", sequential_unbuilt},
                                                             {"sequential_empty", sequential_empty},
                                                             {"sequential_built_late", sequential_built_late},
                                                             {"sequential_fixed_batch", sequential_fixed_batch},
                                                             {"convnet", convnet},
                                                             {"wide_deep", wide_deep},
                                                             {"wide_deep_one_input", wide_deep_one_input},
                                                             {"encoder", encoder},
                                                             {"decoder", decoder_alone},
                                                             {"autoencoder", autoencoder},
                                                             {"nested_twice", nested_twice},
                                                             {"nested_three_deep", nested_three_deep},
                                                             {"two_outputs_inside", two_outputs_inside},
                                                             {"shared_model", shared_model},
                                                             {"also_called_outside", also_called_outside},
                                                             {"ensemble", ensemble},
                                                             {"shared_layer", shared_layer},
                                                             {"shared_in_a_row", shared_in_a_row},
                                                             {"shared_embedding", shared_embedding},
                                                             {"batchnorm_mlp", batchnorm_mlp},
                                                             {"masked_lstm", masked_lstm},
                                                             {"masked_lstm_sequential", masked_lstm_sequential},
                                                             {"masked_merge", masked_merge},
                                                             {"lstm_states", lstm_states},
                                                             {"lstm_initial_state", lstm_initial_state},
                                                             {"operators", operators},
                                                             {"operator_slice", operator_slice},
                                                             {"keras_ops", keras_ops},
                                                             {"residual", residual},
                                                             {"frozen", frozen},
                                                             {"frozen_whole", frozen_whole},
                                                             {"long_names", long_names},
                                                             {"long_names_sequential", long_names_sequential},
                                                             {"wide_names", wide_names},
                                                             {"big", big},
                                                             {"input_is_output", input_is_output},
                                                             {"subclassed_unbuilt", subclassed_unbuilt},
                                                             {"subclassed", subclassed}};
  const auto found = recipes.find(name);
  require<ValueError>(found != recipes.end(), "summary_recipe", "There is no recipe '", name, "'.");
  return found->second();
}

}  // namespace kerata::test
