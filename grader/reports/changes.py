"""Two runs side by side: who moved, by how much, and at which stage. Facts from rows, no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.reports import rows
from grader.reports.rows import Row

Side = Mapping[str, Any]  # a stage, a check or an exercise of a row


@dataclass(frozen=True)
class Change:
    """One place that is not as before. `stage` is "" for an exercise as a whole; a side that is None was not marked.

    Outcomes and causes say why: `cause` is the mistake or finding. `weight` is what the place is worth at most.
    """

    exercise: str
    stage: str
    points: tuple[float | None, float | None]
    outcome: tuple[str | None, str | None]
    cause: tuple[str, str]
    weight: tuple[float | None, float | None]

    @property
    def by(self) -> float:
        return (self.points[1] or 0) - (self.points[0] or 0)


@dataclass(frozen=True)
class Move:
    """One submission that is in both runs and not as before: in points, in a verdict, or in how it could be read."""

    name: str
    points: tuple[float, float]
    most: tuple[float, float]
    status: tuple[str, str]
    changes: tuple[Change, ...]
    by_hand: bool = False  # were points set by hand in either run?
    late: tuple[float, float] = (0, 0)  # per cent lost for being late

    @property
    def by(self) -> float:
        return self.points[1] - self.points[0]


@dataclass(frozen=True)
class Comparison:
    """`moves` has those who moved most first; `left` and `came` are in the first or the second run only."""

    moves: tuple[Move, ...]
    same: int
    left: tuple[str, ...]
    came: tuple[str, ...]

    @property
    def reasons(self) -> list[tuple[Change, int]]:
        """Changes that several have in common are one reason: (change, how many have it), the commonest first."""
        moves = [move for move in self.moves if move.status[0] == move.status[1]]
        return Counter(change for move in moves for change in move.changes).most_common()


def compare(before: Sequence[Row], after: Sequence[Row]) -> Comparison:
    """Two runs by name of submission. Both may have other exercises, other weights, other submissions."""
    first, second = ({row["submission"]: row for row in run} for run in (before, after))
    both = [name for name in first if name in second]
    moves = [move for name in both if (move := _move(name, first[name], second[name])) is not None]
    return Comparison(
        tuple(sorted(moves, key=lambda m: (-abs(m.by), m.name))),
        len(both) - len(moves),
        tuple(name for name in first if name not in second),
        tuple(name for name in second if name not in first),
    )


def _move(name: str, before: Row, after: Row) -> Move | None:
    made = Move(
        name,
        (rows.points(before), rows.points(after)),
        (before["max_points"], after["max_points"]),
        (before["status"], after["status"]),
        tuple(_changes(before, after)),
        bool(rows.overrides(before) or rows.overrides(after)),
        (rows.late_percent(before), rows.late_percent(after)),
    )
    return made if made.changes or made.by or made.status[0] != made.status[1] else None


def _changes(before: Row, after: Row) -> Iterator[Change]:
    first, second = ({e["name"]: e for e in row["exercises"]} for row in (before, after))
    for name in dict.fromkeys([*first, *second]):
        old, new = first.get(name), second.get(name)
        if old is None or new is None:
            yield _change(name, "", old, new)
            continue
        found = [c for key in _places(old, new) if _differs(c := _change(name, key[1], _at(old, key), _at(new, key)))]
        if not found and _differs(whole := _change(name, "", old, new)):
            found = [whole]
        yield from found


def _places(old: Side, new: Side) -> dict[tuple[str, str], None]:
    """Stages and checks of either side, in order."""
    return dict.fromkeys(
        (kind, part["name"]) for side in (old, new) for kind in ("stages", "checks") for part in side[kind]
    )


def _at(side: Side, key: tuple[str, str]) -> Side | None:
    return next((part for part in side[key[0]] if part["name"] == key[1]), None)


def _change(exercise: str, stage: str, old: Side | None, new: Side | None) -> Change:
    return Change(
        exercise,
        stage,
        (_get(old, "points"), _get(new, "points")),
        (_get(old, "outcome"), _get(new, "outcome")),
        (_cause(old), _cause(new)),
        (_get(old, "max_points"), _get(new, "max_points")),
    )


def _get(side: Side | None, key: str) -> Any:
    return None if side is None else side[key]


def _cause(side: Side | None) -> str:
    return str(side.get("mistake") or side.get("finding") or "") if side else ""


def _differs(change: Change) -> bool:
    """In points, in the verdict, or in what was found? A check without points that is new or gone is no change."""
    if change.weight in ((None, 0), (0, None)):
        return False
    pairs = (change.points, change.outcome, change.cause)
    return any(old != new for old, new in pairs)
