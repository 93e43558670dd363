"""When is a value the value that was asked for? Tolerances and the forms in which a stage may appear.

Tolerances: 1e-9 of the largest entry in double precision (a forward difference is further off; a careful central
difference on a small smooth case can be as good), 1e-4 where the student's own dtype is single precision.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np

from grader.exercise import Array

DOUBLE = 1e-9
SINGLE = 1e-4
SHORT = 16  # bits of a mantissa that a round number gets by with; single precision has 24
HUGE = 1e300
QUIET = nullcontext()
FLOOR = 1e-3  # entries of an array smaller than this are compared as if the largest were this


def as_numbers(value: Any) -> Array | None:
    """The value as an array of real numbers, None where it is none."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "fiub" else None
    if isinstance(value, bool | int | float | np.generic):
        made = np.asarray(value)
        return made if made.dtype.kind in "fiub" else None
    return None


def tolerance(want: Array, got: Array) -> float:
    """Largest absolute difference that still counts as equal."""
    scale = float(np.abs(want).max()) if want.size else 0.0
    return (SINGLE if is_single(got) else DOUBLE) * max(scale, FLOOR)


def is_single(got: Array) -> bool:
    """Was it computed in single precision: by its dtype, or by its digits (`float(loss)` widens the dtype alone)?

    By digits: every entry is a number of single precision, and one of them uses more than `SHORT` bits, which round
    numbers such as 0.5 do not.
    """
    if got.dtype.kind != "f" or got.dtype.itemsize < 8:
        return bool(got.dtype.kind == "f")
    if got.size and math.isfinite(first := got.item(0)) and not (math.frexp(first)[0] * 2**24).is_integer():
        return False  # that entry is none
    with np.errstate(over="ignore"):
        narrow = got.astype(np.float32)
    if not np.array_equal(narrow, got):
        return False
    mantissas = np.frexp(narrow)[0] * 2**SHORT
    return bool(np.any(mantissas != np.trunc(mantissas)))


def close(got: Any, want: Any) -> bool:
    """Same shape (an array of one number is as good as a scalar) and equal within the tolerance. NaN equals nothing."""
    g, w = as_numbers(got), as_numbers(want)
    if g is None or w is None:
        return False
    if g.size == 1 == w.size:
        scale = abs(float(w.item()))
        worst = abs(float(g.item()) - float(w.item()))
    elif g.shape != w.shape:
        return False
    elif not w.size:
        return True
    else:
        scale = largest(w)
        # only next to a huge number can a difference overflow
        with np.errstate(all="ignore") if scale > HUGE else QUIET:
            worst = largest(np.subtract(g, w, dtype=np.float64)) if math.isfinite(scale) else math.inf
    # NaN compares false; next to an infinite number every difference would be small
    if not (math.isfinite(scale) and worst <= SINGLE * max(scale, FLOOR)):
        return False
    return worst <= DOUBLE * max(scale, FLOOR) or is_single(g)


def largest(numbers: Array) -> float:
    """The largest absolute value, NaN where there is one, 0.0 of nothing."""
    return float(np.maximum.reduce(np.abs(numbers), axis=None)) if numbers.size else 0.0


def comparable(got: float, want: float, n: int) -> bool:
    """Can arrays with these largest absolute values be close, perhaps scaled by the batch size `n`? Cheap to ask."""
    most = SINGLE * max(want, FLOOR)
    return abs(got - want) <= most or (n > 1 and (abs(got / n - want) <= most or abs(got * n - want) <= most))


def rounded(got: Any, want: Any) -> bool:
    """Is it `want` only to the digits of single precision? What follows from it in double precision differs."""
    g, w = as_numbers(got), as_numbers(want)
    if g is None or w is None or g.shape != w.shape or not w.size or not is_single(g):
        return False
    with np.errstate(all="ignore"):
        worst = float(np.abs(g.astype(np.float64) - w.astype(np.float64)).max())
        return bool(worst > DOUBLE * max(float(np.abs(w).max()), FLOOR)) and close(g, w)


def alike(got: Any, want: Any) -> bool:
    """Equal within the tolerance where both are finite, and not finite in the same places."""
    g, w = as_numbers(got), as_numbers(want)
    if g is None or w is None or g.shape != w.shape:
        return False
    if math.isfinite(largest(w)):
        return close(g, w)
    g, w = np.atleast_1d(g).astype(np.float64), np.atleast_1d(w).astype(np.float64)
    finite = np.isfinite(w)
    return bool(np.array_equal(finite, np.isfinite(g)) and close(g[finite], w[finite]))


def form(got: Any, want: Any) -> str | None:
    """How `got` shows `want`: "" as it is, "transposed", "reshaped" (a row, a column, flattened); else None."""
    if close(got, want):
        return ""
    g, w = as_numbers(got), as_numbers(want)
    if g is None or w is None or g.size != w.size or g.size < 2:
        return None
    if g.ndim == 2 and w.ndim == 2 and g.T.shape == w.shape and close(g.T, w):
        return "transposed"
    if g.shape != w.shape and (g.ndim < 2 or w.ndim < 2 or 1 in g.shape) and close(g.reshape(w.shape), w):
        return "reshaped"
    return None


def scaled(got: Any, want: Any, n: int) -> str | None:
    """Does `got`, perhaps transposed, show `want` times the batch size, or divided by it?"""
    g, w = as_numbers(got), as_numbers(want)
    if g is None or w is None or n < 2:
        return None
    if g.shape != w.shape and g.ndim == w.ndim == 2:
        g = g.T
    if g.shape != w.shape:
        return None
    if close(g / n, w):
        return "times N"
    return "divided by N" if close(g * n, w) else None


def says_nothing(values: list[Any]) -> bool:
    """Is there no evidence in these values: all zero, or not finite, on every case?"""
    arrays = [as_numbers(value) for value in values]
    if any(a is None or not math.isfinite(largest(a)) for a in arrays):
        return True
    return bool(arrays) and not any(np.any(a) for a in arrays)
