"""Blackboard Learn's "Assignment File Download": one flat folder.

Files are `ASSIGNMENT_USERNAME_attempt_YYYY-MM-DD-HH-MM-SS_ORIGINAL`; each attempt has a receipt of the same name
ending in `.txt` right after the time, whose first line is `Name: Full Name (username)`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.intake.facts import File, Handed, Note, Person, Skipped

NAME = re.compile(
    r"(?P<place>(?P<before>.+)_(?P<user>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5}))(?:_(?P<name>.+)|(?P<receipt>\.txt))",
    re.DOTALL,
)
WHO = re.compile(r"\s*Name:\s*(?P<name>.*?)\s*\((?P<user>[^()]+)\)\s*")
RECEIPT = 1 << 16  # characters of a receipt that are looked at


@dataclass(frozen=True)
class Claim:
    path: Path
    place: str
    user: str
    when: str
    name: str  # "" for a receipt


def claim(path: Path) -> Claim | None:
    found = NAME.fullmatch(path.name)
    if found is None or path.is_dir():
        return None
    return Claim(path, found["place"], found["user"], found["when"], found["name"] or "")


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a username; of several attempts the last one counts."""
    attempts: dict[str, dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    people: dict[str, Person] = {}
    receipts = {c.place: _receipt(c.path) for c in claims if not c.name}
    for c in claims:
        told = receipts.get(c.place)
        login = told.login if told is not None else c.user
        people[login] = told or people.get(login) or Person(login=login)
        attempts[login][c.when].append(c)
    handed, skipped = [], []
    for login, mine in attempts.items():
        order = sorted(mine)
        last = next((when for when in reversed(order) if any(c.name for c in mine[when])), order[-1])
        for when in order:
            skipped += [Skipped(c.path.name, "older") for c in mine[when] if when < last and c.name]
        files = tuple(File(c.name, c.path) for c in sorted(mine[last], key=lambda c: c.name) if c.name)
        if not files:
            skipped += [Skipped(c.path.name, "receipt alone") for c in mine[last]]
            continue
        handed.append(
            Handed(
                login,
                (people[login],),
                files,
                attempt=order.index(last) + 1 if len(order) > 1 else None,
                attempts=len(order),
                submitted=_when(last),
                place=mine[last][0].place,
            )
        )
    return handed, skipped, []


def _receipt(path: Path) -> Person | None:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        found = WHO.match(file.read(RECEIPT))
    return Person(found["name"], login=found["user"]) if found else None


def _when(text: str) -> str | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").isoformat()
    except ValueError:
        return None
