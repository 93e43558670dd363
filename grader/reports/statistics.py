"""A class in numbers: distribution, success by stage, mistakes, groups. Facts from rows, no words."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.reports import rows as of
from grader.reports.rows import Loss, Row

BINS = 10  # of the distribution, each a tenth of all points
SLOWEST = 10  # that are listed


@dataclass(frozen=True)
class Distribution:
    """Of the points of those that could be read. `bins[i]` counts those from i/10 of all points on."""

    bins: tuple[int, ...]
    mean: float
    median: float
    lower: float  # quartile
    upper: float
    most: float  # points there are
    full: int  # submissions with all of them


@dataclass
class StageSuccess:
    """One stage or check: how many got full marks, and what the others did."""

    name: str
    part: str = ""
    shape: str = ""
    what: str = ""
    points: float = 0
    full: int = 0
    total: int = 0
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)  # ("mistake" | "finding" | "outcome", which)

    @property
    def rate(self) -> float:
        return self.full / self.total if self.total else 0.0


@dataclass
class ExerciseSuccess:
    """One exercise: how many got full marks, the share of its points that was got, and its stages."""

    name: str
    title: str
    points: float
    stages: list[StageSuccess]
    full: int = 0
    total: int = 0
    got: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.full / self.total if self.total else 0.0

    @property
    def share(self) -> float:
        return self.got / (self.points * self.total) if self.total and self.points else 0.0


@dataclass
class MistakeMade:
    """One mistake, wherever in the assignment: places by how often, and who made it, in order of rows."""

    cause: str
    named: bool
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    who: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Submissions that lost their points at the same places for the same reasons."""

    losses: tuple[Loss, ...]
    who: tuple[str, ...]


@dataclass(frozen=True)
class Broken:
    """An exercise that did not come to its end."""

    submission: str
    exercise: str
    outcome: str
    message: str


def distribution(rows: Sequence[Row]) -> Distribution | None:
    """None where nothing could be read."""
    read = [(of.points(r), r["max_points"]) for r in rows if r["status"] == "graded"]
    if not read:
        return None
    points = [p for p, _ in read]
    most = max(whole for _, whole in read)
    bins = [0] * BINS
    for p in points:
        bins[max(0, min(BINS - 1, int(BINS * p / most) if most else BINS - 1))] += 1
    lower, _, upper = statistics.quantiles(points, n=4, method="inclusive") if len(points) > 1 else points * 3
    full = sum(p >= whole for p, whole in read)
    return Distribution(tuple(bins), statistics.fmean(points), statistics.median(points), lower, upper, most, full)


def success(rows: Sequence[Row], outline: Sequence[Mapping[str, Any]]) -> list[ExerciseSuccess]:
    """By exercise and stage, of the submissions that could be read. `outline` is that of run.json."""
    found = [
        ExerciseSuccess(
            e["name"],
            e["title"],
            e["points"],
            [StageSuccess(s["name"], s["part"], s["shape"], s["what"], s["points"]) for s in e["stages"]]
            + [StageSuccess(c["name"], "check", "", c["what"], c["points"]) for c in e["checks"]],
        )
        for e in outline
    ]
    by_name = {e.name: e for e in found}
    stages = {(e.name, s.part == "check", s.name): s for e in found for s in e.stages}
    for row in rows:
        if row["status"] != "graded":
            continue
        for e in row["exercises"]:
            exercise = by_name.get(e["name"])
            if exercise is None:
                continue
            exercise.total += 1
            exercise.got += e["points"]
            exercise.full += e["points"] >= e["max_points"]
            exercise.outcomes[e["outcome"]] += 1
            for s, check in [*((s, False) for s in e["stages"]), *((c, True) for c in e["checks"])]:
                stage = stages.get((e["name"], check, s["name"]))
                if stage is None:
                    continue
                stage.total += 1
                if s["points"] >= s["max_points"] and (s["max_points"] or s["outcome"] in of.FULL):
                    stage.full += 1
                else:
                    kind = next(k for k in ("mistake", "finding", "outcome") if s.get(k))
                    stage.causes[kind, s[kind]] += 1
    return found


def mistakes(rows: Iterable[Row]) -> list[MistakeMade]:
    """What was recognised, commonest first."""
    found: dict[str, MistakeMade] = {}
    for row in rows:
        for loss in of.losses(row):
            if loss.cause:
                made = found.setdefault(loss.cause, MistakeMade(loss.cause, loss.named))
                made.places[loss.exercise, loss.stage] += 1
                made.who[row["submission"]] = None
    return sorted(found.values(), key=lambda m: (-len(m.who), m.cause))


def groups(rows: Iterable[Row]) -> list[Group]:
    """Submissions with the very same losses, the largest group first; those that lost nothing are no group."""
    found: dict[tuple[Loss, ...], list[str]] = {}
    for row in rows:
        lost = of.losses(row)
        if any(loss.cause for loss in lost):
            found.setdefault(lost, []).append(row["submission"])
    made = [Group(lost, tuple(who)) for lost, who in found.items() if len(who) > 1]
    return sorted(made, key=lambda g: (-len(g.who), g.who))


def broken(rows: Iterable[Row]) -> list[Broken]:
    """Exercises that crashed, were stopped or refused, in order of rows."""
    return [
        Broken(row["submission"], e["name"], e["outcome"], e.get("message", ""))
        for row in rows
        if row["status"] == "graded"
        for e in row["exercises"]
        if e["outcome"] in of.BROKEN
    ]


def slowest(times: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, str]]:
    """(submission, seconds in all, exercise that took most), the slowest first and equal ones by name, in
    whatever order they were graded."""
    summed = [(name, sum(t.values()), max(t, key=lambda e: t[e])) for name, t in times.items() if t]
    return sorted(summed, key=lambda s: (-s[1], s[0]))[:SLOWEST]
