"""Every layer and its options, each in a small model."""

import keras
import numpy as np
from keras import Input, Model, Sequential, layers
from keras.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from keras.initializers import (
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal,
    RandomUniform, TruncatedNormal, VarianceScaling, Zeros,
)  # fmt: skip
from keras.regularizers import L1, L1L2, L2, OrthogonalRegularizer

from common import normal
from model_case import ModelCase, features, ids, images, steps, words

ACTIVATIONS = (
    "relu", "leaky_relu", "relu6", "softmax", "log_softmax", "elu", "selu", "celu", "gelu", "sigmoid", "log_sigmoid", "hard_sigmoid",
    "sparse_sigmoid", "silu", "swish", "hard_silu", "hard_swish", "mish", "tanh", "hard_tanh", "tanh_shrink", "hard_shrink",
    "soft_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "sparsemax", "exponential", "linear",
)  # fmt: skip


def branches(shape, layers_of):
    """All layers side by side on one input, their outputs joined."""

    def make():
        inputs = Input(shape)
        return Model(inputs, layers.Concatenate()([layer(inputs) for layer in layers_of()]))

    return make


def chain(*shape, dtype="float32", of):
    return lambda: Sequential([Input(shape, dtype=dtype), *of()])


def activations(names):
    """All of them side by side; some as part of a layer, most as layers (a weight costs a file some kilobytes)."""

    def make():
        inputs = Input((4,))
        x = layers.Dense(3)(inputs)
        parts = [layers.Dense(2, activation=n)(x) for n in names[:2]] + [layers.Activation(n)(x) for n in names[2:]]
        return Model(inputs, layers.Dense(2)(layers.Concatenate()(parts)))

    return make


def dense_cases():
    def options():
        return [
            layers.Dense(
                5,
                activation="relu",
                use_bias=False,
                kernel_initializer=HeNormal(seed=1),
                kernel_regularizer=L2(0.01),
                kernel_constraint=MaxNorm(1.5),
            ),
            layers.Dense(
                4,
                activation="tanh",
                bias_initializer=Constant(0.1),
                bias_regularizer=L1(0.01),
                activity_regularizer=L1L2(0.001, 0.002),
                bias_constraint=NonNeg(),
            ),
            layers.Dense(4, activation=keras.activations.gelu, name="Named.Layer_1"),
            layers.Dense(3, trainable=False, name="frozen"),
        ]

    yield ModelCase("dense_options", chain(6, of=options), features(), formats=("keras", "h5", "weights", "json"))
    yield ModelCase("dense_3d", chain(3, 4, of=lambda: [layers.Dense(3, activation="elu"), layers.Dense(2)]), steps(3, 4))
    half = len(ACTIVATIONS) // 2
    for label, names in (("a", ACTIVATIONS[:half]), ("b", ACTIVATIONS[half:])):
        yield ModelCase(f"activations_{label}", activations(names), features(4))
    alone = ("relu", "softmax", "glu", "gelu", "hard_sigmoid", keras.activations.silu, None)
    yield ModelCase("activation_layer", branches((4,), lambda: [layers.Activation(a) for a in alone]), features(4), compile=None)
    yield ModelCase(
        "dtype_policy", chain(4, of=lambda: [layers.Dense(3, dtype=keras.DTypePolicy("float32")), layers.Dense(2)]), features(4)
    )


def object_cases():
    initializers = (
        Zeros, Ones, Constant, Identity, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, GlorotNormal, GlorotUniform,
        HeNormal, HeUniform, LecunNormal, LecunUniform, Orthogonal,
    )  # fmt: skip
    yield ModelCase(
        "initializers_plain", branches((3,), lambda: [layers.Dense(2, kernel_initializer=i()) for i in initializers]), features(3)
    )
    strings = (
        "zeros",
        "ones",
        "random_normal",
        "random_uniform",
        "truncated_normal",
        "glorot_normal",
        "he_uniform",
        "lecun_normal",
        "orthogonal",
        "identity",
        "variance_scaling",
    )
    yield ModelCase(
        "initializers_named",
        branches((3,), lambda: [layers.Dense(2, kernel_initializer=i) for i in strings]),
        features(3),
        formats=("keras", "h5"),
    )

    def with_options():
        objects = (
            Constant(0.3), Identity(gain=2.0), RandomNormal(0.1, 0.2, seed=3), RandomUniform(-0.2, 0.1, seed=4),
            TruncatedNormal(0.1, 0.3, seed=5), VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=6),
            VarianceScaling(0.5, "fan_avg", "uniform"), Orthogonal(gain=0.5, seed=7), GlorotUniform(seed=8),
        )  # fmt: skip
        return [layers.Dense(2, kernel_initializer=i, bias_initializer=RandomNormal()) for i in objects]

    yield ModelCase("initializers_options", branches((3,), with_options), features(3))

    def regularizers():
        objects = (
            L1(0.02),
            L2(0.03),
            L1L2(l1=0.01, l2=0.02),
            OrthogonalRegularizer(0.05, "columns"),
            OrthogonalRegularizer(0.04),
            "l1",
            "l2",
        )
        return [layers.Dense(3, kernel_regularizer=r, activity_regularizer=a) for r, a in zip(objects, [None, "l1", L2(0.01)] + [None] * 4)]

    yield ModelCase("regularizers", branches((3,), regularizers), features(3), formats=("keras", "h5"))

    def constraints():
        objects = (
            MaxNorm(0.9, axis=1),
            MaxNorm(1),
            NonNeg(),
            UnitNorm(axis=[0, 1]),
            UnitNorm(),
            MinMaxNorm(0.2, 0.8, 0.5, 1),
            "max_norm",
            "non_neg",
            "unit_norm",
            "min_max_norm",
        )
        return [layers.Dense(3, kernel_constraint=c) for c in objects]

    yield ModelCase("constraints", branches((3,), constraints), features(3))


