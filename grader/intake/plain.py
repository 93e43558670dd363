"""A plain folder: every entry (a notebook, a `.py`, a folder, a zip) is one submission, named by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.intake.facts import File, Handed, Person


def gather(paths: Sequence[Path]) -> list[Handed]:
    """Two entries of one stem keep their endings."""
    stems = [p.stem for p in paths]
    made = []
    for path in paths:
        key = path.stem if stems.count(path.stem) == 1 else path.name
        made.append(Handed(key, (Person(path.stem),), (File(path.name, path),), place=path.name))
    return made
