"""What every part of the generator shares: seeds, the form of numbers and arrays, the writing of files."""

import hashlib
import io
import json
import math
import pathlib
import sys
import zipfile
import zlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
STORED_DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")
WIDER = {"int8": "int32", "int16": "int32", "uint32": "int64", "float16": "float32", "bfloat16": "float32"}


def generator_sources():
    """The .py files of this folder that the running part is made of, without generate.py, which only lists the parts."""
    files = {pathlib.Path(m.__file__).resolve() for m in list(sys.modules.values()) if getattr(m, "__file__", None)}
    return sorted(p.name for p in files if p.parent == FOLDER and p.name != "generate.py")


def generator_hash(sources):
    """SHA-256 of these files of this folder, concatenated."""
    digest = hashlib.sha256()
    for name in sources:
        digest.update((FOLDER / name).read_bytes())
    return digest.hexdigest()


def rng(name):
    """A NumPy generator whose stream depends only on the name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(name, shape, scale=1.0, dtype="float32"):
    return np.asarray(rng(name).standard_normal(shape) * scale).astype(dtype)


def seed_keras(name):
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(zlib.crc32(name.encode()) % 2**31)


def dtype_name(x):
    import keras

    return keras.backend.standardize_dtype(x.dtype) if hasattr(x, "dtype") else np.asarray(x).dtype.name


def to_numpy(x):
    """The value as a NumPy array of a dtype that every reader knows."""
    array = np.asarray(x)
    name = array.dtype.name
    return np.ascontiguousarray(array.astype(WIDER.get(name, name))).reshape(array.shape)


def number(value, dtype="float64"):
    """A JSON number; float32 with the fewest digits that read back to it."""
    if dtype in ("float32", "float16", "bfloat16"):
        value = float(str(np.float32(value)))
    elif dtype == "float64":
        value = float(value)
    elif dtype == "bool":
        return bool(value)
    else:
        return int(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def measured(value):
    """A number that Keras computed in float32 and hands out as a Python float."""
    return number(value, "float32" if float(np.float32(value)) == float(value) else "float64")


def tensor(x):
    """An inline tensor, see README.md."""
    dtype = dtype_name(x)
    array = to_numpy(x)
    data = [number(v, dtype) for v in array.reshape(-1)]
    return {"dtype": dtype, "shape": list(array.shape), "data": data}


class Arrays:
    """The arrays of one .npz file."""

    def __init__(self):
        self.members = {}

    def ref(self, name, x):
        assert name not in self.members, name
        array = to_numpy(x)
        assert array.dtype.name in STORED_DTYPES, (name, array.dtype)
        self.members[name] = array
        return {"array": name, "dtype": dtype_name(x), "shape": list(array.shape)}

    def refs(self, name, xs):
        return [None if x is None else self.ref(f"{name}{i}", x) for i, x in enumerate(xs)]

    def nested(self, name, x):
        """One Ref, or lists and maps of them, as x is."""
        if x is None:
            return None
        if isinstance(x, dict):
            return {k: self.nested(f"{name}/{k}", v) for k, v in x.items()}
        if isinstance(x, (list, tuple)):
            return [self.nested(f"{name}{i}", v) for i, v in enumerate(x)]
        return self.ref(name, x)

    def write(self, path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as archive:
            for name, array in self.members.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
                info = zipfile.ZipInfo(name + ".npy", date_time=(1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, buffer.getvalue())


def plain(value):
    """A configuration as plain JSON: tuples as lists, objects as {class_name, config}, functions by name."""
    if isinstance(value, dict):
        if "class_name" in value and "config" in value:
            return plain_object(value)
        return {str(k): plain(v) for k, v in value.items() if k not in ("shared_object_id", "build_config")}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return tensor(value)
    if isinstance(value, (np.floating, float)):
        return number(value, "float32" if isinstance(value, np.float32) else "float64")
    if isinstance(value, np.integer):
        return int(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": plain(value.get_config())}
    if callable(value):
        return value.__name__
    raise TypeError(f"no JSON form for {value!r}")


def plain_object(value):
    if value["class_name"] == "DTypePolicy":
        return value["config"]["name"]
    if value["class_name"] == "function":
        return value["config"]
    result = {"class_name": value["class_name"], "config": plain(value["config"])}
    if str(value.get("module", "")).startswith("keras.src.ops"):
        result["module"] = value["module"]
    for extra in ("name", "inbound_nodes"):
        if extra in value:
            result[extra] = plain(value[extra])
    return result


def serialized(obj):
    """An Object (class_name and config) of a Keras object, or null."""
    return None if obj is None else {"class_name": type(obj).__name__, "config": plain(obj.get_config())}


def header():
    import keras

    sources = generator_sources()
    return {
        "keras_version": keras.__version__,
        "backend": keras.backend.backend(),
        "generator": sources,
        "generator_sha256": generator_hash(sources),
    }


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def write_json(stem, content, arrays=None):
    """Writes stem.json (one case per line) and, if there are arrays, stem.npz."""
    parts = []
    for key, value in {**header(), **content}.items():
        if isinstance(value, list) and value and not isinstance(value[0], (int, float, str)):
            body = "[\n" + ",\n".join(compact(v) for v in value) + "\n]"
        elif isinstance(value, dict) and value:
            body = "{\n" + ",\n".join(f"{compact(k)}:{compact(v)}" for k, v in value.items()) + "\n}"
        else:
            body = compact(value)
        parts.append(f"{compact(key)}: {body}")
    (FOLDER / f"{stem}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    if arrays is not None:
        arrays.write(FOLDER / f"{stem}.npz")


def write_manifest():
    names = sorted(p.name for p in FOLDER.iterdir() if p.suffix in (".json", ".npz", ".gz") and p.name != "MANIFEST.json")
    files = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in names}
    write_json("MANIFEST", {"files": files})
