"""Files that are there whole or not at all, whenever the power goes or the process is killed."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.kit import KitError

PART = ".part"  # ending of what is being written
ELSEWHERE = "Make room, or name another place"
KEPT = "What was graded so far is kept: make room and give the same command again"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class CannotWrite(Exception):
    """The output cannot be written now, as there is no room for it. The text says so and what to do."""


def write(path: Path, content: bytes | Iterable[bytes], lasting: bool = False) -> os.stat_result:
    """Replace `path` by `content`, perhaps in parts; what was there stays until all of it is written. Returns its new
    status.

    `lasting` waits until it is on the disk, so that it also outlives a power cut. Raises CannotWrite, KitError.
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
        with contextlib.suppress(OSError):  # where nothing may be written, nothing was
            part.unlink(missing_ok=True)
        raise cannot(path, error, KEPT) from error
    return status


def clear(folder: Path) -> None:
    """Remove what killed processes left half written in a folder."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def told(place: Path, room: str = ELSEWHERE) -> Iterator[None]:
    """While `place` is written, or what is to lie in it: an error of the system is told with the way out, `room` where
    the disk is full.

    Raises CannotWrite, KitError. Errors about files elsewhere are no matter of writing and go on as they are.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno not in FULL:
            raise
        path = Path(error.filename or place)
        if len(path.parts) == 1 and not path.is_relative_to(place):
            path = place  # a name in a folder that is open: shutil.rmtree goes by them
        if not (path.is_relative_to(place) or place.is_relative_to(path)):
            raise
        raise cannot(path, error, room) from error


def cannot(path: Path, error: OSError, room: str = ELSEWHERE) -> CannotWrite | KitError:
    """A sentence for what the system said: wrong use, but for a full disk, where `room` says how to go on."""
    told = f"{path} cannot be written: {error.strerror or error}"
    if error.errno in FULL:
        return CannotWrite(f"{told}. {room}")
    if error.errno == errno.ENOENT:
        return KitError(f"{path} cannot be written: there is no folder {path.parent}. Make it, or name another place")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return KitError(f"{path} cannot be written: a file is where a folder would have to be. Name another place")
    if error.errno == errno.EISDIR:
        return KitError(f"{path} cannot be written: it is a folder. Name a file")
    return KitError(f"{told}. Name a place that you may write to")
