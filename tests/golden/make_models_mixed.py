"""models_mixed.json, .npz and .tar.gz: models whose layers compute in bfloat16 or float16 and keep float32 weights."""

import keras
from keras import Input, Model, Sequential, layers

from make_models import write_models
from model_case import ModelCase, classes, features, images, steps, target, words


def dense():
    x = Input((6,))
    y = layers.Dense(8, activation="relu")(x)
    y = layers.Concatenate()([x, layers.Dropout(0.0)(y)])
    return Model(x, layers.Dense(3, activation="softmax", dtype="float32")(y))


def half_to_the_end():
    return Sequential([Input((6,)), layers.Dense(5, activation="tanh"), layers.Dense(1)])


def convnet():
    return Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(2),
            layers.AveragePooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def text():
    x = Input((6,), dtype="int32")
    y = layers.LSTM(4)(layers.Embedding(10, 3, mask_zero=True)(x))
    return Model(x, layers.Dense(3, activation="softmax", dtype="float32")(y))


def sequence():
    return Sequential([Input((4, 3)), layers.LSTM(3, return_sequences=True), layers.LSTM(2), layers.Dense(1)])


def nested():
    inner = Sequential([Input((6,)), layers.Dense(4, activation="relu"), layers.Dense(6)])
    x = Input((6,))
    return Model(x, layers.Dense(1)(layers.add([inner(x), x]) * 0.5))


def scaled_by_hand():
    inner = keras.optimizers.Adam(0.01)
    return {"optimizer": keras.optimizers.LossScaleOptimizer(inner, initial_scale=64.0, dynamic_growth_steps=3), "loss": "mse"}


def bfloat16_cases(sparse, formats):
    yield ModelCase("dense", dense, features(), classes(1), formats=formats, compile=sparse)
    yield ModelCase("half_to_the_end", half_to_the_end, features(), target())
    yield ModelCase("convnet", convnet, images(8, 1), classes(1), compile=sparse)
    yield ModelCase("text", text, words(), classes(1), compile=sparse)
    yield ModelCase("sequence", sequence, steps(4, 3), target())
    yield ModelCase("nested", nested, features(), target(), formats=formats)


def float16_cases(sparse, formats):
    """Their optimizers become LossScaleOptimizers."""
    yield ModelCase("float16", dense, features(), classes(1), formats=(*formats, "weights"), compile=sparse)
    yield ModelCase("float16_convnet", convnet, images(8, 1), classes(1), compile=sparse)
    yield ModelCase("float16_text", text, words(), classes(1), compile=sparse)
    yield ModelCase("float16_untrained", dense, features(), classes(1), formats=formats, compile=sparse, trained=False)
    yield ModelCase("float16_own_scale", half_to_the_end, features(), target(), formats=formats, compile=scaled_by_hand)


def under(policy, build):
    """It stays the global one while the model is trained and saved, until the session is cleared."""

    def made():
        keras.mixed_precision.set_dtype_policy(policy)
        return build()

    return made


def cases():
    # No accuracy: where two classes are within a rounding, it jumps.
    loss = "sparse_categorical_crossentropy"
    sparse = lambda: {"optimizer": "sgd", "loss": loss, "metrics": [loss]}  # noqa: E731
    for policy, make_cases in (("mixed_bfloat16", bfloat16_cases), ("mixed_float16", float16_cases)):
        for case in make_cases(sparse, ("keras", "h5", "json")):
            case.model = under(policy, case.model)
            yield case


def make():
    write_models("models_mixed", cases(), "mixed_")
