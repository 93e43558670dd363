"""Facts -> sentences. The only place where words for people are made.

A message says where, what came, what was expected of it and what to try; never the answer. `public` says whether
the inputs are ones the student may see: only then is an expected number shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.compare import as_numbers
from grader.confine import Confinement, Fact, Part, Why
from grader.diagnosis import Difference, Grid
from grader.exercise import FULL_MARKS, Array, Exercise, Outcome
from grader.explain import OWN_FORWARD, Verdict
from grader.gradients import GradientReport, Judged
from grader.hypotheses import Cause
from grader.intake.facts import Handed, Intake
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
    "state": "it is still as it came in: was the new value stored?",
}

PARTS = {
    Part.FILES: "student code reads the standard library and numpy, no other file, and writes none",
    Part.CALLS: "all system calls are refused but the few that Python and numpy need",
    Part.NETWORK: "no network",
    Part.SIGNALS: "no signals to other processes",
    Part.PROCESSES: "no new processes",
    Part.CPU: "a limit on processor time",
    Part.MEMORY: "a limit on memory",
    Part.DISK: "no bytes written to files",
    Part.SESSION: "a session of its own, ended as a whole",
    Part.EMPTY: "an empty environment and no open files",
    Part.FORK: "a child of a warm parent for each submission (speed)",
}

REASONS = {
    Why.PLATFORM: "this operating system has nothing of the kind",
    Why.PACKAGE: "the package {detail} is not installed: pip install {detail}",
    Why.KERNEL: "this kernel lacks it or has it switched off",
    Why.FORBIDDEN: "not allowed here, as in some containers ({detail})",
    Why.PARTLY: "tried, and something came through",
    Why.LEFT_OUT: "left out on request",
}

TERMS = {
    "missing": "{term} is missing",
    "half": "{term} counts half",
    "double": "{term} counts twice",
    "averaged": "{term} is divided by N",
    "negated": "{term} has the opposite sign",
    "halved and averaged": "{term} is divided by 2 N",
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
        return "right for your own forward pass" if verdict.how == OWN_FORWARD else "right, given your earlier values"
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
    return (_entries(facts, public) + _which(facts)).removeprefix("; ")


def _entries(facts: Difference, public: bool) -> str:
    place = {
        "correct class": ", all at the correct class",
        "other classes": ", none at the correct class",
    }.get(facts.where, "")
    if facts.sample is None:
        return ""
    index, came, want = facts.sample
    at = f" at {list(index)}" if index else ""
    many = f"{facts.differing} of {facts.entries} entries differ{place}" if facts.entries > 1 else ""
    # a number that was not seen was made up with the reference: it is not theirs, and tells what should be there
    came_here = [f"yours{at if many else ''} is {number(came)}"] if facts.seen else []
    should = f"it should be {number(want)}"
    if public:
        came_here.append(should if facts.seen or not many else f"{should}{at}")
    return ": ".join(part for part in (many, ", ".join(came_here)) if part)


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


# -- confinement


def part(fact: Fact) -> str:
    """One line of the table of `grader doctor`: what it is, and by what or why not."""
    told = f" ({fact.detail})" if fact.detail else ""
    return PARTS[fact.part] + (told if fact.enforced else f": {_reason(fact)}")


def _reason(fact: Fact) -> str:
    return REASONS[fact.why or Why.PARTLY].format(detail=fact.detail or "no reason given")


def confinement(facts: Confinement) -> str:
    """What of the confinement was not enforced, in one sentence; "" when all of it was (speed does not count)."""
    missing = [f.part for f in facts.missing if f.part is not Part.FORK]
    if not missing:
        return ""
    told = f"not confined here: {', '.join(missing)}"
    trust = "" if facts.strict else "; grade only submissions that you trust, or on Linux"
    return f"{told}{trust} (grader doctor says why)"


# -- checks and exercises


def check(mark: CheckMark, public: bool = True) -> str:
    """What came of a property or of a gradient. Not `public`: without numbers, as a numerical gradient on hidden inputs
    tells something of the right one."""
    if mark.report is not None:
        return gradient_report(mark.report, "your own forward pass", numbers=public)
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
    one = next(j for j in report.judged if j.outcome is report.outcome)
    found = sum(j.outcome is report.outcome for j in report.judged)
    at = place(one) if found == 1 else f"in {found} of {len(report.judged)}, first {place(one)}"
    compared = f": {_compared(one)}" if numbers else ""
    if report.outcome is Outcome.INCONCLUSIVE:
        return f"could not be decided {at}, where no difference quotient is good enough{compared} ({told})"
    return f"differs from the numerical gradient {at}{compared} ({told})"


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
        low, high = judged.slopes
        return f"yours is {number(judged.analytic)}, at a kink where {number(low)} to {number(high)} is right"
    if not np.isfinite(judged.numerical):
        return f"yours is {number(judged.analytic)}, f is not finite there"
    yours, numerical = _apart(judged.analytic, judged.numerical)
    return f"yours is {yours}, the numerical one {numerical} +- {judged.tolerance:.0e}"


def _apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits as tell them apart."""
    for digits in range(4, 17):
        one, other = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if one != other or a == b:
            break
    return one, other


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
    return f"{what.kind}{place}: {what.text}".rstrip(": ")


