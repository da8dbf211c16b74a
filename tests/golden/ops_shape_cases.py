"""The cases of ops.json that move, select and multiply arrays, and those that make them."""

import numpy as np

from ops_cases import Case, array, f32


def ints(*values):
    return np.array(values, "int32")


def shape_cases():
    x = array("shape/x", (2, 3, 4))
    for label, shape in (("flat", (-1,)), ("two", (6, 4)), ("inferred", (2, -1, 2)), ("more", (1, 2, 3, 2, 2))):
        yield Case("reshape", label, x, shape)
    yield Case("reshape", "scalar_to_one", array("s", ()), (1, 1))
    yield Case("reshape", "one_to_scalar", array("s1", (1,)), ())
    yield Case("reshape", "zero_size", array("z", (0, 3)), (3, 0))
    for label, axes in (("reversed", None), ("given", (1, 0, 2)), ("cycle", (2, 0, 1)), ("negative", (-1, 0, 1))):
        yield Case("transpose", label, x, axes=axes)
    yield Case("transpose", "matrix", array("tm", (3, 5)))
    yield Case("transpose", "vector", array("tv", (3,)))
    yield Case("transpose", "zero_size", array("z", (0, 3)))
    yield Case("transpose", "int32", array("ti", (2, 3), "int32"))
    for axis in (0, 1, -1, -2):
        yield Case("expand_dims", f"axis{axis}", array("e", (2, 3)), axis)
    yield Case("expand_dims", "several", array("e", (2, 3)), (0, 2))
    one = array("squeeze", (1, 3, 1))
    for label, axis in (("all", None), ("first", 0), ("last", -1), ("both", (0, 2))):
        yield Case("squeeze", label, one, axis=axis)
    for label, start, end in (
        ("row", (3,), (2, 3)),
        ("column", (2, 1), (2, 4)),
        ("scalar", (), (2, 2)),
        ("new_axes", (3, 1), (2, 3, 4)),
        ("zero_size", (1, 3), (0, 3)),
    ):
        yield Case("broadcast_to", label, array("b" + label, start), end)
    for label, axis in (("all", None), ("first", 0), ("last", -1), ("both", (0, 2))):
        yield Case("flip", label, x, axis=axis)
    for label, repeats in (("last", (2,)), ("all", (2, 1, 3)), ("more", (2, 1, 1, 2)), ("zero", (1, 0, 1))):
        yield Case("tile", label, x, repeats)
    yield Case("tile", "number", array("tn", (3,)), 2)
    for label, repeats, axis in (("flat", 2, None), ("first", 3, 0), ("last", 2, -1), ("zero", 0, 1)):
        yield Case("repeat", label, x, repeats, axis=axis)
    yield Case("repeat", "counts", array("rc", (3, 2)), ints(2, 0, 1), axis=0)


