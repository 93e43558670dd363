"""Moodle's "Download all submissions", in folders or flat.

mod/assign/classes/downloader.php: a folder `FULL NAME_NUMBER_assignsubmission_PLUGIN` (with a trailing underscore
before Moodle 4.1), or, with "download submissions in folders" off, files of that prefix and `_ORIGINAL`. PLUGIN is
`file` or `onlinetext` (then the file is `onlinetext.html`). The number is the participant's of the grading worksheet;
a group has its name and number, the default group no number; blind marking says `Participant` for a name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake.facts import File, Handed, Note, Person, Skipped
from grader.intake.walk import files_below

NAME = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Claim:
    path: Path
    name: str
    id: str
    plugin: str
    file: str  # "" for a folder

    @property
    def place(self) -> str:
        return self.path.name[: self.path.name.index("_assignsubmission_")]


def claim(path: Path) -> Claim | None:
    found = NAME.fullmatch(path.name)
    if found is None or bool(found["file"]) == path.is_dir():
        return None
    return Claim(path, found["name"].replace("_", " "), found["id"] or "", found["plugin"], found["file"] or "")


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a participant, whatever plugins its files came by."""
    handed, skipped = [], []
    by_place: dict[str, list[Claim]] = defaultdict(list)
    for c in claims:
        by_place[c.place].append(c)
    for place, mine in by_place.items():
        files = [f for c in sorted(mine, key=lambda c: (c.plugin != "file", c.file)) for f in _files(c)]
        if not files:
            skipped.append(Skipped(mine[0].path.name, "empty"))
            continue
        person = Person(mine[0].name, mine[0].id)
        handed.append(Handed(person.name, (person,), tuple(files), place=place))
    return handed, skipped, []


def _files(c: Claim) -> list[File]:
    return [File(c.file, c.path)] if c.file else files_below(c.path)
