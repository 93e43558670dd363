"""A zip of a class, unpacked into a folder of its own, whatever is in it.

Nothing is written outside the folder, no link is made, sizes are counted while they come and not believed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from grader.intake.facts import Skipped

MOST_FILES = 100_000
MOST_BYTES = 8 << 30  # of everything
MOST_OF_ONE = 256 << 20  # bytes of one file; notebooks of more than 20 MB are not read anyway
LONGEST = 200  # characters of one name; file systems end at 255 bytes
CHUNK = 1 << 20


class ArchiveError(Exception):
    """The zip cannot be used; the text says why."""


@dataclass
class _Room:
    left: int = MOST_BYTES


def unpack(path: Path, into: Path) -> list[Skipped]:
    """Unpack `path` into the existing empty folder `into`; what was left out and why. Raises ArchiveError."""
    skipped: list[Skipped] = []
    room = _Room()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                raise ArchiveError(f"{path.name} holds {len(members)} files; at most {MOST_FILES} are unpacked")
            for member in members:
                why = _member(archive, member, into, room)
                if why:
                    skipped.append(Skipped(member.filename[:LONGEST], why))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise ArchiveError(f"{path.name} is not a zip that can be opened: {error}") from error
    return skipped


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, room: _Room) -> str:
    """Unpack one member; "" or why not."""
    place = PurePosixPath(member.filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in member.filename.split("/")[0][:2]:
        return "outside"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "link"
    if member.is_dir() or not place.parts:
        return ""
    if any(len(part) > LONGEST for part in place.parts):
        return "long name"
    target = into.joinpath(*place.parts)
    if os.path.lexists(target):
        return "twice"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as file:
            written = 0
            while data := source.read(CHUNK):
                written += len(data)
                room.left -= len(data)
                if room.left < 0:
                    raise ArchiveError(f"more than {MOST_BYTES >> 30} GB in the zip: unpack it yourself")
                if written > MOST_OF_ONE:
                    break
                file.write(data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchiveError(f"no room left to unpack {member.filename}: {error.strerror}") from error
        with contextlib.suppress(OSError):
            target.unlink()
        return "broken"
    except RuntimeError:
        return "encrypted"
    if written > MOST_OF_ONE:
        target.unlink()
        return "large"
    with contextlib.suppress(OSError, ValueError, OverflowError):
        when = datetime(*member.date_time).timestamp()
        os.utime(target, (when, when))
    return ""
