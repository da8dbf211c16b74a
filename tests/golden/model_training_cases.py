"""Optimizers, losses, metrics and schedules in the ways compile() takes them."""

import keras
from keras import losses, metrics
from keras.optimizers import SGD, Adam, RMSprop
from keras.optimizers.schedules import ExponentialDecay, InverseTimeDecay

import training_recipes as recipes
from model_case import BATCH, ModelCase, bits, classes, features, one_hot, target, weights

OPTIMIZERS = {
    "sgd": lambda: "sgd",
    "sgd_momentum": lambda: SGD(0.05, momentum=0.9),
    "sgd_nesterov": lambda: SGD(0.05, momentum=0.9, nesterov=True, name="mine"),
    "sgd_weight_decay": lambda: SGD(0.05, weight_decay=0.1),
    "sgd_clipnorm": lambda: SGD(0.1, clipnorm=0.2),
    "sgd_clipvalue": lambda: SGD(0.1, clipvalue=0.05),
    "sgd_global_clipnorm": lambda: SGD(0.1, momentum=0.5, global_clipnorm=0.3),
    "sgd_ema": lambda: SGD(0.05, momentum=0.5, use_ema=True, ema_momentum=0.9),
    "sgd_ema_overwrite": lambda: SGD(0.05, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
    "sgd_loss_scale": lambda: SGD(0.05, loss_scale_factor=8.0),
    "sgd_accumulation": lambda: SGD(0.05, momentum=0.9, gradient_accumulation_steps=2),
    "rmsprop": lambda: "rmsprop",
    "rmsprop_momentum": lambda: RMSprop(0.01, rho=0.8, momentum=0.9),
    "rmsprop_centered": lambda: RMSprop(0.01, centered=True, epsilon=1e-4),
    "rmsprop_everything": lambda: RMSprop(0.01, momentum=0.5, centered=True, weight_decay=0.01, use_ema=True, clipnorm=1.0),
    "rmsprop_accumulation": lambda: RMSprop(0.01, momentum=0.5, gradient_accumulation_steps=2),
    "adam": lambda: "adam",
    "adam_options": lambda: Adam(0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
    "adam_amsgrad": lambda: Adam(0.01, amsgrad=True),
    "adam_everything": lambda: Adam(0.01, amsgrad=True, weight_decay=0.05, clipvalue=0.5, use_ema=True, ema_momentum=0.8),
    "adam_accumulation": lambda: Adam(0.01, gradient_accumulation_steps=2, global_clipnorm=0.5),
    "schedule_exponential": lambda: SGD(ExponentialDecay(0.1, 2, 0.8), momentum=0.9),
    "schedule_staircase": lambda: Adam(ExponentialDecay(0.02, 3, 0.5, staircase=True, name="stairs")),
    "schedule_inverse_time": lambda: RMSprop(InverseTimeDecay(0.02, 2, 0.5)),
    "schedule_inverse_time_staircase": lambda: Adam(InverseTimeDecay(0.02, 2, 0.5, staircase=True)),
}
WITH_H5 = ("sgd_momentum", "rmsprop_everything", "adam", "adam_everything", "adam_accumulation", "schedule_staircase")


def regression(name, optimizer, formats=("keras",), **options):
    given = {"loss": "mean_squared_error", "metrics": ["mae"], **options}
    return ModelCase(name, recipes.regressor, features(), target(), formats=formats, compile=lambda: {"optimizer": optimizer(), **given})


def optimizer_cases():
    for label, make in OPTIMIZERS.items():
        yield regression(f"optimizer_{label}", make, ("keras", "h5") if label in WITH_H5 else ("keras",))


def single_output_cases():
    def case(name, recipe, y, arguments, formats=("keras",), **options):
        make = lambda: {"optimizer": Adam(0.01), **arguments()}  # noqa: E731
        return ModelCase(f"compile_{name}", recipe, features(), y, compile=make, formats=formats, **options)

    sparse = "sparse_categorical_crossentropy"
    yield case("sparse", recipes.classifier, classes(1), lambda: {"loss": sparse, "metrics": ["accuracy", sparse]}, ("keras", "h5"))
    named = {"loss": "categorical_crossentropy", "metrics": ["acc", "categorical_crossentropy", "mse"]}
    yield case("one_hot", recipes.classifier, one_hot, lambda: named)
    yield case("shapes_say", recipes.classifier, one_hot, lambda: {"loss": "crossentropy", "metrics": ["accuracy"]})
    yield case("binary", recipes.binary, bits, lambda: {"loss": "bce", "metrics": ["accuracy", "bce"]})

    def objects():
        return {
            "loss": losses.CategoricalCrossentropy(label_smoothing=0.1, name="smooth"),
            "metrics": [metrics.CategoricalAccuracy(name="right"), metrics.MeanSquaredError()],
        }

    yield case("objects", recipes.classifier, one_hot, objects)

    def binary_objects():
        return {
            "loss": losses.BinaryCrossentropy(from_logits=False, label_smoothing=0.2, axis=-1),
            "metrics": [metrics.BinaryAccuracy(threshold=0.4), metrics.Accuracy(name="exact")],
        }

    yield case("binary_objects", recipes.binary, bits, binary_objects)

    def logits():
        return {
            "loss": losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2),
            "metrics": [metrics.SparseCategoricalAccuracy()],
        }

    def linear():
        return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])

    yield case("logits", linear, classes(1), logits)

    def sums():
        return {
            "loss": losses.MeanSquaredError(reduction="sum"),
            "metrics": [metrics.RootMeanSquaredError(), metrics.MeanAbsoluteError(name="far")],
        }

    yield case("sum", recipes.regressor, target(), sums)

    def functions():
        return {"loss": losses.mean_absolute_error, "metrics": [keras.metrics.mean_squared_error]}

    yield case("functions", recipes.regressor, target(), functions)
    weighted = {"loss": losses.MeanAbsoluteError(), "metrics": ["mse"], "weighted_metrics": ["mae", metrics.MeanSquaredError(name="wmse")]}
    yield case("weighted", recipes.regressor, target(), lambda: weighted, sample_weight=weights)
    yield case("steps_per_execution", recipes.regressor, target(), lambda: {"loss": "mse", "steps_per_execution": 2})
    yield case("no_metrics", recipes.regressor, target(), lambda: {"loss": "mae"})
    untrained = lambda: {"loss": "mse", "metrics": ["mae"]}  # noqa: E731
    yield case("untrained", recipes.regressor, target(), untrained, ("keras", "weights"), trained=False)
    yield ModelCase("uncompiled", recipes.classifier, features(), compile=None, formats=("keras", "h5", "weights", "json"))
    yield ModelCase("regularized", recipes.regularized, features(), target(), formats=("keras", "h5"))
    yield ModelCase("activity_regularized", recipes.activity_regularized, features(), target())


