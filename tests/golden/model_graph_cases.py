"""Graphs: nested and shared parts, several inputs and outputs, raw ops between layers; and random ones."""

import keras
from keras import Input, Model, Sequential, layers, ops

import training_recipes as recipes
from common import normal
from model_case import ModelCase, bits, features, ids, steps, target
from model_layer_cases import slow


def inner_functional(name="inner", size=4):
    inputs = Input((size,), name="inner_in")
    x = layers.Dense(3, activation="tanh")(inputs)
    return Model(inputs, layers.Dense(size)(x) + inputs, name=name)


def nested_cases():
    yield ModelCase("siamese", recipes.siamese, [features(3, "left"), features(3, "right")], bits, formats=("keras", "h5", "weights"))
    yield ModelCase("nested_shared", recipes.nested, features(), target())

    def functional():
        inputs = Input((4,))
        return Model(inputs, layers.Dense(2)(inner_functional()(inputs)))

    yield ModelCase("nested_functional", functional, features(4), formats=("keras", "h5", "weights", "json"))

    def deep():
        middle_in = Input((4,))
        middle = Model(middle_in, layers.Dense(4, activation="relu")(inner_functional("innermost")(middle_in)), name="middle")
        return Sequential(
            [Input((4,)), layers.Dense(4), middle, Sequential([layers.Dense(3), layers.BatchNormalization()]), layers.Dense(2)]
        )

    yield ModelCase("nested_deep", deep, features(4), formats=("keras", "h5", "weights"))

    def several():
        a, b = Input((3,), name="p"), Input((2,), name="q")
        x = layers.Dense(3)(a)
        part = Model([a, b], [layers.Concatenate()([x, b]), layers.Dense(2, name="side")(b)], name="pair")
        u, v = Input((3,)), Input((2,))
        one, two = part([u, v])
        three, four = part([ops.negative(u), two])
        return Model([u, v], [layers.Dense(1)(one), layers.Add()([two, four]), three])

    yield ModelCase("nested_several", several, [features(3), features(2)], batch_size=5)

    def frozen():
        inner = inner_functional()
        inner.trainable = False
        inputs = Input((4,))
        return Model(inputs, layers.Dense(2)(inner(inputs)))

    yield ModelCase("nested_frozen", frozen, features(4), formats=("keras", "weights"))

    def shared_thrice():
        inputs = Input((4,))
        layer, model = layers.Dense(4, activation="tanh", name="same"), inner_functional()
        x = layer(model(layer(inputs)))
        return Model(inputs, [layer(x), model(x)])

    yield ModelCase("shared_thrice", shared_thrice, features(4), batch_size=5)

    def inner_maps():
        a, b = Input((3,), name="a"), Input((3,), name="b")
        part = Model({"a": a, "b": b}, {"sum": layers.Add()([a, b]), "dense": layers.Dense(2)(a)}, name="maps")
        u = Input((3,), name="u")
        out = part({"a": u, "b": layers.Dense(3)(u)})
        return Model(u, layers.Concatenate()([out["sum"], out["dense"]]))

    yield ModelCase("nested_maps", inner_maps, features(3))


def interface_cases():
    def maps():
        title, body = Input((3,), name="title"), Input((4,), name="body")
        x = layers.concatenate([layers.Dense(3)(title), body])
        return Model(
            {"title": title, "body": body}, {"out_b": layers.Dense(2, name="first")(x), "out_a": layers.Dense(1, name="second")(x)}
        )

    yield ModelCase("maps_in_and_out", maps, {"title": features(3, "t"), "body": features(4, "b")}, batch_size=5)

    def lists_of_one():
        inputs = Input((3,))
        return Model([inputs], [layers.Dense(2)(inputs)])

    yield ModelCase("lists_of_one", lists_of_one, features(3))

    def passed_through():
        a, b = Input((3,)), Input((3,))
        x = layers.Dense(3)(a)
        return Model([a, b], [layers.Subtract()([x, b]), x])

    yield ModelCase("output_inside", passed_through, [features(3, "a"), features(3, "b")], batch_size=5)

    def named():
        inputs = Input((3,), name="the_input")
        x = layers.Dense(3, name="b.c d")(inputs)
        return Model(inputs, layers.Dense(2, name="dense_7")(layers.Dense(3, name="dense_9")(x)), name="My_Model")

    yield ModelCase("names", named, features(3), formats=("keras", "h5", "json"))

    def sharded():
        return Sequential([Input((6,)), layers.Dense(20, activation="relu"), layers.Dense(20), layers.Dense(2)])

    yield ModelCase("sharded", sharded, features(), formats=("keras", "sharded"))

    def keywords():
        inputs = Input((4,))
        x = layers.BatchNormalization()(layers.Dense(4)(inputs), training=False)
        return Model(inputs, layers.Dense(2)(layers.Dropout(0.0)(x, training=True)))

    yield ModelCase("training_argument", keywords, features(4))