def slow():
    return {"optimizer": keras.optimizers.Adam(0.01), "loss": "mse", "metrics": ["mae"]}


def image_cases():
    def convolutions():
        return [
            layers.Conv2D(4, 3, padding="same", activation="relu", kernel_initializer="he_normal", kernel_regularizer="l2"),
            layers.Conv2D(4, (3, 2), strides=(2, 1), groups=2, use_bias=False, kernel_constraint=UnitNorm([0, 1, 2])),
            layers.Conv2D(3, [2, 3], padding="SAME", dilation_rate=2, bias_initializer="ones", activity_regularizer=L2(0.001)),
            layers.Flatten(),
            layers.Dense(2),
        ]

    yield ModelCase(
        "conv2d_options",
        chain(7, 6, 2, of=convolutions),
        lambda rows: normal(f"wide/{rows}", (rows, 7, 6, 2)),
        formats=("keras", "h5", "weights"),
        compile=slow,
    )

    def pools():
        return [
            layers.MaxPooling2D(2, strides=1, padding="same"),
            layers.AveragePooling2D((2, 3), strides=(1, 2), padding="same"),
            layers.MaxPooling2D(pool_size=(3, 1)),
            layers.AveragePooling2D(2),
            layers.Conv2D(2, 1),
            layers.Reshape((-1, 1)),
            layers.Flatten(),
            layers.Dense(2),
        ]

    yield ModelCase("pooling_options", chain(9, 9, 2, of=pools), images(9, 2))

    def every_pool():
        inputs = Input((6, 6, 2))
        x = layers.Conv2D(3, 3, activation="tanh")(inputs)
        parts = [layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)]
        parts += [layers.Flatten()(p(keepdims=True)(x)) for p in (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)]
        return Model(inputs, layers.Dense(2)(layers.Concatenate(axis=-1)(parts)))

    yield ModelCase("global_pooling", every_pool, images(6, 2))

    def shapes():
        inputs = Input((4, 6))
        x = layers.Reshape((2, 2, 6))(inputs)
        x = layers.Reshape(target_shape=(-1, 3))(layers.Flatten()(x))
        return Model(inputs, [layers.Dense(2)(x), layers.Dense(2)(layers.Flatten(data_format="channels_first")(inputs))])

    yield ModelCase("reshape_flatten", shapes, lambda rows: normal(f"matrix/{rows}", (rows, 4, 6)))


def channels_first_cases():
    """JAX only: TensorFlow on a CPU cannot."""

    def first():
        option = {"data_format": "channels_first"}
        return [
            layers.Conv2D(4, 3, padding="same", **option),
            layers.MaxPooling2D(2, **option),
            layers.Conv2D(3, 2, **option),
            layers.BatchNormalization(axis=1),
            layers.AveragePooling2D(2, strides=1, **option),
            layers.GlobalMaxPooling2D(keepdims=True, **option),
            layers.Flatten(**option),
            layers.Dense(2),
        ]

    yield ModelCase("channels_first", chain(2, 8, 8, of=first), lambda rows: normal(f"first/{rows}", (rows, 2, 8, 8)))


