"""A run's folder: what is kept in it, so that pages and exports can be made again without grading."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader.intake.facts import Person
from grader.kit import KitError
from grader.visible import visible

RESULTS, GRADES, INDEX, PAGES, ABOUT = "results.jsonl", "grades.csv", "index.html", "students", "run.json"
RESERVED = re.compile(r"index|(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names of devices on Windows
EXPECTED = "expected.jsonl"  # answers on hidden inputs: never for students
TIMES = "times.json"
WHO = "intake.json"  # who handed in what
FAULTS = "faults"  # a report each of where the grader itself failed
SIMILAR, SIMILAR_PAGE = "similar.csv", "similar.html"

Answers = Mapping[str, Mapping[str, Sequence[Sequence[float | str]]]]  # by exercise and stage


@dataclass
class Stored:
    """A run as it was kept. `answers`, `times` and `who` are by submission, and may be empty."""

    folder: Path
    about: dict[str, Any]
    rows: Sequence[dict[str, Any]]
    answers: Mapping[str, Answers] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    who: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as in intake.json, by submission
    lms: str = "plain"

    @property
    def title(self) -> str:
        part = self.about.get("part")
        return f"{self.about.get('kit', 'Results')}{f': {part}' if part else ''}"

    @property
    def outline(self) -> list[dict[str, Any]]:
        """What is marked; of a run that kept no outline as far as its rows tell."""
        kept: list[dict[str, Any]] | None = self.about.get("outline")
        return outline_of(self.rows) if kept is None else kept

    @property
    def ungraded(self) -> list[str]:
        """Submissions of the delivery without a row, as the run was ended before it came to them."""
        rows = {row["submission"] for row in self.rows}
        return [name for name in self.who if name not in rows]

    def people(self, submission: str) -> tuple[Person, ...]:
        """Whose submission it is; by its own name where nothing more is known."""
        known = tuple(Person(**p) for p in self.who.get(submission, {}).get("people", ()))
        return known or (Person(submission),)

    def names(self, submission: str) -> list[str]:
        """The names of the people whose submission it is, where they say more than its own name does."""
        return [visible(p.name) for p in self.people(submission) if p.name and p.name != submission]


def read(folder: Path) -> Stored:
    """The run in `folder`. Raises KitError where there is none, or where it cannot be read."""
    if not (folder / RESULTS).is_file() and (folder / ABOUT).is_file():
        raise KitError(
            f"{folder} is unfinished: its run is still at work, or was ended before it wrote {RESULTS}. Wait for it, "
            f"or give the grader grade command with --out {folder} again, it goes on where it stood"
        )
    if not (folder / RESULTS).is_file():
        raise KitError(
            f"{folder} is no report: there is no {RESULTS} (grader grade SUBMISSIONS --out {folder} makes one)"
        )
    rows = _lines(folder / RESULTS)
    about = _json(folder / ABOUT) if (folder / ABOUT).is_file() else {}
    answers = _lines(folder / EXPECTED) if (folder / EXPECTED).is_file() else []
    times = _json(folder / TIMES) if (folder / TIMES).is_file() else {}
    who = _json(folder / WHO) if (folder / WHO).is_file() else {}
    submissions = {s["submission"]: s for s in who.get("submissions", ())}
    expected = {a["submission"]: a["expected"] for a in answers}
    return Stored(folder, about, rows, expected, times, submissions, who.get("lms", "plain"))


def outline_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is marked, as the first row tells: without titles and without what a stage is."""
    return [
        {
            "name": e["name"],
            "title": "",
            "points": e["max_points"],
            "stages": [
                {"name": s["name"], "part": "", "shape": s["shape"], "what": "", "points": s["max_points"]}
                for s in e["stages"]
            ],
            "checks": [
                {"name": c["name"], "what": "", "points": c["max_points"]} for c in e["checks"] if c["max_points"]
            ],
        }
        for e in (rows[0]["exercises"] if rows else [])
    ]


def page_names(names: Sequence[str]) -> list[str]:
    """A file name for each page: safe anywhere, different for different names."""
    made: list[str] = []
    taken: set[str] = set()
    for name in names:
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:60].strip(".") or "_"
        if safe != name or safe.lower() in taken or RESERVED.fullmatch(safe):
            safe += "-" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        taken.add(safe.lower())
        made.append(safe + ".html")
    return made


def _lines(path: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(json.loads(line))
        except ValueError as error:
            raise KitError(f"{path}, line {number}: not JSON ({error}); grade again, or remove that line") from error
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise KitError(f"{path}: not JSON ({error}); grade again") from error
    if not isinstance(made, dict):
        raise KitError(f"{path}: not an object; grade again")
    return made
