"""models_tensorflow.json, .npz and models/tf_*: a part of the models saved on TensorFlow, and those for which it is the better reference."""

from itertools import chain

from keras import Input, Model, Sequential, layers, ops
from keras.optimizers import SGD, Adam

import model_graph_cases
import model_layer_cases
import model_training_cases
import training_recipes as recipes
from make_models import write_models
from model_case import ModelCase, classes, features, images, steps, target, words

ALSO = {
    "dense_options", "conv2d_options", "batch_normalization", "normalization", "dropout_zero", "embedding_options", "lstm_plain",
    "mask_lstm_two", "merge_layers", "input_dtypes", "optimizer_sgd_ema", "optimizer_rmsprop_everything", "optimizer_adam_everything",
    "optimizer_adam_accumulation", "optimizer_schedule_staircase", "compile_sparse", "compile_binary_objects", "compile_weighted",
    "outputs_lists", "outputs_maps", "nested_deep", "maps_in_and_out", "ops_arithmetic", "ops_slices",
}  # fmt: skip


def masked_outputs():
    """On JAX the metrics of a training step do not see the mask that predictions carry."""
    for label, metrics in (("accuracy", ["accuracy"]), ("none", [])):
        arguments = {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": metrics}
        yield ModelCase(f"mask_to_the_end_{label}", recipes.lstm_every_step, words(), classes(6, 1), compile=lambda a=arguments: dict(a))


def double_dense():
    x = Input((6,), dtype="float64")
    y = layers.Dense(8, activation="relu", dtype="float64")(x)
    y = layers.BatchNormalization(dtype="float64")(y)
    y = layers.Concatenate(dtype="float64")([x, layers.Dropout(0.0, dtype="float64")(y)])
    return Model(x, layers.Dense(1, dtype="float64")(y))


def double_convnet():
    return Sequential(
        [
            Input((8, 8, 1), dtype="float64"),
            layers.Conv2D(4, 3, activation="relu", dtype="float64"),
            layers.MaxPooling2D(2, dtype="float64"),
            layers.AveragePooling2D(2, padding="same", dtype="float64"),
            layers.Flatten(dtype="float64"),
            layers.Dense(3, activation="softmax", dtype="float64"),
        ]
    )


def double_lstm():
    x = Input((6,), dtype="int32")
    y = layers.LSTM(4, dtype="float64")(layers.Embedding(10, 3, mask_zero=True, dtype="float64")(x))
    return Model(x, layers.Dense(3, activation="softmax", dtype="float64")(y))


def mixed_precisions():
    x = Input((6,))
    y = layers.Dense(4, activation="tanh", dtype="float64")(x)
    return Model(x, layers.Dense(1)(y))


def double_cases():
    """Layers of float64: JAX has none unless told so for the whole program."""
    sparse = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    square = {"loss": "mean_squared_error", "metrics": ["mae"]}
    formats = ("keras", "h5", "weights")
    yield ModelCase("float64_dense", double_dense, features(), target(), formats=formats, compile=lambda: {"optimizer": Adam(0.01), **square})
    yield ModelCase("float64_convnet", double_convnet, images(8, 1), classes(1), compile=lambda: {"optimizer": SGD(0.05, momentum=0.9), **sparse})
    yield ModelCase("float64_lstm", double_lstm, words(), classes(1), compile=lambda: {"optimizer": SGD(0.1, momentum=0.9), **sparse})
    yield ModelCase("float64_and_float32", mixed_precisions, features(), target(), compile=lambda: {"optimizer": Adam(0.01), **square})


def stateful_cases():
    """On JAX fit() and evaluate() forget the states."""

    def one():
        return Sequential([Input(batch_shape=(5, 4, 3)), layers.LSTM(3, stateful=True), layers.Dense(1)])

    def two():
        return Sequential(
            [
                Input(batch_shape=(5, 4, 3)),
                layers.LSTM(3, stateful=True, return_sequences=True),
                layers.LSTM(2, stateful=True, go_backwards=True),
                layers.Dense(1),
            ]
        )

    yield ModelCase("lstm_stateful", one, steps(4, 3), target(), batch_size=5, formats=("keras", "h5"))
    yield ModelCase("lstm_stateful_two", two, steps(4, 3), target(), batch_size=5)


def repeated():
    """Keras on JAX cannot save this."""
    x = Input((4, 3))
    return Model(x, layers.LSTM(2)(ops.repeat(x, [1, 0, 3, 2], axis=1)))


def cases():
    families = chain(model_layer_cases.all_cases(), model_training_cases.all_cases(), model_graph_cases.all_cases())
    yield from (case for case in families if case.name in ALSO)
    yield from masked_outputs()
    yield from double_cases()
    yield from stateful_cases()
    yield ModelCase("repeat_counts", repeated, steps(4, 3), formats=("keras", "h5"))
    yield from model_graph_cases.random_cases(range(100, 108))


def make():
    write_models("models_tensorflow", cases(), "tf_")
