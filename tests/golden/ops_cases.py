"""The form of a case of ops.json, and the elementwise and reduction cases."""

import numpy as np

from common import normal, rng

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "int8", "int16", "bool")
INTEGERS = ("int32", "int64", "uint8", "int8", "int16")


class Case:
    """One call: args and kwargs hold NumPy arrays (they become arrays of the file) or plain values."""

    def __init__(self, op, label, *args, **kwargs):
        self.op, self.name, self.args, self.kwargs = op, f"{op}/{label}", args, kwargs
        self.differentiable = op not in NO_GRADIENT and "/edge" not in self.name


NO_GRADIENT = {
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_not",
    "any", "all", "argmax", "argmin", "argsort", "one_hot", "zeros", "ones", "full", "arange", "linspace", "eye", "isnan",
}  # fmt: skip


def array(name, shape, dtype="float32"):
    """Values between about -2.5 and 2.5, integers between -9 and 9, unsigned ones between 0 and 9."""
    if dtype == "bool":
        return np.asarray(rng(name).random(shape) > 0.5)
    if dtype in INTEGERS:
        low = 0 if dtype == "uint8" else -9
        return np.asarray(rng(name).integers(low, 10, shape)).astype(dtype)
    return normal(name, shape, 1.0, dtype)


def positive(name, shape, dtype="float32"):
    return np.asarray(rng(name).random(shape) * 3 + 0.1).astype(dtype)


def f32(values):
    return np.array(values, "float32")


BINARY = ("add", "subtract", "multiply", "divide", "maximum", "minimum")
COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
LOGICAL = ("logical_and", "logical_or")
UNARY = (
    "negative", "abs", "sign", "exp", "expm1", "square", "sin", "cos", "tan", "tanh", "sigmoid", "erf", "floor", "ceil",
    "round", "relu",
)  # fmt: skip
UNARY_POSITIVE = ("log", "log1p", "sqrt", "rsqrt")
BROADCASTS = (
    ("same", (2, 3), (2, 3)),
    ("row", (2, 3), (3,)),
    ("column", (2, 3), (2, 1)),
    ("both", (4, 1, 3), (2, 1)),
    ("scalar", (2, 3), ()),
    ("scalars", (), ()),
    ("one_element", (1, 1), (1,)),
    ("zero_size", (0, 3), (1, 3)),
    ("zero_size_row", (2, 0), (0,)),
    ("rank5", (2, 1, 2, 1, 3), (3, 1, 2, 1)),
)


def binary_cases():
    for op in BINARY + COMPARISONS:
        for label, a, b in BROADCASTS:
            yield Case(op, label, array(op + label + "a", a), array(op + label + "b", b))
        for dtype in ("float64",) + INTEGERS:
            if (op, dtype) == ("divide", "int64"):
                continue  # JAX says float64, Keras's own rule float32: see promotion.json
            x = array(op + dtype + "a", (2, 3), dtype)
            y = array(op + dtype + "b", (3,), dtype)
            yield Case(op, dtype, x, np.where(y == 0, 1, y).astype(dtype) if op == "divide" else y)
        x = array(op + "scalar", (2, 3))
        yield Case(op, "python_float", x, 0.5)
        yield Case(op, "python_int", x, 2)
        yield Case(op, "python_left", 2.0, x)
        yield Case(op, "int_array_python_float", array(op + "i", (2, 3), "int32"), 0.5)
        yield Case(op, "mixed_int_float", array(op + "mi", (2, 3), "int32"), array(op + "mf", (3,)))
        yield Case(op, "mixed_uint8_int8", array(op + "mu", (3,), "uint8"), array(op + "m8", (3,), "int8"))
    for op in ("add", "multiply", "maximum", "minimum", "divide") + COMPARISONS:
        yield Case(op, "bool", array(op + "ba", (5,), "bool"), np.array([True, True, True, False, True]))
    for op in ("maximum", "minimum"):
        yield Case(op, "tie", f32([1, 2, 3, -0.5]), f32([1, 1, 3, 0.5]))
        yield Case(op, "edge_nan", f32([np.nan, 1, np.inf, -np.inf]), f32([0, np.nan, 1, 1]))
    yield Case("divide", "edge_zero", f32([1, -1, 0, 3]), f32([0, 0, 0, 2]))
    for op in COMPARISONS:
        yield Case(op, "equal_values_and_nan", f32([1, 2, np.nan, np.inf, -0.0]), f32([1, 3, np.nan, np.inf, 0.0]))
    for op in LOGICAL:
        yield Case(op, "bool", array(op + "a", (2, 3), "bool"), array(op + "b", (3,), "bool"))
        yield Case(op, "float", f32([0, 1.5, 0, -2]), f32([0, 0, 3, 1]))
        yield Case(op, "int", np.array([0, 1, 2], "int32"), np.array([0, 0, 5], "int32"))
    yield Case("logical_not", "bool", array("not", (2, 3), "bool"))
    yield Case("logical_not", "float", f32([0, 1, -2]))


