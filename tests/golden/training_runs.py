"""The training runs: model, data, compile and fit arguments."""

import numpy as np
from keras import losses, metrics
from keras.callbacks import EarlyStopping
from keras.optimizers import SGD, Adam, RMSprop

import training_recipes as recipes
from common import normal, rng

ROWS, VALIDATION_ROWS, BATCH = 21, 10, 8


class Run:
    """One call of compile and fit. `compile` and `fit` hold their arguments; y_kind names the labels."""

    def __init__(self, name, recipe, x, y, *, sample_weight=None, fit=None, callbacks=None, validation=True, **compile):
        self.name, self.recipe, self.x, self.y, self.sample_weight = name, recipe, x, y, sample_weight
        self.compile, self.fit, self.callbacks, self.validation = compile, fit or {}, callbacks, validation


def features(columns=6, name="features"):
    return lambda rows: normal(f"{name}/{rows}/{columns}", (rows, columns))


def images(size, channels):
    return lambda rows: normal(f"images/{rows}", (rows, size, size, channels))


def words(name="words", high=10):
    """Padded sequences; the third row is padding only."""

    def make(rows):
        ids = rng(f"{name}/{rows}").integers(1, high, (rows, 6)).astype("int32")
        lengths = rng(f"{name}/lengths/{rows}").integers(1, 7, rows)
        ids[np.arange(6)[None, :] >= lengths[:, None]] = 0
        ids[2] = 0
        return ids

    return make


def target(columns=1):
    return lambda rows: normal(f"target/{rows}", (rows, columns))


def bits(rows):
    return rng(f"bits/{rows}").integers(0, 2, (rows, 1)).astype("float32")


def classes(*shape):
    return lambda rows: rng(f"classes/{rows}").integers(0, 3, (rows, *shape)).astype("int32")


def one_hot(rows):
    return np.eye(3, dtype="float32")[classes()(rows)]


def weights(rows):
    return rng(f"weights/{rows}").random(rows).astype("float32") * 2


SPARSE = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
MSE = {"loss": "mse", "metrics": ["mae"]}


def classification(name, optimizer, **options):
    return Run(name, recipes.classifier, features(), classes(1), optimizer=optimizer, **{**SPARSE, **options})


def regression(name, optimizer, recipe=recipes.regressor, **options):
    return Run(name, recipe, features(), target(), optimizer=optimizer, **{**MSE, **options})