def two_output_cases():
    both = [features(3, "wide"), features(4, "deep")]
    lists = {"x": both, "y": [target(), bits], "batch_size": 5}
    mix = ["mse", "binary_crossentropy"]

    def case(name, arguments, recipe=recipes.wide_deep, formats=("keras",), **options):
        make = lambda: {"optimizer": SGD(0.05, momentum=0.9), **arguments()}  # noqa: E731
        return ModelCase(f"outputs_{name}", recipe, compile=make, formats=formats, **{**lists, **options})

    yield case("lists", lambda: {"loss": mix, "loss_weights": [0.9, 0.1]}, formats=("keras", "h5"))
    yield case("one_loss", lambda: {"loss": losses.MeanSquaredError()})
    yield case("list_metrics", lambda: {"loss": mix, "metrics": [["mae", "mse"], ["accuracy"]]})
    maps = {"main": "mse", "aux": losses.BinaryCrossentropy()}
    by_name = {"metrics": {"main": ["mae", metrics.MeanSquaredError()], "aux": "accuracy"}}
    yield case("maps", lambda: {"loss": maps, "loss_weights": {"main": 0.7, "aux": 0.2}, **by_name})
    sample_weight = [weights, lambda rows: weights(rows)[::-1].copy()]
    weighted = lambda: {"loss": maps, "weighted_metrics": {"aux": ["accuracy"]}, **by_name}  # noqa: E731
    yield case("weighted", weighted, sample_weight=sample_weight)
    yield case("list_weighted", lambda: {"loss": mix, "weighted_metrics": [["mae"], ["accuracy", "bce"]]}, sample_weight=sample_weight)
    heads = {"loss": {"score": "mse", "kind": "sparse_categorical_crossentropy"}, "metrics": {"kind": ["accuracy"], "score": ["mae"]}}
    y = {"score": target(), "kind": classes(1)}
    yield case("map_outputs", lambda: heads, recipes.two_heads, x=features(), y=y)
    # Lists are in the order of the sorted names: kind, score.
    sorted_lists = {"loss": ["sparse_categorical_crossentropy", "mse"], "loss_weights": [0.6, 0.4], "metrics": [["accuracy"], ["mae", "mse"]]}
    yield case("map_outputs_lists", lambda: sorted_lists, recipes.two_heads, x=features(), y=[classes(1), target()])
    one = {"loss": "mse", "weighted_metrics": [["mse"], ["mae"]]}
    y = {"score": target(), "kind": target(3)}
    weigh = {"score": weights, "kind": lambda rows: weights(rows)[::-1].copy()}
    yield case("map_outputs_one_loss", lambda: one, recipes.two_heads, x=features(), y=y, sample_weight=weigh)
    yield case("map_inputs", lambda: {"loss": maps}, x={"wide": both[0], "deep": both[1]})


def listed_twice_cases():
    """One tensor that is two of the three outputs: their names in the logs are equal."""
    y = [target(), bits, target()]

    def recipe():
        x = keras.Input((6,))
        main = keras.layers.Dense(1, name="main")(x)
        return keras.Model(x, [main, main, keras.layers.Dense(1, activation="sigmoid", name="aux")(x)])

    def case(name, arguments, **options):
        make = lambda: {"optimizer": SGD(0.05, momentum=0.9), **arguments()}  # noqa: E731
        return ModelCase(f"listed_twice_{name}", recipe, features(), y, compile=make, **options)

    yield case("losses", lambda: {"loss": ["mse", "mae", "mse"], "loss_weights": [0.7, 0.2, 0.1]})
    lists = [["mae", "mse"], ["mae"], ["mse"]]
    yield case("metrics", lambda: {"loss": "mse", "metrics": lists, "weighted_metrics": lists})
    maps = {"loss": {"main": "mse", "aux": "mae"}, "metrics": {"main": ["mae", "mse"]}}
    yield case("maps", lambda: maps, formats=("keras", "h5"))


def all_cases():
    for family in (optimizer_cases, single_output_cases, two_output_cases, listed_twice_cases):
        yield from family()


assert BATCH == 4  # the accumulating optimizers are saved in the middle of an accumulation: three batches, two a step
