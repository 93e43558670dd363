"""Prints every sentence of grader/messages/ with an example, as docs/messages.md.

    python docs/make_messages.py > docs/messages.md

The facts are made up, on exercises of this kit; the sentences are what students read. `tests/test_messages.py` holds
that the page is fresh and that no line of `messages` that makes words is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from grader import messages
from grader.calls import Error, Observed
from grader.confinement import Confinement, Fact, Part, Why
from grader.diagnosis import Difference, Grid
from grader.exercise import Exercise, Outcome
from grader.explain import HALF, KEPT, OWN_FORWARD, UNREACHED, Verdict
from grader.gradients import GradientReport, Judged
from grader.hypotheses import Cause
from grader.intake.facts import File, Handed, Intake, Lms, Skipped
from grader.kit import find
from grader.lateness import Late
from grader.own_forward import ASTRAY, EXACT
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
    yield "Pages of results", list(pages())
    yield "For instructors: confinement", list(confinement())
    yield "For instructors: deliveries", list(deliveries())
    yield "For instructors: two runs, similar submissions, exports", list(runs())


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
    yield "right, under another name", told(Outcome.PASSED, found=Observed("hinge", 7, "cell 3", 0.0))
    yield "right after an earlier mistake", told(Outcome.FOLLOWS)
    yield "right for the student's own, wrong forward pass", told(Outcome.FOLLOWS, how=OWN_FORWARD)
    yield "merged into a later line", told(Outcome.IMPLIED)
    for how in messages.UNTOUCHED:
        yield "missing", told(Outcome.MISSING, how=how)
    yield "a term that a later stage leaves out", told(Outcome.MISSING, cause=Cause("left out"))
    yield "blocked", told(Outcome.BLOCKED)
    yield "behind an exception", told(Outcome.BLOCKED, how=UNREACHED)
    yield "in the middle of an exception", told(Outcome.FAILED, how=HALF)
    yield "later than a mistake, with public data alone", told(Outcome.WAITING)
    yield "wrong, with nothing more to say", told(Outcome.FAILED)


def differences(exercise: Exercise) -> Iterator[Example]:
    plain = Difference("ten classes", "all", (5, 4), (5, 4), entries=20, differing=5, sample=((0, 2), 1.0, 0.0))
    number = Difference("ten classes", "all", (), (), entries=1, differing=1, sample=((), 2.5, 1.25))

    def told(facts: Difference, public: bool = True) -> str:
        return messages.stage(mark(exercise, Outcome.FAILED, facts), exercise, public)

    yield "an array, public inputs", told(plain)
    yield "an array, hidden inputs: the right value is not shown", told(plain, public=False)
    yield "an array that the student's code never held, hidden inputs", told(replace(plain, seen=False), public=False)
    yield "all differing entries at the labels", told(replace(plain, where="correct class"))
    yield "none of them there", told(replace(plain, where="other classes"))
    yield "a number", told(number)
    yield "a number that is nearly right", told(replace(number, sample=((), 3.14159, 3.1416)))
    yield "another shape", told(replace(plain, came_shape=(4, 5), entries=0))
    yield "no array at all", told(replace(plain, came_shape=None, entries=0, type_name="list"))
    yield "nothing at all", told(replace(plain, came_shape=None, entries=0, type_name="NoneType"))
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
    for why in messages.KEPT_BACK:
        yield "an output that stays in the function", told(Cause(KEPT, why))
    for kind in messages.TERMS:
        yield f"a term {kind}", told(Cause(kind, "reg * np.sum(W * W)"))
    yield "a term without an input of the function", told(Cause("missing", "1"))
    yield "two slips at once", told(Cause("half", "reg * W", Cause("mistake", "mean-forgotten")))


def hints(exercise: Exercise) -> Iterator[Example]:
    slip = exercise.mistakes[0]
    seen = Observed("margins", 14, "this cell", 0.0)
    failed = mark(exercise, Outcome.FAILED, name=slip[1], cause=Cause("mistake", slip[0]), found=seen)
    for level in (1, 2, 3):
        yield f"level {level}", str(messages.hint(failed, exercise, level))
    kept = mark(exercise, Outcome.FAILED, name="loss", cause=Cause(KEPT))
    yield "an output that stays in the function", str(messages.hint(kept, exercise, 1))
    raised = mark(exercise, Outcome.FAILED, name="loss", cause=Cause(KEPT, "raised"))
    yield "one that an exception kept there", str(messages.hint(raised, exercise, 1))
    half = mark(exercise, Outcome.FAILED, name="dscores", how=HALF)
    yield "a value that an exception left unfinished", str(messages.hint(half, exercise, 1))
    yield "the first in another layout", str(messages.hint(kept, replace(exercise, adapter="def call(f): ..."), 1))
    plain = Difference("ten classes", "all", (5, 4), (5, 4), entries=20, differing=5)
    for when, facts in (
        ("another shape", replace(plain, came_shape=(4,))),
        ("right for one example", replace(plain, cases="many examples")),
        ("wrong for one example", replace(plain, cases="one example")),
        ("wrong at the labels", replace(plain, where="correct class")),
        ("wrong elsewhere", replace(plain, where="other classes")),
        ("wrong everywhere", plain),
        ("its random numbers come from elsewhere", replace(plain, unused="rng")),
        ("nearly right", replace(plain, sample=((0, 2), 3.14159, 3.1416))),
    ):
        yield (
            f"level 2, where nothing is known of the slip: {when}",
            str(messages.hint(mark(exercise, Outcome.FAILED, facts, name="margins"), exercise, 2)),
        )
    unknown = mark(exercise, Outcome.FAILED)
    yield "any level, where nothing is known of the slip", str(messages.hint(unknown, exercise, 3))
    used = replace(exercise, name="TwoLayerNet", driver="def drive_TwoLayerNet(TwoLayerNet): ...")
    yield "the same in a class", str(messages.hint(unknown, used, 3))


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
    kinked = Judged((1, 2), 0.0, 0.5, 1e-9, Outcome.PASSED, slopes=(0.0, 1.0))
    wrong = Judged("direction 1", 1.5, 0.75, 2e-9, Outcome.FAILED)
    entry = Judged((1, 0), 1.5, 0.75, 2e-9, Outcome.FAILED)
    alone = Judged((), 1.5, 0.75, 2e-9, Outcome.FAILED)
    unclear = Judged("direction 2", 1e-6, 1e-6, 1e-6, Outcome.INCONCLUSIVE)

    def told(outcome: Outcome, judged: tuple[Judged, ...], directions: int) -> str:
        report = GradientReport(outcome, judged, 28, directions, 25)
        return messages.check(CheckMark("gradient dW", outcome, report=report))

    yield "numerically right, entry by entry", told(Outcome.PASSED, (right, right), 0)
    yield "right, with a kink", told(Outcome.PASSED, (right, kinked), 0)
    yield "right, in a large array", told(Outcome.PASSED, (right, right, right), 2)
    yield "wrong along a direction", told(Outcome.FAILED, (wrong, right), 1)
    yield "wrong at an entry", told(Outcome.FAILED, (entry, right), 0)
    yield "wrong, of one number", told(Outcome.FAILED, (alone,), 0)
    yield "cannot be decided", told(Outcome.INCONCLUSIVE, (unclear, unclear), 2)
    yield "right to the last digit", told(Outcome.PASSED, (replace(right, numerical=0.5, tolerance=0.0),), 0)
    yield "nan", told(Outcome.FAILED, (replace(entry, analytic=float("nan")),), 0)
    yield "f is not finite", told(Outcome.INCONCLUSIVE, (replace(unclear, numerical=float("nan")),), 1)
    wrong_kink = replace(kinked, analytic=2.0, outcome=Outcome.FAILED)
    yield "wrong at a kink", told(Outcome.FAILED, (wrong_kink,), 0)
    shared = GradientReport(Outcome.FAILED, (wrong,), 28, 1, 25)
    of_reference = CheckMark("gradient dW", Outcome.FAILED, report=shared, what=EXACT)
    astray = CheckMark("gradient dW", Outcome.INCONCLUSIVE, report=shared, what=ASTRAY)
    yield "right, with a wrong forward pass", messages.check(astray)
    yield "wrong, with a right forward pass", messages.check(of_reference, public=False)
    report = GradientReport(Outcome.FAILED, (entry,) * 7, 28, 0, 25)
    yield "the lines below a report of check_gradient", " / ".join(messages.gradient_entries(report)).strip()


def whole(exercise: Exercise, outcome: Outcome, stages: tuple[StageMark, ...] = (), **facts: Any) -> ExerciseMark:
    rest = tuple(StageMark(Verdict(s, Outcome.PASSED)) for s in exercise.stages[len(stages) :])
    return ExerciseMark(exercise, outcome, (*stages, *rest), **facts)


def exercises(exercise: Exercise) -> Iterator[Example]:
    place = ("cell 3", 1)
    yield "not filled in", messages.exercise(whole(exercise, Outcome.MISSING, place=place))
    yield "not there", messages.exercise(whole(exercise, Outcome.MISSING))
    facts = (("named", "svm_loss_vector"),)
    yield "not there under its name", messages.exercise(whole(exercise, Outcome.MISSING, facts=facts))
    facts = (("in text", "cell 26"),)
    yield "not there, but in a text cell", messages.exercise(whole(exercise, Outcome.MISSING, facts=facts))
    for came in (0, 1):
        facts = (("returned", (came, 2)),)
        yield "too little returned", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    yield "a loop", messages.exercise(whole(exercise, Outcome.PASSED, place=place, facts=(("loop", 12),)))
    facts = (("again", (("cell 3", 1), ("old.ipynb cell 2", 1))),)
    yield "several definitions", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    for own in ((), ("W",), ("W", "x", "y", "reg")):
        facts = (("borrowed", ("X", 21, own)),)
        yield "an argument renamed", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    facts = (("unused", "rng"),)
    yield "a generator not used", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    facts = (("built in", ("C", 10)),)
    yield "a size built in", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    facts = (("unsteady", ()),)
    yield "not the same twice", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    some = whole(replace(exercise, worth=5), Outcome.FAILED, (mark(exercise, Outcome.FAILED, name="scores"),))
    yield "an exercise with a weight of its own", messages.exercise(some)
    facts = (("changed", ("X", "W")),)
    yield "inputs changed", messages.exercise(whole(exercise, Outcome.FAILED, place=place, facts=facts))
    error = Error("ValueError", "shapes (5,7) and (4,) not aligned", 12, "cell 3")
    yield "an exception", messages.exercise(whole(exercise, Outcome.CRASHED, error=error))
    facts = (("raised on", "one example"),)
    yield "the same, on some inputs", messages.exercise(whole(exercise, Outcome.CRASHED, error=error, facts=facts))
    facts = (("shapes", (("X", (5, 7)), ("dscores", (4,)))),)
    yield "the same, where arrays met", messages.exercise(whole(exercise, Outcome.CRASHED, error=error, facts=facts))


def errors() -> Iterator[Example]:
    for kind, text in (
        ("SyntaxError", "'(' was never closed (line 3)"),
        ("TypeError", "unsupported operand type(s) for *: 'ellipsis' and 'float'"),
        ("Refused", "torch"),
        ("ModuleNotFoundError", "No module named 'scipy'"),
        ("OutOfTime", ""),
        ("MemoryError", ""),
        ("ProcessEnded", ""),
        ("ProtocolError", "more than 64 MB"),
        ("ZeroDivisionError", "division by zero"),
        ("TypeError", "only integer scalar arrays can be converted to a scalar index"),
        ("ValueError", "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"),
        ("TypeError", "ufunc 'bitwise_xor' not supported for the input types"),
        ("SystemExit", "None"),
    ):
        yield kind, messages.error(Error(kind, text, 12, "cell 3"))


def cards(exercise: Exercise) -> Iterator[Example]:
    yield from ((f"word of the card: {key}", word) for key, word in messages.CARD.items())
    right = whole(exercise, Outcome.PASSED)
    seen = Observed("margins", 14, "this cell", 0.0)
    failed = mark(exercise, Outcome.FAILED, name="scores", found=seen)
    elsewhere = mark(exercise, Outcome.FAILED, name="scores", found=seen._replace(label="svm.py"))
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


def pages() -> Iterator[Example]:
    yield from ((f"legend: {outcome}", words) for outcome, words in messages.VERDICTS.items())
    yield from ((f"filter: {state}", words) for state, words in messages.STATES.items())
    yield "above the values", messages.SHOULD_BE
    yield "below the values", messages.HEAT_KEY
    yield "after a wrong stage", messages.carried("margins", ["data_loss"])
    yield "after a wrong stage", messages.carried("margins", ["data_loss", "loss", "dW"])
    yield "a table of values", messages.came("ten classes", (5, 4), 5, 4, False)
    yield "a table that was cut", messages.came("ten classes", (50, 40), 8, 12, True)
    yield "a number", messages.came("ten classes", (), 1, 1, False)
    yield "our fault, for the instructor", messages.fault(ValueError("no such stage"))
    yield "our fault, for the instructor", messages.worker_died(-9)
    report = messages.fault_report("ada", "ValueError", "grader/explain.py:12", "0.1.0", "svm_loss")
    yield "our fault, to send to us", " / ".join(line for line in report.splitlines() if line)
    yield "beside the marks", messages.remark(10, True, (2, 3))
    yield "beside the marks", messages.remark(0, False, None, True)
    yield "late, on a student's page", messages.lateness(46, 60, 140)
    yield "late, on a student's page", messages.lateness(46, 10, 3)
    yield "late by the platform", messages.LATE_BY_LMS
    for status in ("grader fault", "missing", "unreadable"):
        yield status, messages.no_lines(status, "no notebook and no Python file in it")
    yield "set by hand", messages.override(8, "svm_loss", 6, "The shape was ambiguous.")
    yield "set by hand, in all", messages.override(60, "", 55, "")
    for cause, named in (("correct-class-kept", True), ("scale 2", False), ("transposed", False), ("missing x", False)):
        yield "a finding, for the class's page", messages.cause(cause, named)
    yield "a long list", messages.and_more(1)
    yield "a long list", messages.and_more(4)
    yield "a run that was ended", messages.ended_early(12, 80)
    yield "the histogram in words", messages.histogram([2, 0, 5], 30)
    yield "an outcome's sign, by its name in a result", messages.mark("follows")


def confinement() -> Iterator[Example]:
    for part in Part:
        yield f"{part}, enforced", messages.part(Fact(part, True, detail="seccomp" if part is Part.CALLS else ""))
    for why in Why:
        yield f"{why}", messages.part(Fact(Part.FILES, False, why, "landlockpy"))
    for situation, without in (("once a run", Part.FILES), ("once a run, where what matters is enforced", Part.CPU)):
        facts = (Fact(part, part is not without, Why.KERNEL) for part in Part)
        yield situation, messages.confinement(Confinement(tuple(facts)))


def deliveries() -> Iterator[Example]:
    yield "nothing handed in", messages.NOT_HANDED_IN
    yield from ((f"left out: {why}", messages.skipped(why, "Canvas")) for why in messages.SKIPPED)
    blanks = {
        "names": ("4711", "ada, lovelaceada"),
        "attempts?": ("ada", "nets.ipynb, nets-1.ipynb"),
        "nobody": ("submission_12",),
        "no metadata": ("submission_metadata.yml",),
        "bad metadata": ("submission_metadata.yml", "line 3: no colon"),
        "undated": ("Ada Lovelace", "3 Brumaire"),
        "assignment": ("backprop",),
        "no assignment": ("backprop-ada",),
        "one folder": ("class", "28"),
        "some": ("canvas", "3", "20"),
        "twice": ("Ada Lovelace", "ada", "ada-2"),
        "namesakes": ("Ada L.", "4711, 4712"),
        "stranger": ("ada",),
        "other name": ("4711", "Ada L.", "Ben K."),
    }
    yield from ((f"to know: {kind}", messages.intake(kind, blanks[kind])) for kind in messages.INTAKE)
    yield "no times", messages.untimed(4)
    yield "in the roster, and graded before", messages.handed_in_before(46, 54)
    yield "a plain folder and a deadline", messages.timed_by_files()
    file = File("nets.ipynb", Path("nets.ipynb"))
    one = Handed("ada", files=(file,) * 5, attempts=2, late=True, submitted="2025-11-03T10:20:30")
    again = Handed("ben", files=(file,), attempt=3)
    for lms in Lms:
        left_out = (Skipped("x.pdf", "empty"),)
        found = Intake(lms, "submissions.zip", Path(), (one, again), (Handed("cem"),), left_out)
        yield f"a delivery of {lms}", messages.delivery(found)
    yield "a submission", messages.handed(one)
    yield "a submission", messages.handed(again)
    yield "a submission", messages.handed(Handed("cem"))


def runs() -> Iterator[Example]:
    yield "who moved", messages.moved("ines", (69, 71), (75, 75))
    yield "who moved", messages.moved("ines", (69, 69), (75, 75))
    same, none = ("failed", "failed"), ("", "")
    yield "why", messages.why("svm_loss margins", (0, 2), ("failed", "passed"), ("correct-class-kept", ""), (2, 2))
    yield "why", messages.why("svm_loss margins", (2, 4), same, none, (2, 4))
    yield "why", messages.why("svm_loss margins", (2, None), ("passed", None), none, (2, None))
    yield "why", messages.why("svm_loss margins", (None, 2), (None, "passed"), none, (None, 2))
    yield "why", messages.status_changed("unreadable", "graded")
    yield "the sum", messages.compared(3, 1, 2, 70)
    yield "who is in one run only", messages.only_in("report/", ["ada", "ben"])
    yield "in both", messages.shared(1)
    yield "in both", messages.shared(80)
    yield "set by hand", messages.BY_HAND
    yield "late, by another rule", messages.late_changed(60, 30)
    was, now = datetime(2026, 11, 20, 23, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    yield "other exercises than in the last run", messages.exercises_changed(["adam"], [], 8)
    yield "other exercises than in the last run", messages.exercises_changed(["adam"], ["sgd", "rmsprop"], 9)
    yield "gone from the folder", messages.gone(["ada"])
    yield "gone from the folder, with points set by hand", messages.gone(["ada", "ben"], ["ben"])
    yield "gone from the folder", messages.gone([f"student{n}" for n in range(12)])
    yield "public data that is damaged", messages.damaged("data/public/svm_loss_naive.npz")
    yield "nothing filled in by anybody", messages.NOBODY
    late = Late(was, penalty_percent=20, every_hours=12, most_percent=60)
    yield "a deadline in force", messages.late_rule(late, 3, 28)
    yield "a deadline in force", messages.late_rule(Late(was), 28, 28)
    yield "a reference was changed", messages.strayed("svm_loss_vectorized", "dW", "svm.py")
    yield "another delivery of the same work", messages.taken_up("submissions.zip")
    yield "another deadline, said", messages.deadline_changed(was, now, False)
    yield "another deadline, in grader.toml", messages.deadline_changed(was, now, True)
    yield "no deadline any more", messages.deadline_changed(was, None, True)
    yield "similar submissions", " ".join(messages.SIMILAR)
    yield "what a pair has in common", messages.shared_code(7, 5, "svm_loss, adam")
    yield "the link to it", messages.SIMILAR_LINK
    yield "none", messages.NONE_SIMILAR
    yield from ((f"not written to a grade book: {why}", messages.left(why, "Ada L.")) for why in messages.LEFT)


def page() -> str:
    """The page, in Markdown."""
    exercise = next(r.exercise for r in find(ROOT).references if r.name == "svm_loss_vectorized")
    lines = [
        "# Every sentence",
        "",
        "<!-- Made by `python docs/make_messages.py > docs/messages.md`: change grader/messages/, then run it. -->",
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
