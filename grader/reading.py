"""A notebook, a file, a folder or a zip -> the text of its cells and files. All of it is hostile.

Nothing is executed. What cannot be read is told in words and is never an exception; memory stays bounded.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.visible import visible

ZIP = ".zip"
KINDS = {".ipynb": "notebook (.ipynb)", ".py": "Python file (.py)"}
MAX_FILE = 20 << 20  # bytes; a notebook with pictures is a few MB
MAX_TOTAL = 4 * MAX_FILE  # bytes of all files of one submission
MAX_MEMBERS = 500
MAX_ENTRIES = 100_000  # names in a folder that are looked at
MAX_ZIP = 5 * MAX_FILE  # bytes of a zip as it is
MAX_DIRECTORY = 4 << 20  # bytes of a zip's list of contents: some 30,000 names
MAX_VALUES = 2_000_000  # values in a notebook's JSON; each takes some 90 bytes when read
DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a limit on what comes out
IN_TEXT = "# a text cell defines "
DEFINED = re.compile(r"^(?:def|class)[ \t]+(\w+)[ \t]*[(:]", re.MULTILINE)
MAX_TEXT = 1 << 16  # characters of a text cell that are looked at
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SKIPPED = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", "node_modules", "site-packages"}

Source = Path | Sequence[tuple[str, Path]]  # a file, folder or zip; or several files, each with its name


class _Unreadable(Exception):
    """The submission, or one file of it, cannot be read; the text says why."""


def read(source: Source, kinds: Collection[str] = KINDS.keys(), most: int = MAX_MEMBERS) -> list[tuple[str, str]] | str:
    """(label, source) of every cell or file of the submission; or why it cannot be read.

    `kinds` are the endings of files that count, `most` how many of them there may be.
    """
    try:
        found = _texts(source, kinds, most) if isinstance(source, Path) else _of_files(source, kinds, most)
        texts = list(found)
    except _Unreadable as error:
        return str(error)
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    code = [(label, text) for label, text in texts if label]
    if texts and not code:
        return f"{texts[0][1]} holds no code cell: what is to be marked is written into cells of the kind Code"
    return code or f"no {' and no '.join(KINDS[kind] for kind in kinds)} in it"


def contents(source: Source) -> list[tuple[str, bytes]] | None:
    """(name, bytes) of all that `read` looks at, for telling whether it changed; None where it cannot be read so."""
    if isinstance(source, Path):
        return _contents(source)
    code = _code(source, KINDS)
    if len(source) == 1 and not code:
        return _contents(source[0][1])
    found: list[tuple[str, bytes]] = []
    for name, path in code:
        inside = _contents(path)
        if inside is None or len(code) > MAX_MEMBERS or sum(len(data) for _, data in [*found, *inside]) > MAX_TOTAL:
            return None
        found += [(f"{name} {label}" if path.is_dir() else name, data) for label, data in inside]
    return found or [(name, b"") for name, _ in source]


def _contents(path: Path) -> list[tuple[str, bytes]] | None:
    try:
        if path.is_dir():
            files = _files(path, KINDS) or _files(path, (ZIP,))
            found = [(file.relative_to(path).as_posix(), _bytes(file)) for file in files[: MAX_MEMBERS + 1]]
            return found if found and len(found) <= MAX_MEMBERS and sum(len(d) for _, d in found) <= MAX_TOTAL else None
        if path.suffix == ".zip":
            file, size = _open(path)
            with file:
                return [(path.name, file.read(MAX_ZIP))] if size <= MAX_ZIP else None
        return [(path.name, _bytes(path))]
    except (_Unreadable, OSError):
        return None


def is_submission(path: Path) -> bool:
    """Could this entry of a class's folder be somebody's submission? (Hidden files and caches are not.)"""
    return not path.name.startswith(".") and path.name not in SKIPPED


# -- files


def _texts(path: Path, kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    """(label, source) of every cell or file."""
    if path.is_dir():
        files = _files(path, kinds)
        zips = [] if files else _files(path, (ZIP,))
        if zips:
            yield from _of_files([(f.relative_to(path).as_posix(), f) for f in zips], kinds, most)
            return
        if len(files) > most:
            raise _Unreadable(f"more than {most} files")
        left = MAX_TOTAL
        for file in files:
            data = _bytes(file)
            left -= len(data)
            if left < 0:
                raise _Unreadable(f"its files hold more than {MAX_TOTAL >> 20} MB")
            prefix = "" if len(files) == 1 else f"{visible(file.relative_to(path).as_posix())} "
            yield from _file(visible(file.name), data, prefix)
    elif path.suffix == ".zip":
        yield from _zipped(path, kinds, most)
    elif path.suffix in kinds:
        yield from _file(visible(path.name), _bytes(path), "")
    else:
        raise _Unreadable(f"neither a {', a '.join(KINDS[k] for k in kinds)}, a zip nor a folder: {visible(path.name)}")


def _of_files(files: Sequence[tuple[str, Path]], kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    """(label, source) of every cell or file among files that go by other names than those on the disk."""
    code = _code(files, kinds)
    if len(files) == 1 and (not code or files[0][1].is_dir()):
        yield from _texts(files[0][1], kinds, most)
        return
    if len(code) > most:
        raise _Unreadable(f"more than {most} files")
    if not code:
        wanted = " and no ".join(KINDS[kind] for kind in kinds)
        raise _Unreadable(f"no {wanted} among its files: {visible(', '.join(name for name, _ in files[:5]))}")
    left = MAX_TOTAL
    for name, path in code:
        shown = visible(name)
        prefix = "" if len(code) == 1 else f"{shown} "
        if name.endswith(".zip"):
            yield from ((label and f"{prefix}{label}", source) for label, source in _zipped(path, kinds, most))
            continue
        data = _bytes(path)
        left -= len(data)
        if left < 0:
            raise _Unreadable(f"its files hold more than {MAX_TOTAL >> 20} MB")
        yield from _file(PurePosixPath(shown).name, data, prefix)


def _code(files: Sequence[tuple[str, Path]], kinds: Collection[str]) -> list[tuple[str, Path]]:
    return [(name, path) for name, path in files if name.endswith((*kinds, ".zip"))]


def _wanted(parts: Sequence[str]) -> bool:
    return not any(p in SKIPPED or p.startswith(".") for p in parts)


def _files(path: Path, kinds: Collection[str]) -> list[Path]:
    """The files of a folder that count, by path. Links are not followed: they lead to what is not the student's."""
    found: list[Path] = []
    links: list[str] = []
    seen = 0
    for folder, folders, names in os.walk(path, onerror=_barred):
        folders[:] = sorted(f for f in folders if _wanted((f,)))
        seen += len(names) + len(folders)
        if seen > MAX_ENTRIES:
            raise _Unreadable(f"more than {MAX_ENTRIES} files and folders")
        links += [f for f in folders if Path(folder, f).is_symlink()]
        for file in (Path(folder, n) for n in names if PurePosixPath(n).suffix in kinds and _wanted((n,))):
            if file.is_symlink():
                links.append(file.name)
            elif file.is_file():
                found.append(file)
    if links and not found:
        raise _Unreadable(f"{visible(min(links))} is a link, and links are not followed: hand in the file itself")
    return sorted(found)


