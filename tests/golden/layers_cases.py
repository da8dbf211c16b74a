"""The layers, options and inputs of layers.json, without the recurrent ones."""

import keras
import numpy as np
from keras import layers

from common import normal, rng


class LayerCase:
    """One layer called on arrays. `mask` and `initial_state` are call arguments, `input_masks` travel with the inputs."""

    def __init__(self, label, make, *inputs, training=None, mask=None, initial_state=None, input_masks=None, adapt=None, random=False):
        self.label, self.make, self.inputs = label, make, list(inputs)
        self.training, self.mask, self.initial_state = training, mask, initial_state
        self.input_masks, self.adapt, self.random = input_masks, adapt, random


def x(*shape):
    return normal(f"layers/{shape}", shape)


def other(*shape):
    return normal(f"layers/other/{shape}", shape)


def ids(high, *shape):
    return rng(f"ids/{high}/{shape}").integers(0, high, shape).astype("int32")


def mask(*rows):
    return np.array(rows, "bool")


STEP_MASK = mask([1, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 0])


def dense_cases():
    dense = layers.Dense
    yield LayerCase("default", lambda: dense(3), x(4, 5))
    yield LayerCase("tanh_no_bias", lambda: dense(3, activation="tanh", use_bias=False), x(4, 5))
    yield LayerCase("softmax", lambda: dense(4, activation="softmax"), x(2, 5))
    yield LayerCase("rank3", lambda: dense(2, activation="relu"), x(2, 3, 5))
    yield LayerCase("rank4", lambda: dense(2, activation="sigmoid"), x(2, 3, 2, 5))
    yield LayerCase("one_row", lambda: dense(1), x(1, 1))
    yield LayerCase("no_rows", lambda: dense(3), x(0, 5))
    yield LayerCase("regularized", lambda: dense(3, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1(0.1)), x(4, 5))
    yield LayerCase("activity", lambda: dense(3, activation="relu", activity_regularizer=keras.regularizers.L1L2(0.1, 0.2)), x(4, 5))
    yield LayerCase("mask_passes", lambda: dense(2), x(3, 4, 5), input_masks=[STEP_MASK])


def simple_cases():
    yield "Activation", LayerCase("relu", lambda: layers.Activation("relu"), x(3, 4))
    yield "Activation", LayerCase("softmax_rank3", lambda: layers.Activation("softmax"), x(2, 3, 4))
    yield "Activation", LayerCase("sigmoid", lambda: layers.Activation("sigmoid"), x(3, 4))
    yield "Activation", LayerCase("mask_passes", lambda: layers.Activation("tanh"), x(3, 4, 2), input_masks=[STEP_MASK])
    yield "Flatten", LayerCase("rank4", lambda: layers.Flatten(), x(2, 3, 2, 4))
    yield "Flatten", LayerCase("rank2", lambda: layers.Flatten(), x(3, 4))
    yield "Flatten", LayerCase("rank1", lambda: layers.Flatten(), x(3))
    yield "Flatten", LayerCase("channels_first", lambda: layers.Flatten(data_format="channels_first"), x(2, 3, 2, 4))
    yield "Flatten", LayerCase("mask_lost", lambda: layers.Flatten(), x(3, 4, 2), input_masks=[STEP_MASK])
    yield "Reshape", LayerCase("given", lambda: layers.Reshape((3, 4)), x(2, 12))
    yield "Reshape", LayerCase("inferred", lambda: layers.Reshape((-1, 2, 2)), x(2, 12))
    yield "Reshape", LayerCase("flat", lambda: layers.Reshape((-1,)), x(2, 3, 4))
    yield "Dropout", LayerCase("inference", lambda: layers.Dropout(0.5), x(3, 4), training=False)
    yield "Dropout", LayerCase("rate0", lambda: layers.Dropout(0.0), x(3, 4), training=True)
    yield "Dropout", LayerCase("training", lambda: layers.Dropout(0.25, seed=3), x(8, 9), training=True, random=True)
    yield (
        "Dropout",
        LayerCase("noise_shape", lambda: layers.Dropout(0.5, noise_shape=(None, 1, 4)), x(2, 3, 4), training=True, random=True),
    )
    yield "Dropout", LayerCase("mask_passes", lambda: layers.Dropout(0.5), x(3, 4, 2), training=False, input_masks=[STEP_MASK])
    embedding = layers.Embedding
    yield "Embedding", LayerCase("rank2", lambda: embedding(7, 3), ids(7, 2, 5))
    yield "Embedding", LayerCase("rank1", lambda: embedding(7, 3), ids(7, 4))
    yield "Embedding", LayerCase("mask_zero", lambda: embedding(4, 3, mask_zero=True), ids(4, 3, 6))
    yield "Embedding", LayerCase("regularized", lambda: embedding(7, 3, embeddings_regularizer="l2"), ids(7, 2, 5))
    yield "Embedding", LayerCase("float_input", lambda: embedding(7, 3), ids(7, 2, 5).astype("float32"))