def power_cases():
    for label, a, b in BROADCASTS:
        yield Case("power", label, positive("pow" + label, a), array("pow_e" + label, b))
    x = positive("powx", (4,))
    for exponent in (2, 3, 0.5, -1, 0, 1, -2.5):
        yield Case("power", f"python_{exponent}", x, exponent)
    yield Case("power", "base_python", 2.0, array("pow2", (4,)))
    yield Case("power", "negative_base_square", f32([-2, -1, 3]), 2)
    yield Case("power", "negative_base_cube", f32([-2, -1, 3]), 3.0)
    yield Case("power", "edge_nan", f32([-2, 0, 0, 4]), f32([0.5, 0, -1, 0]))
    yield Case("power", "int32", np.array([2, -3, 4], "int32"), np.array([3, 2, 0], "int32"))
    yield Case("power", "float64", positive("pow64", (3,), "float64"), array("pow64e", (3,), "float64"))


def unary_cases():
    for op in UNARY + UNARY_POSITIVE:
        make = positive if op in UNARY_POSITIVE else array
        for label, shape in (("matrix", (3, 4)), ("scalar", ()), ("one_element", (1, 1)), ("zero_size", (0, 2))):
            yield Case(op, label, make(op + label, shape))
        yield Case(op, "float64", make(op + "64", (5,), "float64"))
        if op not in ("rsqrt", "erf", "relu", "sigmoid"):
            yield Case(op, "int32", np.array([1, 2, 5] if op in UNARY_POSITIVE else [-2, 0, 3], "int32"))
    extreme = f32([100, -100, 88, -88, 1e-8, -1e-8, 1e8])
    for op in ("exp", "expm1", "tanh", "sigmoid", "erf", "square", "abs"):
        yield Case(op, "extreme", extreme)
    for op in UNARY_POSITIVE:
        yield Case(op, "edge_zero_negative", f32([0, -1, np.inf, 1e-30]))
    yield Case("log1p", "small", f32([1e-7, -1e-7, 1e-20, -0.5]))
    yield Case("expm1", "small", f32([1e-7, -1e-7, 1e-20, -0.5]))
    for op in ("exp", "log", "sqrt", "floor", "round", "sign", "abs", "tanh", "relu"):
        yield Case(op, "edge_nan_inf", f32([np.nan, np.inf, -np.inf, -0.0]))
    for op in ("abs", "sign", "relu"):
        yield Case(op, "tie_zero", f32([-1, 0, 2]))
    halves = f32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, 2.4999998])
    for op in ("floor", "ceil", "round"):
        yield Case(op, "halves", halves)
    yield Case("round", "decimals", array("round", (6,), "float32"), decimals=2)
    yield Case("round", "decimals_negative", f32([12, 15, 25, -17]), decimals=-1)
    yield Case("clip", "matrix", array("clip", (3, 4)), -0.5, 0.75)
    yield Case("clip", "tie_bounds", f32([-1, -0.5, 0, 0.5, 1]), -0.5, 0.5)
    yield Case("clip", "arrays", array("clipx", (2, 3)), f32([-0.5, 0, 0.1]), f32([0.5, 0.2, 0.3]))
    yield Case("clip", "int32", np.array([-5, 0, 7], "int32"), -2, 3)
    yield Case("clip", "edge_crossed", f32([-1, 0, 1]), 0.5, -0.5)
    yield Case("clip", "edge_nan", f32([np.nan, np.inf]), -1, 1)
    for label, shape_c, shape_a, shape_b in (
        ("same", (2, 3), (2, 3), (2, 3)),
        ("broadcast", (2, 1), (3,), (1,)),
        ("zero_size", (0, 2), (0, 2), (1, 2)),
    ):
        yield Case("where", label, array("wc" + label, shape_c, "bool"), array("wa", shape_a), array("wb", shape_b))
    yield Case("where", "python", array("wpc", (4,), "bool"), array("wpx", (4,)), 0.0)
    yield Case("where", "int_float", array("wif", (4,), "bool"), array("wi", (4,), "int32"), array("wf", (4,)))
    yield Case("where", "one_argument", np.array([[0, 1, 0], [2, 0, 3]], "int32"))


def cast_cases():
    source = {
        "float32": f32([0, 1, -1.7, 2.5, 255, 1e-3, 3.14159274]),
        "float64": np.array([0, 1, -1.7, 2.5, 100, 1e-3, np.pi]),
        "int32": np.array([0, 1, -1, 127, 100], "int32"),
        "int64": np.array([0, 1, -1, 127, 2**40], "int64"),
        "uint8": np.array([0, 1, 200, 255], "uint8"),
        "bool": np.array([True, False]),
    }
    for start, x in source.items():
        for end in DTYPES + ("float16", "bfloat16"):
            if start.startswith("float") and end == "uint8":
                x = np.abs(x)
            if end in ("uint8", "int8", "int16", "int32") and start in ("int32", "int64", "float32", "float64"):
                x = np.clip(x, 0 if end == "uint8" else -100, 100).astype(start)
            yield Case("cast", f"{start}_to_{end}", x, end)
    edge = f32([65504, 65520, 1e-8, 1.0009766, 1.00390625, 3.3895314e38, 0.1, 6.1e-5])
    for end in ("float16", "bfloat16"):
        yield Case("cast", f"edge_rounding_{end}", edge, end)


