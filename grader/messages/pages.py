"""What the pages of a class and of a student say besides."""

from __future__ import annotations

from collections.abc import Sequence

from grader.messages.words import SCALES, TERMS, listed, named, product, shape, were

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
    return f"Carried forward: {listed(later)} {were(later)} judged from your {stage} as it is, and kept full marks."


def came(case: str, of_shape: Sequence[int], rows: int, columns: int, all_differ: bool) -> str:
    """What a table of values shows."""
    whole = f"Your value, shape {shape(tuple(of_shape))}" if of_shape else "Your value"
    most = (product(of_shape[:-1]), of_shape[-1]) if of_shape else (1, 1)
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


LATE_BY_LMS = "Handed in late, as the course's platform says."


def lateness(points: float, percent: float, hours: float) -> str:
    """What being late costs, on a student's page."""
    late = f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
    return f"The work has {points:g} points; {percent:g} % are off, as it came {late} after the deadline."


def remark(late: float, by_hand: bool, attempt: tuple[int, int] | None, late_by_lms: bool = False) -> str:
    """What was decided beside the marks, for a table."""
    told = [f"late: {late:g} % off"] if late else ["late, says the LMS"] if late_by_lms else []
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
