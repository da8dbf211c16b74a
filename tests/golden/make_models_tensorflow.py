"""models_tensorflow.json, .npz and models/tf_*: a part of the models saved on TensorFlow, and those for which it is the better reference."""

from itertools import chain

from keras import Input, Sequential, layers
from keras.optimizers import Adam

import model_graph_cases
import model_layer_cases
import model_training_cases
import training_recipes as recipes
from common import normal
from make_models import write_models
from model_case import ModelCase, classes, ids, steps, words

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


def stateful():
    """On JAX Keras forgets the states between the steps of fit(). Here two batches of each epoch, and all passes, go on from each other."""

    def model():
        first = layers.LSTM(3, return_sequences=True, stateful=True)
        return Sequential([Input(batch_shape=(5, 4, 3)), first, layers.LSTM(2, stateful=True), layers.Dense(1)])

    yield ModelCase("lstm_stateful", model, steps(4, 3), batch_size=5, formats=("keras", "h5"))


WIDE = {"dtype": "float64"}


def wide(*shape):
    return lambda rows: normal(f"wide/{rows}/{shape}", (rows, *shape)).astype("float64")


def float64_cases():
    """JAX has no float64 unless it is switched on for the whole process."""

    def case(name, model, x, **options):
        arguments = lambda: {"optimizer": Adam(0.01), "loss": "mean_squared_error", "metrics": ["mae"]}  # noqa: E731
        return ModelCase(f"float64_{name}", model, x, compile=arguments, **options)

    def dense():
        normalized = [layers.Dense(4, activation="tanh", **WIDE), layers.BatchNormalization(**WIDE)]
        return Sequential([Input((6,), **WIDE), *normalized, layers.Dense(2, kernel_regularizer="l2", **WIDE)])

    yield case("dense", dense, wide(6), formats=("keras", "h5", "weights", "json"))

    def convolution():
        convolved = [layers.Conv2D(3, 3, activation="relu", **WIDE), layers.MaxPooling2D(2, **WIDE), layers.Flatten(**WIDE)]
        return Sequential([Input((6, 6, 2), **WIDE), *convolved, layers.Dense(2, **WIDE)])

    yield case("convolution", convolution, wide(6, 6, 2))

    def recurrent():
        embedded = [layers.Embedding(10, 4, mask_zero=True, **WIDE), layers.LSTM(3, **WIDE)]
        return Sequential([Input((6,), dtype="int32"), *embedded, layers.Dense(1, **WIDE)])

    yield case("recurrent", recurrent, ids())

    def mixed():
        return Sequential([Input((6,)), layers.Dense(4, activation="tanh", **WIDE), layers.Dense(2)])

    yield case("inside", mixed, lambda rows: normal(f"inside/{rows}", (rows, 6)), formats=("keras", "json"))


def cases():
    families = chain(model_layer_cases.all_cases(), model_training_cases.all_cases(), model_graph_cases.all_cases())
    yield from (case for case in families if case.name in ALSO)
    yield from masked_outputs()
    yield from stateful()
    yield from float64_cases()
    yield from model_graph_cases.random_cases(range(100, 108))


def make():
    write_models("models_tensorflow", cases(), "tf_")