def dense_sgd():
    yield classification("plain", "sgd")
    yield classification("momentum", SGD(0.05, momentum=0.9))
    yield classification("nesterov", SGD(0.05, momentum=0.9, nesterov=True))
    yield regression("regression", SGD(0.05), metrics=["mae", "mse", metrics.RootMeanSquaredError()])
    yield Run("one_hot", recipes.classifier, features(), one_hot, optimizer=SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    smooth = losses.CategoricalCrossentropy(label_smoothing=0.1)
    yield Run("label_smoothing", recipes.classifier, features(), one_hot, optimizer=SGD(0.1), loss=smooth, metrics=["accuracy"])
    yield Run("binary", recipes.binary, features(), bits, optimizer=SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"])


def dense_rmsprop():
    yield classification("plain", "rmsprop")
    yield classification("momentum", RMSprop(0.01, momentum=0.9))
    yield classification("centered", RMSprop(0.01, centered=True, rho=0.8, epsilon=1e-4))
    yield regression("momentum_centered", RMSprop(0.01, momentum=0.5, centered=True))


def dense_adam():
    yield classification("plain", "adam")
    yield classification("amsgrad", Adam(0.01, amsgrad=True))
    yield regression("options", Adam(0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3))


def batchnorm():
    for name, recipe in (("dense", recipes.batchnorm), ("frozen", recipes.batchnorm_frozen)):
        yield Run(name, recipe, features(), classes(1), optimizer=SGD(0.1, momentum=0.9), **SPARSE)
    conv = recipes.batchnorm_conv
    yield Run("conv", conv, images(6, 2), bits, optimizer=Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])


def conv():
    yield Run("max", recipes.convnet, images(8, 1), classes(1), optimizer=Adam(0.01), **SPARSE)
    logits = losses.SparseCategoricalCrossentropy(from_logits=True)
    yield Run("average", recipes.convnet_average, images(8, 2), classes(1), optimizer=SGD(0.1), loss=logits, metrics=["accuracy"])


def lstm():
    bce = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    yield Run("plain", recipes.lstm, words(), bits, optimizer=Adam(0.01), **bce)
    yield Run("masked", recipes.lstm_masked, words(), bits, optimizer=RMSprop(0.01), **bce)
    both = [words("left"), words("right")]
    yield Run("masked_merge", recipes.lstm_masked_merge, both, bits, optimizer=Adam(0.01), **bce)


def masked_outputs():
    steps = (recipes.lstm_every_step, words(), classes(6, 1))
    yield Run("every_step", *steps, optimizer=SGD(0.5), **SPARSE)
    step_weights = {"sample_weight": lambda rows: rng(f"sw/{rows}").random((rows, 6)).astype("float32")}
    yield Run("weights_per_step", *steps, optimizer=SGD(0.5), **SPARSE, weighted_metrics=["accuracy"], **step_weights)


def two_outputs():
    lists = {"x": [features(3, "wide"), features(4, "deep")], "y": [target(), bits]}
    maps = {"x": {"wide": lists["x"][0], "deep": lists["x"][1]}, "y": {"main": target(), "aux": bits}}

    def sgd():
        return {"optimizer": SGD(0.05)}

    named = {"loss": {"main": "mse", "aux": "binary_crossentropy"}}
    yield Run("lists", recipes.wide_deep, **lists, loss=["mse", "binary_crossentropy"], loss_weights=[0.9, 0.1], **sgd())
    yield Run("one_loss", recipes.wide_deep, **lists, loss="mse", **sgd())
    both = [["mae", "mse"], ["accuracy"]]
    yield Run("list_metrics", recipes.wide_deep, **lists, loss=["mse", "binary_crossentropy"], metrics=both, **sgd())
    by_name = {"metrics": {"main": ["mae", "mse"], "aux": "accuracy"}}
    yield Run("maps", recipes.wide_deep, **lists, **named, loss_weights={"main": 0.7, "aux": 0.2}, **by_name, **sgd())
    yield Run("map_losses_list_weights", recipes.wide_deep, **lists, **named, loss_weights=[0.7, 0.2], **sgd())
    yield Run("map_inputs", recipes.wide_deep, x=maps["x"], y=lists["y"], **named, optimizer=Adam(0.01))
    weighted = {"weighted_metrics": {"aux": ["accuracy"]}, "sample_weight": [weights, lambda rows: weights(rows)[::-1].copy()]}
    yield Run("weighted", recipes.wide_deep, **lists, **named, **weighted, **by_name, **sgd())
    heads = {"loss": {"score": "mse", "kind": "sparse_categorical_crossentropy"}, "metrics": {"kind": ["accuracy"], "score": ["mae"]}}
    y = {"score": target(), "kind": classes(1)}
    yield Run("map_outputs", recipes.two_heads, features(), y, **heads, loss_weights={"score": 1.0, "kind": 0.5}, optimizer=Adam(0.01))


def graph():
    both = [features(3, "left"), features(3, "right")]
    yield Run("siamese", recipes.siamese, both, bits, optimizer=SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    yield regression("nested", Adam(0.01), recipes.nested)


def sample_weight():
    yield classification("weights", SGD(0.1), sample_weight=weights)
    yield classification("weighted_metrics", SGD(0.1), sample_weight=weights, metrics=["accuracy"], weighted_metrics=["accuracy"])
    with_zeros = {"sample_weight": lambda rows: np.where(np.arange(rows) % 3 == 0, 0, 1).astype("float32")}
    yield regression("zeros", SGD(0.1), **with_zeros)
    yield regression("weighted_mae", Adam(0.01), sample_weight=weights, metrics=[], weighted_metrics=["mae"])
    yield classification("class_weight", SGD(0.1), fit={"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}})
    as_sum = losses.MeanSquaredError(reduction="sum")
    yield regression("sum_reduction", SGD(0.01), sample_weight=weights, loss=as_sum)


def regularizers():
    yield regression("weights", SGD(0.05), recipes.regularized)
    yield regression("activity", SGD(0.05), recipes.activity_regularized)


def optimizer_options():
    yield regression("clipnorm", SGD(0.5, clipnorm=0.1))
    yield regression("clipvalue", SGD(0.5, clipvalue=0.05))
    yield regression("global_clipnorm", SGD(0.5, global_clipnorm=0.1))
    yield regression("weight_decay", SGD(0.1, weight_decay=0.2))
    yield regression("weight_decay_adam", Adam(0.01, weight_decay=0.2))
    yield regression("ema", SGD(0.1, use_ema=True, ema_momentum=0.9))
    yield regression("ema_overwrite", Adam(0.01, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2))
    yield regression("loss_scale", SGD(0.1, loss_scale_factor=8.0))
    yield regression("accumulation", SGD(0.1, gradient_accumulation_steps=2))
    yield regression("accumulation_adam", Adam(0.01, gradient_accumulation_steps=3, clipnorm=0.5))


def fit_arguments():
    yield regression("validation_split", SGD(0.1), fit={"validation_split": 0.25}, validation=False)
    yield regression("initial_epoch", SGD(0.1), fit={"initial_epoch": 1})
    yield regression("validation_freq", SGD(0.1), fit={"validation_freq": 2})
    yield regression("validation_freq_list", SGD(0.1), fit={"validation_freq": [1, 3]})
    yield regression("validation_steps", SGD(0.1), fit={"validation_steps": 1})
    yield regression("validation_batch_size", SGD(0.1), fit={"validation_batch_size": 3})
    yield regression("steps_per_epoch", SGD(0.1), fit={"steps_per_epoch": 2})
    yield regression("steps_per_execution", SGD(0.1), steps_per_execution=2)
    yield regression("batch_size_larger_than_data", SGD(0.1), fit={"batch_size": 100})
    yield regression("default_batch_size", SGD(0.1), fit={"batch_size": None})


def early_stopping():
    fast = {"fit": {"epochs": 20}}
    stop = {"monitor": "val_loss", "patience": 2}
    keep = {"restore_best_weights": True}
    yield regression("stops", SGD(0.05), **fast, callbacks=[EarlyStopping(**stop)])
    yield regression("restores", SGD(0.05), **fast, callbacks=[EarlyStopping(**stop, **keep)])
    yield regression("restores_without_stopping", SGD(0.05), callbacks=[EarlyStopping(monitor="val_mae", patience=50, **keep)])
    yield regression("start_from_epoch", SGD(0.05), **fast, callbacks=[EarlyStopping(**stop, start_from_epoch=4, **keep)])
    yield regression("min_delta", SGD(0.02), **fast, callbacks=[EarlyStopping(**stop, min_delta=0.02, **keep)])
    yield regression("baseline", SGD(0.02), **fast, callbacks=[EarlyStopping(**stop, baseline=0.1)])
    yield regression("training_loss", SGD(0.02), **fast, callbacks=[EarlyStopping(monitor="loss", min_delta=0.05)])
    yield classification("mode_max", SGD(0.1), **fast, callbacks=[EarlyStopping(monitor="val_accuracy", patience=1)])
    yield classification("mode_given", SGD(0.1), **fast, callbacks=[EarlyStopping(monitor="val_loss", patience=1, mode="max")])


# On JAX the mask of the predictions is lost on the way to the metrics of a training step (not of a validation step); on
# TensorFlow it is not. With plain SGD the two agree in all else.
TENSORFLOW_FILES = {"masked_outputs": masked_outputs}
FILES = {
    f.__name__: f
    for f in (
        dense_sgd, dense_rmsprop, dense_adam, batchnorm, conv, lstm, two_outputs, graph, sample_weight, regularizers,
        optimizer_options, fit_arguments, early_stopping,
    )
}  # fmt: skip