def batch_normalization_cases():
    bn = layers.BatchNormalization
    for training in (False, True):
        word = "training" if training else "inference"
        yield LayerCase(f"{word}/rank2", lambda: bn(), x(6, 3), training=training)
        yield LayerCase(f"{word}/rank4", lambda: bn(), x(2, 3, 4, 3), training=training)
        yield LayerCase(f"{word}/axis1", lambda: bn(axis=1), x(2, 3, 4, 2), training=training)
        yield LayerCase(f"{word}/options", lambda: bn(momentum=0.9, epsilon=0.1), x(6, 3), training=training)
        yield LayerCase(f"{word}/no_center", lambda: bn(center=False), x(6, 3), training=training)
        yield LayerCase(f"{word}/no_scale", lambda: bn(scale=False), x(6, 3), training=training)
        yield LayerCase(f"{word}/neither", lambda: bn(center=False, scale=False), x(2, 5, 3), training=training)
        yield LayerCase(f"{word}/frozen", lambda: bn(trainable=False), x(6, 3), training=training)
        yield LayerCase(f"{word}/masked", lambda: bn(), x(3, 4, 2), training=training, input_masks=[STEP_MASK])
        yield LayerCase(f"{word}/renorm", lambda: bn(renorm=True, renorm_momentum=0.9), x(6, 3), training=training)
        clipping = {"rmin": 0.5, "rmax": 1.2, "dmax": 0.3}
        yield LayerCase(f"{word}/renorm_clipped", lambda: bn(renorm=True, renorm_clipping=clipping), x(6, 3), training=training)
    yield LayerCase("training/one_row", lambda: bn(), x(1, 3), training=True)
    yield LayerCase("training/constant_column", lambda: bn(), np.ones((4, 2), "float32"), training=True)
    yield LayerCase("training/regularized", lambda: bn(gamma_regularizer="l2", beta_regularizer="l1"), x(6, 3), training=True)


def normalization_cases():
    norm = layers.Normalization
    data = normal("adapt", (40, 3), 2.0) + np.float32([1, -4, 10])
    yield LayerCase("adapted", lambda: norm(), x(4, 3), adapt=data)
    yield LayerCase("axis_none", lambda: norm(axis=None), x(4, 3), adapt=data)
    yield LayerCase("invert", lambda: norm(invert=True), x(4, 3), adapt=data)
    cube = normal("adapt3", (10, 4, 3), 2.0) + np.float32(3)
    yield LayerCase("axis_tuple", lambda: norm(axis=(1, 2)), x(2, 4, 3), adapt=cube)
    yield LayerCase("axis1", lambda: norm(axis=1), x(2, 4, 3), adapt=cube)
    yield LayerCase("axis_last_rank3", lambda: norm(), x(2, 4, 3), adapt=cube)
    yield LayerCase("given", lambda: norm(mean=[3.0, 1.0, 2.0], variance=[2.0, 0.5, 4.0]), x(4, 3))
    yield LayerCase("given_scalar", lambda: norm(axis=None, mean=3.0, variance=2.0), x(4, 3))
    yield LayerCase("given_invert", lambda: norm(mean=[3.0, 1.0, 2.0], variance=[2.0, 0.5, 4.0], invert=True), x(4, 3))
    constant = np.ones((5, 3), "float32") * np.float32(7)
    yield LayerCase("constant_data", lambda: norm(), x(4, 3), adapt=constant)
    yield LayerCase("not_adapted", lambda: norm(), x(4, 3))
    yield LayerCase("uint8_data", lambda: norm(), ids(256, 4, 3).astype("uint8"), adapt=ids(256, 20, 3).astype("uint8"))


def conv_cases():
    conv = layers.Conv2D
    image = x(2, 6, 7, 3)
    for label, kwargs in {
        "default": {},
        "same": {"padding": "same"},
        "same_even_kernel": {"padding": "same", "kernel_size": (2, 4)},
        "strides": {"strides": 2},
        "strides_pair_same": {"strides": (2, 3), "padding": "same"},
        "strides_same_even": {"strides": 2, "padding": "same", "kernel_size": 2},
        "strides_larger_than_kernel": {"strides": 3, "kernel_size": 1},
        "dilation": {"dilation_rate": 2},
        "dilation_pair_same": {"dilation_rate": (2, 1), "padding": "same"},
        "rectangular": {"kernel_size": (1, 3)},
        "pointwise": {"kernel_size": 1},
        "relu": {"activation": "relu"},
        "no_bias": {"use_bias": False},
        "groups": {"groups": 3, "filters": 6},
        "whole_image": {"kernel_size": (6, 7)},
        "regularized": {"kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l2"},
    }.items():
        options = {"filters": 4, "kernel_size": 3, **kwargs}
        yield LayerCase(label, lambda options=options: conv(**options), image)
    yield LayerCase("one_pixel_same", lambda: conv(2, 3, padding="same"), x(1, 1, 1, 2))
    yield LayerCase("no_images", lambda: conv(2, 3), x(0, 5, 5, 2))
    yield LayerCase("groups_same_strides", lambda: conv(4, 3, strides=2, padding="same", groups=2), x(2, 5, 5, 4))
    first = {"data_format": "channels_first"}
    yield LayerCase("channels_first", lambda: conv(4, 3, **first), x(2, 3, 6, 7))
    yield LayerCase("channels_first_same", lambda: conv(4, 3, padding="same", strides=2, **first), x(2, 3, 6, 7))


