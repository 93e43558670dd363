"""The machine-readable result, schema 1 (`grader/schema/result-1.json`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader import messages
from grader.exercise import Exercise, Outcome
from grader.exhibit import Excerpt, Grid, Rows, carried, excerpt, grid
from grader.scoring import CheckMark, ExerciseMark, StageMark, SubmissionMark
from grader.toplevel import Statement
from grader.visible import visible_tree

SCHEMA = 1
HINT_LEVEL = 3


def submission(
    mark: SubmissionMark, public: bool = False, hints: int = HINT_LEVEL, timed: bool = True, exhibits: bool = False
) -> dict[str, Any]:
    """One submission. `timed=False` leaves the seconds out, so that equal runs give equal bytes.

    `exhibits` adds what pages show of failed stages: the student's lines and values, and what was carried forward.
    """
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "submission": mark.name,
        "status": mark.status,
        "points": mark.points,
        "max_points": mark.max_points,
        "exercises": [_exercise(e, mark, public, hints, timed, exhibits) for e in mark.exercises],
    }
    if mark.problem is not None:
        made["problem"] = mark.problem
    shown: dict[str, Any] = visible_tree(made)
    return shown


def outline(exercises: Sequence[Exercise]) -> list[dict[str, Any]]:
    """What is marked and for how much: the same for every submission of a run."""
    return [
        {
            "name": e.name,
            "title": e.title,
            "points": e.points,
            "stages": [
                {"name": s.name, "part": s.part, "shape": s.shape, "what": s.what, "points": s.points} for s in e.stages
            ],
            "checks": [{"name": name, "what": what, "points": points} for name, points, what, _ in e.checks],
        }
        for e in exercises
    ]


def expected(mark: SubmissionMark) -> dict[str, dict[str, Rows]]:
    """By exercise and stage: what should stand where a page shows a student's values. Answers on hidden inputs."""
    found: dict[str, dict[str, Rows]] = {}
    for of in mark.exercises:
        for stage in of.stages:
            shown = grid(stage, of.exercise, of.cases)
            if shown is not None:
                found.setdefault(of.exercise.name, {})[stage.verdict.stage.name] = shown.expected
    return found


def seconds(mark: SubmissionMark) -> dict[str, float]:
    """By exercise: how long the student's own calls took. These differ from run to run."""
    return {of.exercise.name: round(of.seconds, 4) for of in mark.exercises if of.seconds}


def _exercise(
    mark: ExerciseMark, of: SubmissionMark, public: bool, hints: int, timed: bool, exhibits: bool
) -> dict[str, Any]:
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
    made["checks"] = [_check(c, public) for c in mark.checks]
    if exhibits:
        _exhibit(made, mark, of.sources)
    return made


def _exhibit(made: dict[str, Any], mark: ExerciseMark, sources: Sequence[Statement]) -> None:
    """Add the lines and values of whatever went wrong."""
    if mark.error is not None:
        lines = excerpt(sources, mark.error.label, mark.error.line)
        if lines is not None:
            made["excerpt"] = _excerpt(lines)
    kept = carried(mark.stages, mark.exercise)
    for row, stage in zip(made["stages"], mark.stages, strict=True):
        verdict = stage.verdict
        if verdict.outcome is Outcome.FAILED and verdict.found is not None:
            lines = excerpt(sources, verdict.found.label, verdict.found.line)
            if lines is not None:
                row["excerpt"] = _excerpt(lines)
        shown = grid(stage, mark.exercise, mark.cases)
        if shown is not None:
            row["values"] = _grid(shown)
        if verdict.stage.name in kept:
            row["carried"] = list(kept[verdict.stage.name])


def _excerpt(lines: Excerpt) -> dict[str, Any]:
    return {"cell": lines.label, "line": lines.line, "first": lines.first, "lines": list(lines.lines)}


def _grid(shown: Grid) -> dict[str, Any]:
    made: dict[str, Any] = {"case": shown.case, "shape": list(shown.shape), "came": [list(r) for r in shown.came]}
    if shown.off:
        made["off"] = list(shown.off)
    if shown.first_row or shown.first_column:
        made["from"] = [shown.first_row, shown.first_column]
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


def _check(mark: CheckMark, public: bool) -> dict[str, Any]:
    return {
        "name": mark.name,
        "outcome": str(mark.outcome),
        "points": mark.points,
        "max_points": mark.max_points,
        "message": messages.check(mark, public),
    }