def join_cases():
    a, b, c = array("ja", (2, 3)), array("jb", (2, 2)), array("jc", (1, 3))
    yield Case("concatenate", "last", [a, b], axis=-1)
    yield Case("concatenate", "axis1", [a, b], axis=1)
    yield Case("concatenate", "default", [a, c])
    yield Case("concatenate", "one", [a])
    yield Case("concatenate", "three", [a, c, a], axis=0)
    yield Case("concatenate", "zero_size", [a, array("z", (0, 3))], axis=0)
    yield Case("concatenate", "int_float", [array("ji", (2, 3), "int32"), a])
    yield Case("concatenate", "rank3", [array("j3", (2, 2, 3)), array("j4", (2, 1, 3))], axis=-2)
    for axis in (0, 1, -1, -2):
        yield Case("stack", f"axis{axis}", [a, array("jd", (2, 3))], axis=axis)
    yield Case("stack", "scalars", [array("s1", ()), array("s2", ())])
    yield Case("stack", "int_float", [array("si", (3,), "int32"), array("sf", (3,))])
    x = array("split", (4, 6))
    for label, sections, axis in (
        ("two", 2, 0),
        ("three_last", 3, -1),
        ("points", [1, 4], 1),
        ("points_empty_part", [2, 2], 0),
        ("one", 1, 0),
    ):
        yield Case("split", label, x, sections, axis=axis)
    for label, start, shape in (
        ("inner", (1, 2), (2, 3)),
        ("whole", (0, 0), (4, 6)),
        ("rest", (2, 0), (-1, 2)),
        ("empty", (1, 1), (0, 2)),
    ):
        yield Case("slice", label, x, start, shape)
    yield Case("slice", "edge_clamped", x, (3, 4), (2, 3))
    yield Case("slice_update", "inner", x, (1, 2), array("su", (2, 3)))
    for label, width, kwargs in (
        ("each", ((1, 2), (0, 1)), {}),
        ("one_pair", ((1, 2),), {}),
        ("number", 1, {}),
        ("value", ((1, 0), (0, 2)), {"constant_values": 1.5}),
        ("reflect", ((1, 1), (2, 0)), {"mode": "reflect"}),
        ("symmetric", ((1, 1), (2, 0)), {"mode": "symmetric"}),
        ("edge_mode", ((1, 1), (2, 0)), {"mode": "edge"}),
        ("wrap", ((1, 1), (2, 0)), {"mode": "wrap"}),
        ("none", ((0, 0), (0, 0)), {}),
    ):
        yield Case("pad", label, array("pad", (3, 4)), width, **kwargs)
    yield Case("pad", "zero_size", array("z", (0, 2)), ((1, 1), (0, 0)))
    yield Case("pad", "int32", array("pi", (2, 2), "int32"), ((1, 0), (0, 1)), constant_values=7)


def index_cases():
    x = array("take", (4, 3))
    for label, indices, axis in (
        ("first", ints(0, 3, 3, 1), 0),
        ("last", ints(2, 0), -1),
        ("flat", ints(0, 11, 5), None),
        ("matrix", np.array([[0, 1], [3, 3]], "int32"), 0),
        ("scalar", np.array(2, "int32"), 0),
        ("negative", ints(-1, -4), 0),
        ("int64", np.array([1, 1], "int64"), 1),
        ("no_indices", np.zeros((0,), "int32"), 0),
        ("edge_out_of_range", ints(0, 4, -5), 0),
    ):
        yield Case("take", label, x, indices, axis=axis)
    yield Case("take", "int_values", array("ti", (4,), "int32"), ints(3, 0))
    yield Case("take_along_axis", "last", x, np.array([[0], [2], [1], [1]], "int32"), axis=1)
    yield Case("take_along_axis", "argsort", x, np.argsort(x, 0).astype("int32"), axis=0)
    rows, values = np.array([[0], [2], [2]], "int32"), array("scatter", (3, 2))
    points = np.array([[0, 1], [2, 0], [0, 1]], "int32")
    yield Case("scatter", "rows_repeated", rows, values, (4, 2))
    yield Case("scatter", "points_repeated", points, array("sp", (3,)), (3, 2))
    yield Case("scatter_update", "add_rows_repeated", array("sx", (4, 2)), rows, values, reduction="add")
    yield Case("scatter_update", "add_points_repeated", array("sy", (3, 2)), points, array("sp", (3,)), reduction="add")
    yield Case("scatter_update", "add_int", ints(0, 0, 0), rows, ints(1, 2, 3), reduction="add")
    yield Case("scatter_update", "add_nothing", array("sz", (3, 2)), np.zeros((0, 1), "int32"), array("z", (0, 2)), reduction="add")
    yield Case("scatter_update", "set", array("sx", (4, 2)), np.array([[3], [1]], "int32"), array("sv", (2, 2)))
    yield Case("segment_sum", "unsorted", array("seg", (5, 2)), ints(0, 2, 0, 1, 2), num_segments=4)
    classes = ints(1, 0, 3)
    yield Case("one_hot", "default", classes, 4)
    yield Case("one_hot", "axis0", classes, 4, axis=0)
    yield Case("one_hot", "matrix", np.array([[0, 1], [2, 2]], "int32"), 3, axis=1)
    yield Case("one_hot", "int_result", classes, 4, dtype="int32")
    yield Case("one_hot", "bool_result", classes, 4, dtype="bool")
    yield Case("one_hot", "uint8_input", np.array([0, 2], "uint8"), 3)
    yield Case("one_hot", "scalar", np.array(2, "int32"), 3)
    yield Case("one_hot", "edge_out_of_range", ints(-1, 4, 0), 4)
    table = array("topk", (3, 5))
    for k in (1, 3, 5):
        yield Case("top_k", f"k{k}", table, k)
    yield Case("top_k", "tie", f32([[1, 3, 3, 2], [2, 2, 2, 2]]), 3)
    yield Case("top_k", "int32", array("tki", (2, 5), "int32"), 2)
    yield Case("top_k", "rank1", array("tk1", (6,)), 2)
    for axis in (-1, 0, None):
        yield Case("argsort", f"axis{axis}", table, axis=axis)
    yield Case("argsort", "tie_stable", f32([3, 1, 3, 1, 2]))
    yield Case("argsort", "int32", ints(5, -1, 5, 0))
    yield Case("argsort", "edge_nan", f32([1, np.nan, -np.inf, 0]))


