"""What is said of what came from a learning platform, and of what goes back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.exercise import Outcome
from grader.messages.words import MARKS, some

if TYPE_CHECKING:
    from grader.intake.facts import Handed, Intake

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
    "one folder": "the only entry is the folder {0}, taken for one submission: if the {1} entries in it are the "
    "submissions, name that folder (of a zip: the unpacked one)",
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


def handed_in_before(points: float, most: float) -> str:
    """Of somebody of the roster whose work was graded in an earlier run, and is not there any more."""
    return f"in the roster, but nothing lies here; what was handed in before had {points:g} of {most:g} points"


def timed_by_files() -> str:
    """A plain folder has no times but those of its files."""
    return "when the newest of its files was written says when each was handed in: copying may have changed that"


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
    told = [some(names, 3)]
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
LEFT = {
    "unknown": "nobody of this name or number is in the grade book",
    "namesakes": "may be one of several in the grade book, nothing tells which: {0}",
    "taken": "its row of the grade book has the points of {0} already",
    "excused": "excused (EX) in the grade book",
    "not assigned": "not assigned (N/A) in the grade book",
    "locked": "the grade book says that the grade may not be changed",
    "short": "its row of the grade book has too few cells",
    "missing": "nothing handed in (--zero missing writes 0)",
    "gone": "nothing handed in this time, graded before (grader gradebook history); set it by hand",
    "unreadable": "unreadable (--zero unreadable writes 0)",
    "grader fault": "the grader failed on it: grade it again or by hand",
}


def left(why: str, detail: str) -> str:
    """Why a submission has no cell written in a grade book."""
    return LEFT[why].format(detail)


def mark(outcome: str) -> str:
    """The sign of an outcome, by its name in a result."""
    return MARKS.get(Outcome(outcome), "x")