def raw_op_cases():
    def arithmetic():
        a, b = Input((3,)), Input((3,))
        x = layers.Dense(3)(a)
        y = 2 * x + b * 0.5 - 1
        y = (1 - y) / 2.0 - x / b
        y = -y + x**2 + 2.0 / (ops.abs(b) + 1.0)
        return Model([a, b], layers.Dense(1)(y))

    yield ModelCase("ops_arithmetic", arithmetic, [features(3, "a"), lambda n: normal(f"far/{n}", (n, 3)) + 5])

    def slices():
        inputs = Input((5, 3))
        x = layers.Dense(3)(inputs)
        parts = [
            x[:, 0],
            x[:, -1, :],
            layers.Flatten()(x[:, 1:3]),
            layers.Flatten()(x[:, ::2, 1:]),
            layers.Flatten()(x[..., 0][:, :, None]),
        ]
        return Model(inputs, layers.Dense(2)(layers.Concatenate()(parts)))

    yield ModelCase("ops_slices", slices, steps(), formats=("keras", "json"))

    def unary():
        inputs = Input((4,))
        x = layers.Dense(4, activation="tanh")(inputs)
        pieces = [ops.exp(x), ops.log(ops.abs(x) + 1), ops.sqrt(ops.square(x) + 1), ops.rsqrt(ops.square(x) + 1), ops.sin(x), ops.cos(x)]
        pieces += [ops.tanh(x), ops.sigmoid(x), ops.erf(x), ops.log1p(ops.square(x)), ops.expm1(x * 0.1), ops.negative(x), ops.tan(x * 0.1)]
        pieces += [
            ops.relu(x),
            ops.softmax(x),
            ops.log_softmax(x, axis=-1),
            ops.clip(x, -0.5, 0.5),
            ops.sign(x),
            ops.floor(x),
            ops.ceil(x),
            ops.round(x),
        ]
        return Model(inputs, layers.Dense(2)(ops.concatenate(pieces, axis=1)))

    yield ModelCase("ops_unary", unary, features(4))

    def reductions():
        inputs = Input((4, 3))
        x = layers.Dense(3)(inputs)
        pieces = [
            ops.sum(x, axis=1),
            ops.mean(x, axis=-1),
            ops.max(x, axis=1),
            ops.min(x, axis=[1]),
            ops.var(x, axis=1),
            ops.std(x, axis=1),
        ]
        pieces += [
            ops.squeeze(ops.mean(x, axis=1, keepdims=True), 1),
            ops.logsumexp(x, axis=1),
            ops.prod(x, axis=1),
            layers.Flatten()(ops.cumsum(x, axis=1)),
        ]
        pieces.append(ops.expand_dims(ops.sum(x, axis=(1, 2)), -1))
        return Model(inputs, layers.Dense(2)(layers.Concatenate()(pieces)))

    yield ModelCase("ops_reductions", reductions, steps(4, 3), compile=slow)

    def shapes():
        inputs = Input((4, 3))
        x = layers.Dense(3)(inputs)
        flat = layers.Flatten()
        pieces = [
            ops.transpose(x, (0, 2, 1)),
            ops.stack([x, x], axis=1),
            ops.pad(x, ((0, 0), (1, 1), (0, 0))),
            ops.flip(x, 1),
            ops.tile(x, (1, 2, 1)),
        ]
        pieces += [ops.repeat(x, 2, axis=1), ops.expand_dims(x, 1), *ops.split(x, 2, axis=1), ops.sort(x, axis=1)]
        return Model(inputs, layers.Dense(2)(layers.Concatenate()([flat(p) for p in pieces] + [ops.reshape(x, (-1, 12))])))

    yield ModelCase("ops_shapes", shapes, steps(4, 3), compile=slow)

    def comparisons():
        a, b = Input((4,)), Input((4,))
        x = layers.Dense(4)(a)
        chosen = ops.where(ops.greater(x, b), x, ops.minimum(b, 0.3))
        mask = ops.cast(ops.logical_and(x < 1.0, ops.not_equal(b, 0.0)), "float32")
        return Model([a, b], layers.Dense(2)(ops.maximum(chosen, x * 0.5) * mask))

    yield ModelCase("ops_comparisons", comparisons, [features(4, "a"), features(4, "b")])

    def products():
        a, b = Input((4, 3)), Input((3, 4))
        x = layers.Dense(3)(a)
        y = ops.matmul(x, b)
        z = ops.einsum("bij,bjk->bik", x, b)
        return Model([a, b], layers.Dense(2)(layers.Flatten()(y + z)))

    yield ModelCase("ops_products", products, [steps(4, 3), lambda n: normal(f"right/{n}", (n, 3, 4))], compile=slow)

    def indices():
        words, table = Input((5,), dtype="int32"), Input((4, 3))
        one = ops.one_hot(words, 6)
        best = ops.one_hot(ops.argmax(layers.Dense(3)(table), axis=-1), 3)
        return Model([words, table], layers.Dense(2)(layers.Concatenate()([layers.Flatten()(one), layers.Flatten()(best)])))

    yield ModelCase("ops_indices", indices, [ids(5, 6), steps(4, 3)])