def _barred(error: OSError) -> None:
    """A part that cannot be looked into is not left out without a word."""
    raise _Unreadable(f"the folder {visible(Path(error.filename).name)} cannot be opened here: {error.strerror}")


def _open(path: Path) -> tuple[BinaryIO, int]:
    """An ordinary file, and its size. A pipe or a device would never end, or never begin."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise _Unreadable(f"{visible(path.name)} is no ordinary file but a pipe or a device")
    return os.fdopen(handle, "rb"), about.st_size


def _bytes(path: Path) -> bytes:
    file, size = _open(path)
    with file:
        data = b"" if size > MAX_FILE else file.read(MAX_FILE + 1)
    size = max(size, len(data))
    if size > MAX_FILE:
        raise _Unreadable(
            f"{visible(path.name)} is {size / 2**20:.0f} MB; at most {MAX_FILE >> 20} MB are read (clear the outputs)"
        )
    return data


class _Short:
    """A zip file of which no piece longer than `most` is read at once: zipfile reads the list of contents as one."""

    most = MAX_DIRECTORY

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell, self._file = file.seek, file.tell, file

    def read(self, size: int = -1) -> bytes:
        if size > self.most:
            raise _Unreadable("the zip's list of contents is too long")
        return self._file.read(size)

    def seekable(self) -> bool:
        return True


BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OverflowError,
)


def _zipped(path: Path, kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    """Nothing is unpacked to the disk, so that no path in the zip can lead anywhere."""
    file, size = _open(path)
    with file:
        if size > MAX_ZIP:
            raise _Unreadable(f"the zip is {size / 2**20:.0f} MB; at most {MAX_ZIP >> 20} MB are read")
        try:
            short = _Short(file)
            with zipfile.ZipFile(short) as archive:
                members = _members(archive, kinds, most)
                short.most = MAX_ZIP
                for member in members:
                    place = _place(member)
                    with archive.open(member) as inside:
                        data = inside.read(MAX_FILE + 1)
                    prefix = "" if len(members) == 1 else f"{visible(place.as_posix())} "
                    yield from _file(visible(place.name), data, prefix)
        except BROKEN_ZIP as error:
            raise _Unreadable(f"not a zip that can be opened: {visible(str(error)[:200])}") from error


def _place(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where a file of a zip would lie: as told, but never outside."""
    return PurePosixPath(*(p for p in PurePosixPath(member.filename).parts if p not in ("/", "//", "..")))


