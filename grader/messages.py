"""Facts -> sentences. The only place where words for people are made.

A message says where, what came, what was expected of it and what to try; never the answer. `public` says whether
the inputs are ones the student may see: only then is an expected number shown.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from grader.compare import as_numbers
from grader.diagnosis import Difference, Grid
from grader.exercise import FULL_MARKS, Array, Exercise, Outcome
from grader.explain import Verdict
from grader.gradients import GradientReport, Judged
from grader.hypotheses import Cause
from grader.sandbox import Error
from grader.scoring import CheckMark, ExerciseMark, StageMark

MARKS = {
    Outcome.PASSED: "+",
    Outcome.FOLLOWS: ">",
    Outcome.IMPLIED: "+",
    Outcome.FAILED: "x",
    Outcome.MISSING: "-",
    Outcome.BLOCKED: "-",
    Outcome.WAITING: "?",
    Outcome.INCONCLUSIVE: "?",
}

SIGNS = {  # where colour shows an outcome, a sign and a word say it too
    Outcome.PASSED: ("✓", "right"),
    Outcome.FOLLOWS: ("▸", "follows"),
    Outcome.IMPLIED: ("✓", "right"),
    Outcome.FAILED: ("✗", "to mend"),
    Outcome.MISSING: ("–", "to fill in"),
    Outcome.BLOCKED: ("–", "no basis"),
    Outcome.WAITING: ("?", "waits"),
    Outcome.INCONCLUSIVE: ("?", "undecided"),
}

FOUND = {
    "transposed": "found transposed",
    "reshaped": "found in another shape",
    "times N": "found before its division by N",
    "divided by N": "found already divided by N",
}

SCALES = {
    "2": "it is twice what it should be",
    "1/2": "it is half of what it should be",
    "-1": "it has the opposite sign",
    "N": "it is N times what it should be, N being the number of examples",
    "1/N": "it is one N-th of what it should be, N being the number of examples",
}

UNPROBED = {
    "raised": "not compared: the function did not come to its end",
    "not returned": "not compared: no gradient was returned",
    "shape": "not compared: a gradient has the shape of its variable, this one has not",
    "": "not compared",
}

UNTOUCHED = {
    "": "still ..., or not found",
    "zeros": "not filled in: it is still zero everywhere",
    "input": "not filled in: it is still as it came in",
}

TERMS = {
    "missing": "{term} is missing",
    "half": "{term} counts half",
    "double": "{term} counts twice",
    "averaged": "{term} is divided by N",
    "negated": "{term} has the opposite sign",
}


def number(value: float) -> str:
    return f"{value:.4g}"


def shape(dims: tuple[int, ...]) -> str:
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(map(str, dims))})"


def named(mistake: str) -> str:
    """`correct-class-kept` as people read it."""
    return mistake.replace("-", " ")


# -- stages


def stage(mark: StageMark, exercise: Exercise, public: bool, level: int = 3) -> str:
    """What to say of one stage; "" where there is nothing to add to its mark. Below level 3 the kind of slip is
    left to the hints."""
    verdict = mark.verdict
    if verdict.outcome is Outcome.PASSED:
        return FOUND.get(verdict.how, "") or _other_name(verdict)
    if verdict.outcome is Outcome.FOLLOWS:
        return "right, given your earlier values"
    if verdict.outcome is Outcome.IMPLIED:
        return "not seen by itself, but what you compute from it is right"
    if verdict.outcome is Outcome.MISSING:
        return "left out" if verdict.cause else UNTOUCHED[verdict.how]
    if verdict.outcome is Outcome.BLOCKED:
        return "cannot be marked yet: it needs the stages before it"
    if verdict.outcome is Outcome.WAITING:
        return "waits for an earlier stage"
    return (
        "; ".join(
            s
            for s in (
                _cause(verdict.cause, exercise) if level >= 3 else "",
                _difference(mark.difference, verdict, public),
            )
            if s
        )
        or "differs from what it should be"
    )


def _other_name(verdict: Verdict) -> str:
    seen = verdict.found
    return f"found as {seen.name}" if seen is not None and seen.name != verdict.stage.name else ""


def _cause(cause: Cause | None, exercise: Exercise) -> str:
    if cause is None:
        return ""
    if cause.also is not None:
        first = _cause(replace(cause, also=None), exercise)
        return f"{first}, and {_cause(cause.also, exercise)}"
    if cause.kind == "mistake":
        return named(cause.name)
    if cause.kind == "scale":
        return SCALES[cause.name]
    if cause.kind == "transposed":
        return "it is transposed"
    held = [p for p in exercise.parameters if re.search(rf"\b{re.escape(p)}\b", cause.name)]
    term = f"the term that holds {' and '.join(held)}" if held else "one of its terms"
    return TERMS[cause.kind].format(term=term)


def _difference(facts: Difference | None, verdict: Verdict, public: bool) -> str:
    if facts is None:
        return ""
    if facts.type_name:
        return (
            f"yours is of type {facts.type_name}, an array of shape {shape(facts.want_shape)} belongs here"
            if facts.type_name != "..."
            else "still ..."
        )
    if facts.came_shape != facts.want_shape and facts.entries == 0:
        return (
            f"shape {shape(facts.came_shape or ())} came, {verdict.stage.shape} = {shape(facts.want_shape)} "
            "belongs here"
        )
    if facts.not_finite:
        return f"{facts.not_finite} of {facts.entries} entries are not finite (nan or inf){_which(facts)}"
    if facts.zeros:
        return "yours is zero everywhere"
    return _entries(facts, public) + _which(facts)


def _entries(facts: Difference, public: bool) -> str:
    place = {
        "correct class": ", all at the correct class",
        "other classes": ", none at the correct class",
    }.get(facts.where, "")
    if facts.sample is None:
        return ""
    index, came, want = facts.sample
    at = f" at {list(index)}" if index else ""
    if facts.entries == 1:
        head = f"yours is {number(came)}"
    else:
        head = f"{facts.differing} of {facts.entries} entries differ{place}: yours{at} is {number(came)}"
    return f"{head}, it should be {number(want)}" if public else head


def _which(facts: Difference) -> str:
    return {
        "one example": "; only when there is a single example (N = 1)",
        "many examples": "; right for a single example, wrong for several",
        "some": f"; it shows on some inputs only, for instance on '{facts.case}'",
    }.get(facts.cases, "")


def hint(mark: StageMark, exercise: Exercise, level: int) -> str | None:
    """Hints of a failed stage. 1: where to look; 2: what kind of slip it is; 3: the mistake's own hint."""
    verdict = mark.verdict
    if verdict.outcome is not Outcome.FAILED:
        return None
    told = next(
        (
            text
            for name, at, text in exercise.mistakes
            if verdict.cause
            and verdict.cause.kind == "mistake"
            and name == verdict.cause.name
            and at == verdict.stage.name
        ),
        None,
    )
    if level >= 3 and told:
        return told
    if level >= 2 and verdict.cause:
        return f"{_cause(verdict.cause, exercise)}."
    place = f"line {verdict.found.line}" if verdict.found else "the lines"
    return f"Look at {place} where {verdict.stage.name} gets its value: {verdict.stage.what}."


