"""A submission's result for a terminal (and, as plain text, for a notebook)."""

from __future__ import annotations

from collections.abc import Iterator

from grader import messages
from grader.exercise import FULL_MARKS, Outcome
from grader.scoring import ExerciseMark, StageMark, SubmissionMark
from grader.visible import visible

WIDTH = 78


def submission(mark: SubmissionMark, public: bool, hints: int = 1) -> str:
    """All exercises of one submission, and the sum."""
    if mark.problem is not None:
        return f"{visible(mark.name)}: {mark.status}: {visible(mark.problem)}\n"
    parts = ["\n".join(exercise(e, public, hints)) for e in mark.exercises]
    total = _row(f"{visible(mark.name)}: all exercises", mark.points, mark.max_points)
    return "\n\n".join([*parts, total]) + "\n"


def exercise(mark: ExerciseMark, public: bool, hints: int = 1) -> Iterator[str]:
    """The lines of one exercise: the first thing to mend in full, the rest short. No control characters."""
    yield from map(visible, _exercise(mark, public, hints))


def _exercise(mark: ExerciseMark, public: bool, hints: int) -> Iterator[str]:
    yield _row(mark.exercise.name, mark.points, mark.exercise.points)
    told = messages.exercise(mark)
    if told:
        yield f"  {told}"
    if mark.outcome is Outcome.MISSING:
        return
    first = next((s for s in mark.stages if s.verdict.outcome not in FULL_MARKS), None)
    part = ""
    for stage in mark.stages:
        heading = stage.verdict.stage.part if stage.verdict.stage.part != part else ""
        part = stage.verdict.stage.part
        yield from _stage(stage, heading, mark, public, hints, stage is first)
    for check in mark.checks:
        symbol = messages.MARKS[check.outcome]
        left = f"  {'check':<9} {symbol} {check.name}"
        yield _row(left, check.points, check.max_points) if check.max_points else left
        if check.outcome is not Outcome.BLOCKED:
            yield f"                {messages.check(check)}"


def first(stage: StageMark, of: ExerciseMark, hints: int) -> Iterator[str]:
    """What there is to say of a stage that is to be mended, by itself."""
    verdict = stage.verdict
    place = f"  {verdict.found.label}, line {verdict.found.line}" if verdict.found else ""
    yield f"{verdict.stage.name} {verdict.stage.shape}: {verdict.stage.what}{place}"
    told = messages.exercise(of)
    if told:
        yield f"  {told}"
    if not told or verdict.outcome is not Outcome.BLOCKED:  # else what ended the exercise is all there is to say
        yield f"  {messages.stage(stage, of.exercise, public=True, level=hints)}"
    hint = messages.hint(stage, of.exercise, hints)
    if hint:
        yield f"  hint {hints} of 3: {hint}"


def _stage(stage: StageMark, heading: str, of: ExerciseMark, public: bool, hints: int, first: bool) -> Iterator[str]:
    verdict = stage.verdict
    place = f"line {verdict.found.line}" if verdict.found and verdict.outcome is Outcome.FAILED else ""
    symbol = messages.MARKS[verdict.outcome]
    told = messages.stage(stage, of.exercise, public, hints)
    short = told if verdict.outcome is not Outcome.FAILED else place
    left = f"  {heading:<9} {symbol} {verdict.stage.name:<11} {verdict.stage.shape:<8} {short}"
    yield _row(left, stage.points, verdict.stage.points)
    if verdict.outcome is Outcome.FAILED:
        yield f"                {told}"
        if first:
            hint = messages.hint(stage, of.exercise, hints)
            if hint:
                yield f"                hint {hints} of 3: {hint}"


def _row(left: str, points: float, most: float) -> str:
    return f"{left:<{WIDTH - 8}} {points:>3} /{most:>3}"
