"""Files below a folder, as a submission counts them: no hidden ones, no caches, no links."""

from __future__ import annotations

import os
from pathlib import Path

from grader.intake.facts import File
from grader.reading import is_submission


def barred(folder: Path) -> bool:
    """Is it a folder that may not be looked into here?"""
    return folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name, without hidden files and caches; nothing where it is barred."""
    return [] if barred(folder) else sorted(p for p in folder.iterdir() if is_submission(p))


def files_below(folder: Path, most: int = 5000) -> list[File]:
    """Every file at any depth, by its path relative to `folder`. Where a part is barred, it alone: reading it says so,
    and nothing is marked without it."""
    if barred(folder):
        return [File(folder.name, folder)]
    found: list[File] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if is_submission(Path(f)))
        closed = next((p for f in folders if barred(p := Path(here, f)) and not p.is_symlink()), None)
        if closed is not None:
            return [File(closed.name, closed)]
        for name in sorted(names):
            path = Path(here, name)
            if is_submission(path) and not path.is_symlink() and len(found) < most:
                found.append(File(path.relative_to(folder).as_posix(), path))
    return found