# -- checks and exercises


def check(mark: CheckMark) -> str:
    if mark.report is not None:
        return gradient_report(mark.report, "your own forward pass")
    if mark.outcome is Outcome.PASSED:
        return mark.what or "equal to the reference's, which agrees with the numerical gradient"
    if mark.outcome is Outcome.INCONCLUSIVE:
        return "could not be decided; it costs nothing"
    if mark.outcome is Outcome.FAILED:
        return f"does not hold yet: {mark.what}. {mark.hint}" if mark.what else "does not hold yet"
    if mark.name.startswith("gradient "):
        return UNPROBED[mark.what]
    return "not yet: nothing of the exercise is right so far"


def place(judged: Judged) -> str:
    """What one number of a gradient check is about."""
    if isinstance(judged.where, str):
        return f"along {judged.where}"
    return f"at {list(judged.where)}" if judged.where else "here"


def gradient_report(report: GradientReport, of: str = "") -> str:
    """One sentence on a numerical check; `of` says of what the numerical gradient was taken."""
    entries = "entry" if len(report.judged) == 1 else "entries"
    looked = f"{len(report.judged)} {entries}"
    if report.directions:
        looked = f"{report.directions} random direction{'s' if report.directions > 1 else ''}"
    if report.directions and len(report.judged) > report.directions:
        looked += f" and {len(report.judged) - report.directions} of {report.entries} entries"
    kinks = sum(j.kink for j in report.judged)
    looked += f", {kinks} at a kink" if kinks else ""
    looked += f"; {of}" if of else ""
    if report.outcome is Outcome.PASSED:
        return f"agrees with the numerical gradient to {report.largest_difference:.0e} ({looked})"
    if report.outcome is Outcome.INCONCLUSIVE:
        open_ones = sum(j.outcome is Outcome.INCONCLUSIVE for j in report.judged)
        return (
            f"could not be decided for {open_ones} of {len(report.judged)}: no difference quotient can see "
            f"the derivative there ({looked})"
        )
    worst = report.worst
    assert worst is not None
    wrong = sum(j.outcome is Outcome.FAILED for j in report.judged)
    return (
        f"differs from the numerical gradient in {wrong} of {len(report.judged)} ({looked}): "
        f"{place(worst)} yours is {worst.analytic:.6g}, "
        f"the numerical one {worst.numerical:.6g} +- {worst.tolerance:.0e}"
    )


