"""What can be shown of a failed stage: the student's own lines, and the values as they came. Facts, no words.

Only values that the student's code really computed are shown: those that a hypothesis makes up come from the reference
and would give a hidden answer away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.compare import as_numbers, close, tolerance
from grader.diagnosis import computed
from grader.exercise import FULL_MARKS, Array, Exercise, Outcome
from grader.scoring import StageMark
from grader.toplevel import Statement

AROUND = 2  # lines before and after the one that is meant
WIDTH = 200  # characters of a line; the rest is cut
MOST_ROWS, MOST_COLUMNS = 8, 10  # of a value: what a phone can still show
DIGITS = (4, 6, 9, 12)  # significant ones: as few as tell differing entries apart

Rows = tuple[tuple[float | str, ...], ...]  # "nan", "inf" and "-inf" are text


@dataclass(frozen=True)
class Excerpt:
    """Lines of what was handed in. `first` is the number of the first one, `line` of the one that is meant."""

    label: str
    line: int
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A value on one case as rows and columns, cut to a window that holds an entry that differs.

    Leading axes are flattened into rows; a scalar is one row of one. `off` has a "1" for every entry that differs, ""
    where nothing can be compared. `expected` is what should be there after what came before (never for students of
    hidden cases, unless the instructor says so).
    """

    case: str
    shape: tuple[int, ...]
    first_row: int
    first_column: int
    came: Rows
    off: tuple[str, ...]
    expected: Rows


def excerpt(sources: Sequence[Statement], label: str | None, line: int | None) -> Excerpt | None:
    """The lines around a place, within the statement that holds it; None where it is not found."""
    for name, first, source in sources:
        lines = source.split("\n")
        if line is not None and name == label and first <= line < first + len(lines):
            start, end = max(first, line - AROUND), min(first + len(lines), line + AROUND + 1)
            return Excerpt(name, line, start, tuple(text[:WIDTH] for text in lines[start - first : end - first]))
    return None


def grid(mark: StageMark, exercise: Exercise, cases: Sequence[str]) -> Grid | None:
    """The student's value of a failed stage on the first case on which it differs; None where none was seen.

    `cases` are the names of the ordinary cases, in order.
    """
    verdict = mark.verdict
    if verdict.outcome is not Outcome.FAILED or verdict.values is None or verdict.expected is None:
        return None
    if not computed(verdict, exercise.outputs):
        return None
    pairs = list(zip(verdict.values, verdict.expected, strict=True))
    wrong = next((i for i, (got, want) in enumerate(pairs) if not close(got, want)), None)
    if wrong is None:
        return None
    got, want = (as_numbers(value) for value in pairs[wrong])
    if got is None or want is None or not got.size:
        return None
    case = cases[wrong] if wrong < len(cases) else ""
    return _cut(case, got, want)


def carried(stages: Sequence[StageMark], exercise: Exercise) -> dict[str, tuple[str, ...]]:
    """By failed stage: the later ones that were judged from the student's value of it and kept their marks."""
    found = {}
    follows = {s.verdict.stage.name for s in stages if s.verdict.outcome is Outcome.FOLLOWS}
    for mark in stages:
        name = mark.verdict.stage.name
        if mark.verdict.outcome not in FULL_MARKS:
            found[name] = tuple(n for n in exercise.descendants(name) if n in follows)
    return {name: later for name, later in found.items() if later}


def _cut(case: str, got: Array, want: Array) -> Grid:
    if got.size == want.size == 1:
        got, want = got.reshape(want.shape), want.reshape(want.shape)
    came = _flat(got)
    if got.shape != want.shape:
        window = _window(np.zeros(came.shape, dtype=bool))
        return Grid(case, got.shape, 0, 0, _told(came[window], DIGITS[0]), (), _told(_flat(want)[window], DIGITS[0]))
    with np.errstate(all="ignore"):
        off = ~(np.abs(came - _flat(want)) <= tolerance(want, got))
    window = _window(off)
    here, there, marked = came[window], _flat(want)[window], off[window]
    digits = next((d for d in DIGITS if _apart(here[marked], there[marked], d)), DIGITS[-1])
    told = tuple("".join("1" if cell else "0" for cell in row) for row in marked)
    return Grid(case, got.shape, window[0].start, window[1].start, _told(here, digits), told, _told(there, digits))


def _flat(value: Array) -> Array:
    """Two axes, as numbers in double precision."""
    columns = value.shape[-1] if value.ndim else 1
    return value.astype(np.float64).reshape(-1, columns)


def _window(off: Array) -> tuple[slice, slice]:
    """Where to cut: from the start, or else so that the first entry that differs is inside."""
    places = np.argwhere(off)
    row, column = (int(n) for n in places[0]) if len(places) else (0, 0)
    top = 0 if row < MOST_ROWS else row
    left = 0 if column < MOST_COLUMNS else column
    return slice(top, top + MOST_ROWS), slice(left, left + MOST_COLUMNS)


def _apart(came: Array, want: Array, digits: int) -> bool:
    return all(_number(a, digits) != _number(b, digits) for a, b in zip(came, want, strict=True))


def _told(values: Array, digits: int) -> Rows:
    return tuple(tuple(_number(v, digits) for v in row) for row in values)


def _number(value: float, digits: int) -> float | str:
    return float(f"{value:.{digits}g}") if np.isfinite(value) else str(float(value))