def slice_of(*part):
    return {"slice": list(part)}


def getitem_cases():
    x = array("getitem", (4, 5, 3))
    for label, index in (
        ("integer", [1]),
        ("negative_integer", [-1]),
        ("two_integers", [1, -2]),
        ("all_integers", [1, 2, 0]),
        ("range", [slice_of(1, 3, None)]),
        ("to_end", [slice_of(2, None, None)]),
        ("negative_stop", [slice_of(None, -1, None)]),
        ("step", [slice_of(None, None, 2)]),
        ("backwards", [slice_of(None, None, -1)]),
        ("backwards_range", [slice_of(3, 0, -2)]),
        ("second_axis", [slice_of(None, None, None), slice_of(1, 4, 2)]),
        ("ellipsis", ["ellipsis", 0]),
        ("newaxis", [slice_of(None, None, None), "newaxis", 1]),
        ("mixed", [slice_of(1, None, None), 2, "ellipsis", slice_of(None, 2, None)]),
        ("empty", [slice_of(3, 1, None)]),
        ("over_the_end", [slice_of(2, 100, None)]),
    ):
        yield Case("getitem", label, x, index)


def product_cases():
    for label, a, b in (
        ("matrices", (2, 3), (3, 4)),
        ("matrix_vector", (2, 3), (3,)),
        ("vector_matrix", (3,), (3, 4)),
        ("vectors", (3,), (3,)),
        ("batched", (5, 2, 3), (5, 3, 4)),
        ("batch_broadcast", (5, 1, 2, 3), (4, 3, 2)),
        ("batch_matrix", (5, 2, 3), (3, 4)),
        ("batch_vector", (5, 2, 3), (3,)),
        ("inner_one", (2, 1), (1, 3)),
        ("one_element", (1, 1), (1, 1)),
        ("zero_rows", (0, 3), (3, 2)),
        ("zero_inner", (2, 0), (0, 3)),
        ("larger", (17, 33), (33, 9)),
    ):
        yield Case("matmul", label, array("ma" + label, a), array("mb" + label, b))
    for dtype in ("float64", "int32", "int64", "int8", "uint8", "bool"):
        yield Case("matmul", dtype, array("ma" + dtype, (2, 3), dtype), array("mb" + dtype, (3, 2), dtype))
    yield Case("matmul", "int_float", array("mi", (2, 3), "int32"), array("mf", (3, 2)))
    for label, a, b in (
        ("scalars", (), ()),
        ("scalar_matrix", (), (2, 3)),
        ("vectors", (3,), (3,)),
        ("matrices", (2, 3), (3, 4)),
        ("matrix_vector", (2, 3), (3,)),
        ("rank3", (2, 3, 4), (5, 4, 2)),
    ):
        yield Case("dot", label, array("da" + label, a), array("db" + label, b))
    for label, formula, shapes in (
        ("matmul", "ij,jk->ik", ((2, 3), (3, 4))),
        ("implicit", "ij,jk", ((2, 3), (3, 4))),
        ("batched", "bij,bjk->bik", ((2, 3, 4), (2, 4, 5))),
        ("attention", "bqhd,bkhd->bhqk", ((2, 3, 2, 4), (2, 5, 2, 4))),
        ("trace", "ii->", ((3, 3),)),
        ("diagonal", "ii->i", ((3, 3),)),
        ("transpose", "ijk->kij", ((2, 3, 4),)),
        ("sum", "ij->j", ((2, 3),)),
        ("outer", "i,j->ij", ((2,), (3,))),
        ("ellipsis", "...ij,...jk->...ik", ((2, 3, 4), (4, 5))),
        ("three", "ij,jk,kl->il", ((2, 3), (3, 4), (4, 2))),
        ("elementwise", "ij,ij->ij", ((2, 3), (2, 3))),
        ("zero_size", "ij,jk->ik", ((0, 3), (3, 4))),
    ):
        yield Case("einsum", label, formula, *(array(f"ein{label}{i}", s) for i, s in enumerate(shapes)))
    yield Case("einsum", "int32", "ij,jk->ik", array("eia", (2, 3), "int32"), array("eib", (3, 2), "int32"))
    for op in ("softmax", "log_softmax"):
        x = array(op, (2, 3, 4))
        for axis in (-1, 0, 1, -2):
            yield Case(op, f"axis{axis}", x, axis=axis)
        yield Case(op, "extreme", f32([[100, -100, 0], [1000, 1000, -1000], [88, 89, 90]]))
        yield Case(op, "one_element", array(op + "1", (1, 1)))
        yield Case(op, "float64", array(op + "64", (3, 4), "float64"))
    yield Case("softmax", "pair_of_axes", array("sm", (2, 3, 4)), axis=(1, 2))
    yield Case("softmax", "zero_size", array("z", (0, 3)))