def pooling_cases():
    image = x(2, 6, 7, 3)
    for name in ("MaxPooling2D", "AveragePooling2D"):
        pool = getattr(layers, name)
        for label, kwargs in {
            "default": {},
            "size3": {"pool_size": 3},
            "same": {"padding": "same"},
            "size3_same": {"pool_size": 3, "padding": "same"},
            "pair": {"pool_size": (3, 2)},
            "strides1": {"strides": 1},
            "strides1_same": {"strides": 1, "padding": "same", "pool_size": 3},
            "strides_pair_same": {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"},
            "strides_larger": {"strides": 3},
            "whole_image": {"pool_size": (6, 7)},
        }.items():
            yield name, LayerCase(label, lambda pool=pool, kwargs=kwargs: pool(**{"pool_size": 2, **kwargs}), image)
        first = {"pool_size": 2, "data_format": "channels_first", "padding": "same"}
        yield name, LayerCase("channels_first", lambda pool=pool, first=first: pool(**first), x(2, 3, 6, 7))
        ties = np.array([1, 1, 1, 1, 0, 2, 2, 0, -1, -1, -3, -1, 5, 5, 5, 5], "float32").reshape(1, 4, 4, 1)
        yield name, LayerCase("ties", lambda pool=pool: pool(2), ties)
        yield name, LayerCase("negative_same", lambda pool=pool: pool(3, padding="same"), -np.abs(x(1, 4, 4, 2)) - 1)
    for name in ("GlobalMaxPooling2D", "GlobalAveragePooling2D"):
        pool = getattr(layers, name)
        yield name, LayerCase("default", lambda pool=pool: pool(), image)
        yield name, LayerCase("keepdims", lambda pool=pool: pool(keepdims=True), image)
        yield name, LayerCase("channels_first", lambda pool=pool: pool(data_format="channels_first"), x(2, 3, 6, 7))
        yield name, LayerCase("ties", lambda pool=pool: pool(), np.ones((1, 2, 2, 2), "float32"))


def merge_cases():
    masks = [STEP_MASK, mask([1, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1])]
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        merge = getattr(layers, name)
        yield name, LayerCase("two", lambda merge=merge: merge(), x(2, 3), other(2, 3))
        yield name, LayerCase("row_broadcast", lambda merge=merge: merge(), x(2, 4, 3), other(2, 1, 3))
        yield name, LayerCase("rank_broadcast", lambda merge=merge: merge(), x(2, 3), other(2, 4, 3))
        yield name, LayerCase("masks", lambda merge=merge: merge(), x(3, 4, 2), other(3, 4, 2), input_masks=masks)
        yield name, LayerCase("one_mask", lambda merge=merge: merge(), x(3, 4, 2), other(3, 4, 2), input_masks=[masks[0], None])
        if name != "Subtract":
            yield name, LayerCase("three", lambda merge=merge: merge(), x(2, 3), other(2, 3), x(2, 3) * np.float32(0.5))
    concatenate = layers.Concatenate
    yield "Concatenate", LayerCase("default", lambda: concatenate(), x(2, 3), other(2, 4))
    yield "Concatenate", LayerCase("axis1", lambda: concatenate(axis=1), x(2, 3, 4), other(2, 2, 4))
    yield "Concatenate", LayerCase("axis_negative", lambda: concatenate(axis=-2), x(2, 3, 4), other(2, 2, 4))
    yield "Concatenate", LayerCase("three", lambda: concatenate(), x(2, 3), other(2, 1), other(2, 2))
    yield "Concatenate", LayerCase("masks_features", lambda: concatenate(), x(3, 4, 2), other(3, 4, 2), input_masks=masks)
    yield "Concatenate", LayerCase("masks_time", lambda: concatenate(axis=1), x(3, 4, 2), other(3, 4, 2), input_masks=masks)
    yield (
        "Concatenate",
        LayerCase("one_mask_time", lambda: concatenate(axis=1), x(3, 4, 2), other(3, 4, 2), input_masks=[masks[0], None]),
    )
    yield "Concatenate", LayerCase("one_mask", lambda: concatenate(), x(3, 4, 2), other(3, 4, 2), input_masks=[masks[0], None])


def all_cases():
    """Pairs of class name and case."""
    yield from (("Dense", c) for c in dense_cases())
    yield from simple_cases()
    yield from (("BatchNormalization", c) for c in batch_normalization_cases())
    yield from (("Normalization", c) for c in normalization_cases())
    yield from (("Conv2D", c) for c in conv_cases())
    yield from pooling_cases()
    yield from merge_cases()
