"""What older versions of Keras wrote, beside the same object in this one: (name, family, old config, new object)."""

import json

import keras
import tf_keras
from tf_keras.src.saving.legacy import serialization as legacy
from tf_keras.src.saving.legacy.saved_model import json_utils

K, T = keras, tf_keras


def plain(value):
    """As tf-keras writes it into an .h5 file."""
    return json.loads(json.dumps(value, default=json_utils.get_json_type))


def everything(k):
    """Options that many layers share, none of them the default, as objects of Keras 2 or 3."""
    return {
        "kernel_initializer": k.initializers.HeNormal(seed=3),
        "bias_initializer": k.initializers.Constant(0.5),
        "kernel_regularizer": k.regularizers.L1L2(l1=0.25, l2=0.5),
        "bias_regularizer": k.regularizers.L2(0.125),
        "kernel_constraint": k.constraints.MaxNorm(3.0, axis=1),
        "bias_constraint": k.constraints.NonNeg(),
    }


TAIL = {"name": "mine", "trainable": False, "dtype": "float64"}  # of every layer's arguments


def layer_pairs():
    """(name, maker, input shapes): maker(module) makes the layer with Keras 2 or 3."""
    image, flat, steps = (9, 8, 4), (6,), (5, 3)

    return [
        ("Dense", lambda k: k.layers.Dense(3, name="mine"), [flat]),
        ("Dense/all", lambda k: k.layers.Dense(3, "relu", False, **everything(k), **TAIL), [flat]),
        ("Activation", lambda k: k.layers.Activation("tanh", name="mine"), [flat]),
        ("Flatten", lambda k: k.layers.Flatten(name="mine"), [image]),
        ("Reshape", lambda k: k.layers.Reshape((-1, 2), name="mine"), [flat]),
        ("Dropout", lambda k: k.layers.Dropout(0.5, noise_shape=(None, 1), seed=11, **TAIL), [flat]),
        ("BatchNormalization", lambda k: k.layers.BatchNormalization(axis=3, name="mine"), [image]),
        ("BatchNormalization/axis", lambda k: k.layers.BatchNormalization(axis=1, **TAIL), [image]),
        ("Normalization", lambda k: k.layers.Normalization(axis=-1, name="mine"), [flat]),
        ("Normalization/given", lambda k: k.layers.Normalization(axis=None, mean=0.5, variance=2.0, name="mine"), [flat]),
        ("Embedding", lambda k: k.layers.Embedding(7, 3, mask_zero=True, name="mine"), [flat]),
        ("LSTM", lambda k: k.layers.LSTM(4, name="mine"), [steps]),
        (
            "LSTM/all",
            lambda k: k.layers.LSTM(
                4,
                activation="relu",
                recurrent_activation="sigmoid",
                use_bias=False,
                recurrent_initializer=k.initializers.Orthogonal(gain=0.5, seed=2),
                unit_forget_bias=False,
                dropout=0.25,
                recurrent_dropout=0.5,
                return_sequences=True,
                go_backwards=True,
                unroll=True,
                **everything(k),
                **TAIL,
            ),
            [steps],
        ),
        ("Conv2D", lambda k: k.layers.Conv2D(3, 2, name="mine"), [image]),
        (
            "Conv2D/all",
            lambda k: k.layers.Conv2D(4, (3, 2), (1, 2), "same", groups=2, activation="softmax", **everything(k), **TAIL),
            [image],
        ),
        ("MaxPooling2D", lambda k: k.layers.MaxPooling2D(2, name="mine"), [image]),
        ("AveragePooling2D", lambda k: k.layers.AveragePooling2D((2, 3), (1, 2), "same", **TAIL), [image]),
        ("GlobalAveragePooling2D", lambda k: k.layers.GlobalAveragePooling2D(keepdims=True, name="mine"), [image]),
        ("GlobalMaxPooling2D", lambda k: k.layers.GlobalMaxPooling2D(name="mine"), [image]),
        ("Concatenate", lambda k: k.layers.Concatenate(axis=1, name="mine"), [flat, flat]),
        ("Add", lambda k: k.layers.Add(name="mine"), [flat, flat]),
    ]


