"""Verdicts -> points. No words here: `messages` says what a mark is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.calls import Error
from grader.diagnosis import Difference
from grader.exercise import FULL_MARKS, Exercise, Outcome, rounded
from grader.explain import Verdict
from grader.gradients import GradientReport
from grader.toplevel import Statement


@dataclass(frozen=True)
class StageMark:
    """One stage with its points and the facts behind them."""

    verdict: Verdict
    difference: Difference | None = None

    @property
    def points(self) -> int:
        return self.verdict.stage.points if self.verdict.outcome in FULL_MARKS else 0


@dataclass(frozen=True)
class CheckMark:
    """A property or a gradient check; gradient checks carry no points, the stages do."""

    name: str
    outcome: Outcome
    max_points: int = 0
    what: str = ""
    hint: str = ""
    report: GradientReport | None = None

    @property
    def points(self) -> int:
        return self.max_points if self.outcome in (Outcome.PASSED, Outcome.INCONCLUSIVE) else 0


@dataclass(frozen=True)
class ExerciseMark:
    """One exercise of one submission."""

    exercise: Exercise
    outcome: Outcome
    stages: tuple[StageMark, ...]
    checks: tuple[CheckMark, ...] = ()
    error: Error | None = None
    place: tuple[str, int] | None = None  # label and line of the student's function
    seconds: float = 0.0
    facts: tuple[tuple[str, Any], ...] = ()  # e.g. ("returned", 1): what else was noticed
    cases: tuple[str, ...] = ()  # names of those that verdicts hold on, in order

    @property
    def stage_points(self) -> int:
        return sum(s.points for s in self.stages) + sum(c.points for c in self.checks)

    @property
    def points(self) -> float:
        return self.exercise.counted(self.stage_points)

    @property
    def spotless(self) -> bool:
        """Is everything passed, and nothing else to be told?"""
        outcomes = {s.verdict.outcome for s in self.stages} | {c.outcome for c in self.checks}
        return outcomes == {Outcome.PASSED} and self.error is None and not self.facts


@dataclass(frozen=True)
class SubmissionMark:
    """One submission. `status` is "graded", "unreadable", "grader fault" or "missing" (nothing handed in). `sources` is
    what was handed in."""

    name: str
    status: str
    exercises: tuple[ExerciseMark, ...]
    problem: str | None = None
    sources: tuple[Statement, ...] = ()

    @property
    def points(self) -> float:
        return rounded(sum(e.points for e in self.exercises))

    @property
    def max_points(self) -> float:
        return rounded(sum(e.exercise.points for e in self.exercises))

    def ordered(self, names: Sequence[str]) -> SubmissionMark:
        """With these exercises first, in this order."""
        place = {name: i for i, name in enumerate(names)}
        found = sorted(self.exercises, key=lambda mark: place.get(mark.exercise.name, len(place)))
        return replace(self, exercises=tuple(found))


def exercise_outcome(stages: Sequence[StageMark], checks: Sequence[CheckMark], error: Error | None) -> Outcome:
    """The outcome of an exercise as a whole."""
    if error is not None:
        return Outcome.STOPPED if error.kind in ("OutOfTime", "MemoryError") else Outcome.CRASHED
    if all(s.verdict.outcome in FULL_MARKS for s in stages) and all(c.points == c.max_points for c in checks):
        return Outcome.PASSED
    if all(s.verdict.outcome is Outcome.MISSING for s in stages):
        return Outcome.MISSING
    return Outcome.FAILED


def nothing(
    exercise: Exercise, outcome: Outcome, error: Error | None = None, place: tuple[str, int] | None = None
) -> ExerciseMark:
    """The mark of an exercise that could not be run at all: every stage missing (or blocked by an error)."""
    stage = Outcome.MISSING if outcome is Outcome.MISSING else Outcome.BLOCKED
    return ExerciseMark(
        exercise,
        outcome,
        tuple(StageMark(Verdict(s, stage)) for s in exercise.stages),
        tuple(CheckMark(name, stage, points, what, hint) for name, points, what, hint in exercise.checks),
        error,
        place,
    )