def normalization_cases():
    def batch_options():
        return [
            layers.Dense(6),
            layers.BatchNormalization(
                momentum=0.8,
                epsilon=0.01,
                beta_initializer="ones",
                gamma_initializer=Constant(1.2),
                beta_regularizer="l2",
                gamma_constraint=NonNeg(),
            ),
            layers.Dense(5),
            layers.BatchNormalization(center=False, moving_mean_initializer=Constant(0.1), gamma_regularizer=L1(0.01)),
            layers.BatchNormalization(scale=False, moving_variance_initializer=Constant(0.9), beta_constraint=MaxNorm(2)),
            layers.Dense(2),
        ]

    yield ModelCase("batch_normalization", chain(6, of=batch_options), features(), formats=("keras", "h5", "weights"))
    yield ModelCase(
        "batch_normalization_axis",
        chain(4, 3, of=lambda: [layers.BatchNormalization(axis=1), layers.BatchNormalization(axis=-1), layers.Flatten(), layers.Dense(2)]),
        steps(4, 3),
    )

    def renorm():
        return [
            layers.Dense(4),
            layers.BatchNormalization(renorm=True, renorm_momentum=0.8),
            layers.Dense(4),
            layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 0.5, "rmax": 2.0, "dmax": 1.0}),
            layers.Dense(2),
        ]

    yield ModelCase("batch_renormalization", chain(6, of=renorm), features())

    def frozen():
        model = Sequential([Input((6,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
        model.layers[1].trainable = False
        return model

    yield ModelCase("batch_normalization_frozen", frozen, features())

    def adapted():
        inputs = Input((3,))
        layer = layers.Normalization()
        layer.adapt(normal("adapt", (20, 3), 3.0) + 2)
        x = layer(inputs)
        given = layers.Normalization(axis=-1, mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0])(inputs)
        whole = layers.Normalization(axis=None, mean=0.5, variance=2.0)(inputs)
        back = layers.Normalization(mean=0.5, variance=4.0, invert=True)(inputs)
        return Model(inputs, layers.Dense(2)(layers.Concatenate()([x, given, whole, back])))

    yield ModelCase("normalization", adapted, features(3), formats=("keras", "h5"))

    def adapted_axes():
        layer = layers.Normalization(axis=(1, 2))
        layer.adapt(normal("adapt3", (20, 4, 3), 2.0))
        return Sequential([Input((4, 3)), layer, layers.Flatten(), layers.Dense(2)])

    yield ModelCase("normalization_axes", adapted_axes, steps(4, 3))


def dropout_cases():
    yield ModelCase(
        "dropout_zero",
        chain(6, of=lambda: [layers.Dense(4), layers.Dropout(0.0), layers.Dense(2)]),
        features(),
        formats=("keras", "weights"),
    )

    def random():
        return [layers.Dense(4), layers.Dropout(0.3, noise_shape=(None, 1), seed=5), layers.Dropout(0.2), layers.Dense(2)]

    yield ModelCase("dropout_random", chain(6, of=random), features(), random=True, formats=("keras", "h5"))


def sequence_cases():
    def embedding():
        return [
            layers.Embedding(
                10, 4, embeddings_initializer=RandomUniform(seed=1), embeddings_regularizer=L2(0.01), embeddings_constraint=MaxNorm(1.0)
            ),
            layers.Flatten(),
            layers.Dense(2),
        ]

    yield ModelCase("embedding_options", chain(6, dtype="int32", of=embedding), ids())
    lstm = {
        "plain": {},
        "back": {"go_backwards": True, "return_sequences": True},
        "bare": {"use_bias": False, "activation": "relu", "recurrent_activation": "hard_sigmoid"},
        "unrolled": {"unroll": True, "unit_forget_bias": False, "bias_initializer": "ones"},
        "regularized": {
            "kernel_regularizer": L2(0.01),
            "recurrent_regularizer": "l1",
            "bias_regularizer": "l2",
            "activity_regularizer": L1(0.001),
            "kernel_constraint": MaxNorm(2),
            "recurrent_constraint": UnitNorm(),
            "bias_constraint": NonNeg(),
        },
        "initialized": {
            "kernel_initializer": "he_normal",
            "recurrent_initializer": GlorotUniform(seed=2),
            "dropout": 0.0,
            "recurrent_dropout": 0.0,
            "seed": 3,
        },
    }
    for label, options in lstm.items():
        formats = ("keras", "h5", "weights") if label == "plain" else ("keras",)
        yield ModelCase(f"lstm_{label}", chain(5, 3, of=lambda o=options: [layers.LSTM(4, **o), layers.Dense(2)]), steps(), formats=formats)
    dropping = {"dropout": 0.3, "recurrent_dropout": 0.2, "seed": 4}
    yield ModelCase("lstm_dropout", chain(5, 3, of=lambda: [layers.LSTM(4, **dropping), layers.Dense(2)]), steps(), random=True)

    def states():
        inputs, first = Input((5, 3)), Input((5, 3))
        sequence, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(first)
        x = layers.LSTM(4, return_sequences=True)(inputs, initial_state=[h, c])
        return Model([inputs, first], [layers.Dense(2)(x), layers.Dense(1)(layers.Flatten()(sequence))])

    yield ModelCase("lstm_states", states, [steps(), lambda rows: normal(f"more/{rows}", (rows, 5, 3))])

    def stateful():
        return Sequential([Input(batch_shape=(10, 4, 3)), layers.LSTM(3, stateful=True), layers.Dense(1)])

    yield ModelCase("lstm_stateful", stateful, steps(4, 3), batch_size=10, random=True)


def masked_cases():
    def embedded(*more, **options):
        return lambda: [
            layers.Embedding(10, 4, mask_zero=True),
            *[layers.LSTM(4, return_sequences=True) for _ in more],
            layers.LSTM(3, **options),
            layers.Dense(1),
        ]

    for label, more, options in (("one", (), {}), ("two", (1,), {}), ("back", (1,), {"go_backwards": True})):
        yield ModelCase(f"mask_lstm_{label}", chain(6, dtype="int32", of=embedded(*more, **options)), words())

    def zeros():
        inputs = Input((6,), dtype="int32")
        x = layers.Embedding(10, 4, mask_zero=True)(inputs)
        x = layers.LSTM(4, return_sequences=True, zero_output_for_mask=True)(x)
        return Model(inputs, layers.Dense(1)(layers.LSTM(3)(layers.BatchNormalization()(layers.Dropout(0.0)(x)))))

    yield ModelCase("mask_through_layers", zeros, words())

    def merged():
        left, right = Input((6,), dtype="int32", name="left"), Input((6,), dtype="int32", name="right")
        embedding = layers.Embedding(10, 4, mask_zero=True)
        x, y = embedding(left), embedding(right)
        x = layers.Concatenate()([layers.Add()([x, y]), x])
        return Model([left, right], layers.Dense(1, activation="sigmoid")(layers.LSTM(3)(x)))

    yield ModelCase("mask_merge", merged, [words("left"), words("right")])

    def given():
        inputs, keep = Input((5, 3)), Input((5,), dtype="bool")
        return Model([inputs, keep], layers.Dense(1)(layers.LSTM(3)(inputs, mask=keep)))

    yield ModelCase("mask_argument", given, [steps(), lambda rows: np.arange(5)[None, :] < (np.arange(rows) % 5 + 1)[:, None]])


def merge_cases():
    def every():
        a, b = Input((4,), name="a"), Input((4,), name="b")
        x, y = layers.Dense(3)(a), layers.Dense(3)(b)
        kinds = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
        return Model([a, b], layers.Dense(2)(layers.Concatenate()([k()([x, y]) for k in kinds])))

    yield ModelCase("merge_layers", every, [features(4, "a"), features(4, "b")], formats=("keras", "h5"))

    def functions():
        a, b, c = Input((2, 3)), Input((2, 3)), Input((1, 3))
        x = layers.concatenate([a, b], axis=1)
        y = layers.add([a, b, c], name="three")
        return Model([a, b, c], layers.Dense(1)(layers.Concatenate(axis=-2)([x, y, layers.maximum([a, c])])))

    yield ModelCase("merge_broadcast", functions, [steps(2, 3), lambda n: normal(f"b{n}", (n, 2, 3)), lambda n: normal(f"c{n}", (n, 1, 3))])


def input_cases():
    def typed():
        integers, bytes_, flags = Input((3,), dtype="int32"), Input((2,), dtype="uint8", name="bytes"), Input((2,), batch_size=None)
        x = layers.Embedding(10, 2)(integers)
        return Model(
            [integers, bytes_, flags], layers.Dense(2)(layers.Concatenate()([layers.Flatten()(x), layers.Dense(2)(bytes_), flags]))
        )

    yield ModelCase("input_dtypes", typed, [ids(3), ids(2, 4, "uint8"), features(2)])
    fixed = lambda: Sequential([layers.InputLayer(batch_shape=(5, 4), name="fixed"), layers.Dense(2)])  # noqa: E731
    yield ModelCase("fixed_batch", fixed, features(4), batch_size=5)

    def built_late():
        model = Sequential([layers.Dense(3, activation="relu"), layers.Dense(2)], name="late")
        model.build((None, 4))
        return model

    yield ModelCase("sequential_built_late", built_late, features(4), formats=("keras", "h5"))


def all_cases():
    for family in (
        dense_cases,
        object_cases,
        image_cases,
        normalization_cases,
        dropout_cases,
        sequence_cases,
        masked_cases,
        merge_cases,
        input_cases,
    ):
        yield from family()
