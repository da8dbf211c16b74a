"""models_options.json, .npz and .tar.gz: options of layers, losses, metrics and optimizers that no other whole model sets."""

from keras import Input, Model, Sequential, layers, losses, metrics, ops
from keras.constraints import MaxNorm, NonNeg
from keras.initializers import Constant
from keras.optimizers import SGD, Adam, RMSprop
from keras.optimizers.schedules import ExponentialDecay
from keras.regularizers import L1, L2

import training_recipes as recipes
from make_models import write_models
from model_case import ModelCase, bits, classes, features, ids, images, one_hot, steps, target, weights
from model_layer_cases import chain


def layer_cases():
    def convolution():
        inputs = Input((6, 6, 2))
        x = layers.Conv2D(3, 2, bias_initializer=Constant(0.2), bias_regularizer=L2(0.02), bias_constraint=MaxNorm(0.3))(inputs)
        x = layers.Conv2D(4, 2, trainable=False, dilation_rate=(1, 2), name="fixed")(x)
        parts = [layers.GlobalAveragePooling2D(data_format="channels_first")(x), layers.Flatten()(layers.AveragePooling2D(2)(x))]
        return Model(inputs, layers.Dense(2)(layers.Concatenate(axis=1, name="join", trainable=False)(parts)))

    yield ModelCase("conv2d_bias", convolution, images(6, 2), formats=("keras", "h5"))

    def embedding():
        return [
            layers.Embedding(11, 3, embeddings_initializer=Constant(0.4), activity_regularizer=L2(0.03)),
            layers.Embedding(1, 2, trainable=False, name="one"),
        ]

    def embedded():
        inputs = Input((6,), dtype="int32")
        first, second = embedding()
        parts = [layers.Flatten()(first(inputs)), layers.Flatten()(second(inputs * 0))]
        return Model(inputs, layers.Dense(2)(layers.Concatenate()(parts)))

    yield ModelCase("embedding_activity", embedded, ids(), formats=("keras", "h5"))

    def frozen():
        return [
            layers.LSTM(3, return_sequences=True, trainable=False, name="frozen"),
            layers.BatchNormalization(trainable=False),
            layers.Dropout(0.0, trainable=False),
            layers.Reshape((15,), trainable=False),
            layers.Activation("tanh", trainable=False),
            layers.Dense(2),
        ]

    yield ModelCase("layers_not_trainable", chain(5, 3, of=frozen), steps())

    def normalized():
        options = {"gamma_regularizer": L2(0.02), "beta_regularizer": L1(0.01), "gamma_constraint": MaxNorm(0.9), "beta_constraint": NonNeg()}
        return [layers.Dense(4), layers.BatchNormalization(moving_variance_initializer=Constant(0.5), **options), layers.Dense(2)]

    yield ModelCase("batch_normalization_objects", chain(6, of=normalized), features())


def op_cases():
    def padded():
        x = Input((4, 3))
        widths = ((0, 0), (1, 2), (2, 1))
        pieces = [ops.pad(x, widths, mode=mode) for mode in ("edge", "reflect", "symmetric", "wrap")]
        pieces.append(ops.pad(x, widths, mode="constant", constant_values=0.5))
        return Model(x, layers.Dense(2)(layers.Flatten()(ops.concatenate(pieces, axis=1)) * 0.1))

    yield ModelCase("pad_modes", padded, steps(4, 3), formats=("keras", "h5"))

    def bounded():
        x = Input((4, 3))
        pieces = [ops.max(x, axis=1, initial=0.5), ops.min(x, axis=1, initial=-0.25), ops.amax(x, axis=1), ops.amin(x, axis=1)]
        pieces.append(ops.squeeze(ops.max(x, axis=(1, 2), keepdims=True, initial=0.75), 2))
        return Model(x, layers.Dense(2)(ops.concatenate(pieces, axis=1)))

    yield ModelCase("extremes_initial", bounded, steps(4, 3))


def compile_cases():
    def case(name, recipe, y, loss, of=(), formats=("keras",), **options):
        make = lambda: {"optimizer": SGD(0.05, momentum=0.5), "loss": loss(), "metrics": [m() for m in of]}  # noqa: E731
        return ModelCase(f"loss_{name}", recipe, features(), y, compile=make, formats=formats, **options)

    def linear(units):
        return lambda: Sequential([Input((6,)), layers.Dense(units)])

    logits = {"from_logits": True, "name": "mine"}
    yield case("binary_logits", linear(1), bits, lambda: losses.BinaryCrossentropy(reduction="sum", **logits), formats=("keras", "h5"))
    yield case("binary_axis", recipes.binary, bits, lambda: losses.BinaryCrossentropy(axis=1, reduction="mean"))
    yield case("categorical_logits", linear(3), one_hot, lambda: losses.CategoricalCrossentropy(reduction="sum", **logits))
    yield case("categorical_axis", recipes.classifier, one_hot, lambda: losses.CategoricalCrossentropy(axis=1))
    yield case("sparse_axis", recipes.classifier, classes(1), lambda: losses.SparseCategoricalCrossentropy(axis=1, reduction="sum"))
    by_weight = lambda: losses.MeanAbsoluteError(reduction="mean_with_sample_weight", name="far")  # noqa: E731
    yield case("mean_by_weight", recipes.regressor, target(), by_weight, sample_weight=weights)
    of_bits = [lambda: metrics.BinaryAccuracy(name="low", threshold=0.3), lambda: metrics.Accuracy(name="same")]
    yield case("metric_names_bits", recipes.binary, bits, lambda: "binary_crossentropy", of_bits)
    of_classes = [lambda: metrics.SparseCategoricalAccuracy(name="right")]
    yield case("metric_names_classes", recipes.classifier, classes(1), lambda: "sparse_categorical_crossentropy", of_classes)
    of_numbers = [lambda: metrics.RootMeanSquaredError(name="root"), lambda: metrics.MeanAbsoluteError(name="off")]
    yield case("metric_names_numbers", recipes.regressor, target(), lambda: "mse", of_numbers)


OPTIMIZERS = {
    "sgd": lambda: SGD(0.05, momentum=0.5, loss_scale_factor=4.0, gradient_accumulation_steps=2, name="steps"),
    "rmsprop_norm": lambda: RMSprop(0.01, global_clipnorm=0.3, loss_scale_factor=4.0, name="norm"),
    "rmsprop_value": lambda: RMSprop(0.01, clipvalue=0.05, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
    "rmsprop_schedule": lambda: RMSprop(ExponentialDecay(0.02, 2, 0.7), rho=0.7, momentum=0.4, centered=True),
    "adam_norm": lambda: Adam(0.01, clipnorm=0.2, loss_scale_factor=16.0, name="mine"),
    "adam_overwrite": lambda: Adam(0.01, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=3),
}


def optimizer_cases():
    for name, make in OPTIMIZERS.items():
        arguments = lambda make=make: {"optimizer": make(), "loss": "mean_squared_error", "metrics": ["mae"]}  # noqa: E731
        yield ModelCase(f"optimizer_{name}", recipes.regressor, features(), target(), formats=("keras", "h5"), compile=arguments)


def cases():
    for family in (layer_cases, op_cases, compile_cases, optimizer_cases):
        yield from family()


def make():
    write_models("models_options", cases(), "option_")
