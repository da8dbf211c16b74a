"""configs.json: what Keras writes for objects, and what older versions wrote for the same ones."""

import json

import keras
import tf_keras

from common import write_json
from configs_old_cases import TAIL, everything, hand_kept, tf_keras_pairs

K = keras


def serialized(obj):
    """As it stands in a file: tuples are lists there."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(obj)))


def layers():
    """name: (layer, its input shapes with the batch; None where it is not called)."""
    L = K.layers
    image = [(None, 9, 8, 4)]
    flat, steps = [(None, 6)], [(None, 5, 3)]
    cases = {
        "InputLayer": (L.InputLayer(shape=(4, None)), None),
        "InputLayer/all": (L.InputLayer(batch_shape=(7, 3), dtype="int32", name="ids"), None),
        "Dense": (L.Dense(3), flat),
        "Dense/all": (
            L.Dense(3, "relu", False, activity_regularizer="l1", **everything(K), **TAIL),
            [(4, 5, 6)],
        ),
        "Activation": (L.Activation("tanh"), flat),
        "Activation/all": (L.Activation(None, **TAIL), flat),
        "Flatten": (L.Flatten(), image),
        "Flatten/all": (L.Flatten("channels_first", **TAIL), image),
        "Reshape": (L.Reshape((3, 2)), flat),
        "Reshape/all": (L.Reshape((-1, 2), **TAIL), flat),
        "Dropout": (L.Dropout(0.25), flat),
        "Dropout/all": (L.Dropout(0.5, noise_shape=(None, 1), seed=11, **TAIL), flat),
        "BatchNormalization": (L.BatchNormalization(), image),
        "BatchNormalization/all": (
            L.BatchNormalization(
                axis=1,
                momentum=0.5,
                epsilon=0.25,
                center=False,
                scale=False,
                beta_initializer="ones",
                gamma_initializer=K.initializers.RandomUniform(0.5, 1.5, seed=1),
                moving_mean_initializer=K.initializers.RandomNormal(0.5, 2.0),
                moving_variance_initializer="zeros",
                beta_regularizer="l2",
                gamma_regularizer="l1",
                beta_constraint="non_neg",
                gamma_constraint=K.constraints.UnitNorm(1),
                renorm=True,
                renorm_clipping={"rmax": 3.0, "rmin": 0.25, "dmax": 5.0},
                renorm_momentum=0.75,
                **TAIL,
            ),
            image,
        ),
        "BatchNormalization/renorm": (L.BatchNormalization(renorm=True), image),
        "Normalization": (L.Normalization(), flat),
        "Normalization/all": (
            L.Normalization(axis=(1, -1), mean=[[0.5, 1.0]], variance=[[2.0, 4.0]], invert=True, **TAIL),
            [(None, 1, 2)],
        ),
        "Normalization/one": (L.Normalization(axis=None, mean=0.5, variance=2.0), flat),
        "Embedding": (L.Embedding(7, 3), [(None, 5)]),
        "Embedding/all": (
            L.Embedding(
                7,
                3,
                embeddings_initializer="glorot_normal",
                embeddings_regularizer="l2",
                embeddings_constraint=K.constraints.MinMaxNorm(0.5, 2.0, 0.25, axis=1),
                mask_zero=True,
                activity_regularizer=K.regularizers.L1(0.5),
                **TAIL,
            ),
            [(None, 5)],
        ),
        "LSTM": (L.LSTM(4), steps),
        "LSTM/all": (
            L.LSTM(
                4,
                activation="relu",
                recurrent_activation=None,
                use_bias=False,
                recurrent_initializer=K.initializers.Orthogonal(gain=0.5, seed=2),
                unit_forget_bias=False,
                recurrent_regularizer="l1",
                activity_regularizer="l2",
                recurrent_constraint="unit_norm",
                dropout=0.25,
                recurrent_dropout=0.5,
                seed=5,
                return_sequences=True,
                return_state=True,
                go_backwards=True,
                stateful=True,
                unroll=True,
                zero_output_for_mask=True,
                **everything(K),
                **TAIL,
            ),
            [(2, 5, 3)],
        ),
        "Conv2D": (L.Conv2D(3, 2), image),
        "Conv2D/all": (
            L.Conv2D(
                4,
                (3, 2),
                strides=(1, 2),
                padding="same",
                data_format="channels_first",
                groups=2,
                activation="softmax",
                use_bias=False,
                activity_regularizer="l2",
                **everything(K),
                **TAIL,
            ),
            [(None, 4, 9, 8)],
        ),
        "Conv2D/dilation": (L.Conv2D(4, (3, 2), dilation_rate=(2, 1)), image),
        "Concatenate": (L.Concatenate(), [(None, 6), (None, 2)]),
        "Concatenate/all": (L.Concatenate(axis=1, **TAIL), [(None, 6, 2), (None, 1, 2)]),
    }
    for name in ("MaxPooling2D", "AveragePooling2D"):
        cases[name] = (getattr(L, name)(2), image)
        cases[name + "/all"] = (
            getattr(L, name)((2, 3), strides=(1, 2), padding="same", data_format="channels_first", **TAIL),
            image,
        )
    for name in ("GlobalAveragePooling2D", "GlobalMaxPooling2D"):
        cases[name] = (getattr(L, name)(), image)
        cases[name + "/all"] = (getattr(L, name)("channels_first", keepdims=True, **TAIL), image)
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        cases[name] = (getattr(L, name)(), flat * 2)
        cases[name + "/all"] = (getattr(L, name)(**TAIL), flat * 2)
    for word in ("relu", "swish", "gelu", "softmax", "hard_sigmoid", "log_softmax", "linear"):
        cases["Activation/" + word] = (L.Activation(word), flat)
    for dtype in ("float16", "bfloat16"):
        cases["Dense/" + dtype] = (L.Dense(2, dtype=dtype), flat)
    return cases


def layer_case(name, layer, shapes):
    unbuilt = serialized(layer)
    if shapes is not None:
        dtype = "int32" if name.startswith("Embedding") else "float32"
        inputs = [K.Input(batch_shape=s, dtype=dtype) for s in shapes]
        layer(inputs if len(inputs) > 1 else inputs[0])
    return {"name": name, "config": unbuilt, "built": serialized(layer)}


def initializers():
    I = K.initializers
    cases = {
        "Zeros": I.Zeros(),
        "Ones": I.Ones(),
        "Constant": I.Constant(0.25),
        "Identity": I.Identity(),
        "STFT": I.STFT(),
        "STFT/all": I.STFT("imag", "hamming", None, True),
        "VarianceScaling/all": I.VarianceScaling(2.5, "fan_avg", "uniform", seed=7, input_axes=[0], output_axes=[1, 2]),
        "VarianceScaling/normal": I.VarianceScaling(2.5, "fan_out", "normal"),
        "Orthogonal/all": I.Orthogonal(gain=0.5, seed=1),
        "RandomNormal/all": I.RandomNormal(0.5, 2.0, 1),
        "TruncatedNormal/all": I.TruncatedNormal(0.5, 2.0, 1),
        "RandomUniform/all": I.RandomUniform(0.5, 2.0, 1),
    }
    for name in ("RandomNormal", "TruncatedNormal", "RandomUniform", "VarianceScaling", "Orthogonal"):
        cases[name] = getattr(I, name)()
    for name in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"):
        cases[name] = getattr(I, name)()
        cases[name + "/all"] = getattr(I, name)(seed=5, input_axes=[0, 1], output_axes=[2])
    return cases


def regularizers():
    R = K.regularizers
    return {
        "L1": R.L1(),
        "L1/all": R.L1(0.25),
        "L2": R.L2(),
        "L2/all": R.L2(0.25),
        "L1L2": R.L1L2(),
        "L1L2/all": R.L1L2(0.25, 0.5),
        "OrthogonalRegularizer": R.OrthogonalRegularizer(),
        "OrthogonalRegularizer/all": R.OrthogonalRegularizer(0.5, "columns"),
    }


def constraints():
    C = K.constraints
    return {
        "MaxNorm": C.MaxNorm(),
        "MaxNorm/all": C.MaxNorm(0.5, axis=[0, 1]),
        "NonNeg": C.NonNeg(),
        "UnitNorm": C.UnitNorm(),
        "UnitNorm/all": C.UnitNorm(axis=1),
        "MinMaxNorm": C.MinMaxNorm(),
        "MinMaxNorm/all": C.MinMaxNorm(0.25, 2.0, 0.5, axis=1),
    }


def losses():
    L = K.losses
    cases = {
        "BinaryCrossentropy/all": L.BinaryCrossentropy(True, 0.25, 1, "sum", "mine"),
        "CategoricalCrossentropy/all": L.CategoricalCrossentropy(True, 0.25, 1, "sum", "mine"),
        "SparseCategoricalCrossentropy/all": L.SparseCategoricalCrossentropy(
            from_logits=True, ignore_class=3, reduction="sum", name="mine"
        ),
        "mean_squared_error": L.mean_squared_error,
        "mean_absolute_error": L.mean_absolute_error,
        "binary_crossentropy": L.binary_crossentropy,
        "categorical_crossentropy": L.categorical_crossentropy,
        "sparse_categorical_crossentropy": L.sparse_categorical_crossentropy,
    }
    for name in ("MeanSquaredError", "MeanAbsoluteError"):
        cases[name] = getattr(L, name)()
        for reduction in ("sum", "mean", "mean_with_sample_weight", "none"):
            cases[f"{name}/{reduction}"] = getattr(L, name)(reduction=reduction, name="mine")
    for name in ("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"):
        cases[name] = getattr(L, name)()
    return cases


def metrics():
    M = K.metrics
    cases = {
        "BinaryAccuracy": M.BinaryAccuracy(),
        "BinaryAccuracy/all": M.BinaryAccuracy("mine", "float64", 0.25),
        "MeanMetricWrapper": M.MeanMetricWrapper(K.losses.mean_squared_error),
        "MeanMetricWrapper/all": M.MeanMetricWrapper(M.binary_accuracy, "mine", "float64"),
    }
    for name in (
        "Mean Sum Accuracy CategoricalAccuracy SparseCategoricalAccuracy MeanSquaredError MeanAbsoluteError "
        "RootMeanSquaredError"
    ).split():
        cases[name] = getattr(M, name)()
        cases[name + "/all"] = getattr(M, name)(name="mine", dtype="float64")
    return cases


def optimizers():
    O, S = K.optimizers, K.optimizers.schedules
    shared = {
        "weight_decay": 0.125,
        "global_clipnorm": 0.5,
        "use_ema": True,
        "ema_momentum": 0.75,
        "ema_overwrite_frequency": 3,
        "loss_scale_factor": 2.0,
        "gradient_accumulation_steps": 4,
        "name": "mine",
    }
    return {
        "SGD": O.SGD(),
        "SGD/all": O.SGD(0.3, 0.5, True, **shared),
        "SGD/clipnorm": O.SGD(0.3, clipnorm=0.5),
        "SGD/clipvalue": O.SGD(0.3, clipvalue=0.5),
        "RMSprop": O.RMSprop(),
        "RMSprop/all": O.RMSprop(0.3, 0.5, 0.25, 0.125, True, **shared),
        "Adam": O.Adam(),
        "Adam/all": O.Adam(0.3, 0.5, 0.25, 0.125, True, **shared),
        "Adam/schedule": O.Adam(S.ExponentialDecay(0.1, 100, 0.5)),
        "SGD/schedule": O.SGD(S.InverseTimeDecay(0.1, 12.5, 0.5, True, "mine")),
    }


def schedules():
    S = K.optimizers.schedules
    return {
        "ExponentialDecay": S.ExponentialDecay(0.1, 100, 0.5),
        "ExponentialDecay/all": S.ExponentialDecay(0.1, 12.5, 0.5, True, "mine"),
        "InverseTimeDecay": S.InverseTimeDecay(0.1, 100, 0.5),
        "InverseTimeDecay/all": S.InverseTimeDecay(0.1, 12.5, 0.5, True, "mine"),
    }


def registered():
    """Objects of users, registered and not."""

    @keras.saving.register_keras_serializable("acme")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    @keras.saving.register_keras_serializable("acme")
    class Pinball(keras.losses.Loss):
        def __init__(self, q, name="pinball", reduction="sum_over_batch_size"):
            super().__init__(name=name, reduction=reduction)
            self.q = q

        def call(self, y_true, y_pred):
            return y_true * self.q

        def get_config(self):
            return {**super().get_config(), "q": self.q}

    @keras.saving.register_keras_serializable("acme")
    def doubled(x):
        return 2 * x

    @keras.saving.register_keras_serializable("acme")
    def cubed(y_true, y_pred):
        return (y_true - y_pred) ** 3

    class Unknown(keras.constraints.Constraint):
        def __call__(self, w):
            return w

    return {
        "layer": Scale(2.5, name="scale"),
        "loss": Pinball(0.25),
        "loss_function": cubed,
        "activation": keras.layers.Dense(2, doubled, name="dense"),
        "unregistered": Unknown(),
    }


def make():
    families = {
        "initializers": initializers(),
        "regularizers": regularizers(),
        "constraints": constraints(),
        "losses": losses(),
        "metrics": metrics(),
        "optimizers": optimizers(),
        "schedules": schedules(),
        "registered": registered(),
    }
    content = {"tf_keras_version": tf_keras.__version__}
    content["layers"] = [layer_case(name, *case) for name, case in layers().items()]
    for family, cases in families.items():
        content[family] = [{"name": name, "config": serialized(obj)} for name, obj in cases.items()]
    content["old"] = [
        {"name": name, "family": family, "old": json.loads(json.dumps(old)), "config": serialized(new)}
        for name, family, old, new in [*tf_keras_pairs(), *hand_kept()]
    ]
    write_json("configs", content)