def old_layer(layer, shapes, is_legacy):
    """The layer's entry in the config of a model, as .h5 files (legacy) or .keras files of tf-keras hold it."""
    dtype = "int32" if isinstance(layer, T.layers.Embedding) else None
    inputs = [T.Input(s, dtype=dtype, name=f"input_{i}") for i, s in enumerate(shapes)]
    model = T.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))
    model.use_legacy_config = is_legacy
    entry = plain(model.get_config())["layers"][-1]
    return {k: v for k, v in entry.items() if k not in ("inbound_nodes", "name")}


def small_objects():
    """(family, name, old object, new object)."""
    for name in (
        "GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal RandomNormal TruncatedNormal "
        "RandomUniform VarianceScaling Zeros Ones Constant Orthogonal"
    ).split():
        yield "initializers", name, getattr(T.initializers, name)(), getattr(K.initializers, name)()
    for name in ("L1", "L2"):
        yield "regularizers", name, getattr(T.regularizers, name)(0.25), getattr(K.regularizers, name)(0.25)
    yield "regularizers", "L1L2", T.regularizers.L1L2(), K.regularizers.L1L2()
    yield "regularizers", "L1L2/both", T.regularizers.L1L2(0.25, 0.5), K.regularizers.L1L2(0.25, 0.5)
    for name in ("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"):
        yield "constraints", name, getattr(T.constraints, name)(), getattr(K.constraints, name)()
    for name in (
        "MeanSquaredError MeanAbsoluteError BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy"
    ).split():
        yield "losses", name, getattr(T.losses, name)(), getattr(K.losses, name)()
    yield "losses", "sum", T.losses.MeanSquaredError("sum", "mine"), K.losses.MeanSquaredError("sum", "mine")
    for name in (
        "Mean Sum Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy MeanSquaredError "
        "MeanAbsoluteError RootMeanSquaredError"
    ).split():
        yield "metrics", name, getattr(T.metrics, name)("mine"), getattr(K.metrics, name)("mine")
    yield (
        "metrics",
        "MeanMetricWrapper",
        T.metrics.MeanMetricWrapper(T.metrics.binary_accuracy, "accuracy"),
        K.metrics.MeanMetricWrapper(K.metrics.binary_accuracy, "accuracy"),
    )
    for name in ("ExponentialDecay", "InverseTimeDecay"):
        args = (0.1, 100, 0.5, True, "mine")
        yield (
            "schedules",
            name,
            getattr(T.optimizers.schedules, name)(*args),
            getattr(K.optimizers.schedules, name)(*args),
        )


def optimizer_pairs():
    """tf-keras has two generations of optimizers; the older one is the only one with a decay."""
    O, S, old = K.optimizers, K.optimizers.schedules, T.optimizers.legacy
    return [
        ("SGD", T.optimizers.SGD(0.5, 0.25, True), O.SGD(0.5, 0.25, True, name="SGD")),
        (
            "RMSprop",  # the default of tf-keras for the last one is 100
            T.optimizers.RMSprop(0.5, centered=True),
            O.RMSprop(0.5, centered=True, name="RMSprop", ema_overwrite_frequency=100),
        ),
        ("Adam", T.optimizers.Adam(clipnorm=0.5), O.Adam(clipnorm=0.5, name="Adam")),
        (
            "Adam/schedule",
            T.optimizers.Adam(T.optimizers.schedules.ExponentialDecay(0.5, 10, 0.25)),
            O.Adam(S.ExponentialDecay(0.5, 10, 0.25), name="Adam"),
        ),
        ("SGD/older", old.SGD(0.5, 0.25, True), O.SGD(0.5, 0.25, True, name="SGD")),
        ("Adam/older", old.Adam(0.5, amsgrad=True), O.Adam(0.5, amsgrad=True, name="Adam")),
        ("RMSprop/older", old.RMSprop(0.5), O.RMSprop(0.5, name="RMSprop")),
        ("Adam/decay", old.Adam(0.5, decay=0.25), O.Adam(S.InverseTimeDecay(0.5, 1, 0.25), name="Adam")),
    ]


