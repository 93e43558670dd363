"""Words that many sentences share: names of outcomes and reasons, signs, numbers and shapes as they are told."""

from __future__ import annotations

from collections.abc import Sequence

from grader.confinement import Part, Why
from grader.exercise import Outcome

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
    "not returned": "right, but not returned",
    "elsewhere": "right, but returned in the place of another value",
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
    "borrowed": "not compared: the function uses what is no argument of it",
    "no forward": "not compared: that takes your own forward function, which is missing or stops",
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
UNFINISHED = {
    "unreached": "not reached",
    "half made": "not finished when the exception came",
}
KEPT_BACK = {
    "": "computed, but not returned",
    "raised": "computed, but an exception came before it was returned",
    "no array": "computed, but what is returned is no array of numbers",
    "not always": "computed, but not returned on some inputs",
    "elsewhere": "computed, but returned in the place of another value",
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
    return f"{value + 0.0:.4g}"  # + 0.0: a zero has no sign for people


def apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits as tell them apart."""
    for digits in range(4, 18):
        one, other = f"{a + 0.0:.{digits}g}", f"{b + 0.0:.{digits}g}"
        if one != other or a == b:
            break
    return one, other


def shape(dims: tuple[int, ...]) -> str:
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(map(str, dims))})"


def named(mistake: str) -> str:
    """`correct-class-kept` as people read it."""
    return mistake.replace("-", " ")


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def some(names: Sequence[str], most: int) -> str:
    """The first of a long list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def product(sizes: Sequence[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product
