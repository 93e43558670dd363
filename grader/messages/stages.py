"""What is said of one stage: its verdict, and the hint for the first thing to mend."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.diagnosis import Difference
from grader.exercise import Exercise, Outcome
from grader.explain import HALF, KEPT, OWN_FORWARD, RAISED, Verdict
from grader.hypotheses import Cause
from grader.messages.words import FOUND, KEPT_BACK, SCALES, TERMS, UNFINISHED, UNTOUCHED, apart, named, number, shape
from grader.scoring import StageMark

NEARLY = 1e-4  # relative


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
    if verdict.how in UNFINISHED:
        return UNFINISHED[verdict.how]
    if verdict.outcome is Outcome.BLOCKED:
        return "cannot be marked yet: it was not reached, or what it needs is missing"
    if verdict.outcome is Outcome.WAITING:
        return "waits for an earlier stage"
    if verdict.cause is not None and verdict.cause.kind == KEPT:
        return KEPT_BACK[verdict.cause.name]
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
    if facts.type_name == "NoneType":
        return f"nothing came on the input '{facts.case}', an array of shape {shape(facts.want_shape)} belongs here"
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
    yours, right = apart(came, want) if public and facts.seen else (number(came), number(want))
    came_here = [f"yours{at if many else ''} is {yours}"] if facts.seen else []
    should = f"it should be {right}"
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
    if verdict.how == HALF or (verdict.cause is not None and verdict.cause == Cause(KEPT, RAISED)):
        return "The exception comes first: what is behind it was not run."
    if verdict.cause is not None and verdict.cause.kind == KEPT:
        ends = [line.strip() for line in exercise.stub.splitlines() if line.strip().startswith("return ")]
        wanted = f": {ends[-1]}" if ends and not exercise.adapter else ""
        return f"It earns its points when the function returns it{wanted}."
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
        return f"What kind of slip: {_cause(verdict.cause, exercise)}."
    if level >= 2 and mark.difference is not None and exercise.driver == "":
        return _question(mark.difference, verdict)
    what = verdict.stage.what + ("" if verdict.stage.what.endswith("?") else ".")
    if exercise.driver:  # a class: its stages are what came of using it, and no names in it
        return f"Look at what {exercise.name} does for {verdict.stage.name}: {what}"
    place = f"line {verdict.found.line}" if verdict.found else "the lines"
    return f"Look at {place} where {verdict.stage.name} gets its value: {what}"


def _nearly(facts: Difference) -> bool:
    """Is the entry that differs most off by very little?"""
    if facts.sample is None or facts.came_shape != facts.want_shape:
        return False
    _, came, want = facts.sample
    return abs(came - want) <= NEARLY * abs(want)


def _question(facts: Difference, verdict: Verdict) -> str:
    """What to look at where the slip has no name."""
    name = verdict.stage.name
    if _nearly(facts):
        return (
            f"{name} is nearly right: is something small added to it, or to what it is made of (as in log(p + 1e-8)), "
            "or a number rounded (round, float32)?"
        )
    if facts.came_shape is not None and facts.came_shape != facts.want_shape:
        return f"Write down the shape of every factor of {name}: which of their axes meet, and which remain?"
    if facts.unused:
        return f"Are the random numbers drawn from {facts.unused}, the generator that was given?"
    if facts.cases == "many examples":
        return f"With a single example {name} is right. What in it should grow with the number of examples, or not?"
    if facts.cases == "one example":
        return f"Only with a single example {name} is wrong: which axis of length 1 is lost or stretched?"
    if facts.where == "correct class":
        return f"All of {name} is right but for the correct class of each example: what belongs there?"
    if facts.where == "other classes":
        return f"{name} is right at the correct classes. What do the other classes add to it?"
    return f"No usual slip fits. Work out one entry of {name} by hand, and look at it with trace."
