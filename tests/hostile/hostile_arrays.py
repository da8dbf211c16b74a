"""Files of arrays: .npz, .safetensors, idx."""

import io
import json
import struct


from raw_zip import Entry, build


def npy(header, data=b"", version=1):
    text = header.encode() if isinstance(header, str) else header
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H", len(text)) + text + data


def header(descr="<f4", order=False, shape="(2, 3)"):
    return f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}"


def npz_cases():
    def one(content, **fields):
        return build([Entry("a.npy", content, **fields)])

    zeros = bytes(24)
    yield "pickle", one(npy(header("|O"), b"cos\nsystem\n(S'touch canary'\ntR.")), "a"
    yield "shape_bomb", one(npy(header(shape="(1099511627776, 1099511627776)"), zeros)), "a"
    yield "shape_overflow", one(npy(header(shape="(4294967296, 4294967296, 2)"), zeros)), "a"
    yield "shape_negative", one(npy(header(shape="(-2, -3)"), zeros)), "a"
    yield "shape_of_a_large_array", one(npy(header(shape="(2000000000,)"), zeros)), "a"
    yield "too_short", one(npy(header(), zeros[:-1])), "a"
    yield "too_long", one(npy(header(), zeros + b"1234")), "a"
    yield "header_longer_than_file", one(b"\x93NUMPY\x01\0\xff\xff{'descr'"), "a"
    yield "header_code", one(npy("__import__('os').system('touch canary')", zeros)), "a"
    yield "type_unknown", one(npy(header("<f3"), zeros)), "a"
    yield "type_record", one(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", zeros)), "a"
    yield "no_npy", one(b"hello"), "a"
    yield "deflate_bomb", one(npy(header(shape="(20000000,)"), bytes(80_000_000)), method=8), "a"
    yield "traversal", build([Entry("../../a.npy", npy(header(), zeros))]), ".."
    yield "wrong_crc", one(npy(header(), zeros), crc=1), "a"
    yield "axes", one(npy(header(shape="(" + "1, " * 3000 + ")"), zeros)), "a"


def safetensors_cases():
    def file(tensors, data=bytes(24), size=None):
        text = tensors if isinstance(tensors, bytes) else json.dumps(tensors).encode()
        return struct.pack("<Q", len(text) if size is None else size) + text + data

    def one(dtype="F32", shape=(2, 3), offsets=(0, 24), **more):
        return {"w": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}, **more}

    yield "header_of_exabytes", file(one(), size=1 << 62), ""
    yield "header_negative", file(one(), size=(1 << 64) - 1), ""
    yield "header_longer_than_file", file(one(), size=5000), ""
    yield "header_no_json", file(b"{not json"), ""
    yield "header_deep", file(b"[" * 100_000), ""
    yield "offsets_behind_the_end", file(one(offsets=(0, 1 << 40))), "w"
    yield "offsets_reversed", file(one(offsets=(24, 0))), "w"
    yield "offsets_negative", file(one(offsets=(-24, 0))), "w"
    yield "overlap", file(one(v={"dtype": "F32", "shape": [6], "data_offsets": [0, 24]})), ""
    yield "hole", file(one(offsets=(0, 24), v={"dtype": "F32", "shape": [1], "data_offsets": [28, 32]}), bytes(32)), ""
    yield "shape_overflow", file(one(shape=(1 << 32, 1 << 32, 6))), "w"
    yield "shape_of_another_size", file(one(shape=(2, 4))), "w"
    yield "shape_negative", file(one(shape=(-2, -3))), "w"
    yield "type_unknown", file(one(dtype="F33")), "w"
    yield "data_left_over", file(one(), bytes(40)), ""
    yield "truncated", file(one(), bytes(10)), "header"
    yield "short", b"\x08", ""


def idx_cases():
    def file(magic, *sizes, data=b""):
        return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + data

    yield "sizes_overflow", file(0x803, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF), ""
    yield "too_short", file(0x803, 10, 28, 28, data=bytes(100)), ""
    yield "wrong_magic", file(0x12345678, 1, 1, 1, data=b"\0"), ""
    yield "wrong_rank", file(0x801, 4, data=bytes(4)), ""
    yield "header_cut", b"\0\0\x08\x03\0\0", ""
    stream = io.BytesIO()
    import gzip

    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
        packed.write(file(0x803, 1, 2, 2, data=bytes(80_000_000)))
    yield "gzip_bomb", stream.getvalue(), ""
