"""What is known of a delivery: who, which files, which attempt, and what was left out and why. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SCHEMA = 1


class Lms(StrEnum):
    """Whose layout a delivery has."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    BLACKBOARD = "blackboard"
    BRIGHTSPACE = "brightspace"
    GITHUB = "github"
    PLAIN = "plain"  # every entry of the folder is one submission


@dataclass(frozen=True)
class Person:
    """A student (or a group) as far as the delivery and the roster tell. "" where nothing is known.

    `id` is the LMS's own number: Canvas's user id, Moodle's participant number, GitHub's account name.
    """

    name: str = ""
    id: str = ""
    login: str = ""
    sid: str = ""
    email: str = ""

    @property
    def called(self) -> frozenset[str]:
        """All that one may be called by, in small letters."""
        last, _, first = self.name.partition(", ")
        names = (self.name, f"{first} {last}" if first else "", self.id, self.login, self.sid, self.email)
        return frozenset(name.casefold() for name in names if name)


@dataclass(frozen=True)
class File:
    """One file (in a plain folder perhaps a folder) of a submission: its name as the student gave it, and its place."""

    name: str
    path: Path


@dataclass(frozen=True)
class Handed:
    """One submission: a row of the run. `key` names the row, different for every submission.

    `attempt` is the number of the attempt that counts, where the delivery tells it; `attempts` how many were found.
    `submitted` is ISO 8601, `late` is what the LMS says (None: it does not say). `place` is what the LMS called it,
    for files that go back.
    """

    key: str
    people: tuple[Person, ...] = ()
    files: tuple[File, ...] = ()
    attempt: int | None = None
    attempts: int = 1
    submitted: str | None = None
    late: bool | None = None
    place: str = ""


@dataclass(frozen=True)
class Skipped:
    """Something in the delivery that is nobody's submission. `why` is a key of `messages.SKIPPED`."""

    name: str
    why: str
    detail: str = ""


@dataclass(frozen=True)
class Note:
    """Something that a person should know before grading. `kind` is a key of `messages.INTAKE`, `values` its blanks."""

    kind: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """A delivery, read. `path` is the folder or zip, `source` its name. `missing` are people of the roster who handed
    in nothing, with the key of their row."""

    lms: Lms
    source: str
    path: Path
    handed: tuple[Handed, ...]
    missing: tuple[Handed, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def rows(self) -> tuple[Handed, ...]:
        """All rows of a run, by key."""
        return tuple(sorted((*self.handed, *self.missing), key=lambda h: h.key))

    def as_json(self) -> dict[str, Any]:
        """Schema 1 of `grader/schema/intake-1.json`; no path of this machine is in it."""
        missing = {h.key for h in self.missing}
        return {
            "schema": SCHEMA,
            "lms": str(self.lms),
            "source": self.source,
            "submissions": [_row(h, missing=h.key in missing) for h in self.rows],
            "skipped": [{"name": s.name, "why": s.why, "detail": s.detail} for s in self.skipped],
            "notes": [{"kind": n.kind, "values": list(n.values)} for n in self.notes],
        }


def _row(handed: Handed, missing: bool) -> dict[str, Any]:
    return {
        "submission": handed.key,
        "missing": missing,
        "people": [{k: v for k, v in vars(p).items() if v} for p in handed.people],
        "files": [f.name for f in handed.files],
        "attempt": handed.attempt,
        "attempts": handed.attempts,
        "submitted": handed.submitted,
        "late": handed.late,
        "place": handed.place,
    }
