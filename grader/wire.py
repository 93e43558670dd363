"""Arrays and plain values as bytes, between the grader and the process that runs student code.

A frame is a length, a JSON header and the raw bytes of its arrays, little-endian and in C order. The header
says which dtypes and shapes follow. The reader treats a frame as hostile: dtypes are whitelisted, sizes are
checked against the bytes that really came before anything is allocated, nothing is evaluated or unpickled.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MAGIC = b"FB1\n"
PREFIX = struct.Struct("<4sII")  # magic, header bytes, body bytes
ANSWERED = struct.Struct("<Id")  # before the frame of an answer: the task's number, seconds
DTYPES = {
    name: np.dtype(name)
    for name in ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
}
MAX_HEADER = 8 << 20
MAX_BODY = 64 << 20
MAX_DIMS = 8
MAX_DEPTH = 6  # containers inside containers

_array, _ndarray, _generic, _float64 = (
    np.asarray,
    np.ndarray,
    np.generic,
    np.float64,
)  # kept from before student code ran


class ProtocolError(Exception):
    """Bytes that are no frame."""


def encode(value: Any, arrays: list[Any], depth: int = 0) -> Any:
    """`value` as JSON; its arrays go to `arrays` and are named by index. What cannot travel is named by its type."""
    kind = type(value)
    if kind is float or kind is int or kind is bool or kind is str or value is None:
        if kind is int and not -(2**63) <= value < 2**64:
            return ["?", "int too large"]
        return ["v", value] if kind is not str else ["v", value[:200]]
    if value is Ellipsis:
        return ["..."]
    if kind.__name__ == "Made":  # exercise.Made, which this module does not import
        return ["m", value.source]
    if isinstance(value, _ndarray | _generic):
        plain = _array(value)
        if plain.dtype.kind == "f" and plain.dtype.itemsize > 8:  # more digits than travel
            plain = plain.astype(_float64)
        if not _travels(plain.dtype) or plain.ndim > MAX_DIMS:
            return ["?", f"array of {plain.dtype}"]
        arrays.append(plain)
        return ["a", len(arrays) - 1]
    if isinstance(value, tuple | list) and depth < MAX_DEPTH and len(value) <= 10_000:
        return ["t" if isinstance(value, tuple) else "l", [encode(v, arrays, depth + 1) for v in value]]
    if isinstance(value, dict) and depth < MAX_DEPTH and len(value) <= 10_000:
        return [
            "d",
            [[k if isinstance(k, str | int) else repr(k)[:80], encode(v, arrays, depth + 1)] for k, v in value.items()],
        ]
    return ["?", kind.__name__[:80]]


def _travels(dtype: np.dtype[Any]) -> bool:
    return dtype.str in DTYPES or dtype.newbyteorder("<").str in DTYPES


class Foreign:
    """Stands for a value that cannot travel; knows the name of its type only."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


def decode(tree: Any, arrays: Sequence[Any], depth: int = 0, make: Callable[[str], Any] | None = None) -> Any:
    """The inverse of `encode`. Raises ProtocolError on anything malformed.

    `make` turns the source of a value that is made (a function, a generator) into it; without it there is none, so
    nothing that a child sends is ever evaluated.
    """
    if not isinstance(tree, list) or not tree or depth > MAX_DEPTH:
        raise ProtocolError("malformed value")
    tag = tree[0]
    if tag == "...":
        return Ellipsis
    if len(tree) != 2:
        raise ProtocolError("malformed value")
    body = tree[1]
    if tag == "v":
        if body is None or isinstance(body, bool | int | float | str):
            return body
    elif tag == "a":
        if isinstance(body, int) and 0 <= body < len(arrays):
            return arrays[body]
    elif tag in ("t", "l"):
        if isinstance(body, list):
            made = [decode(v, arrays, depth + 1, make) for v in body]
            return tuple(made) if tag == "t" else made
    elif tag == "d":
        if isinstance(body, list) and all(
            isinstance(p, list) and len(p) == 2 and isinstance(p[0], str | int) for p in body
        ):
            return {k: decode(v, arrays, depth + 1, make) for k, v in body}
    elif tag == "m" and make is not None:
        if isinstance(body, str):
            return make(body)
    elif tag == "?":
        return Foreign(str(body)[:80])
    raise ProtocolError("malformed value")


def pack(header: dict[str, Any], arrays: Sequence[Any]) -> bytes:
    """One frame. `header` gets the key "arrays" with the dtype and shape of each array."""
    parts = []
    kinds = []
    for array in arrays:
        little = array if array.dtype.str in DTYPES else array.astype(array.dtype.newbyteorder("<"))
        kinds.append([little.dtype.str, list(array.shape)])
        parts.append(little.tobytes())  # in C order, however it lies in memory
    text = json.dumps({**header, "arrays": kinds}, separators=(",", ":")).encode("utf-8", "surrogatepass")
    body = b"".join(parts)
    return PREFIX.pack(MAGIC, len(text), len(body)) + text + body


def frame_size(start: bytes) -> int:
    """Whole length of the frame that begins with `start` (at least PREFIX.size bytes)."""
    magic, header, body = PREFIX.unpack_from(start)
    if magic != MAGIC or header > MAX_HEADER or body > MAX_BODY:
        raise ProtocolError("not a frame, or larger than allowed")
    return int(PREFIX.size + header + body)


def taken(buffer: bytearray, before: int = 0) -> tuple[bytes, bytes] | None:
    """Take a whole frame off the beginning of a buffer, and so many bytes `before` it: both; None where not all of it
    has come. Raises ProtocolError."""
    if len(buffer) < before + PREFIX.size:
        return None
    end = before + frame_size(bytes(buffer[before : before + PREFIX.size]))
    if len(buffer) < end:
        return None
    found = bytes(buffer[:before]), bytes(memoryview(buffer)[before:end])
    del buffer[:end]
    return found


def unpack(frame: bytes, writable: bool = False) -> tuple[dict[str, Any], list[Any]]:
    """Header and arrays of one whole frame; arrays are read-only views unless `writable`."""
    if len(frame) < PREFIX.size or len(frame) != frame_size(frame):
        raise ProtocolError("frame cut short")
    _, length, body = PREFIX.unpack_from(frame)
    try:
        header = json.loads(frame[PREFIX.size : PREFIX.size + length])
        kinds = header.pop("arrays")
        if not isinstance(kinds, list):
            raise ProtocolError("malformed header")
        arrays, at = [], PREFIX.size + length
        for dtype_name, shape in kinds:
            dtype = DTYPES[dtype_name]
            if len(shape) > MAX_DIMS:  # first: a product of many numbers takes long
                raise ProtocolError("malformed shape")
            size = dtype.itemsize
            for n in shape:
                if type(n) is not int or n < 0:
                    raise ProtocolError("malformed shape")
                size *= n
            if at + size > len(frame):
                raise ProtocolError("arrays longer than their bytes")
            array = np.ndarray(shape, dtype, frame, at if size else 0)
            arrays.append(array.copy() if writable else array)
            at += size
    except ProtocolError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ProtocolError(f"malformed frame: {type(error).__name__}") from error
    if at != len(frame):
        raise ProtocolError("bytes left over")
    return header, arrays
