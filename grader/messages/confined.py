"""What is said of the confinement of student code."""

from __future__ import annotations

from grader.confinement import Confinement, Fact, Part, Why
from grader.messages.words import PARTS, REASONS


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
