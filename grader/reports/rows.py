"""Questions that pages and comparisons ask of a row of results.jsonl. Facts, no words.

A row is a dict of schema 1. Keys may be added to it by who keeps the instructor's decisions: `note`, a text; `late`,
a dict with the `percent` of the points that is lost; and
`override`, points set by hand: a number (for the whole submission), or a dict with `points` and, if need be,
`exercise`, `stage` and `reason`, or a list of such dicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.exercise import rounded

Row = Mapping[str, Any]

FULL = ("passed", "follows", "implied")
BROKEN = ("crashed", "stopped", "refused")


@dataclass(frozen=True)
class Override:
    """Points set by hand. `exercise` and `stage` say of what; "" and "": of the whole submission."""

    points: float
    exercise: str = ""
    stage: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Loss:
    """Where a submission lost points: a stage, a check, or (`stage` "") an exercise as a whole.

    `cause` is the mistake's name or the finding, "" where there is none.
    """

    exercise: str
    stage: str
    outcome: str
    cause: str = ""
    named: bool = False  # is the cause one of the exercise's own mistakes?


def overrides(row: Row) -> tuple[Override, ...]:
    """What the instructor set by hand, as far as it is of what the run marks."""
    given = row.get("override")
    if given is None or isinstance(given, bool):
        return ()
    if isinstance(given, int | float):
        return (Override(given),)
    made = (
        Override(o["points"], o.get("exercise") or "", o.get("stage") or "", str(o.get("reason") or ""))
        for o in ([given] if isinstance(given, Mapping) else given)
    )
    return tuple(one for one in made if not one.exercise or _parts(row, one))


def _parts(row: Row, override: Override) -> list[Mapping[str, Any]]:
    """The marks of a row that an override of an exercise or a stage is of."""
    found = [e for e in row["exercises"] if e["name"] == override.exercise]
    if not override.stage:
        return found
    return [p for e in found for p in (*e["stages"], *e["checks"]) if p["name"] == override.stage]


def points(row: Row) -> float:
    """The points that count: the marked ones, but for what was set by hand, less what lateness costs.

    Points that were set of a whole submission are final.
    """
    set_by_hand = final(row)
    if set_by_hand is not None:
        return set_by_hand
    return rounded(sum(by_exercise(row)) * (1 - late_percent(row) / 100))


def final(row: Row) -> float | None:
    """What was set by hand of the submission as a whole."""
    return next((one.points for one in overrides(row) if not one.exercise), None)


def by_exercise(row: Row) -> list[float]:
    """The points of every exercise, as marked or set by hand; what was set of one is final whatever its stages were
    set to."""
    found = {e["name"]: float(e["points"]) for e in row["exercises"]}
    made = overrides(row)
    for one in made:
        if one.stage:
            found[one.exercise] += (one.points - marked(row, one)) * _weight(row, one)
    found |= {one.exercise: one.points for one in made if one.exercise and not one.stage}
    return [rounded(points) for points in found.values()]


def _weight(row: Row, override: Override) -> float:
    """What a point of a stage counts, where the configuration gives the exercise other points than its stages have."""
    for e in row["exercises"]:
        parts = sum(p["max_points"] for p in (*e["stages"], *e["checks"]))
        if override.stage and e["name"] == override.exercise and parts:
            weight: float = e["max_points"] / parts
            return weight
    return 1.0


def late_percent(row: Row) -> float:
    """How much of the points is lost for being late."""
    found: float = row.get("late", {}).get("percent", 0)
    return found


def percent_off(row: Row) -> float:
    """How much of the points lateness takes off: nothing of points that were set of the whole by hand."""
    return late_percent(row) if final(row) is None else 0


def late_by_lms(row: Row) -> bool:
    """Is it late as the learning platform says, and by no rule of ours?"""
    return "late_by_lms" in row and "late" not in row


def marked(row: Row, override: Override) -> float:
    """The grader's points at the place of an override."""
    if not override.exercise:
        points: float = row["points"]
        return points
    return float(sum(p["points"] for p in _parts(row, override)))


def losses(row: Row) -> tuple[Loss, ...]:
    """Every place where points were lost, in order; an exercise that broke or was not touched is one place."""
    return tuple(_losses(row["exercises"])) if row["status"] == "graded" else ()


def _losses(exercises: Iterable[Mapping[str, Any]]) -> Iterator[Loss]:
    for e in exercises:
        if e["outcome"] in BROKEN or e["outcome"] == "missing":
            yield Loss(e["name"], "", e["outcome"])
            if e["outcome"] == "missing":
                continue
        for s in e["stages"]:
            if s["outcome"] not in FULL and not (e["outcome"] in BROKEN and s["outcome"] == "blocked"):
                cause = s.get("mistake") or s.get("finding") or ""
                yield Loss(e["name"], s["name"], s["outcome"], cause, "mistake" in s)
        if e["outcome"] not in BROKEN:
            for c in e["checks"]:
                if c["points"] < c["max_points"]:
                    yield Loss(e["name"], c["name"], c["outcome"])


def state(row: Row) -> str:
    """In one word: "full", "lost", "broken" (an exercise crashed or was stopped), "empty", or the status."""
    if row["status"] != "graded":
        return str(row["status"])
    outcomes = {e["outcome"] for e in row["exercises"]}
    if outcomes == {"missing"}:
        return "empty"
    if outcomes & set(BROKEN):
        return "broken"
    return "full" if row["points"] == row["max_points"] else "lost"


def last_line(problem: str) -> str:
    """The line of a problem that says what it is: the last one of a traceback."""
    lines = problem.strip().splitlines()
    return lines[-1] if lines else ""
