"""The machine-readable result, schema 1 (`grader/schema/result-1.json`)."""

from __future__ import annotations

from typing import Any

from grader import messages
from grader.scoring import CheckMark, ExerciseMark, StageMark, SubmissionMark

SCHEMA = 1
HINT_LEVEL = 3


def submission(
    mark: SubmissionMark, public: bool = False, hints: int = HINT_LEVEL, timed: bool = True
) -> dict[str, Any]:
    """One submission. `timed=False` leaves the seconds out, so that equal runs give equal bytes."""
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "submission": mark.name,
        "status": mark.status,
        "points": mark.points,
        "max_points": mark.max_points,
        "exercises": [_exercise(e, public, hints, timed) for e in mark.exercises],
    }
    if mark.problem is not None:
        made["problem"] = mark.problem
    return made


def _exercise(mark: ExerciseMark, public: bool, hints: int, timed: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": mark.exercise.name,
        "outcome": str(mark.outcome),
        "points": mark.points,
        "max_points": mark.exercise.points,
    }
    if timed:
        made["seconds"] = round(mark.seconds, 4)
    message = messages.exercise(mark)
    if message:
        made["message"] = message
    if mark.place is not None:
        made["cell"], made["line"] = mark.place
    made["stages"] = [_stage(s, mark, public, hints) for s in mark.stages]
    made["checks"] = [_check(c) for c in mark.checks]
    return made


def _stage(mark: StageMark, of: ExerciseMark, public: bool, hints: int) -> dict[str, Any]:
    verdict = mark.verdict
    made: dict[str, Any] = {
        "name": verdict.stage.name,
        "outcome": str(verdict.outcome),
        "points": mark.points,
        "max_points": verdict.stage.points,
        "shape": verdict.stage.shape,
    }
    if verdict.found is not None:
        made["line"], made["cell"] = verdict.found.line, verdict.found.label
    if verdict.cause is not None:
        made["mistake" if verdict.cause.kind == "mistake" else "finding"] = (
            verdict.cause.name
            if verdict.cause.kind == "mistake"
            else f"{verdict.cause.kind} {verdict.cause.name}".strip()
            if verdict.cause.kind == "scale"
            else verdict.cause.kind
        )
    message = messages.stage(mark, of.exercise, public, hints)
    if message:
        made["message"] = message
    hint = messages.hint(mark, of.exercise, hints)
    if hint:
        made["hint"] = hint
    return made


def _check(mark: CheckMark) -> dict[str, Any]:
    return {
        "name": mark.name,
        "outcome": str(mark.outcome),
        "points": mark.points,
        "max_points": mark.max_points,
        "message": messages.check(mark),
    }