class RandomGraph:
    """A graph of (batch, 4) tensors: layers, merges, raw ops, shared layers and shared nested graphs, drawn by a seed."""

    def __init__(self, name):
        from common import rng

        self.draw, self.layers, self.models, self.name = rng(name), [], [], name

    def choose(self, items):
        return items[int(self.draw.integers(len(items)))]

    def layer(self):
        if self.layers and self.draw.random() < 0.25:
            return self.choose(self.layers)
        kinds = (
            lambda: layers.Dense(4, activation=self.choose(("relu", "tanh", "sigmoid", None, "elu", "softmax"))),
            lambda: layers.Dense(4, use_bias=False, kernel_regularizer=self.choose((None, "l2"))),
            lambda: layers.BatchNormalization(momentum=0.9),
            lambda: layers.Activation(self.choose(("tanh", "gelu", "softplus"))),
            lambda: layers.Dropout(0.0),
            lambda: layers.Reshape((4,)),
        )
        self.layers.append(self.choose(kinds)())
        return self.layers[-1]

    def nested(self, depth):
        if self.models and self.draw.random() < 0.4:
            return self.choose(self.models)
        if self.draw.random() < 0.3:
            model = Sequential([Input((4,)), layers.Dense(4, activation="tanh"), layers.Dense(4)])
        else:
            inputs = Input((4,))
            outer, self.layers, models, self.models = self.layers, [], self.models, []
            model = Model(inputs, self.grow([inputs], int(self.draw.integers(2, 5)), depth + 1)[-1])
            self.layers, self.models = outer, models
        self.models.append(model)
        return model

    def step(self, tensors, depth):
        x, y = self.choose(tensors), self.choose(tensors)
        kind = self.draw.random()
        if kind < 0.45:
            return self.layer()(x)
        if kind < 0.6 and depth < 2:
            return self.nested(depth)(x)
        if kind < 0.8:
            merge = self.choose((layers.Add, layers.Subtract, layers.Average, layers.Maximum, layers.Minimum))
            return merge()([x, y])
        raw = (
            lambda: x + y, lambda: 0.5 * x, lambda: ops.tanh(x) * ops.sigmoid(y), lambda: 1.0 - x, lambda: ops.tanh(x), lambda: x - y * 0.3,
            lambda: ops.concatenate([x[:, 2:], y[:, :2]], axis=-1), lambda: ops.maximum(x, 0.1), lambda: ops.flip(x, 1), lambda: ops.reshape(x, (-1, 4)),
        )  # fmt: skip
        return self.choose(raw)()

    def grow(self, tensors, count, depth):
        tensors = list(tensors)
        for _ in range(count):
            tensors.append(self.step(tensors[-4:], depth))
        # Every input is used, so that no layer of the graph hangs in the air.
        return [*tensors, layers.Average()(tensors) if len(tensors) > 1 else tensors[0]]

    def model(self):
        inputs = [Input((4,), name=f"in_{i}") for i in range(int(self.draw.integers(1, 4)))]
        tensors = self.grow(inputs, int(self.draw.integers(4, 10)), 0)
        outputs = [layers.Dense(2, name=f"out_{i}")(t) for i, t in enumerate(reversed(tensors[-int(self.draw.integers(1, 4)) :]))]
        return Model(inputs, outputs if len(outputs) > 1 else outputs[0], name=self.name), len(inputs)


def gentle():
    return {"optimizer": keras.optimizers.SGD(0.01, momentum=0.9), "loss": "mean_squared_error"}


def random_case(seed):
    name = f"random_{seed}"
    _, inputs = RandomGraph(name).model()
    x = [features(4, f"in_{i}") for i in range(inputs)]
    formats = ("keras", "h5", "weights") if seed % 5 == 0 else ("keras",)
    return ModelCase(name, lambda: RandomGraph(name).model()[0], x if inputs > 1 else x[0], batch_size=5, formats=formats, compile=gentle)


def random_cases(seeds):
    for seed in seeds:
        keras.backend.clear_session()
        yield random_case(seed)


def all_cases():
    for family in (nested_cases, interface_cases, raw_op_cases):
        yield from family()
