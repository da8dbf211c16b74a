"""Files of arrays: .npz, .safetensors, idx."""

import gzip
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
    yield "pickle", one(npy(header("|O"), b"cos\nsystem\n(S'touch canary'\ntR.")), "a.npy holds Python objects (a pickle)"
    yield "shape_bomb", one(npy(header(shape="(1099511627776, 1099511627776)"), zeros)), "a.npy declares an array that no machine holds"
    yield "shape_overflow", one(npy(header(shape="(4294967296, 4294967296, 2)"), zeros)), "a.npy declares an array that no machine holds"
    yield (
        "shape_negative",
        one(npy(header(shape="(-2, -3)"), zeros)),
        "a.npy has a damaged .npy header at byte 51 of its dictionary. Expected a size",
    )
    yield (
        "shape_of_a_large_array",
        one(npy(header(shape="(2000000000,)"), zeros)),
        "a.npy has another size than its header says. Expected 8000000000 bytes",
    )
    yield (
        "too_short",
        one(npy(header(), zeros[:-1])),
        "a.npy has another size than its header says. Expected 24 bytes for shape (2, 3), received 23",
    )
    yield (
        "too_long",
        one(npy(header(), zeros + b"1234")),
        "a.npy has another size than its header says. Expected 24 bytes for shape (2, 3), received 28",
    )
    yield "header_longer_than_file", one(b"\x93NUMPY\x01\0\xff\xff{'descr'"), "a.npy has a damaged .npy header: it declares 65545 bytes"
    yield (
        "header_code",
        one(npy("__import__('os').system('touch canary')", zeros)),
        "a.npy has a damaged .npy header at byte 0 of its dictionary. Expected '{'",
    )
    yield "type_unknown", one(npy(header("<f3"), zeros)), "a.npy has elements of a type that Kerata lacks"
    yield (
        "type_record",
        one(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", zeros)),
        "a.npy has a damaged .npy header at byte 10 of its dictionary. Expected a quoted word",
    )
    yield "no_npy", one(b"hello"), "a.npy is too short for an .npy array"
    yield "deflate_bomb", one(npy(header(shape="(20000000,)"), bytes(80_000_000)), method=8), "declares 80000128 bytes in"
    yield (
        "traversal",
        build([Entry("../../a.npy", npy(header(), zeros))]),
        "../../a.npy is no name for a member: it leads out of the archive",
    )
    yield "wrong_crc", one(npy(header(), zeros), crc=1), "a.npy is damaged: its checksum does not agree with its content"
    yield "axes", one(npy(header(shape="(" + "1, " * 3000 + ")"), zeros)), "a.npy declares an array of 3000 axes. Expected at most 8"


def safetensors_cases():
    def file(tensors, data=bytes(24), size=None):
        text = tensors if isinstance(tensors, bytes) else json.dumps(tensors).encode()
        return struct.pack("<Q", len(text) if size is None else size) + text + data

    def one(dtype="F32", shape=(2, 3), offsets=(0, 24), **more):
        return {"w": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}, **more}

    yield "header_of_exabytes", file(one(), size=1 << 62), f"declares a header of {1 << 62} bytes"
    yield "header_negative", file(one(), size=(1 << 64) - 1), f"declares a header of {(1 << 64) - 1} bytes"
    yield "header_longer_than_file", file(one(), size=5000), "declares a header of 5000 bytes"
    yield "header_no_json", file(b"{not json"), "This is no valid JSON: line 1, column 2: Expected a key in quotes"
    yield "header_deep", file(b"[" * 100_000), "its header does not begin with {"
    yield "metadata_deep", file(b'{"__metadata__":' + b"[" * 100_000), "More than 200 levels of lists and objects"
    yield (
        "offsets_behind_the_end",
        file(one(offsets=(0, 1 << 40))),
        f": w has another size than its shape says. Expected 24 bytes for shape (2, 3), received {1 << 40}",
    )
    yield "offsets_reversed", file(one(offsets=(24, 0))), ": w has damaged data_offsets"
    yield "offsets_negative", file(one(offsets=(-24, 0))), ": w has damaged data_offsets"
    yield (
        "overlap",
        file(one(v={"dtype": "F32", "shape": [6], "data_offsets": [0, 24]})),
        ": w overlaps with another tensor. Expected it to begin at byte 24, received 0",
    )
    yield (
        "hole",
        file(one(offsets=(0, 24), v={"dtype": "F32", "shape": [1], "data_offsets": [28, 32]}), bytes(32)),
        ": v lies behind a hole. Expected it to begin at byte 24, received 28",
    )
    yield "shape_overflow", file(one(shape=(1 << 32, 1 << 32, 6))), ": w declares an array that no machine holds"
    yield (
        "shape_of_another_size",
        file(one(shape=(2, 4))),
        ": w has another size than its shape says. Expected 32 bytes for shape (2, 4), received 24",
    )
    yield "shape_negative", file(one(shape=(-2, -3))), ": w declares a size of -2"
    yield "type_unknown", file(one(dtype="F33")), ": w has elements of a type that Kerata lacks"
    yield "data_left_over", file(one(), bytes(40)), "has another size than its header says. Expected 24 bytes of tensors, received 40"
    yield "truncated", file(one(), bytes(10)), "has another size than its header says. Expected 24 bytes of tensors, received 10"
    yield "short", b"\x08", "is no safetensors file: only 1 bytes long"


def idx_cases():
    def file(magic, *sizes, data=b""):
        return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + data

    yield (
        "sizes_overflow",
        file(0x803, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        "declares more than it can hold. Received size 4294967295 on axis 0",
    )
    yield "too_short", file(0x803, 10, 28, 28, data=bytes(100)), "ends too early. Expected 7740 more bytes after byte 116 of its content"
    yield (
        "wrong_magic",
        file(0x12345678, 1, 1, 1, data=b"\0"),
        "is not an IDX file of bytes with 3 axes. Expected 2051 in its first four bytes, received 305419896",
    )
    yield (
        "wrong_rank",
        file(0x801, 4, data=bytes(4)),
        "is not an IDX file of bytes with 3 axes. Expected 2051 in its first four bytes, received 2049",
    )
    yield "header_cut", b"\0\0\x08\x03\0\0", "ends too early. Expected 2 more bytes after byte 6 of its content"
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
        packed.write(file(0x803, 1, 2, 2, data=bytes(80_000_000)))
    yield "gzip_bomb", stream.getvalue(), "is longer than its header says. Expected 19 bytes of content"
