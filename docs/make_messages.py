"""Prints every sentence of grader/messages.py with an example, as docs/messages.md.

    python docs/make_messages.py > docs/messages.md

The facts are made up, on exercises of this kit; the sentences are what students read. `tests/test_messages.py` holds
that the page is fresh and that no line of `messages` that makes words is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from grader import messages
from grader.diagnosis import Difference, Grid
from grader.evidence import Seen
from grader.exercise import Exercise, Outcome
from grader.explain import Verdict
from grader.gradients import GradientReport, Judged
from grader.hypotheses import Cause
from grader.kit import find
from grader.sandbox import Error
from grader.scoring import CheckMark, ExerciseMark, StageMark

ROOT = Path(__file__).resolve().parents[1]

Example = tuple[str, str]  # the situation, the sentence


def sections(exercise: Exercise) -> Iterator[tuple[str, list[Example]]]:
    """(heading, examples) for all there is, on one exercise: the vectorized SVM loss."""
    yield "Outcomes: sign in a terminal, sign and word in a notebook", list(outcomes())
    yield "A stage", list(stages(exercise))
    yield "What is wrong with its value", list(differences(exercise))
    yield "What kind of slip it is", list(causes(exercise))
    yield "Hints", list(hints(exercise))
    yield "Properties and gradients", list(checks())
    yield "The exercise as a whole", list(exercises(exercise))
    yield "Code that does not come to its end", list(errors())
    yield "The card in a notebook", list(cards(exercise))
    yield "Values, graphs and tests", list(values(exercise))


def outcomes() -> Iterator[Example]:
    for outcome, (sign, word) in messages.SIGNS.items():
        yield str(outcome), f"{messages.MARKS[outcome]} and {sign} {word}"


def mark(exercise: Exercise, outcome: Outcome, difference: Difference | None = None, **facts: Any) -> StageMark:
    stage = exercise.stage(facts.pop("name", "margins"))
    return StageMark(Verdict(stage, outcome, **facts), difference)


def stages(exercise: Exercise) -> Iterator[Example]:
    def told(outcome: Outcome, **facts: Any) -> str:
        return messages.stage(mark(exercise, outcome, **facts), exercise, public=True)

    for how in messages.FOUND:
        yield f"right, {how}", told(Outcome.PASSED, how=how)
    yield "right, under another name", told(Outcome.PASSED, found=Seen("hinge", 7, "cell 3", 0.0))
    yield "right after an earlier mistake", told(Outcome.FOLLOWS)
    yield "merged into a later line", told(Outcome.IMPLIED)
    for how in messages.UNTOUCHED:
        yield "missing", told(Outcome.MISSING, how=how)
    yield "a term that a later stage leaves out", told(Outcome.MISSING, cause=Cause("left out"))
    yield "blocked", told(Outcome.BLOCKED)
    yield "later than a mistake, with public data alone", told(Outcome.WAITING)
    yield "wrong, with nothing more to say", told(Outcome.FAILED)


def differences(exercise: Exercise) -> Iterator[Example]:
    plain = Difference("ten classes", "all", (5, 4), (5, 4), entries=20, differing=5, sample=((0, 2), 1.0, 0.0))
    number = Difference("ten classes", "all", (), (), entries=1, differing=1, sample=((), 2.5, 1.25))

    def told(facts: Difference, public: bool = True) -> str:
        return messages.stage(mark(exercise, Outcome.FAILED, facts), exercise, public)

    yield "an array, public inputs", told(plain)
    yield "an array, hidden inputs: the right value is not shown", told(plain, public=False)
    yield "all differing entries at the labels", told(replace(plain, where="correct class"))
    yield "none of them there", told(replace(plain, where="other classes"))
    yield "a number", told(number)
    yield "another shape", told(replace(plain, came_shape=(4, 5), entries=0))
    yield "no array at all", told(replace(plain, came_shape=None, entries=0, type_name="list"))
    yield "still to be filled in", told(replace(plain, came_shape=None, entries=0, type_name="..."))
    yield "nan or inf", told(replace(plain, not_finite=3))
    yield "zeros", told(replace(plain, zeros=True))
    for cases in ("one example", "many examples", "some"):
        yield f"on {cases}", told(replace(plain, cases=cases))


def causes(exercise: Exercise) -> Iterator[Example]:
    def told(cause: Cause) -> str:
        return messages.stage(mark(exercise, Outcome.FAILED, cause=cause), exercise, public=True)

    yield "a named mistake", told(Cause("mistake", "correct-class-kept"))
    for name in messages.SCALES:
        yield f"a factor of {name}", told(Cause("scale", name))
    yield "turned", told(Cause("transposed"))
    for kind in messages.TERMS:
        yield f"a term {kind}", told(Cause(kind, "reg * np.sum(W * W)"))
    yield "a term without an input of the function", told(Cause("missing", "1"))
    yield "two slips at once", told(Cause("half", "reg * W", Cause("mistake", "mean-forgotten")))


def hints(exercise: Exercise) -> Iterator[Example]:
    slip = exercise.mistakes[0]
    seen = Seen("margins", 14, "this cell", 0.0)
    failed = mark(exercise, Outcome.FAILED, name=slip[1], cause=Cause("mistake", slip[0]), found=seen)
    for level in (1, 2, 3):
        yield f"level {level}", str(messages.hint(failed, exercise, level))
    unknown = mark(exercise, Outcome.FAILED)
    yield "any level, where nothing is known of the slip", str(messages.hint(unknown, exercise, 3))


def checks() -> Iterator[Example]:
    what, why = "stable at scores of a thousand", "What is the largest number whose exponential is finite?"
    yield "a property that holds", messages.check(CheckMark("stable", Outcome.PASSED, 1, what, why))
    yield "one that does not", messages.check(CheckMark("stable", Outcome.FAILED, 1, what, why))
    yield "one that cannot be shown yet", messages.check(CheckMark("stable", Outcome.MISSING, 1, what, why))
    yield "one without words of its own", messages.check(CheckMark("other", Outcome.FAILED))
    yield "undecided", messages.check(CheckMark("stable", Outcome.INCONCLUSIVE))
    yield "a gradient that equals the reference's", messages.check(CheckMark("gradient dW", Outcome.PASSED))
    for reason in messages.UNPROBED:
        missing = CheckMark("gradient dW", Outcome.MISSING, what=reason)
        yield f"a gradient not compared{': ' if reason else ''}{reason}", messages.check(missing)
    right = Judged((0, 2), 0.5, 0.5 + 4e-11, 1e-9, Outcome.PASSED)
    kinked = Judged((1, 2), 0.0, 0.5, 1e-9, Outcome.PASSED, kink=True)
    wrong = Judged("direction 1", 1.5, 0.75, 2e-9, Outcome.FAILED)
    entry = Judged((1, 0), 1.5, 0.75, 2e-9, Outcome.FAILED)
    alone = Judged((), 1.5, 0.75, 2e-9, Outcome.FAILED)
    unclear = Judged("direction 2", 1e-6, 1e-6, 1e-6, Outcome.INCONCLUSIVE)

    def told(outcome: Outcome, judged: tuple[Judged, ...], directions: int) -> str:
        report = GradientReport(outcome, judged, 28, directions)
        return messages.check(CheckMark("gradient dW", outcome, report=report))

    yield "numerically right, entry by entry", told(Outcome.PASSED, (right, right), 0)
    yield "right, with a kink", told(Outcome.PASSED, (right, kinked), 0)
    yield "right, in a large array", told(Outcome.PASSED, (right, right, right), 2)
    yield "wrong along a direction", told(Outcome.FAILED, (wrong, right), 1)
    yield "wrong at an entry", told(Outcome.FAILED, (entry, right), 0)
    yield "wrong, of one number", told(Outcome.FAILED, (alone,), 0)
    yield "cannot be decided", told(Outcome.INCONCLUSIVE, (unclear, unclear), 2)


def whole(exercise: Exercise, outcome: Outcome, stages: tuple[StageMark, ...] = (), **facts: Any) -> ExerciseMark:
    rest = tuple(StageMark(Verdict(s, Outcome.PASSED)) for s in exercise.stages[len(stages) :])
    return ExerciseMark(exercise, outcome, (*stages, *rest), **facts)


def exercises(exercise: Exercise) -> Iterator[Example]:
    place = ("cell 3", 1)
    yield "not filled in", messages.exercise(whole(exercise, Outcome.MISSING, place=place))
    yield "not there", messages.exercise(whole(exercise, Outcome.MISSING))
    for came in (0, 1):
        facts = (("returned", (came, 2)),)
        yield "too little returned", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    facts = (("changed", ("X", "W")),)
    yield "inputs changed", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    error = Error("ValueError", "shapes (5,7) and (4,) not aligned", 12, "cell 3")
    yield "an exception", messages.exercise(whole(exercise, Outcome.CRASHED, error=error))


def errors() -> Iterator[Example]:
    for kind, text in (
        ("SyntaxError", "'(' was never closed (line 3)"),
        ("TypeError", "unsupported operand type(s) for *: 'ellipsis' and 'float'"),
        ("OutOfTime", ""),
        ("MemoryError", ""),
        ("ProcessEnded", ""),
        ("ProtocolError", "more than 64 MB"),
        ("ZeroDivisionError", "division by zero"),
    ):
        yield kind, messages.error(Error(kind, text, 12, "cell 3"))


def cards(exercise: Exercise) -> Iterator[Example]:
    yield from ((f"word of the card: {key}", word) for key, word in messages.CARD.items())
    right = whole(exercise, Outcome.PASSED)
    seen = Seen("margins", 14, "this cell", 0.0)
    failed = mark(exercise, Outcome.FAILED, name="scores", found=seen)
    elsewhere = mark(exercise, Outcome.FAILED, name="scores", found=replace(seen, label="svm.py"))
    missing = mark(exercise, Outcome.MISSING, name="scores")
    blocked = mark(exercise, Outcome.BLOCKED, name="scores")
    error = Error("NameError", "name 'z' is not defined", 3, "this cell")
    for situation, one in (
        ("all right", right),
        ("a stage to mend", whole(exercise, Outcome.FAILED, (failed,))),
        ("a stage to mend, in a file", whole(exercise, Outcome.FAILED, (elsewhere,))),
        ("a stage to fill in", whole(exercise, Outcome.FAILED, (missing,))),
        ("an exception", whole(exercise, Outcome.CRASHED, (blocked,), error=error)),
        ("nothing filled in", whole(exercise, Outcome.MISSING, (missing,))),
    ):
        yield situation, f"{messages.headline(one)} · {messages.first_to_mend(one)[0]}"
    stable = CheckMark("stable", Outcome.FAILED, 1, "stable", "")
    lost = replace(right, exercise=replace(exercise, checks=(("stable", 1, "", ""),)), checks=(stable,))
    yield "a property to mend", f"{messages.headline(lost)} · {messages.first_to_mend(lost)[0]}"
    yield "below a hint", messages.more(right, 1)
    small = Grid((2, 2), ((0, 3), (0, 0)), ((1.0, 2.0), (0.0, 4.0)))
    yield "caption of a small array", messages.grid(small, "margins", "ten classes")
    large = replace(small, shape=(100, 30), numbers=None, block=(5, 2))
    yield "caption of a large array", messages.grid(large, "margins", "ten classes")
    yield "caption of an array of more dimensions", messages.grid(replace(small, shape=(2, 1, 2)), "x", "ten classes")
    for own in (0.69314718, np.arange(6.0).reshape(2, 3), np.ones(3), np.array([1.0, np.nan]), np.full(2, np.inf)):
        yield "a value", messages.value(own)
    for own in (np.zeros((0, 3)), ..., [1, 2]):
        yield "a value", messages.value(own)


def values(exercise: Exercise) -> Iterator[Example]:
    yield "head of the table of trace", " · ".join(messages.TRACE)
    yield "instead of a line, what came in", messages.INPUT
    yield "below a table that was cut", messages.CUT
    yield "above a graph", ", ".join(messages.LEGEND)
    yield "instead of a graph", messages.NO_GATES
    x, slope = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    yield "above and below a wire", f"{' / '.join(messages.above('x', x))} / {messages.below(slope, x)}"
    yield "above and below a wire", f"{' / '.join(messages.above('q', 3.0))} / {messages.below(-4.0, 3.0)}"
    yield "a gradient of another shape", messages.below(slope, 3.0)
    yield "a line of a graph in words", messages.wire("x", "", (), x, None)
    yield "a line of a graph in words", messages.wire("q", "+", ("x", "y"), 3.0, -4.0)
    yield "a test that is skipped", messages.TO_FILL_IN
    told = messages.more_in_terminal(whole(exercise, Outcome.FAILED), "assignment/svm.py")
    yield "below a test that fails", told.strip()


def page() -> str:
    """The page, in Markdown."""
    exercise = next(r.exercise for r in find(ROOT).references if r.name == "svm_loss_vectorized")
    lines = [
        "# Every sentence a student reads",
        "",
        "<!-- Made by `python docs/make_messages.py > docs/messages.md`: change grader/messages.py, then run it. -->",
        "",
        "The grader's words, each with an example. Inputs and line numbers are made up. Hints of the third level",
        "belong to the exercises and stand in `solutions/`.",
    ]
    for heading, examples in sections(exercise):
        lines += ["", f"## {heading}", "", "| when | what it says |", "|---|---|"]
        lines += [f"| {_cell(when)} | {_cell(said) or '(nothing: the mark says it)'} |" for when, said in examples]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(page(), end="")
