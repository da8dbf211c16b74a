"""HDF5 files that Keras never writes: links that leave the file, declared sizes, damaged structures."""

import io
import struct

import h5py
import numpy as np

CANARY = "canary.h5"  # the runner puts a pipe there: whoever opens it waits for ever
ROOT, EXTERNAL = ": the root group: ", "an external link (to another file)"


class Changes:
    """cases() yields (name, bytes, piece of the message). `weights` is a valid .weights.h5 of a model with a Dense layer."""

    def __init__(self, weights):
        self.weights = weights
        with h5py.File(io.BytesIO(weights), "r") as file:
            self.group = next(f"layers/{name}" for name in sorted(file["layers"]) if "dense" in name and len(file["layers"][name]["vars"]))
            self.kernel = f"{self.group}/vars/0"
            self.shape = file[self.kernel].shape

    def variables(self, count):
        return f"Layer 'dense' expected 2 variables, but received {count} variables during loading. Expected: ['kernel', 'bias'] in '{self.group}/vars'"

    def changed(self, change):
        stream = io.BytesIO(self.weights)
        with h5py.File(stream, "r+") as file:
            change(file)
        return stream.getvalue()

    def replaced(self, make):
        """The kernel's data set made anew by make(group, name)."""

        def change(file):
            del file[self.kernel]
            make(file[f"{self.group}/vars"], "0")

        return self.changed(change)

    def linked(self, link):
        return self.replaced(lambda group, name: group.__setitem__(name, link))

    def link_cases(self):
        yield "external_link", self.linked(h5py.ExternalLink(CANARY, "/data")), f"{self.kernel}: {EXTERNAL}"
        yield "external_link_absolute", self.linked(h5py.ExternalLink("/etc/passwd", "/")), f"{self.kernel}: {EXTERNAL}"
        yield (
            "external_link_group",
            self.changed(lambda f: (f.__delitem__("layers"), f.__setitem__("layers", h5py.ExternalLink(CANARY, "/layers")))),
            f": layers: {EXTERNAL}",
        )
        yield "external_link_unused", self.changed(lambda f: f.__setitem__("more", h5py.ExternalLink(CANARY, "/"))), f": more: {EXTERNAL}"
        yield "soft_link", self.linked(h5py.SoftLink(f"/{self.group}/vars/1")), f"{self.kernel}: a soft link"
        yield "soft_link_dangling", self.linked(h5py.SoftLink("/nowhere/at/all")), f"{self.kernel}: a soft link"
        yield "soft_link_to_itself", self.linked(h5py.SoftLink(f"/{self.kernel}")), f"{self.kernel}: a soft link"
        yield "soft_link_upwards", self.linked(h5py.SoftLink("../../../../etc/passwd")), f"{self.kernel}: a soft link"
        yield (
            "hard_link_cycle",
            self.changed(lambda f: f[self.group].__setitem__("again", f["layers"])),
            ": layers: an object with 2 links to it",
        )
        yield (
            "hard_link_cycle_root",
            self.changed(lambda f: f.__setitem__("root", f["/"])),
            ": the root group: an object with 2 links to it",
        )

        def storage(group, name):
            space = h5py.h5s.create_simple(self.shape)
            options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            options.set_obj_track_times(False)
            options.set_external(b"canary.h5", 0, int(np.prod(self.shape)) * 4)
            h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, options)

        yield "external_storage", self.replaced(storage), f"{self.kernel}: data in other files (external storage)"

        def virtual(group, name):
            space = h5py.h5s.create_simple(self.shape)
            options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            options.set_obj_track_times(False)  # create_virtual_dataset() writes the time
            options.set_virtual(space, CANARY.encode(), b"data", space)
            h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, options)

        yield "virtual_data_set", self.replaced(virtual), f"{self.kernel}: a virtual data set (made of parts of other files)"

        def references(group, name):
            data = group.create_dataset(name, self.shape, h5py.ref_dtype)
            data[...] = group.ref

        yield "object_references", self.replaced(references), f"{self.kernel}: data of type reference"
        yield (
            "reference_attribute",
            self.changed(lambda f: f[self.group].attrs.__setitem__("where", f["layers"].ref)),
            f"{self.group}: attribute where: data of type reference",
        )

    def type_cases(self):
        def of(dtype, **options):
            return self.replaced(lambda group, name: group.create_dataset(name, self.shape, dtype, **options))

        yield "type_compound", of(np.dtype([("a", "f4"), ("b", "i4")])), f"{self.kernel}: data of type compound"
        yield "type_complex", of("c8"), f"{self.kernel}: data of type compound"
        yield "type_text", of("S8"), f"{self.kernel}: a data set of texts"
        yield "type_variable_text", of(h5py.string_dtype()), f"{self.kernel}: a data set of texts"
        yield "type_ragged", of(h5py.vlen_dtype("f4")), f"{self.kernel}: lists of variable length"
        yield "type_enum", of(h5py.enum_dtype({"A": 1, "B": 2}, basetype="i4")), f"{self.kernel}: an enumeration, which Keras never writes"
        yield "type_opaque", of(h5py.opaque_dtype(np.dtype("V4"))), f"{self.kernel}: opaque data of 4 bytes an element"
        yield "type_array", of(np.dtype(("f4", (3,)))), f"{self.kernel}: data of type array"
        yield "filter_unknown", self.replaced(lambda group, name: chunked(group, name, self.shape)), f"{self.kernel}: data with filter 4"

    def size_cases(self):
        def huge(shape, **options):
            return self.replaced(lambda group, name: group.create_dataset(name, shape, "f4", **options))

        yield (
            "shape_bomb_chunked",
            huge((2**31, 2**20), chunks=(1024, 16)),
            f"{self.kernel}: a declared shape of {2**53} bytes without any data",
        )
        yield (
            "shape_bomb_deflated",
            huge((200_000, 100_000), chunks=(1000, 1000), compression="gzip"),
            f"{self.kernel}: a declared shape of 80000000000 bytes without any data",
        )
        yield (
            "shape_bomb_filled",
            huge((2**15, 2**15), chunks=(128, 128), fillvalue=1.0),
            f"{self.kernel}: a declared shape of {2**32} bytes without any data",
        )
        yield "shape_overflow", huge((2**31, 2**31, 2**10), chunks=(64, 8, 8)), f"{self.kernel}: the sizes of a shape are too large"
        yield "shape_many_axes", huge((1,) * 32), f"{self.kernel}: a shape of 32 axes"
        yield "shape_empty", huge((0, 3)), f"'dense/kernel' has shape (3, 4), received shape (0, 3) from '{self.kernel}'"
        yield "shape_scalar", huge(()), f"{self.kernel}: a declared shape of 4 bytes without any data"
        yield (
            "shape_transposed",
            huge(tuple(reversed((self.shape[0], self.shape[1] + 2)))),
            f"{self.kernel}: a declared shape of 72 bytes without any data",
        )
        yield (
            "shape_null",
            self.replaced(lambda group, name: group.__setitem__(name, h5py.Empty("f4"))),
            f"{self.kernel}: an empty data space",
        )
        yield (
            "deflate_bomb",
            self.replaced(
                lambda group, name: group.create_dataset(name, data=np.zeros((6000, 5000), "f4"), chunks=(6000, 5000), compression=9)
            ),
            f"{self.kernel}: compressed data unpacks to 120000000 bytes, out of proportion",
        )

        def deep(file):
            group = file["layers"]
            for _ in range(600):
                group = group.create_group("g")

        yield "groups_in_groups", self.changed(deep), "/g: groups nested 101 levels deep"

    def content_cases(self):
        yield "missing_kernel", self.changed(lambda f: f.__delitem__(self.kernel)), self.variables(1)
        yield "missing_bias", self.changed(lambda f: f.__delitem__(f"{self.group}/vars/1")), self.variables(1)
        yield "missing_layer", self.changed(lambda f: f.__delitem__(self.group)), self.variables(0)
        yield "missing_layers", self.changed(lambda f: f.__delitem__("layers")), self.variables(0)
        yield "group_for_data", self.replaced(lambda group, name: group.create_group(name)), f"there is no data set {self.kernel}"
        yield (
            "data_for_group",
            self.changed(lambda f: (f.__delitem__(self.group), f.create_dataset(self.group, data=np.zeros(3, "f4")))),
            self.variables(0),
        )
        yield (
            "one_weight_more",
            self.changed(lambda f: f[f"{self.group}/vars"].create_dataset("2", data=np.zeros(3, "f4"))),
            self.variables(3),
        )

    def damage_cases(self):
        data = self.weights
        yield "empty", b"", ": not an HDF5 file: 0 bytes"
        yield "signature_only", data[:8], ": not an HDF5 file: 8 bytes"
        yield "superblock_only", data[:96], f": the file is cut off. Expected {len(data)} bytes, received 96"
        for share in (4, 2):
            yield (
                f"truncated_to_1_in_{share}",
                data[: len(data) // share],
                f": the file is cut off. Expected {len(data)} bytes, received {len(data) // share}",
            )
        yield "truncated_by_one", data[:-1], f": the file is cut off. Expected {len(data)} bytes, received {len(data) - 1}"

        def patched(offset, content):
            return data[:offset] + content + data[offset + len(content) :]

        yield "superblock_version", patched(8, b"\x77"), ": a superblock of version 119"
        yield "superblock_offset_size", patched(13, b"\x03"), ": a superblock with addresses or sizes that do not have 8 bytes"
        yield "superblock_leaf_k", patched(16, b"\0\0"), ": a superblock that leaves B-trees without children"
        yield "superblock_base", patched(24, struct.pack("<Q", 64)), ": a file with other data in front of it"
        yield (
            "superblock_end_beyond",
            patched(40, struct.pack("<Q", 1 << 40)),
            f": the file is cut off. Expected {1 << 40} bytes, received {len(data)}",
        )
        yield (
            "superblock_root_beyond",
            patched(64, struct.pack("<Q", 1 << 40)),
            f"{ROOT}an object header lies outside the file: 4 bytes at {1 << 40}",
        )
        yield "superblock_root_in_itself", patched(64, struct.pack("<Q", 0)), f"{ROOT}an object header of version 137"
        tree, heap, node = data.index(b"TREE"), data.index(b"HEAP"), data.index(b"SNOD")
        yield "tree_signature", patched(tree, b"TREX"), f"{ROOT}a B-tree node does not begin with TREE"
        yield "tree_entries", patched(tree + 6, b"\xff\xff"), f"{ROOT}a B-tree node with 65535 children"
        yield (
            "tree_child_of_itself",
            patched(tree + 32, struct.pack("<Q", tree)),
            f"{ROOT}a symbol table node at {tree} lies on bytes that belong to another part of the file, or to itself",
        )
        yield "tree_level", patched(tree + 5, b"\x40"), f"{ROOT}a B-tree node does not begin with TREE"
        yield (
            "tree_child_beyond",
            patched(tree + 32, struct.pack("<Q", 1 << 50)),
            f"{ROOT}a symbol table node lies outside the file: 328 bytes at {1 << 50}",
        )
        yield "heap_signature", patched(heap, b"HEAX"), f"{ROOT}a local heap does not begin with HEAP"
        yield (
            "heap_size",
            patched(heap + 8, struct.pack("<Q", 1 << 60)),
            f"{ROOT}the data of a local heap lies outside the file: {1 << 60} bytes",
        )
        yield (
            "heap_address",
            patched(heap + 24, struct.pack("<Q", len(data) - 4)),
            f"{ROOT}the data of a local heap lies outside the file: 88 bytes at {len(data) - 4}",
        )
        yield "node_signature", patched(node, b"SNOX"), f"{ROOT}a symbol table node does not begin with SNOD"
        yield "node_entries", patched(node + 6, b"\xff\xff"), f"{ROOT}a symbol table node of version 1 with 65535 entries"
        yield "node_name_offset", patched(node + 8, struct.pack("<Q", 1 << 33)), f"{ROOT}a name lies outside its heap"
        yield (
            "node_header_beyond",
            patched(node + 16, struct.pack("<Q", 1 << 33)),
            f": layers: an object header lies outside the file: 4 bytes at {1 << 33}",
        )
        yield "node_header_in_heap", patched(node + 16, struct.pack("<Q", heap)), ": layers: an object header of version 72"

        header = object_header(data, self.kernel)
        yield "header_version", patched(header, b"\x09"), f"{self.kernel}: an object header of version 9"
        yield "header_messages", patched(header + 2, b"\xff\xff"), f"{self.kernel}: an object header with 5 messages. Expected 65535"
        yield (
            "header_size",
            patched(header + 8, struct.pack("<I", 0x7FFFFFFF)),
            f"{self.kernel}: an object header lies outside the file: {0x7FFFFFFF + 16} bytes at {header}",
        )
        yield "message_size", patched(header + 18, b"\xf8\xff"), f"{self.kernel}: an object header is cut off"
        layout = message(data, header, 8)
        yield "layout_class", patched(layout + 1, b"\x09"), f"{self.kernel}: a layout of unknown class 9"
        yield (
            "layout_address",
            patched(layout + 2, struct.pack("<Q", len(data) - 8)),
            f"{self.kernel}: data lies outside the file: 48 bytes at {len(data) - 8}",
        )
        yield (
            "layout_size",
            patched(layout + 10, struct.pack("<Q", 1 << 40)),
            f"{self.kernel}: data of {1 << 40} bytes. Expected 48 for its shape",
        )
        space = message(data, header, 1)
        yield "space_rank", patched(space + 1, b"\xff"), f"{self.kernel}: a shape of 255 axes"
        yield "space_size", patched(space + 8, struct.pack("<Q", 1 << 61)), f"{self.kernel}: the sizes of a shape are too large"
        kind = message(data, header, 3)
        yield "type_size", patched(kind + 4, struct.pack("<I", 0x40000000)), f"{self.kernel}: a floating-point format of {0x40000000} bytes"
        yield "type_class", patched(kind, b"\x1f"), f"{self.kernel}: a data type of version 1 and class 15"

    def cases(self):
        for family in (self.link_cases, self.type_cases, self.size_cases, self.content_cases, self.damage_cases):
            yield from family()


def chunked(group, name, shape):
    """A filter of which the reader knows nothing."""
    options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    options.set_obj_track_times(False)
    options.set_chunk(shape)
    options.set_filter(4, h5py.h5z.FLAG_OPTIONAL, (4, 8))
    h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(shape), options)