def making_cases():
    for op in ("zeros", "ones"):
        yield Case(op, "default", (2, 3))
        yield Case(op, "int32", (2,), dtype="int32")
        yield Case(op, "bool", (2,), dtype="bool")
        yield Case(op, "scalar", ())
        yield Case(op, "zero_size", (0, 2))
    yield Case("full", "float", (2, 2), 1.5)
    yield Case("full", "int", (2, 2), 3)
    yield Case("full", "int32", (2,), 3, dtype="int32")
    yield Case("full", "bool", (2,), True)
    for label, args, kwargs in (
        ("stop", (5,), {}),
        ("range", (2, 7), {}),
        ("step", (1, 10, 3), {}),
        ("negative", (5, 0, -2), {}),
        ("float", (0.0, 1.0, 0.25), {}),
        ("float_stop", (3.5,), {}),
        ("dtype", (4,), {"dtype": "float32"}),
        ("empty", (3, 3), {}),
    ):
        yield Case("arange", label, *args, **kwargs)
    for label, args, kwargs in (
        ("default", (0.0, 1.0), {}),
        ("five", (0.0, 1.0), {"num": 5}),
        ("open", (0.0, 1.0), {"num": 4, "endpoint": False}),
        ("ints", (0, 10), {"num": 3}),
        ("one", (2.0, 3.0), {"num": 1}),
        ("backwards", (1.0, -1.0), {"num": 5}),
        ("dtype", (0, 9), {"num": 4, "dtype": "int32"}),
    ):
        yield Case("linspace", label, *args, **kwargs)
    for label, args, kwargs in (
        ("square", (3,), {}),
        ("wide", (2, 4), {}),
        ("above", (3, 3), {"k": 1}),
        ("below", (3, 4), {"k": -1}),
        ("int32", (2,), {"dtype": "int32"}),
    ):
        yield Case("eye", label, *args, **kwargs)


def all_cases():
    for family in (shape_cases, join_cases, index_cases, getitem_cases, product_cases, making_cases):
        yield from family()
