"""Files below a folder, as a submission counts them: no hidden ones, no caches, no links."""

from __future__ import annotations

import os
from pathlib import Path

from grader.intake.facts import File
from grader.reading import is_submission


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name, without hidden files and caches."""
    return sorted(p for p in folder.iterdir() if is_submission(p))


def files_below(folder: Path, most: int = 5000) -> list[File]:
    """Every file at any depth, by its path relative to `folder`."""
    found: list[File] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if is_submission(Path(f)))
        for name in sorted(names):
            path = Path(here, name)
            if is_submission(path) and not path.is_symlink() and len(found) < most:
                found.append(File(path.relative_to(folder).as_posix(), path))
    return found
