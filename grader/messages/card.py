"""What the card in a notebook says."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.compare import as_numbers
from grader.diagnosis import Grid
from grader.exercise import FULL_MARKS, Array, Outcome
from grader.explain import HALF
from grader.messages.words import number, shape
from grader.scoring import CheckMark, ExerciseMark, StageMark

CARD = {
    "forward": "forward ↓",
    "backward": "backward ↑",
    "yours": "yours",
    "gradients": "Your gradients against numerical ones",
    "place": "where",
    "analytic": "yours (analytic)",
    "numerical": "numerical",
    "error": "error estimate",
    "kink": "at a kink: any slope between its two sides is right",
    "checks": "Properties",
    "unprobed": "not compared",
}


def headline(mark: ExerciseMark) -> str:
    most = mark.exercise.points
    return f"all {most:g} points" if mark.points == most else f"{mark.points:g} of {most:g} points"


def first_to_mend(mark: ExerciseMark) -> tuple[str, StageMark | CheckMark | None]:
    """The heading of what comes first, and the stage or check that it speaks of."""
    stage = next((s for s in mark.stages if s.verdict.outcome not in FULL_MARKS), None)
    if mark.outcome is Outcome.MISSING or (stage is None and mark.points == mark.exercise.points):
        return ("To do" if mark.outcome is Outcome.MISSING else "Every stage is right"), None
    if stage is None:
        check = next((c for c in mark.checks if c.points < c.max_points), None)
        return (f"First to mend: {check.name}" if check else "Every stage is right"), check
    verdict = stage.verdict
    if verdict.outcome is Outcome.MISSING:
        return f"First to fill in: {verdict.stage.name}, {verdict.stage.shape}, {verdict.stage.what}", stage
    if mark.error is not None and (verdict.outcome is Outcome.BLOCKED or verdict.how == HALF):
        return "First to mend: what stops it", stage
    seen = verdict.found
    at = f", line {seen.line}" if seen else ""
    place = f" of {seen.label}" if seen and seen.label != "this cell" else ""
    return f"First to mend: {verdict.stage.name}{at}{place}", stage


def more(mark: ExerciseMark, level: int) -> str:
    """How to be told more; "" on the last level."""
    return f"check({mark.exercise.name}, hint={level + 1}) tells more" if level < 3 else ""


TO_FILL_IN = "not filled in yet"


def more_in_terminal(mark: ExerciseMark, path: str) -> str:
    """How to be told more, where tests are run."""
    return f"  more: grader check {path} --exercise {mark.exercise.name} --hint 2"


def value(own: Any) -> str:
    """A value of the student's in a few characters: the number, or the shape and the range of an array."""
    array = as_numbers(own)
    if array is None:
        return "..." if own is Ellipsis else f"{type(own).__name__}, no array of numbers"
    if array.size == 1 and array.ndim == 0:
        return number(float(array))
    if not array.size:
        return f"{shape(array.shape)}, empty"
    low, high = ends(array)
    bad = f" and {not_finite(array)}" if not_finite(array) else ""
    if not low:
        return f"{shape(array.shape)}, all nan or inf"
    numbers = f"{low} to {high}" if low != high else f"{'' if bad else 'all '}{low}"
    return f"{shape(array.shape)}, {numbers}{bad}"


def ends(array: Array) -> tuple[str, str]:
    """The smallest and the largest finite entry, "" where there is none."""
    good = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return (number(float(good.min())), number(float(good.max()))) if good.size else ("", "")


def not_finite(array: Array) -> str:
    """How many entries are nan or inf, "" where all are finite."""
    if array.dtype.kind != "f":
        return ""
    counts = {"nan": int(np.isnan(array).sum()), "inf": int(np.isinf(array).sum())}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def grid(squares: Grid, name: str, case: str) -> str:
    """The caption of the picture of where a value differs."""
    rows, columns = squares.block
    flat = ", later dimensions side by side" if len(squares.shape) > 2 else ""
    what = "the numbers are yours" if squares.numbers is not None else f"a square is {rows} by {columns} entries"
    return f"{name} {shape(squares.shape)}{flat} on the case '{case}': ✗ marks what differs, {what}"
