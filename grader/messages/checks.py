"""What is said of properties, gradients and whole exercises."""

from __future__ import annotations

import numpy as np

from grader.calls import Error
from grader.exercise import Outcome
from grader.gradients import GradientReport, Judged
from grader.messages.card import TO_FILL_IN
from grader.messages.words import UNPROBED, apart, listed, number, shape
from grader.own_forward import ASTRAY, EXACT
from grader.scoring import CheckMark, ExerciseMark

RULES = {  # what numpy's words mean
    "operands could not be broadcast": " (axes are matched from the last one on; one of length 1 is stretched)",
    "matmul: Input operand": " (the last axis of the first factor meets the last but one of the second)",
    "shapes (": " (the last axis of the first factor meets the last but one of the second)",
    "only integer scalar arrays can be": " (np.max takes an axis second; np.maximum compares two values)",
    "The truth value of an array": " (if, and, max and min want one number; for arrays: masks, np.maximum, np.where)",
    "ufunc 'bitwise_xor' not supported": " (a power is **)",
}
NAMED = 6  # names of a line whose shapes are told


def check(mark: CheckMark, public: bool = True) -> str:
    """What came of a property or of a gradient. Not `public`: without numbers, as a numerical gradient on hidden inputs
    tells something of the right one."""
    if mark.what == ASTRAY and mark.report is not None:
        at, compared = _first(mark.report, public)
        return (
            f"right, though it differs from the numerical gradient of your own forward pass {at}{compared}: that is "
            "another function as long as the forward pass is wrong"
        )
    if mark.report is not None:
        of = "the reference's forward pass, which yours equals" if mark.what == EXACT else "your own forward pass"
        return gradient_report(mark.report, of, numbers=public)
    if mark.outcome is Outcome.PASSED:
        return mark.what or "equal to the reference's, which agrees with the numerical gradient"
    if mark.outcome is Outcome.INCONCLUSIVE:
        return "could not be decided; it costs nothing"
    if mark.outcome is Outcome.FAILED:
        return f"does not hold yet: {mark.what}. {mark.hint}" if mark.what else "does not hold yet"
    if mark.name.startswith("gradient "):
        return UNPROBED[mark.what]
    return "not yet: nothing of the exercise is right so far"


def gradient_report(report: GradientReport, of: str = "f", numbers: bool = True) -> str:
    """One sentence on a numerical check: verdict, how good it is, what was looked at and what that took."""
    told = f"{_looked_at(report)}; {report.evaluations} evaluations of {of}"
    if report.outcome is Outcome.PASSED:
        agreement = f"to {report.largest_difference:.0e}" if report.largest_difference else "exactly"
        good = f"it is good to {report.error_estimate:.0e}; " if report.error_estimate else ""
        return f"agrees with the numerical gradient {agreement} ({good}{told})"
    at, compared = _first(report, numbers)
    if report.outcome is Outcome.INCONCLUSIVE:
        return f"could not be decided {at}, where no difference quotient is good enough{compared} ({told})"
    return f"differs from the numerical gradient {at}{compared} ({told})"


def _first(report: GradientReport, numbers: bool) -> tuple[str, str]:
    """Where a check first came out as it did, and the numbers there."""
    one = next(j for j in report.judged if j.outcome is report.outcome)
    found = sum(j.outcome is report.outcome for j in report.judged)
    at = place(one) if found == 1 else f"in {found} of {len(report.judged)}, first {place(one)}"
    return at, f": {_compared(one)}" if numbers else ""


def _looked_at(report: GradientReport) -> str:
    entries = len(report.judged) - report.directions
    kinks = sum(j.kink for j in report.judged)
    along = f"{report.directions} random direction{'' if report.directions == 1 else 's'}"
    if not report.directions:
        looked = f"{entries} {'entry' if entries == 1 else 'entries'}"
    elif entries:
        looked = f"{entries} of {report.entries} entries, chosen at random, and {along}"
    else:
        looked = along
    return f"{looked}, {kinks} at a kink" if kinks else looked


def gradient_entries(report: GradientReport, most: int = 5) -> list[str]:
    """Lines on the entries of a numerical check that matter most: the wrong, else the open, else those at kinks."""
    chosen = [j for j in report.judged if j.outcome is report.outcome and (j.kink or j.outcome is not Outcome.PASSED)]
    lines = [f"  {place(j)}: {_compared(j)}" for j in chosen[:most]]
    return [*lines, *([f"  and {len(chosen) - most} more"] if len(chosen) > most else [])]


def place(judged: Judged) -> str:
    """What one number of a gradient check is about."""
    if isinstance(judged.where, str):
        return f"along random {judged.where}"
    return f"at {list(judged.where)}" if judged.where else "at x"