def exercise(mark: ExerciseMark) -> str:
    """One sentence on the exercise as a whole, "" where its stages say it all."""
    if mark.error is not None:
        return error(mark.error)
    if mark.outcome is Outcome.MISSING:
        return TO_FILL_IN if mark.place else "not found in what was handed in"
    told = []
    for kind, data in mark.facts:
        if kind == "unsteady" and mark.outcome is not Outcome.PASSED:
            told.append("the same inputs gave another result the second time: it depends on earlier calls")
        elif kind == "loop":
            told.append(f"line {data} is run again for every example: this exercise asks for whole arrays at once")
        elif kind == "built in":
            letter, size = data
            told.append(f"right only where {letter} is {size}, and {size} stands in your code: take sizes from arrays")
        elif kind == "returned":
            came, wanted = data
            told.append(f"{came or 'nothing'} returned, {wanted} values belong there")
        elif kind == "changed" and mark.outcome is not Outcome.PASSED:
            told.append(f"{' and '.join(data)} changed in place: copy first, the caller still needs the old values")
    whole = mark.exercise.stage_points
    if mark.exercise.worth is not None and mark.stage_points < whole and mark.exercise.points != whole:
        told.append(f"{mark.stage_points} of {whole} stage points, which count {mark.exercise.points:g} in all")
    return "; ".join(told)


# -- pages

VERDICTS = {
    "passed": "right",
    "follows": "right, given your own earlier values: full marks",
    "implied": "not seen by itself, but what you compute from it is right: full marks",
    "failed": "wrong by itself, whatever came before",
    "missing": "not found",
    "blocked": "could not be marked: nothing to go on",
    "waiting": "waits for an earlier stage",
    "inconclusive": "could not be decided: costs nothing",
    "crashed": "raised an exception",
    "stopped": "used up its time or memory",
    "refused": "uses what is not allowed",
    "grader fault": "our fault, not yours: a person looks at it",
}

STATES = {
    "full": "all points",
    "lost": "points lost",
    "broken": "crashed or stopped",
    "empty": "nothing filled in",
    "unreadable": "unreadable",
    "grader fault": "grader fault",
    "missing": "nothing handed in",
}


SHOULD_BE = "What should be there, given what came before"
HEAT_KEY = "≠ marks entries that differ. The stronger the colour, the larger the number: orange above 0, blue below."


def carried(stage: str, later: Sequence[str]) -> str:
    """What became of the stages after a wrong one."""
    return f"Carried forward: {_list(later)} {_were(later)} judged from your {stage} as it is, and kept full marks."


def came(case: str, of_shape: Sequence[int], rows: int, columns: int, all_differ: bool) -> str:
    """What a table of values shows."""
    whole = f"Your value, shape {shape(tuple(of_shape))}" if of_shape else "Your value"
    most = (_product(of_shape[:-1]), of_shape[-1]) if of_shape else (1, 1)
    cut = "" if (rows, columns) == most else f"; {rows} of {most[0]} rows and {columns} of {most[1]} columns are shown"
    return f"{whole}, on the input '{case}'{cut}{'; all of these differ' if all_differ else ''}"


