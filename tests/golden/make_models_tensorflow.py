"""models_tensorflow.json, .npz and models/tf_*: a part of the models saved on TensorFlow, and those for which it is the better reference."""

from itertools import chain

import model_graph_cases
import model_layer_cases
import model_training_cases
import training_recipes as recipes
from make_models import write_models
from model_case import ModelCase, classes, words

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


def cases():
    families = chain(model_layer_cases.all_cases(), model_training_cases.all_cases(), model_graph_cases.all_cases())
    yield from (case for case in families if case.name in ALSO)
    yield from masked_outputs()
    yield from model_graph_cases.random_cases(range(100, 108))


def make():
    write_models("models_tensorflow", cases(), "tf_")