def _compared(judged: Judged) -> str:
    if not np.isfinite(judged.analytic):
        return f"yours is {judged.analytic}"
    if judged.slopes is not None:
        low, high = (number(slope) for slope in judged.slopes)
        yours, wrong = number(judged.analytic), judged.outcome is Outcome.FAILED
        if wrong and judged.analytic < judged.slopes[0]:
            yours, low = apart(judged.analytic, judged.slopes[0])
        elif wrong and judged.analytic > judged.slopes[1]:
            yours, high = apart(judged.analytic, judged.slopes[1])
        return f"yours is {yours}, at a kink where {low} to {high} is right"
    if not np.isfinite(judged.numerical):
        return f"yours is {number(judged.analytic)}, f is not finite there"
    yours, numerical = apart(judged.analytic, judged.numerical)
    return f"yours is {yours}, the numerical one {numerical} +- {judged.tolerance:.0e}"


def error(what: Error) -> str:
    """Why student code did not come to an end."""
    place = f" in {what.label}, line {what.line}" if what.line else ""
    if what.kind == "SyntaxError":
        return f"cannot be read as Python: {what.text}"
    if "ellipsis" in what.text.lower():
        return f"a ... is still in the way{place}: {what.text}"
    if what.kind == "Refused":
        return f"imports {what.text}{place}, which this assignment does not allow: numpy is enough here"
    if what.kind == "ModuleNotFoundError":
        return f"{what.text}{place}: only numpy and the standard library are there"
    if what.kind == "OutOfTime":
        return f"still running{place} when its time was up: is there a loop that never ends?"
    if what.kind == "MemoryError":
        return f"ran out of memory{place}: which array is that large?"
    if what.kind == "ProcessEnded":
        return "ended the whole process (exit, or a crash in native code) instead of returning"
    if what.kind == "ProtocolError":
        return f"sent back what cannot be read ({what.text})"
    if what.kind == "SystemExit":
        return f"exit() was called{place}: a function ends with return"
    rule = next((rule for start, rule in RULES.items() if what.text.startswith(start)), "")
    return f"{what.kind}{place}: {what.text}".rstrip(": ") + rule


def exercise(mark: ExerciseMark) -> str:
    """One sentence on the exercise as a whole, "" where its stages say it all."""
    return "; ".join(told for told in (*_first_of_all(mark), _exercise(mark)) if told)


def _exercise(mark: ExerciseMark) -> str:
    facts = dict(mark.facts)
    if mark.error is not None:
        there = ", ".join(f"{name} {shape(dims)}" for name, dims in facts.get("shapes", ())[:NAMED])
        on = f"; only on some inputs, first '{facts['raised on']}'" if "raised on" in facts else ""
        return f"{error(mark.error)}{on}{f'; shapes there: {there}' if there else ''}"
    if mark.outcome is Outcome.MISSING:
        near, cell = facts.get("named"), facts.get("in text")
        guess = f"; {near} is there: is that {mark.exercise.name}?" if near else ""
        if cell:
            guess = f"; {cell} holds it, but is a text cell: make it one of the kind Code"
        return TO_FILL_IN if mark.place else f"not found in what was handed in{guess}"
    said = []
    for kind, data in mark.facts:
        if kind == "unsteady" and mark.outcome is not Outcome.PASSED:
            said.append("the same inputs gave another result the second time: it depends on earlier calls or on chance")
        elif kind == "loop":
            said.append(f"line {data} is run again for every example: this exercise asks for whole arrays at once")
        elif kind == "built in":
            letter, size = data
            said.append(f"right only where {letter} is {size}, and {size} stands in your code: take sizes from arrays")
        elif kind == "returned":
            came, wanted = data
            said.append(f"{came or 'nothing'} returned, {wanted} values belong there")
        elif kind == "changed" and (mark.outcome is not Outcome.PASSED or not mark.exercise.adapter):
            said.append(f"{' and '.join(data)} changed in place: copy first, the caller still needs the old values")
    whole = mark.exercise.stage_points
    if mark.exercise.worth is not None and mark.stage_points < whole and mark.exercise.points != whole:
        said.append(f"{mark.stage_points} of {whole} stage points, which count {mark.exercise.points:g} in all")
    return "; ".join(said)


def _first_of_all(mark: ExerciseMark) -> list[str]:
    """What may explain all the rest: another definition, an argument that was renamed and is still used by its old
    name, random numbers from elsewhere."""
    told, facts = [], dict(mark.facts)
    if "again" in facts:
        places = listed([f"{label}, line {line}" for label, line in facts["again"]])
        told.append(f"filled in otherwise in {places} too: the last one counts")
    if "borrowed" in facts:
        name, line, own = facts["borrowed"]
        of = f"only {listed(own)} {'is' if len(own) == 1 else 'are'}" if own else "it has none"
        told.append(f"{name} in line {line} is no argument of this function, {of}: it comes from elsewhere")
    if "unused" in facts:
        told.append(f"nothing is drawn from {facts['unused']}: all that is random must come from the generator given")
    return told