def fault(error: BaseException) -> str:
    """Why the grader gave up on a submission: for the instructor, beside the report in the folder of faults."""
    return f"the grader failed, not the student: {type(error).__name__}: {error}"


def worker_died(code: int | None) -> str:
    """Two processes of ours ended while they marked one submission."""
    return f"the grader failed, not the student: two of its processes ended (exit code {code}) while they marked this"


def fault_report(name: str, kind: str, places: str, version: str, exercise: str) -> str:
    """What to send us. Nothing of the student's work is in it, so the text of the exception is left out."""
    return (
        f"The grader failed on the submission {name}. It is our fault and costs the student nothing.\n"
        "Please send us this file: nothing of what the student wrote is in it.\n\n"
        f"grader: {version}\nexercise: {exercise or 'none yet'}\nexception: {kind}\n\n{places}"
    )


def remark(late: float, by_hand: bool, attempt: tuple[int, int] | None) -> str:
    """What was decided beside the marks, for a table."""
    told = [f"late: {late:g} % off"] if late else []
    told += ["set by hand"] if by_hand else []
    told += [f"attempt {attempt[0]} of {attempt[1]}"] if attempt else []
    return "; ".join(told)


def no_lines(status: str, problem: str | None) -> str:
    """Why a submission has no marks."""
    if status == "grader fault":
        return "The grader itself failed here. It is not your fault and costs nothing: a person looks at it."
    if status == "missing":
        return "Nothing was handed in, so nothing is marked."
    return f"This could not be read, so nothing is marked: {problem or status}"


def override(points: float, place: str, marked: float, reason: str) -> str:
    """Points that a person set."""
    where = f" of {place}" if place else ""
    told = f"Set by hand: the points{where} are {points:g} (the grader's: {marked:g})."
    return f"{told} {reason}" if reason else told


def cause(name: str, named_one: bool) -> str:
    """A mistake or a finding of a row, for the class's page."""
    if named_one:
        return named(name)
    kind, _, rest = name.partition(" ")
    if kind == "scale":
        return SCALES.get(rest, name)
    if kind == "transposed":
        return "it is transposed"
    return TERMS[kind].format(term="one of its terms") if kind in TERMS else name


def and_more(count: int) -> str:
    return f"and {count} more exercise{'' if count == 1 else 's'}"


def ended_early(done: int, total: int) -> str:
    return f"Ended early: {done} of {total} submissions are graded."


