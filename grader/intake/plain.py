"""A plain folder: every entry (a notebook, a `.py`, a folder, a zip) is one submission, named by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grader.intake.facts import File, Handed, Person


def gather(paths: Sequence[Path]) -> list[Handed]:
    """Two entries of one stem keep their endings."""
    stems, whole = Counter(p.stem for p in paths), {p.name for p in paths}
    made = []
    for path in paths:
        alone = stems[path.stem] == 1 and (path.stem == path.name or path.stem not in whole)
        key = path.stem if alone else path.name
        made.append(Handed(key, (Person(path.stem),), (File(path.name, path),), place=path.name))
    return made