def error(what: Error) -> str:
    """Why student code did not come to an end."""
    place = f" in {what.label}, line {what.line}" if what.line else ""
    if what.kind == "SyntaxError":
        return f"cannot be read as Python: {what.text}"
    if "ellipsis" in what.text.lower():
        return f"a ... is still in the way{place}: {what.text}"
    if what.kind == "OutOfTime":
        return f"still running{place} when its time was up: is there a loop that never ends?"
    if what.kind == "MemoryError":
        return f"ran out of memory{place}: which array is that large?"
    if what.kind == "ProcessEnded":
        return "ended the whole process (exit, or a crash in native code) instead of returning"
    if what.kind == "ProtocolError":
        return f"sent back what cannot be read ({what.text})"
    return f"{what.kind}{place}: {what.text}".rstrip(": ")


def exercise(mark: ExerciseMark) -> str:
    """One sentence on the exercise as a whole, "" where its stages say it all."""
    if mark.error is not None:
        return error(mark.error)
    if mark.outcome is Outcome.MISSING:
        return TO_FILL_IN if mark.place else "not found in what was handed in"
    told = []
    for kind, data in mark.facts:
        if kind == "returned":
            came, wanted = data
            told.append(f"{came or 'nothing'} returned, {wanted} values belong there")
        elif kind == "changed" and mark.outcome is not Outcome.PASSED:
            told.append(f"{' and '.join(data)} changed in place: copy first, the caller still needs the old values")
    return "; ".join(told)


# -- the card that a notebook shows

CARD = {
    "forward": "forward ↓",
    "backward": "backward ↑",
    "yours": "yours",
    "gradients": "Your gradients against numerical ones",
    "place": "where",
    "analytic": "yours (analytic)",
    "numerical": "numerical",
    "error": "error estimate",
    "kink": "at a kink: any slope between its two sides is right",
    "checks": "Properties",
    "unprobed": "not compared",
}


def headline(mark: ExerciseMark) -> str:
    most = mark.exercise.points
    return f"all {most} points" if mark.points == most else f"{mark.points} of {most} points"


def first_to_mend(mark: ExerciseMark) -> tuple[str, StageMark | CheckMark | None]:
    """The heading of what comes first, and the stage or check that it speaks of."""
    stage = next((s for s in mark.stages if s.verdict.outcome not in FULL_MARKS), None)
    if mark.outcome is Outcome.MISSING or (stage is None and mark.points == mark.exercise.points):
        return ("To do" if mark.outcome is Outcome.MISSING else "Every stage is right"), None
    if stage is None:
        check = next((c for c in mark.checks if c.points < c.max_points), None)
        return (f"First to mend: {check.name}" if check else "Every stage is right"), check
    verdict = stage.verdict
    if verdict.outcome is Outcome.MISSING:
        return f"First to fill in: {verdict.stage.name}, {verdict.stage.shape}, {verdict.stage.what}", stage
    if verdict.outcome is Outcome.BLOCKED and mark.error is not None:
        return "First to mend: what stops it", stage
    seen = verdict.found
    at = f", line {seen.line}" if seen else ""
    place = f" of {seen.label}" if seen and seen.label != "this cell" else ""
    return f"First to mend: {verdict.stage.name}{at}{place}", stage