def histogram(bins: Sequence[int], most: float) -> str:
    """The distribution in words, for who cannot see it."""
    step = most / len(bins)
    told = (f"{n} from {i * step:g} to {(i + 1) * step:g}" for i, n in enumerate(bins) if n)
    return f"Submissions by points, of {most:g}: " + ", ".join(told)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _product(sizes: Sequence[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product


# -- two runs side by side


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


# -- similar submissions

SIMILAR = (
    "How alike the code is built, for a person to judge: look at both before you think anything. Short staged "
    "exercises look alike by nature, and two who learned together write alike.",
    "Names, constants, comments and the code that was given do not count. What many wrote counts little, what two "
    "alone wrote counts most. A score near 1 is the same unusual code at length; a low one is nothing at all.",
)


def shared_code(count: int, alone: int, where: str) -> str:
    """What a pair has in common."""
    return f"{count} passages, {alone} of them in no other submission; {where}"


SIMILAR_LINK = "similar submissions"
NONE_SIMILAR = "No two submissions have anything in common that was not given."
# -- deliveries

NOT_HANDED_IN = "in the roster, but nothing was handed in"

SKIPPED = {
    "older": "an earlier attempt; the last one counts",
    "empty": "nothing in it",
    "no files": "in the metadata, but there is no file of it here",
    "receipt alone": "a receipt, but no file to it",
    "unknown": "named unlike the others: whose it is cannot be told",
    "other": "named as {0} names submissions, unlike the others",
    "outside": "its path leads out of the folder: not unpacked",
    "link": "a link: not unpacked",
    "long name": "its name is too long for a file: not unpacked",
    "twice": "a second file of this name: not unpacked",
    "encrypted": "encrypted: not unpacked",
    "broken": "damaged in the zip: not unpacked",
    "large": "too large: not unpacked",
}

INTAKE = {
    "names": "user {0} goes by several names: {1}",
    "attempts?": "{0}: {1} may be attempts of one file or different files; all are read, what is defined twice counts "
    "as in the last",
    "nobody": "{0} is not in the metadata: whose it is cannot be told",
    "no metadata": "{0} is missing: submissions are known by their numbers alone",
    "bad metadata": "{0} cannot be read ({1}): submissions are known by their numbers alone",
    "undated": "{0} has several folders with dates that cannot be read ({1}): the last by name counts",
    "assignment": "{0} is taken for the assignment's name, what follows for the student's account",
    "no assignment": "{0} is the only clone: its whole name stands for the student",
    "some": "{1} of {2} names look like {0}'s, too few: read as a plain folder, every entry one submission "
    "(--from {0} reads it as {0}'s)",
    "twice": "{0} has two submissions, {1} and {2}: the roster is joined to the first, both are graded",
    "namesakes": "{0} is one of several people of the roster, and nothing tells which: {1}",
    "stranger": "{0} is not in the roster",
    "other name": "{0}: handed in by {1}, but in the roster the number is {2}'s",
}


def skipped(why: str, detail: str) -> str:
    """Why something of a delivery is nobody's submission."""
    return SKIPPED[why].format(detail)


def intake(kind: str, values: tuple[str, ...]) -> str:
    """What a person should know of a delivery before it is graded."""
    return INTAKE[kind].format(*values)


def untimed(count: int) -> str:
    """A deadline cannot be held against who nothing is known of."""
    return f"nothing tells when {count} of these were handed in: [late] takes nothing off them"


def delivery(found: Intake) -> str:
    """One line on a delivery as a whole."""
    counts = [f"{len(found.handed)} submissions"]
    late = sum(h.late is True for h in found.handed)
    for number, what in ((late, "late"), (len(found.missing), "missing"), (len(found.skipped), "left out")):
        if number:
            counts.append(f"{number} {what}")
    return f"{found.source}: {LAYOUTS[found.lms]}: {', '.join(counts)}"


def handed(one: Handed) -> str:
    """What there is of one submission."""
    if not one.files:
        return "missing"
    names = [f.name for f in one.files]
    told = [", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")]
    if one.late:
        told.append("late")
    if one.attempts > 1:
        told.append(f"the last of {one.attempts} attempts")
    elif one.attempt is not None and one.attempt > 1:
        told.append(f"attempt {one.attempt}")
    if one.submitted:
        told.append(one.submitted.replace("T", " ")[:16])
    return "; ".join(told)


LAYOUTS = {
    "canvas": "Canvas's download of submissions",
    "moodle": "Moodle's download of submissions",
    "gradescope": "Gradescope's export of submissions",
    "blackboard": "Blackboard's download of an assignment",
    "brightspace": "Brightspace's download of an assignment",
    "github": "clones of GitHub Classroom",
    "plain": "a plain folder, every entry one submission",
}


# -- exports

LEFT = {
    "unknown": "nobody of this name or number is in the grade book",
    "namesakes": "may be one of several in the grade book, nothing tells which: {0}",
    "taken": "its row of the grade book has the points of {0} already",
    "excused": "excused (EX) in the grade book",
    "not assigned": "not assigned (N/A) in the grade book",
    "locked": "the grade book says that the grade may not be changed",
    "short": "its row of the grade book has too few cells",
    "missing": "nothing handed in (--zero missing writes 0)",
    "unreadable": "unreadable (--zero unreadable writes 0)",
    "grader fault": "the grader failed on it: grade it again or by hand",
}


def left(why: str, detail: str) -> str:
    """Why a submission has no cell written in a grade book."""
    return LEFT[why].format(detail)


def mark(outcome: str) -> str:
    """The sign of an outcome, by its name in a result."""
    return MARKS.get(Outcome(outcome), "x")


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
    return f"all {most:g} points" if mark.points == most else f"{mark.points:g} of {most:g} points"


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
