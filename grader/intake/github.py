"""Clones of GitHub Classroom repositories: `ASSIGNMENT-USERNAME` folders, each with its `.git`.

`gh classroom clone student-repos` makes them. The part that all names share up to a dash is the assignment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake.facts import File, Handed, Note, Person, Skipped
from grader.intake.walk import files_below


@dataclass(frozen=True)
class Claim:
    path: Path


def claim(path: Path) -> Claim | None:
    return Claim(path) if path.is_dir() and os.path.exists(path / ".git") else None  # False too where it is barred


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a clone."""
    names = [c.path.name for c in claims]
    shared = _common(names)
    shared = shared[: shared.rfind("-") + 1] if len(names) > 1 else ""
    notes = [Note("assignment", (shared,))] if shared else [Note("no assignment", (name,)) for name in names[:1]]
    handed, skipped = [], []
    for c in claims:
        files: list[File] = files_below(c.path)
        who = c.path.name.removeprefix(shared)
        if files:
            handed.append(Handed(who, (Person(login=who, id=who),), tuple(files), place=c.path.name))
        else:
            skipped.append(Skipped(c.path.name, "empty"))
    return handed, skipped, notes


def _common(names: Sequence[str]) -> str:
    """What all names begin with."""
    if not names:
        return ""
    first, last = min(names), max(names)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