def object_header(data, path):
    with h5py.File(io.BytesIO(data), "r") as file:
        return h5py.h5o.get_info(file[path].id).addr


def message(data, header, kind):
    """Where the content of a header message of version 1 lies."""
    at = header + 16
    end = at + struct.unpack_from("<I", data, header + 8)[0]
    while at + 8 <= end:
        found, size = struct.unpack_from("<HH", data, at)
        if found == kind:
            return at + 8
        at += 8 + size
    raise ValueError(f"no message {kind}")


def legacy_cases(whole, name_of_attribute="model_config"):
    """Of a legacy whole model in one .h5 file."""

    def changed(change):
        stream = io.BytesIO(whole)
        with h5py.File(stream, "r+") as file:
            change(file)
        return stream.getvalue()

    def config(text):
        return changed(lambda f: f.attrs.__setitem__(name_of_attribute, text))

    yield "no_model_config", changed(lambda f: f.attrs.__delitem__(name_of_attribute)), "No model config found in the file"
    yield "model_config_no_json", config("{{{{"), "(model_config)] This is no valid JSON: line 1, column 2"
    yield "model_config_number", changed(lambda f: f.attrs.__setitem__(name_of_attribute, 5)), f"{ROOT}attribute model_config is no text"
    lambda_layer = '{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Lambda", "config": {"name": "l", "function": ["4wE=", null, null], "function_type": "lambda"}}]}}'
    yield "lambda", config(lambda_layer), "Layer 'l' is a Lambda layer"

    def names(values):
        def change(file):
            group = next(g for g in file["model_weights"].values() if len(g.attrs.get("weight_names", [])))
            group.attrs["weight_names"] = values

        return changed(change)

    yield "weight_names_unknown", names([b"nobody/kernel", b"nobody/bias"]), "there is no data set model_weights/dense/nobody/kernel"
    yield "weight_names_upwards", names([b"../../etc/passwd", b"../../x"]), "there is no data set model_weights/dense/../../etc/passwd"
    yield (
        "weight_names_too_few",
        names([b"only/kernel"]),
        "Weight count mismatch for layer #2 (named dense). Layer expects 2 weight(s). Received 1 saved",
    )
    yield "weight_names_numbers", names(np.array([1.0, 2.0])), "model_weights/dense: attribute weight_names is no text"
    yield (
        "layer_names_unknown",
        changed(lambda f: f["model_weights"].attrs.__setitem__("layer_names", [b"nobody"])),
        "The file lists the layer 'nobody', but has no group for it",
    )
    yield (
        "no_model_weights",
        changed(lambda f: f.__delitem__("model_weights")),
        "Layer count mismatch when loading weights from file. Model expected 2 layers, found 0",
    )
    yield (
        "model_weights_outside",
        changed(lambda f: (f.__delitem__("model_weights"), f.__setitem__("model_weights", h5py.ExternalLink(CANARY, "/")))),
        f": model_weights: {EXTERNAL}",
    )