def more(mark: ExerciseMark, level: int) -> str:
    """How to be told more; "" on the last level."""
    return f"check({mark.exercise.name}, hint={level + 1}) tells more" if level < 3 else ""


TO_FILL_IN = "not filled in yet"


def more_in_terminal(mark: ExerciseMark, path: str) -> str:
    """How to be told more, where tests are run."""
    return f"  more: grader check {path} --exercise {mark.exercise.name} --hint 2"


def value(own: Any) -> str:
    """A value of the student's in a few characters: the number, or the shape and the range of an array."""
    array = as_numbers(own)
    if array is None:
        return "..." if own is Ellipsis else f"{type(own).__name__}, no array of numbers"
    if array.size == 1 and array.ndim == 0:
        return number(float(array))
    if not array.size:
        return f"{shape(array.shape)}, empty"
    low, high = ends(array)
    bad = f" and {not_finite(array)}" if not_finite(array) else ""
    if not low:
        return f"{shape(array.shape)}, all nan or inf"
    numbers = f"{low} to {high}" if low != high else f"{'' if bad else 'all '}{low}"
    return f"{shape(array.shape)}, {numbers}{bad}"


def ends(array: Array) -> tuple[str, str]:
    """The smallest and the largest finite entry, "" where there is none."""
    good = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return (number(float(good.min())), number(float(good.max()))) if good.size else ("", "")


def not_finite(array: Array) -> str:
    """How many entries are nan or inf, "" where all are finite."""
    if array.dtype.kind != "f":
        return ""
    counts = {"nan": int(np.isnan(array).sum()), "inf": int(np.isinf(array).sum())}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def grid(squares: Grid, name: str, case: str) -> str:
    """The caption of the picture of where a value differs."""
    rows, columns = squares.block
    flat = ", later dimensions side by side" if len(squares.shape) > 2 else ""
    what = "the numbers are yours" if squares.numbers is not None else f"a square is {rows} by {columns} entries"
    return f"{name} {shape(squares.shape)}{flat} on the case '{case}': ✗ marks what differs, {what}"


# -- values and graphs of the student's own run

TRACE = ("line", "name", "shape", "dtype", "min", "max", "nan?")
INPUT = "input"
CUT = "There were more values than are shown: trace a smaller input, or a part of the function."

NO_GATES = "There is no line to draw yet: fill the function in first, one line a gate."
LEGEND = ("above a wire: its value", "below: how the result reacts to it (the gradient)")


def above(name: str, own: Any) -> tuple[str, ...]:
    """What stands over a wire, from top to bottom: name and number; of an array name and shape, then its range."""
    told = value(own)
    array = as_numbers(own)
    if array is None or array.ndim == 0:
        return (f"{name} {told}",)
    head = shape(array.shape)
    return f"{name} {head}", told.removeprefix(f"{head}, ")


def below(gradient: Any, own: Any = None) -> str:
    """The gradient on a wire: a number, or the norm of an array (with its shape where that is not the value's);
    "" where there is none."""
    array, of = as_numbers(gradient), as_numbers(own)
    if array is None:
        return ""
    if array.size == 1:
        return number(float(array.reshape(())))
    norm = f"norm {number(float(np.linalg.norm(array.astype(float))))}"
    return norm if of is not None and of.shape == array.shape else f"{shape(array.shape)}, {norm}"


def wire(name: str, gate: str, uses: tuple[str, ...], own: Any, gradient: Any) -> str:
    """One line of a graph in words."""
    made = f" = {gate} of {', '.join(uses)}" if gate else " comes in"
    slope = below(gradient, own)
    return f"{name}{made}: {value(own)}{f', gradient {slope}' if slope else ''}"
