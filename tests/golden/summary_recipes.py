"""Models whose summary() is recorded. The C++ tests build the same models by the name of the function."""

import keras
from keras import Input, Model, Sequential, layers


def mnist_model():
    inputs = Input(shape=(784,), name="img")
    x = layers.Dense(64, activation="relu")(inputs)
    x = layers.Dense(64, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return Model(inputs, outputs, name="mnist_model")


def fashion_mlp():
    return Sequential(
        [
            Input(shape=(28, 28)),
            layers.Flatten(),
            layers.Dense(300, activation="relu"),
            layers.Dense(100, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def sequential_input_shape():
    model = Sequential(name="small")
    model.add(layers.Dense(32, input_shape=(16,)))
    model.add(layers.Activation("tanh"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1))
    return model


def sequential_unbuilt():
    return Sequential([layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dense(1)])


def sequential_empty():
    return Sequential()


def sequential_built_late():
    model = sequential_unbuilt()
    model.build((None, 4))
    return model


def sequential_fixed_batch():
    return Sequential([Input(batch_shape=(16, 4)), layers.Dense(3)])


def convnet():
    return Sequential(
        [
            Input(shape=(28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu", padding="same"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(10, activation="softmax"),
        ]
    )


def wide_deep():
    wide = Input(shape=(5,), name="wide")
    deep = Input(shape=(6,), name="deep")
    x = layers.Normalization(name="norm_deep")(deep)
    x = layers.Dense(30, activation="relu", name="hidden1")(x)
    x = layers.Dense(30, activation="relu", name="hidden2")(x)
    both = layers.concatenate([layers.Normalization(name="norm_wide")(wide), x])
    main = layers.Dense(1, name="main_output")(both)
    aux = layers.Dense(1, name="aux_output")(x)
    return Model([wide, deep], [main, aux], name="wide_and_deep")


def wide_deep_one_input():
    inputs = Input(shape=(8,))
    x = layers.Normalization()(inputs)
    hidden = layers.Dense(30, activation="relu")(x)
    hidden = layers.Dense(30, activation="relu")(hidden)
    return Model(inputs, layers.Dense(1)(layers.Concatenate()([x, hidden])))


def encoder():
    inputs = Input(shape=(28, 28, 1), name="original_img")
    x = layers.Conv2D(16, 3, activation="relu")(inputs)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    return Model(inputs, layers.GlobalMaxPooling2D()(x), name="encoder")


def decoder():
    inputs = Input(shape=(16,), name="encoded_img")
    x = layers.Reshape((4, 4, 1))(inputs)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(784, activation="sigmoid")(x)
    return Model(inputs, layers.Reshape((28, 28, 1))(x), name="decoder")


def autoencoder():
    first, second = encoder(), decoder()
    inputs = Input(shape=(28, 28, 1), name="img")
    return Model(inputs, second(first(inputs)), name="autoencoder")


def nested_twice():
    inner = Sequential([Input(shape=(4,)), layers.Dense(3, name="inner_dense")], name="inner")
    inputs = Input(shape=(4,))
    middle = Model(inputs, layers.Activation("relu")(inner(inputs)), name="middle")
    return Sequential([Input(shape=(4,)), middle, layers.Dense(2)], name="outer")


def nested_three_deep():
    """A model in a model in a model; the middle one also has a layer beside it."""
    inner_input = Input(shape=(4,), name="inner_input")
    inner = Model(inner_input, layers.Dense(3, name="inner_dense")(inner_input), name="inner")
    middle_input = Input(shape=(4,), name="middle_input")
    x = layers.add([inner(middle_input), layers.Dense(3, name="beside")(middle_input)])
    middle = Model(middle_input, x, name="middle")
    inputs = Input(shape=(4,), name="x")
    return Model(inputs, layers.Dense(2, name="head")(middle(inputs)), name="outer")


def two_outputs_inside():
    """A model with two outputs as a layer: the second one is called twice."""
    start = Input(shape=(6,), name="start")
    x = layers.Dense(5, activation="relu", name="trunk")(start)
    pair = Model(start, [layers.Dense(4, name="one")(x), layers.Dense(4, name="two")(x)], name="pair")
    first, second = Input(shape=(6,), name="first"), Input(shape=(6,), name="second")
    a, b = pair(first)
    c, d = pair(second)
    return Model([first, second], [layers.subtract([a, c]), layers.multiply([b, d])], name="siamese")


def shared_model():
    """A model called on its own output: its frame's edges run in a circle."""
    start = Input(shape=(4,), name="start")
    step = Model(start, layers.Dense(4, name="move")(start), name="step")
    inputs = Input(shape=(4,), name="x")
    return Model(inputs, step(layers.Activation("relu", name="relu")(step(inputs))), name="twice")


def also_called_outside():
    """A layer that a model inside shares with the model around it."""
    shared = layers.Dense(4, name="shared")
    start = Input(shape=(4,), name="start")
    inner = Model(start, layers.Activation("relu", name="relu")(shared(start)), name="inner")
    inputs = Input(shape=(4,), name="x")
    return Model(inputs, layers.add([inner(inputs), shared(inputs)]), name="outer")


def ensemble():
    inputs = Input(shape=(128,))
    models = []
    for _ in range(3):
        start = Input(shape=(128,))
        models.append(Model(start, layers.Dense(1)(start)))
    return Model(inputs, layers.average([m(inputs) for m in models]))


def shared_layer():
    first, second = Input(shape=(6,), name="left"), Input(shape=(6,), name="right")
    shared = layers.Dense(4, name="shared")
    return Model([first, second], layers.Subtract()([shared(first), shared(second)]))


def shared_in_a_row():
    inputs = Input(shape=(4,))
    shared = layers.Dense(4, name="shared")
    return Model(inputs, shared(shared(inputs)))


def shared_embedding():
    embedding = layers.Embedding(1000, 128)
    first = Input(shape=(None,), dtype="int32")
    second = Input(shape=(None,), dtype="int32")
    return Model([first, second], [embedding(first), embedding(second)])


def batchnorm_mlp():
    return Sequential(
        [
            Input(shape=(20,)),
            layers.Dense(16, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(1),
        ]
    )


def masked_lstm():
    inputs = Input(shape=(None,), dtype="int32", name="words")
    x = layers.Embedding(1000, 16, mask_zero=True)(inputs)
    x = layers.LSTM(8, return_sequences=True)(x)
    x = layers.LSTM(8)(x)
    return Model(inputs, layers.Dense(1, activation="sigmoid")(x), name="sentiment")


def masked_lstm_sequential():
    return Sequential(
        [
            Input(shape=(None,), dtype="int32"),
            layers.Embedding(1000, 16, mask_zero=True),
            layers.LSTM(8),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def masked_merge():
    left = Input(shape=(5,), dtype="int32", name="left")
    right = Input(shape=(5,), dtype="int32", name="right")
    embedding = layers.Embedding(10, 4, mask_zero=True)
    x = layers.Concatenate()([embedding(left), embedding(right)])
    return Model([left, right], layers.LSTM(3)(x))


def lstm_states():
    inputs = Input(shape=(7, 3))
    sequence, state_h, state_c = layers.LSTM(4, return_sequences=True, return_state=True)(inputs)
    return Model(inputs, [sequence, state_h, state_c])


def lstm_initial_state():
    inputs, state_h, state_c = Input(shape=(7, 3)), Input(shape=(4,)), Input(shape=(4,))
    return Model([inputs, state_h, state_c], layers.LSTM(4)(inputs, initial_state=[state_h, state_c]))


def operators():
    x = Input(shape=(4,), name="x")
    y = Input(shape=(4,), name="y")
    z = x + y
    z = 2 * z - x
    z = z * y
    z = z / 3.0
    return Model([x, y], layers.Dense(1)(-z))


def operator_slice():
    x = Input(shape=(6,), name="x")
    return Model(x, layers.Dense(2)(x[:, :3]) + layers.Dense(2)(x[:, 3:]))


def keras_ops():
    x = Input(shape=(4, 3), name="x")
    y = keras.ops.mean(keras.ops.square(x), axis=1)
    return Model(x, keras.ops.concatenate([y, keras.ops.max(x, axis=1)], axis=-1))


def residual():
    inputs = Input(shape=(8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    y = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.add([x, y])
    return Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)), name="toy_resnet")


def frozen():
    model = Sequential([Input(shape=(4,)), layers.Dense(8), layers.BatchNormalization(), layers.Dense(2)])
    model.layers[0].trainable = False
    return model


def frozen_whole():
    model = mnist_model()
    model.trainable = False
    return model


def long_names():
    inputs = Input(shape=(12,), name="an_input_with_quite_a_long_name_indeed")
    x = layers.Dense(1024, name="the_first_hidden_layer_of_this_network")(inputs)
    y = layers.Dense(1024, name="the_second_hidden_layer_of_this_network")(inputs)
    z = layers.Concatenate(name="both_of_the_hidden_layers_side_by_side")([x, y])
    return Model(inputs, layers.Dense(1000, name="predictions")(z), name="a_model_with_long_names")


def long_names_sequential():
    return Sequential(
        [
            Input(shape=(12,)),
            layers.Dense(5, name="a_layer_whose_name_is_much_longer_than_the_column_that_holds_it"),
            layers.Dense(2, name="short"),
        ]
    )


def wide_names():
    """Characters of two cells and of none, and tabs."""
    inputs = Input(shape=(3,), name="層 😀 %d %s")
    x = layers.Dense(4, name="größe\t\"x\" e\u0301 <b>&amp;")(inputs)
    x = layers.Dense(4, name="深い学習のための長い名前の層です")(x)
    return Model(inputs, layers.Add(name="a 入力 b 入力 c")([x, layers.Dense(4, name="ab\tc")(inputs)]), name="模型")


def big():
    return Sequential([Input(shape=(2048,)), layers.Dense(4096), layers.Dense(2048), layers.Dense(1)])


def input_is_output():
    inputs = Input(shape=(3,))
    return Model(inputs, inputs)


class TwoLayers(keras.Model):
    """A subclassed model: summary lists its layers in the order of their creation."""

    def __init__(self, units=8, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units, activation="relu", name="hidden")
        self.head = layers.Dense(1, name="head")

    def call(self, inputs):
        return self.head(self.hidden(inputs))


def subclassed_unbuilt():
    return TwoLayers(name="two_layers")


def subclassed():
    model = TwoLayers(name="two_layers")
    model(keras.ops.zeros((2, 5)))
    return model
