"""What is wrong with a value: facts beyond the verdict, for `messages` to put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare import as_numbers, close, says_nothing, tolerance
from grader.evidence import numeric
from grader.exercise import Array, Case, Outcome
from grader.explain import Verdict


@dataclass(frozen=True)
class Difference:
    """How a stage's value differs from what it should be, on the first case on which it does.

    `cases` says on which: "all", "one example" (only with N = 1), "many examples" (never with N = 1), "some".
    `where` is "correct class" or "other classes" where all differing entries are there, else "".
    `unused` is a random generator that came in and was not used, else "".
    """

    case: str
    cases: str
    came_shape: tuple[int, ...] | None
    want_shape: tuple[int, ...]
    type_name: str = ""  # of a value that is no array of numbers
    entries: int = 0
    differing: int = 0
    where: str = ""
    not_finite: int = 0
    zeros: bool = False
    sample: tuple[tuple[int, ...], float, float] | None = None  # index, came, wanted
    seen: bool = True  # False: what came is inferred with the reference, not what the student's code computed
    unused: str = ""


SHOWN_ROWS, SHOWN_COLUMNS = 8, 8  # an array up to this size is shown with its numbers
SQUARES = 24  # a larger one as at most so many squares each way
FAR, NEAR = 0.3, 0.03  # of the largest entry: from here on a difference counts as large, as middling


@dataclass(frozen=True)
class Grid:
    """Where a stage's value differs from what it should be, in rows and columns, on the case of its `Difference`.

    `levels` says for every square how far off it is: 0 not at all, 1 a little, 2 middling, 3 far (or not finite).
    `numbers` are the student's own, entry by entry; None where there are too many to show, and then a square
    stands for `block` = (rows, columns) entries and has the level of the worst of them.
    """

    shape: tuple[int, ...]  # of the array; beyond two dimensions the later ones are laid side by side
    levels: tuple[tuple[int, ...], ...]
    numbers: tuple[tuple[float, ...], ...] | None
    block: tuple[int, int] = (1, 1)


def grid(verdict: Verdict) -> Grid | None:
    """The squares of a failed stage on the first case on which it differs; None where the shape is another one, or
    where there is a single number."""
    if verdict.outcome is not Outcome.FAILED or verdict.values is None or verdict.expected is None:
        return None
    pairs = zip(verdict.values, verdict.expected, strict=True)
    value, expected = next(((v, e) for v, e in pairs if not close(v, e)), (None, None))
    got, want = as_numbers(value), as_numbers(expected)
    if got is None or want is None or got.shape != want.shape or want.size < 2:
        return None
    rows = want.shape[0] if want.ndim > 1 else 1
    mine, right = got.astype(float).reshape(rows, -1), want.astype(float).reshape(rows, -1)
    with np.errstate(all="ignore"):
        gap = np.abs(mine - right)
        scale = float(np.abs(right).max()) or 1.0
        level = np.select([gap <= tolerance(want, got), gap < NEAR * scale, gap < FAR * scale], [0, 1, 2], 3)
    if rows <= SHOWN_ROWS and mine.shape[1] <= SHOWN_COLUMNS:
        return Grid(want.shape, _rows(level), _rows(mine))
    block = (-(-rows // SQUARES), -(-mine.shape[1] // SQUARES))
    pooled = np.maximum.reduceat(level, np.arange(0, rows, block[0]), axis=0)
    pooled = np.maximum.reduceat(pooled, np.arange(0, mine.shape[1], block[1]), axis=1)
    return Grid(want.shape, _rows(pooled), None, block)


def _rows(array: Array) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in array.tolist())


def difference(
    verdict: Verdict, cases: Sequence[Case], sizes: Sequence[int], outputs: Sequence[str]
) -> Difference | None:
    """Facts on a failed stage; None where there is no value to look at. `outputs` are the stages that are returned."""
    if verdict.outcome is not Outcome.FAILED or verdict.values is None or verdict.expected is None:
        return None
    wrong = [i for i, (v, e) in enumerate(zip(verdict.values, verdict.expected, strict=True)) if not close(v, e)]
    if not wrong:
        return None
    first = wrong[0]
    got, want = as_numbers(verdict.values[first]), as_numbers(verdict.expected[first])
    assert want is not None
    which = _which(wrong, sizes)
    name = cases[first].name
    if got is None:
        return Difference(name, which, None, want.shape, type_name=_type_name(verdict.values[first]))
    if got.shape != want.shape and not (got.size == want.size == 1):
        return Difference(name, which, got.shape, want.shape)
    got = got.reshape(want.shape)
    with np.errstate(all="ignore"):
        off = ~(np.abs(got.astype(float) - want.astype(float)) <= tolerance(want, got))
    worst = _worst(got, want, off)
    return Difference(
        name,
        which,
        got.shape,
        want.shape,
        entries=want.size,
        differing=int(off.sum()),
        where=_where(off, cases[first]),
        not_finite=int((~np.isfinite(got.astype(float))).sum()),
        zeros=says_nothing(numeric(verdict.values)) and not np.any(got),
        sample=worst,
        seen=computed(verdict, outputs),
    )


def computed(verdict: Verdict, outputs: Sequence[str]) -> bool:
    """Is the value one that the student's code returned or assigned, not one that was inferred?"""
    if verdict.stage.name in outputs:
        return True
    if verdict.found is None or not verdict.values:
        return False
    seen, value = as_numbers(verdict.found.value), as_numbers(verdict.values[0])
    if seen is None or value is None or seen.size != value.size:
        return False
    turns = [seen.reshape(value.shape), *([seen.T] if seen.ndim == 2 and seen.T.shape == value.shape else [])]
    return any(np.array_equal(t.astype(np.float64), value.astype(np.float64), equal_nan=True) for t in turns)


def _type_name(value: Any) -> str:
    return "..." if value is Ellipsis else getattr(value, "kind", type(value).__name__)


def _which(wrong: list[int], sizes: Sequence[int]) -> str:
    single = {i for i, n in enumerate(sizes) if n == 1}
    if len(wrong) == len(sizes):
        return "all"
    if single and set(wrong) == single:
        return "one example"
    if single and set(wrong) == set(range(len(sizes))) - single:
        return "many examples"
    return "some"


def _where(off: Array, case: Case) -> str:
    """Are all differing entries of a row-per-example array at the labels (or all elsewhere)?"""
    labels = case.inputs.get("y")
    if (
        off.ndim != 2
        or not isinstance(labels, np.ndarray)
        or labels.shape != off.shape[:1]
        or off.shape[1] <= labels.max()
    ):
        return ""
    correct = np.zeros_like(off)
    correct[np.arange(len(labels)), labels] = True
    if not (off & ~correct).any():
        return "correct class"
    return "other classes" if not (off & correct).any() else ""


def _worst(got: Array, want: Array, off: Array) -> tuple[tuple[int, ...], float, float]:
    with np.errstate(all="ignore"):
        gap = np.where(off, np.abs(got.astype(float) - want.astype(float)), -1.0)
    gap = np.where(np.isnan(gap), np.inf, gap)
    index = np.unravel_index(int(np.argmax(gap)), want.shape) if want.ndim else ()
    return tuple(int(i) for i in index), float(got[index]), float(want[index])