def _members(archive: zipfile.ZipFile, kinds: Collection[str], most: int) -> list[zipfile.ZipInfo]:
    """The files of a zip that count, by name; sizes are checked before anything is unpacked."""
    found = [m for m in archive.infolist() if _place(m).suffix in kinds and _wanted(_place(m).parts)]
    links = [m for m in found if stat.S_ISLNK(m.external_attr >> 16)]
    found = [m for m in found if not stat.S_ISLNK(m.external_attr >> 16)]
    if links and not found:
        raise _Unreadable(f"{visible(_place(links[0]).name)} in the zip is a link: hand in the file itself")
    if not found and any(_place(m).suffix == ".zip" for m in archive.infolist()):
        raise _Unreadable("a zip in the zip, which is not opened: hand in a zip of the files themselves")
    if len(found) > most:
        raise _Unreadable(f"the zip holds {len(found)} files; at most {most} are read")
    for member in found:
        name = visible(_place(member).name)
        if member.flag_bits & 1:
            raise _Unreadable(f"{name} in the zip is encrypted: hand it in without a password")
        if member.compress_type not in DEFLATED:
            raise _Unreadable(f"{name} in the zip is packed in an unusual way: make an ordinary zip")
        if member.file_size > MAX_FILE:
            raise _Unreadable(f"{name} in the zip is too large: {member.file_size / 2**20:.0f} MB when unpacked")
    total = sum(m.file_size for m in found)
    if total > MAX_TOTAL:
        raise _Unreadable(f"the zip is too large: {total / 2**20:.0f} MB when unpacked, at most {MAX_TOTAL >> 20} MB")
    return sorted(found, key=lambda m: m.filename)


def _file(name: str, data: bytes, prefix: str) -> Iterator[tuple[str, str]]:
    """(label, source) of every cell or of the file; ("", name) for a notebook without a cell of code."""
    if name.endswith(".py"):
        yield (prefix.strip() or name), _python_text(data)
        return
    try:
        cells = list(_cells(data))
    except _Unreadable as error:
        raise _Unreadable(f"{name} {error}") from error
    if all(in_text(source) for _, source in cells):
        yield "", name
        return
    yield from ((f"{prefix}cell {number}", source) for number, source in cells)


def _python_text(data: bytes) -> str:
    if data.startswith(UTF_16):
        return data.decode("utf-16", "replace")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, ValueError, LookupError):
        return data.decode("latin-1")


def _notebook_text(data: bytes) -> str:
    """JSON is UTF-8, 16 or 32, told by its first bytes; what is none of them was saved by an old editor."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _cells(data: bytes) -> Iterator[tuple[int, str]]:
    """Number (from 1, code and text cells counted) and source of every code cell; of a text cell that defines
    functions or classes, as one does that was turned into text by a slip, comments that name them (see `in_text`)."""
    if not data.strip():
        raise _Unreadable("is empty")
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise _Unreadable(f"holds more than {MAX_VALUES} values: clear the outputs")
    try:
        notebook = json.loads(_notebook_text(data))
    except (ValueError, RecursionError, MemoryError) as error:
        raise _Unreadable(f"is no notebook: broken JSON ({visible(str(error)[:80])})") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [c for sheet in sheets if isinstance(sheet, list) for c in sheet]
    if not isinstance(cells, list):
        raise _Unreadable("is no notebook: it holds no cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(s for s in source if isinstance(s, str))
        if not isinstance(source, str):
            continue
        if cell.get("cell_type") == "code":
            yield number, source
        elif names := DEFINED.findall(source[:MAX_TEXT]):
            yield number, "\n".join(f"{IN_TEXT}{name}" for name in names)


def in_text(source: str) -> list[str]:
    """Names of the functions and classes that a text cell defines; [] for a cell of code."""
    lines = source.split("\n") if source.startswith(IN_TEXT) else []
    return [line.removeprefix(IN_TEXT) for line in lines]
