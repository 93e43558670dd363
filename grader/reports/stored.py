"""A finished run, read back from its folder: rows, people, and what the run was about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.intake.facts import Person
from grader.kit import KitError

Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """`rows` as in results.jsonl (schema 1), `who` by submission as in intake.json (empty in a run without one)."""

    folder: Path
    rows: tuple[Row, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    who: Mapping[str, Row] = field(default_factory=dict)
    lms: str = "plain"

    def people(self, submission: str) -> tuple[Person, ...]:
        """Whose submission it is; by its own name where nothing more is known."""
        known = tuple(Person(**p) for p in self.who.get(submission, {}).get("people", ()))
        return known or (Person(submission),)


def read(folder: Path) -> Stored:
    """Read a run. Raises KitError where there is none."""
    results = folder / "results.jsonl"
    if not results.is_file():
        raise KitError(f"{folder} is no run: there is no results.jsonl (grader grade FOLDER --out {folder} makes one)")
    try:
        rows = tuple(json.loads(line) for line in results.read_text(encoding="utf-8").splitlines() if line.strip())
        about = _json(folder / "run.json")
        who = _json(folder / "intake.json")
    except ValueError as error:
        raise KitError(f"{folder} is no run that can be read: {error}") from error
    if not rows:
        raise KitError(f"{folder} holds no result: its run was ended before the first submission")
    submissions = {s["submission"]: s for s in who.get("submissions", ())}
    return Stored(folder, rows, about, submissions, who.get("lms", "plain"))


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found if isinstance(found, dict) else {}
