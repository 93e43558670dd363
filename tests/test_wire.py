"""Frames: what goes in comes out, and hostile bytes are an error with a name."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.wire import PREFIX, ProtocolError, decode, encode, pack, unpack

NUMBERS = hnp.arrays(
    st.sampled_from([np.dtype(d) for d in ("f8", "f4", "i8", "i4", "u1", "?")]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0),
)


@given(st.lists(NUMBERS, max_size=4))
def test_arrays_come_back_as_they_went(arrays: list[np.ndarray]) -> None:
    header, back = unpack(pack({"k": 1}, arrays))
    assert header == {"k": 1}
    for a, b in zip(arrays, back, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert a.tobytes() == b.tobytes()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
        lambda s: st.lists(s, max_size=3),
        max_leaves=10,
    )
)
def test_plain_values_come_back_as_they_went(value: object) -> None:
    arrays: list[object] = []
    tree = encode(value, arrays)
    if '"?"' not in json.dumps(tree):  # deeper than allowed
        assert decode(json.loads(json.dumps(tree)), arrays) == value


@given(st.binary(max_size=200))
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack(data)


def frame(header: object, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return PREFIX.pack(b"FB1\n", len(text), len(body)) + text + body


def test_extended_precision_travels_as_double() -> None:
    arrays: list[np.ndarray] = []
    encode(np.longdouble(1) / 3, arrays)
    assert arrays[0].dtype == np.float64
    assert arrays[0] == 1 / 3


@pytest.mark.parametrize(
    "data",
    [
        frame([]),
        frame({}),
        frame({"arrays": 3}),
        frame({"arrays": [["|O", [1]]]}, b"x" * 8),
        frame({"arrays": [["<f8", [-1]]]}),
        frame({"arrays": [["<f8", [2**62]]]}, b"x" * 8),
        frame({"arrays": [["<f8", [True]]]}, b"x" * 8),
        frame({"arrays": [["<f8", [1] * 9]]}, b"x" * 8),
        frame({"arrays": []}, b"left over"),
        frame({"arrays": [["<f8"]]}),
        PREFIX.pack(b"FB1\n", 2**31, 0),
        PREFIX.pack(b"FB1\n", 5, 0) + b"\xff{}[]",
    ],
)
def test_a_lying_header_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack(data)


def test_a_shape_of_many_numbers_is_refused_before_they_are_multiplied() -> None:
    with pytest.raises(ProtocolError, match="malformed shape"):
        unpack(frame({"arrays": [["<f8", [2**62] * 300_000]]}))


@pytest.mark.parametrize(
    "tree", [[], 3, ["a", 5], ["a", -1], ["v", []], ["t", 3], ["d", [[[], 1]]], ["x", 1], ["t", [[]]]]
)
def test_a_malformed_value_is_refused(tree: object) -> None:
    with pytest.raises(ProtocolError):
        decode(tree, [np.zeros(1)])


def test_deep_nesting_is_refused_without_recursing() -> None:
    tree: object = ["v", 1]
    for _ in range(1000):
        tree = ["t", [tree]]
    with pytest.raises(ProtocolError):
        decode(tree, [])
