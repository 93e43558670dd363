"""Files that are there whole or not at all, whenever the power goes or the process is killed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

PART = ".part"  # ending of what is being written
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class CannotWrite(Exception):
    """The output cannot be written now: no room, or no right to. The text says so and what to do."""


def write(path: Path, content: bytes | Iterable[bytes], lasting: bool = False) -> os.stat_result:
    """Replace `path` by `content`, perhaps in parts; what was there stays until all of it is written. Returns its new
    status.

    `lasting` waits until it is on the disk, so that it also outlives a power cut. Raises CannotWrite.
    """
    part = path.with_name(f".{path.name}{PART}")
    try:
        with part.open("wb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
            status = os.fstat(file.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot(path, error) from error
    return status


def clear(folder: Path) -> None:
    """Remove what killed processes left half written in a folder."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def cannot(path: Path, error: OSError) -> CannotWrite:
    """A sentence for what the system said."""
    if error.errno in FULL:
        return CannotWrite(
            f"{path} cannot be written: {error.strerror}. What was graded so far is kept: make room and give the same "
            "command again"
        )
    return CannotWrite(f"{path} cannot be written: {error.strerror or error}. Name an --out that you may write to")
