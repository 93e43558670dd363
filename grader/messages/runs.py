"""What is said of two runs side by side, and of submissions that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from grader.messages.words import some

if TYPE_CHECKING:
    from grader.lateness import Late

SHOWN = 8  # names in one line


def moved(name: str, points: tuple[float, float], most: tuple[float, float]) -> str:
    """`ines  69 / 75 -> 71 / 75  (+2)`."""
    by = points[1] - points[0]
    signed = f"{by:+g}" if by else "same points"
    return f"{name}  {points[0]:g} / {most[0]:g} -> {points[1]:g} / {most[1]:g}  ({signed})"


def why(
    place: str,
    points: tuple[float | None, float | None],
    outcome: tuple[str | None, str | None],
    of_cause: tuple[str, str],
    weight: tuple[float | None, float | None],
) -> str:
    """One change and its reason: `svm_loss margins: 0 -> 2 points; failed (correct-class-kept) -> passed`."""
    old, new = points
    if old is None or new is None:
        return f"{place}: no longer marked ({old or 0:g} points)" if new is None else f"{place}: new ({new:g} points)"
    told = [f"{old:g} -> {new:g} points"] if old != new else []
    if (outcome, of_cause) != ((outcome[0], outcome[0]), (of_cause[0], of_cause[0])):
        sides = (f"{one}{f' ({which})' if which else ''}" for one, which in zip(outcome, of_cause, strict=True))
        told.append(" -> ".join(sides))
    if weight[0] != weight[1]:
        told.append(f"worth {weight[0]:g} -> {weight[1]:g}")
    return f"{place}: {'; '.join(told)}"


def status_changed(before: str, after: str) -> str:
    return f"{before} -> {after}"


def compared(up: int, down: int, other: int, same: int) -> str:
    """The sum of a comparison."""
    return (
        f"{up} gained points, {down} lost points, {other} have other verdicts for the same points, {same} are as before"
    )


def only_in(run: str, names: Sequence[str]) -> str:
    return f"only in {run}: {', '.join(names)}"


def shared(count: int) -> str:
    return f"{count} submission{'' if count == 1 else 's'}"


BY_HAND = "points were set by hand"


def late_changed(before: float, after: float) -> str:
    return f"late: {before:g} -> {after:g} % off"


def gone(names: Sequence[str], by_hand: Sequence[str] = ()) -> str:
    """Pages of an earlier run were removed; `by_hand` names those of them for whom points were set by hand."""
    line = f"not handed in any more: {some(names, SHOWN)} (the gradebook keeps what was graded of them)"
    return f"{line}; points set by hand count for nobody now: {some(by_hand, SHOWN)}" if by_hand else line


def strayed(exercise: str, stage: str, file: str) -> str:
    """A reference was changed, on purpose or not, after students had been given what it made."""
    return (
        f"{exercise} was marked by a reference whose {stage} is not what students check themselves against: is "
        f"solutions/{file} right (grader validate)? If so, grader build renews what they get"
    )


def damaged(file: str) -> str:
    return f"{file} cannot be read: grader build makes it again"


NOBODY = (
    "nobody has filled in any of these exercises: are they those of this class? (--notebook and --exercise say which "
    "count, --layout in which form they are)"
)


def late_rule(rule: Late, late: int, total: int) -> str:
    """The rule in force, and how many it is held against."""
    often = f"for every {rule.every_hours:g} hours begun" if rule.every_hours != 24 else "for every day begun"
    most = f", {rule.most_percent:g} % at most" if rule.penalty_percent else ""
    return (
        f"late: {late} of {total}; {rule.penalty_percent:g} % of the points are off {often} after "
        f"{rule.deadline.isoformat()}{most} ([late] in grader.toml)"
    )


def taken_up(before: str) -> str:
    return f"another delivery of the work in {before}: its gradebook goes on, with what was set by hand"


def exercises_changed(gone: Sequence[str], new: Sequence[str], count: int) -> str:
    """Another run into the same folder marks other exercises."""
    parts = [f"without {some(gone, SHOWN)}"] * bool(gone) + [f"with {some(new, SHOWN)} besides"] * bool(new)
    return (
        f"other exercises are marked than in the last run here, {' and '.join(parts)}: {count} now "
        "(--notebook and --exercise say which)"
    )


def deadline_changed(was: datetime, now: datetime | None, by_rule: bool) -> str:
    new = f"it is {now.isoformat()} now" if now is not None else "there is none now"
    keep = f" (to keep it for this folder: --deadline {was.isoformat()})" if by_rule else ""
    return f"the deadline of the last run here was {was.isoformat()}, {new}: who is late was counted anew{keep}"


SIMILAR = (
    "How alike the code is built, for a person to judge: look at both before you think anything. Short staged "
    "exercises look alike by nature, and two who learned together write alike.",
    "Names, constants, comments and the code that was given do not count. What many wrote counts little, what two "
    "alone wrote counts most. A score near 1 is the same unusual code at length. Short or usual code scores low even "
    "where it is the same to the letter (0.3 in a class that writes like that): the order says more than the number.",
)


def shared_code(count: int, alone: int, where: str) -> str:
    """What a pair has in common."""
    return f"{count} passages, {alone} of them in no other submission; {where}"


SIMILAR_LINK = "similar submissions"
NONE_SIMILAR = "No two submissions have anything in common that was not given."
