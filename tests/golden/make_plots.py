"""dots.json: the text of keras.utils.model_to_dot(). layouts.json: graphs, and how often Graphviz lets edges cross."""

import re
import shutil
import subprocess

import keras

import summary_recipes
from common import rng, seed_keras, write_json

ALL = {
    "show_shapes": True,
    "show_dtype": True,
    "show_layer_names": True,
    "show_layer_activations": True,
    "show_trainable": True,
}
NESTED = {"expand_nested": True, "show_shapes": True}

CASES = [
    ("mnist_model", {}),
    ("mnist_model", {"show_layer_names": False, "dpi": 96, "rankdir": "LR", "splines": "curved"}),
    ("mnist_model", {"subgraph": True}),
    ("fashion_mlp", ALL),
    ("sequential_built_late", ALL),
    ("convnet", ALL),
    ("wide_deep", {"show_shapes": True}),
    ("wide_deep", ALL),
    ("autoencoder", {"show_shapes": True}),
    ("autoencoder", NESTED),
    ("nested_twice", {**ALL, "expand_nested": True}),
    ("nested_three_deep", {}),
    ("nested_three_deep", NESTED),
    ("ensemble", NESTED),
    ("two_outputs_inside", ALL),
    ("two_outputs_inside", {**ALL, "expand_nested": True}),
    ("shared_layer", ALL),
    ("shared_in_a_row", ALL),
    ("shared_embedding", ALL),
    ("shared_model", NESTED),
    ("also_called_outside", NESTED),
    ("masked_lstm", ALL),
    ("lstm_states", ALL),
    ("lstm_initial_state", ALL),
    ("operators", ALL),
    ("operator_slice", ALL),
    ("keras_ops", ALL),
    ("residual", ALL),
    ("frozen", ALL),
    ("input_is_output", ALL),
    ("subclassed", ALL),
]


def dot_case(recipe, options):
    """pydot names nodes by address; here they are n0, n1, ... in the order of the text."""
    seed_keras(recipe)
    text = keras.utils.model_to_dot(getattr(summary_recipes, recipe)(), **options).to_string()
    numbers = {}
    text = re.sub(r"\b\d{12,}\b", lambda found: f"n{numbers.setdefault(found[0], len(numbers))}", text)
    return {"recipe": recipe, "options": options, "text": text}


def chain(length):
    return [(i, i + 1) for i in range(length - 1)]


def named_graphs():
    """Edges of the course's graphs, and of a few that are harder."""
    residual = [e for b in range(8) for e in ((3 * b, 3 * b + 1), (3 * b + 1, 3 * b + 2), (3 * b + 2, 3 * b + 3), (3 * b, 3 * b + 3))]
    inception = [
        e for b in range(3) for e in [(6 * b, 6 * b + k) for k in (1, 2, 3, 4)] + [(6 * b + 4, 6 * b + 5), (6 * b + 5, 6 * b + 6)]
        + [(6 * b + k, 6 * b + 6) for k in (1, 2, 3)]
    ]
    return {
        "mnist": chain(4),
        "wide_and_deep": [(0, 1), (1, 2), (2, 3), (1, 4), (3, 4), (4, 5)],
        "tickets": [(0, 3), (1, 4), (3, 5), (4, 6), (5, 7), (6, 7), (2, 7), (7, 8), (7, 9)],
        "toy_resnet": [(0, 1), (1, 2), (2, 3), (1, 4), (3, 4), (4, 5), (5, 6)],
        "shared_embedding": [(0, 2), (1, 2)],
        "residual": residual,
        "inception": inception,
        "dense_block": [(i, j) for i in range(6) for j in range(i + 1, 6)],
        "u_net": chain(11) + [(k, 10 - k) for k in range(1, 5)],
    }


def random_graph(name, size, per_node):
    random = rng(name)
    edges = {(int(random.integers(0, to)), to) for to in range(1, size)}
    while len(edges) < size * per_node:
        a, b = sorted(int(i) for i in random.integers(0, size, 2))
        if a != b:
            edges.add((a, b))
    return sorted(edges)


def graphs():
    found = named_graphs()
    for size, per_node in ((8, 1.3), (12, 1.4), (15, 1.5), (20, 1.3), (20, 1.6), (25, 1.4), (30, 1.25), (40, 1.2)):
        name = f"random_{size}_{round(size * per_node)}"
        found[name] = random_graph(name, size, per_node)
    return found


def sizes_of(name, count):
    random = rng(name + "/sizes")
    return [[int(w), int(h)] for w, h in zip(random.integers(60, 260, count), random.choice([40, 80], count))]


def bezier(points, pieces=24):
    """Points on a row of cubic curves."""
    line = [points[0]]
    for i in range(0, len(points) - 3, 3):
        a, b, c, d = points[i : i + 4]
        for k in range(1, pieces + 1):
            t = k / pieces
            s = 1 - t
            line.append(tuple(s**3 * p + 3 * s * s * t * q + 3 * s * t * t * u + t**3 * v for p, q, u, v in zip(a, b, c, d)))
    return line


def crossing_of(p, q, u, v):
    """Where two pieces cross, or None."""
    d = (q[0] - p[0]) * (v[1] - u[1]) - (q[1] - p[1]) * (v[0] - u[0])
    if d == 0:
        return None
    s = ((u[0] - p[0]) * (v[1] - u[1]) - (u[1] - p[1]) * (v[0] - u[0])) / d
    t = ((u[0] - p[0]) * (q[1] - p[1]) - (u[1] - p[1]) * (q[0] - p[0])) / d
    inside = 0 < s < 1 and 0 < t < 1
    return (p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1])) if inside else None


def crossings(lines):
    """Points where two lines cross; those of one pair that lie within 3 points of each other count once."""
    count = 0
    for i, a in enumerate(lines):
        for b in lines[:i]:
            found = []
            for p, q in zip(a, a[1:]):
                for u, v in zip(b, b[1:]):
                    if max(p[0], q[0]) < min(u[0], v[0]) or max(u[0], v[0]) < min(p[0], q[0]):
                        continue
                    point = crossing_of(p, q, u, v)
                    if point and all(max(abs(point[0] - x), abs(point[1] - y)) > 3 for x, y in found):
                        found.append(point)
            count += len(found)
    return count


def graphviz_crossings(sizes, edges):
    """What `dot` draws with its own layers, order and splines."""
    text = "digraph { node [shape=box, fixedsize=true, label=\"\"];\n"
    for i, (width, height) in enumerate(sizes):
        text += f"n{i} [width={width / 72}, height={height / 72}];\n"
    text += "".join(f"n{a} -> n{b} [id={i}];\n" for i, (a, b) in enumerate(edges)) + "}"
    plain = subprocess.run([shutil.which("dot"), "-Tplain"], input=text, capture_output=True, text=True, check=True).stdout
    lines = []
    for line in plain.splitlines():
        words = line.split()
        if words[0] == "edge":
            numbers = [72 * float(w) for w in words[4 : 4 + 2 * int(words[3])]]
            lines.append(bezier(list(zip(numbers[::2], numbers[1::2]))))
    assert len(lines) == len(edges)
    return crossings(lines)


def make():
    write_json("dots", {"cases": [dot_case(recipe, options) for recipe, options in CASES]})
    cases = []
    for name, edges in graphs().items():
        sizes = sizes_of(name, 1 + max(max(e) for e in edges))
        cases.append({"name": name, "sizes": sizes, "edges": [list(e) for e in edges], "crossings": graphviz_crossings(sizes, edges)})
    write_json("layouts", {"cases": cases})
