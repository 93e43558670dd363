"""A plain folder: every entry (a notebook, a `.py`, a folder, a zip) is one submission, named by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grader.intake.facts import File, Handed, Person


def gather(paths: Sequence[Path]) -> list[Handed]:
    """Two entries of one name keep their endings. A folder has none: `jane.doe` is all of its name."""
    names = {path: path.name if path.is_dir() else path.stem for path in paths}
    times, whole = Counter(names.values()), {p.name for p in paths}
    made = []
    for path, name in names.items():
        alone = times[name] == 1 and (name == path.name or name not in whole)
        made.append(Handed(name if alone else path.name, (Person(name),), (File(path.name, path),), place=path.name))
    return made