def tf_keras_pairs():
    for name, make, shapes in layer_pairs():
        new = make(K)
        yield f"tf-keras .h5: {name}", "layers", old_layer(make(T), shapes, True), new
        yield f"tf-keras .keras: {name}", "layers", old_layer(make(T), shapes, False), new
    for family, name, old, new in small_objects():
        yield f"tf-keras .h5: {name}", family, plain(legacy.serialize_keras_object(old)), new
        yield f"tf-keras .keras: {name}", family, plain(T.saving.serialize_keras_object(old)), new
    for name, old, new in optimizer_pairs():
        h5 = {"class_name": T.saving.get_registered_name(type(old)), "config": old.get_config()}
        yield f"tf-keras .h5: {name}", "optimizers", plain(h5), new
        yield f"tf-keras .keras: {name}", "optimizers", plain(T.saving.serialize_keras_object(old)), new


def hand_kept():
    """Spellings that no installable version writes any more, from the sources of the versions named."""
    I, L, O, R, S = K.initializers, K.layers, K.optimizers, K.regularizers, K.optimizers.schedules
    glorot = {
        "class_name": "VarianceScaling",
        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
    }
    zeros = {"class_name": "Zeros", "config": {}}
    dense = {
        "name": "d",
        "trainable": True,
        "batch_input_shape": [None, 6],
        "dtype": "float32",
        "units": 3,
        "activation": "linear",
        "use_bias": True,
        "kernel_initializer": glorot,
        "bias_initializer": zeros,
        "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }
    yield (
        "Keras 2.2 Dense",
        "layers",
        {"class_name": "Dense", "config": dense},
        L.Dense(
            3,
            kernel_initializer=I.VarianceScaling(1.0, "fan_avg", "uniform"),
            kernel_regularizer=R.L1L2(0.0, 0.5),
            name="d",
        ),
    )
    policy = {"class_name": "Policy", "config": {"name": "float64"}}
    yield (
        "TensorFlow 2.3 policy",
        "layers",
        {"class_name": "Flatten", "config": {"name": "f", "trainable": True, "dtype": policy, "data_format": "channels_last"}},
        L.Flatten(name="f", dtype="float64"),
    )
    yield (
        "TensorFlow 1.15 initializer",
        "initializers",
        {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}},
        I.GlorotUniform(),
    )
    yield "Keras 2 word", "initializers", "glorot_uniform", I.GlorotUniform()
    yield (
        "Keras 2.2 InputLayer",
        "layers",
        {
            "class_name": "InputLayer",
            "config": {"batch_input_shape": [None, 6], "dtype": "float32", "sparse": False, "name": "x"},
        },
        L.InputLayer(shape=(6,), name="x"),
    )
    yield (
        "Keras 2.2 LSTM",
        "layers",
        {
            "class_name": "LSTM",
            "config": {
                "name": "l",
                "trainable": True,
                "return_sequences": True,
                "return_state": False,
                "go_backwards": False,
                "stateful": False,
                "unroll": False,
                "units": 4,
                "activation": "tanh",
                "recurrent_activation": "sigmoid",
                "use_bias": True,
                "kernel_initializer": glorot,
                "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
                "bias_initializer": zeros,
                "unit_forget_bias": True,
                "kernel_regularizer": None,
                "recurrent_regularizer": None,
                "bias_regularizer": None,
                "activity_regularizer": None,
                "kernel_constraint": None,
                "recurrent_constraint": None,
                "bias_constraint": None,
                "dropout": 0.0,
                "recurrent_dropout": 0.0,
                "implementation": 1,
            },
        },
        L.LSTM(4, kernel_initializer=I.VarianceScaling(1.0, "fan_avg", "uniform"), return_sequences=True, name="l"),
    )
    adam = {"lr": 0.5, "beta_1": 0.75, "beta_2": 0.875, "decay": 0.0, "epsilon": None, "amsgrad": False}
    yield (
        "Keras 2.2 Adam",
        "optimizers",
        {"class_name": "Adam", "config": adam},
        O.Adam(0.5, 0.75, 0.875, name="adam"),
    )
    sgd = {"lr": 0.5, "momentum": 0.25, "decay": 0.125, "nesterov": True}
    yield (
        "Keras 2.2 SGD with decay",
        "optimizers",
        {"class_name": "SGD", "config": sgd},
        O.SGD(S.InverseTimeDecay(0.5, 1, 0.125), 0.25, True, name="sgd"),
    )
    yield (
        "TensorFlow 2.0 loss",
        "losses",
        {"class_name": "MeanSquaredError", "config": {"reduction": "auto", "name": "mean_squared_error"}},
        K.losses.MeanSquaredError(),
    )