REDUCTIONS = ("sum", "mean", "max", "min", "prod", "var", "std", "logsumexp")
AXES = (
    ("all", None), ("first", 0), ("last", -1), ("middle", 1), ("negative", -2), ("pair", (0, 2)), ("pair_negative", (-1, 0)),
    ("every", (0, 1, 2)), ("empty_axes", ()),
)  # fmt: skip


def reduction_cases():
    for op in REDUCTIONS:
        for label, axis in AXES:
            for keepdims in (False, True):
                x = array(op + label, (2, 3, 4))
                yield Case(op, label + ("_keepdims" if keepdims else ""), x, axis=axis, keepdims=keepdims)
        yield Case(op, "vector", array(op + "v", (7,)))
        yield Case(op, "one_element", array(op + "1", (1, 1)), axis=0)
        yield Case(op, "scalar", array(op + "s", ()))
        yield Case(op, "long", array(op + "long", (1000,)))
        yield Case(op, "float64", array(op + "64", (3, 4), "float64"), axis=1)
        for dtype in INTEGERS + ("bool",):
            if op != "logsumexp":
                yield Case(op, dtype, array(op + dtype, (2, 3), dtype), axis=0)
        if op not in ("max", "min", "logsumexp"):
            yield Case(op, "zero_size_kept", array("z", (0, 3)), axis=1)
        if op in ("sum", "prod"):
            yield Case(op, "zero_size", array("z", (0, 3)), axis=0)
        if op in ("mean", "var", "std"):
            yield Case(op, "edge_zero_size", array("z", (0, 3)), axis=0)
    for op in ("max", "min"):
        yield Case(op, "tie", f32([[1, 3, 3], [2, 2, 2]]), axis=1)
        yield Case(op, "edge_nan", f32([[1, np.nan, 3], [2, 2, 2]]), axis=1)
    yield Case("max", "initial", array("mi", (2, 3)), axis=1, initial=0.5)
    yield Case("max", "zero_size_initial", array("mz", (0, 3)), axis=0, initial=-1.0)
    yield Case("min", "initial", array("mi", (2, 3)), axis=1, initial=-0.5)
    yield Case("prod", "zeros_inside", f32([[1, 0, 3], [0, 0, 2], [1, 2, 3]]), axis=1)
    yield Case("prod", "dtype", array("pd", (2, 3), "int32"), axis=0, dtype="float32")
    yield Case("logsumexp", "extreme", f32([[100, -100, 99], [1000, 1000, 0], [-1000, -1001, -1002]]), axis=1)
    yield Case("logsumexp", "edge_inf", f32([[-np.inf, -np.inf], [np.inf, 0]]), axis=1)
    yield Case("var", "far_from_zero", (array("far", (2, 50)) + np.float32(100)), axis=1)
    for op in ("any", "all"):
        for label, axis in AXES:
            yield Case(op, label, array(op + "b" + label, (2, 3, 4), "bool"), axis=axis)
        yield Case(op, "keepdims", array(op + "k", (2, 3), "bool"), axis=-1, keepdims=True)
        yield Case(op, "float", f32([[0, 0, 1], [0, 0, 0], [np.nan, 1, 2]]), axis=1)
        yield Case(op, "zero_size", np.zeros((0, 3), "bool"), axis=0)
    for op in ("argmax", "argmin"):
        for label, axis in (("all", None), ("first", 0), ("last", -1), ("negative", -2)):
            for keepdims in (False, True):
                x = array(op + label, (2, 3, 4))
                yield Case(op, label + ("_keepdims" if keepdims else ""), x, axis=axis, keepdims=keepdims)
        yield Case(op, "tie", f32([[1, 3, 3], [2, 2, 2]]), axis=1)
        yield Case(op, "int32", array(op + "i", (3, 4), "int32"), axis=0)
        yield Case(op, "edge_nan", f32([1, np.nan, 3, np.nan]))
        yield Case(op, "edge_zeros", f32([-0.0, 0.0, -1]))
    for label, axis in (("flat", None), ("first", 0), ("last", -1), ("middle", 1)):
        yield Case("cumsum", label, array("cumsum" + label, (2, 3, 4)), axis=axis)
    yield Case("cumsum", "int32", array("ci", (3, 4), "int32"), axis=1)
    yield Case("cumsum", "int8", array("c8", (3, 4), "int8"), axis=1)
    yield Case("cumsum", "bool", array("cb", (5,), "bool"), axis=0)
    yield Case("cumsum", "dtype", array("cd", (3,), "int32"), axis=0, dtype="float32")
    yield Case("cumsum", "zero_size", array("cz", (0, 3)), axis=0)
    yield Case("cumsum", "one_element", array("c1", (1,)), axis=0)


def all_cases():
    for family in (binary_cases, power_cases, unary_cases, cast_cases, reduction_cases):
        yield from family()
