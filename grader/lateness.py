"""What handing in late costs, by the rule of the kit (`[late]` in grader.toml). Numbers only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Late:
    """`penalty_percent` of the points are lost for every period of `every_hours` begun after the deadline, and
    `most_percent` in all. Who is no more than `grace_minutes` late is in time; who is later is late since the deadline.
    """

    deadline: datetime  # with a time zone
    grace_minutes: float = 0
    penalty_percent: float = 10
    every_hours: float = 24
    most_percent: float = 100


def hours(rule: Late, handed_in: datetime) -> float:
    """Hours after the deadline, 0 for what is in time. `handed_in` has a time zone."""
    by = handed_in - rule.deadline
    return by / timedelta(hours=1) if by > timedelta(minutes=rule.grace_minutes) else 0.0


def percent(rule: Late, handed_in: datetime) -> float:
    """How much of the points is lost."""
    periods = math.ceil(hours(rule, handed_in) / rule.every_hours)
    return min(rule.most_percent, 100.0, periods * rule.penalty_percent)
