"""A notebook, a file, a folder or a zip -> the functions a student wrote, found statically.

Nothing is executed and no kernel is started. Cells that are no Python, magics and syntax errors elsewhere do not
matter; of several definitions the last one that is filled in counts. What cannot be read has a `problem`, in words,
and is never an exception.
"""

from __future__ import annotations

import ast
import codecs
import io
import json
import os
import re
import stat
import struct
import symtable
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader import imports
from grader.imports import Import
from grader.syntax import reads, targets
from grader.visible import visible

KINDS = {".ipynb": "notebook (.ipynb)", ".py": "Python file (.py)"}
MAX_FILE = 20 << 20  # bytes; a notebook with pictures is a few MB
MAX_TOTAL = 4 * MAX_FILE  # bytes of all files of one submission
MAX_MEMBERS = 500
MAX_ENTRIES = 100_000  # names in a folder that are looked at
MAX_ZIP = 5 * MAX_FILE  # bytes of a zip as it is
MAX_DIRECTORY = 4 << 20  # bytes of a zip's list of contents: some 30,000 names
MAX_VALUES = 2_000_000  # values in a notebook's JSON; each takes some 90 bytes when read
MAX_SOURCE = 1 << 18  # characters of one cell or file; parsed, each takes up to 900 bytes
MAX_PYTHON = 300_000  # characters of all cells and files of one submission: their trees are kept together
DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a limit on what comes out
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SKIPPED = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", "node_modules", "site-packages"}
DEFINITION = re.compile(r"^def (\w+)", re.MULTILINE)
PYTHON_CELL_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
HEAVY = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Expr, ast.Assert, ast.Delete)
CHANGERS = {
    "at",
    "copyto",
    "put",
    "putmask",
    "place",
    "put_along_axis",
    "fill_diagonal",
}  # of numpy: change an argument
MAKERS = {"partial", "vectorize", "njit", "jit"}  # what they return is a function

Statement = tuple[str, int, str]  # label of the cell or file, first line, source
Source = Path | Sequence[tuple[str, Path]]  # a file, folder or zip; or several files, each with its name


@dataclass(frozen=True)
class Function:
    """One definition. `error` is set where it cannot be parsed; `line` is then that of the error, and `start` the
    first one of the source."""

    name: str
    label: str
    line: int
    source: str
    stub: bool = False
    error: str | None = None
    start: int | None = None

    def loop_at(self, label: str | None, line: int | None) -> int | None:
        """First line of the outermost loop around a line: where a function was stopped is chance, the loop is not."""
        if label != self.label or line is None:
            return None
        try:
            tree = _parse(self.source)
        except PARSE_ERRORS:
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.For | ast.While):
                first, last = node.lineno + self.line - 1, (node.end_lineno or node.lineno) + self.line - 1
                if first <= line <= last:
                    return first
        return None


@dataclass(frozen=True)
class Submission:
    """What one student handed in. `statements` is all that must run before the functions can be called; `imports`
    names what each of them needs."""

    name: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    problem: str | None = None
    imports: Mapping[str, Sequence[Import]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Top:
    """One top-level statement."""

    label: str
    line: int
    source: str
    node: ast.stmt
    defines: frozenset[str]
    reads: frozenset[str]


class _Unreadable(Exception):
    """The submission, or one file of it, cannot be read; the text says why."""


def load(source: Source, stubs: Mapping[str, str], name: str | None = None) -> Submission:
    """The submission at a path, or made of several files. `stubs` gives the stub of every exercise by name."""
    name = name or (source.stem if isinstance(source, Path) else "")
    texts = read(source)
    return Submission(name, problem=texts) if isinstance(texts, str) else assemble(name, texts, stubs)


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
    return texts or f"no {' and no '.join(KINDS[kind] for kind in kinds)} in it"


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
            files = _files(path, KINDS)
            found = [(file.relative_to(path).as_posix(), _bytes(file)) for file in files[: MAX_MEMBERS + 1]]
            return found if found and len(found) <= MAX_MEMBERS and sum(len(d) for _, d in found) <= MAX_TOTAL else None
        if path.suffix == ".zip":
            file, size = _open(path)
            with file:
                return [(path.name, file.read(MAX_ZIP))] if size <= MAX_ZIP else None
        return [(path.name, _bytes(path))]
    except (_Unreadable, OSError):
        return None


def from_sources(name: str, texts: Sequence[tuple[str, str]], stubs: Mapping[str, str]) -> Submission:
    """A submission from (label, source) pairs, as if each were a cell."""
    return assemble(name, texts, stubs)


def is_submission(path: Path) -> bool:
    """Could this entry of a class's folder be somebody's submission? (Hidden files and caches are not.)"""
    return not path.name.startswith(".") and path.name not in SKIPPED


# -- reading


def _texts(path: Path, kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    """(label, source) of every cell or file."""
    if path.is_dir():
        files = _files(path, kinds)
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
            yield from ((f"{prefix}{label}", source) for label, source in _zipped(path, kinds, most))
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
    for folder, folders, names in os.walk(path):
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
    if name.endswith(".py"):
        yield (prefix.strip() or name), _python_text(data)
        return
    try:
        yield from ((f"{prefix}cell {number}", source) for number, source in _cells(data))
    except _Unreadable as error:
        raise _Unreadable(f"{name} {error}") from error


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
    """Number (from 1, code and text cells counted) and source of every code cell."""
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
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(s for s in source if isinstance(s, str))
            if isinstance(source, str):
                yield number, source


# -- parsing


def _parse(source: str) -> ast.Module:
    if len(source) > MAX_SOURCE:
        raise ValueError(f"more than {MAX_SOURCE} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


def parsed(source: str) -> ast.Module | None:
    """The syntax tree, None where there is none."""
    try:
        return _parse(source)
    except PARSE_ERRORS:
        return None


def _tops(label: str, text: str, broken: dict[str, Function]) -> Iterator[_Top]:
    """The top-level statements of one cell or file; what cannot be parsed is left out, function by function."""
    if len(text) > MAX_SOURCE:
        reason = f"it stands among {len(text)} characters ({label}), at most {MAX_SOURCE} are read"
        for found in DEFINITION.finditer(text):
            broken[found[1]] = Function(found[1], label, 1, "", error=reason)
        return
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates, which nothing can parse
    if text.lstrip().startswith("%%"):
        if not text.lstrip().startswith(PYTHON_CELL_MAGICS):
            return
        text = re.sub(r"^\s*%%.*", "", text, count=1)
    for candidate in (text, _without_magics(text)):
        try:
            tree = _parse(candidate)
        except PARSE_ERRORS:
            continue
        yield from _statements(label, candidate, tree, 1)
        return
    yield from _salvaged(label, _without_magics(text), broken)


def _without_magics(text: str) -> str:
    return "\n".join(line[: -len(line.lstrip())] + "pass" if _magic(line) else line for line in text.split("\n"))


def _magic(line: str) -> bool:
    """Is it IPython's: `%matplotlib`, `!ls`, `?f` or `f??`?"""
    code = line.strip()
    return code.startswith(("%", "!", "?")) or (code.endswith("?") and not any(c in code for c in "#'\""))


def _statements(label: str, text: str, tree: ast.Module, first: int) -> Iterator[_Top]:
    lines = text.split("\n")
    ends = [0, *(node.end_lineno or node.lineno for node in tree.body)]
    starts = [*(node.lineno for node in tree.body), len(lines) + 1]
    for at, node in enumerate(tree.body):
        if isinstance(node, HEAVY) and not _changed(node):
            continue  # no function can need it
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        source = "\n".join(lines[start - 1 : end])
        if node.col_offset or not source.strip() or ends[at] >= start or starts[at + 1] <= end:
            source = _unparsed(node)  # several statements on one line
        defines = frozenset(_defined(node))
        yield _Top(label, start + first - 1, source, node, defines, _free(source, node))


def _unparsed(node: ast.stmt) -> str:
    """A statement as text; what is nested too deeply, or holds too long a number, does nothing."""
    try:
        return ast.unparse(node)
    except PARSE_ERRORS:
        return "pass"


def _free(source: str, node: ast.stmt) -> frozenset[str]:
    """Names a statement takes from the module: its own reads, and what functions in it do not define themselves."""
    try:
        table = symtable.symtable(source, "submission", "exec")
    except PARSE_ERRORS:
        return frozenset(reads(node))
    found = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    queue = table.get_children()
    while queue:
        inner = queue.pop()
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
        queue += inner.get_children()
    return frozenset(found)


def _defined(node: ast.stmt) -> set[str]:
    names = {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) else set()
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef | ast.Expr):
        return names
    for inner in ast.walk(node):
        if isinstance(inner, ast.alias):
            names.add(inner.asname or inner.name.split(".")[0])
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            names.add(inner.name)
    return names | targets(node)


def _salvaged(label: str, text: str, broken: dict[str, Function]) -> Iterator[_Top]:
    """Parse what can be parsed of a text with a syntax error: piece by piece, cut where a line starts at the margin."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if re.match(r"(?!else\b|elif\b|except\b|finally\b)[\w@]", line)]
    bounds = [*([0] if not starts or starts[0] else []), *starts, len(lines)]
    for start, end in pairwise(bounds):
        piece = "\n".join(lines[start:end])
        try:
            tree = _parse(piece)
        except PARSE_ERRORS as error:
            found = re.match(r"def\s+(\w+)", piece)
            if found:
                line = start + (getattr(error, "lineno", 1) or 1)
                reason = getattr(error, "msg", None) or type(error).__name__
                broken[found[1]] = Function(
                    found[1], label, line, piece, error=f"{reason} ({label}, line {line})", start=start + 1
                )
            continue
        yield from _statements(label, piece, tree, start + 1)


# -- choosing


def assemble(name: str, texts: Sequence[tuple[str, str]], stubs: Mapping[str, str]) -> Submission:
    """The functions named in `stubs` as the texts define them, with the statements they need."""
    length = sum(len(text) for _, text in texts if len(text) <= MAX_SOURCE)
    if length > MAX_PYTHON:
        return Submission(name, problem=f"holds {length} characters of Python; at most {MAX_PYTHON} are read")
    broken: dict[str, Function] = {}
    plain = {stub: _body_dump(_parse(source).body[0]) for stub, source in stubs.items()}
    tops = [top for label, text in texts for top in _tops(label, text, broken)]
    definitions = _Definitions(tops)
    chosen: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for at, top in enumerate(tops):
        for exercise in top.defines & stubs.keys():
            rank = definitions.rank(top.node, exercise, plain[exercise])
            if rank and rank >= ranks.get(exercise, 0):
                chosen[exercise], ranks[exercise] = at, rank
    patched = {e for e in definitions.patched if isinstance(definitions.defs.get(e), ast.ClassDef)}
    filled = {exercise: rank > 1 or exercise in patched for exercise, rank in ranks.items()}
    functions = {
        exercise: Function(exercise, tops[at].label, tops[at].line, tops[at].source, stub=not filled[exercise])
        for exercise, at in chosen.items()
    }
    for exercise, function in broken.items():
        if exercise in stubs and not filled.get(exercise, False):
            functions[exercise] = function
    needed = {exercise: definitions.needed(exercise, chosen) for exercise in chosen if filled[exercise]}
    every = sorted(set().union(*needed.values()))
    statements = [(tops[at].label, tops[at].line, tops[at].source) for at in every]
    imported = {at: list(_imports(tops[at])) for at in every}
    return Submission(
        name,
        functions,
        statements,
        imports={exercise: [i for at in sorted(ats) for i in imported[at]] for exercise, ats in needed.items()},
    )


def _imports(top: _Top) -> Iterator[Import]:
    first = min([top.node.lineno, *(d.lineno for d in getattr(top.node, "decorator_list", []))])
    return imports.found(top.node, top.label, top.line - first)


class _Definitions:
    """Where the names of a submission get what they stand for."""

    def __init__(self, tops: list[_Top]) -> None:
        self.tops = tops
        self.stars = [
            i for i, t in enumerate(tops) if isinstance(t.node, ast.ImportFrom) and t.node.names[0].name == "*"
        ]
        self.places: dict[str, list[int]] = {}  # statements that bind or change a name
        self.defs: dict[str, ast.FunctionDef | ast.ClassDef] = {}
        self.patched: dict[str, list[int]] = {}  # statements `name.attribute = ...` of a function or class
        for at, top in enumerate(tops):
            node = top.node
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.defs[node.name], self.places[node.name] = node, [at]
            elif not isinstance(node, HEAVY):
                for defined in top.defines:
                    self.places.setdefault(defined, []).append(at)
        for at, top in enumerate(tops):
            if isinstance(top.node, ast.Assign):
                for place in top.node.targets:
                    if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
                        self.patched.setdefault(place.value.id, []).append(at)
        for at, top in enumerate(tops):  # tables that are filled by a loop or a method of their own
            for changed in _changed(top.node):
                if any(self._is_data(i) for i in self.places.get(changed, ())) and self._is_light(at):
                    self.places[changed].append(at)

    def needed(self, exercise: str, chosen: Mapping[str, int]) -> set[int]:
        """The statements that a chosen function needs, and itself."""
        found: set[int] = set()
        queue = [chosen[exercise], *self.patched.get(exercise, ())]
        while queue:
            at = queue.pop()
            if at in found:
                continue
            found.add(at)
            for name in self.tops[at].reads:
                if name in chosen:
                    queue.append(chosen[name])
                    queue += self.patched.get(name, ())
                else:
                    queue += self.places.get(name, self.stars)
        return found

    def rank(self, node: ast.stmt, name: str, stub: list[str]) -> int:
        """How much a statement that binds an exercise's name counts: 3 a filled-in function, 2 a lambda, another name
        for a function or one made by a call, 1 a stub, 0 anything else (an import, a result that has the name)."""
        if isinstance(node, ast.ClassDef):
            return 1 if _body_dump(node) == stub else 3
        if isinstance(node, ast.FunctionDef):
            return 1 if _is_stub(node, stub) else 3
        if isinstance(node, ast.If | ast.Try):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name]
            return max((self.rank(n, name, stub) for n in inner), default=0)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            places = node.targets if isinstance(node, ast.Assign) else [node.target]
            if not any(isinstance(place, ast.Name) for place in places):
                return 0
            if isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute):
                return 2
            if isinstance(node.value, ast.Call) and self._makes_function(node.value.func):
                return 2
        return 0

    def _makes_function(self, called: ast.expr) -> bool:
        """Does a call of it give a function: functools.partial, a function that returns one, a class of callables?"""
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if name in MAKERS:
            return True
        node = self.defs.get(name) if isinstance(called, ast.Name) else None
        if node is None:
            return False
        inner = {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node}
        if isinstance(node, ast.ClassDef):
            return "__call__" in inner
        returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
        return any(isinstance(v, ast.Lambda) or (isinstance(v, ast.Name) and v.id in inner) for v in returned)

    def _is_data(self, at: int) -> bool:
        return isinstance(self.tops[at].node, ast.Assign | ast.AnnAssign)

    def _is_light(self, at: int) -> bool:
        """Does running a statement call no function of the student's, so that it can be no training loop?"""
        seen, queue = {at}, [at]
        while queue:
            top = self.tops[queue.pop()]
            called = [n.func for n in ast.walk(top.node) if isinstance(n, ast.Call)]
            if any(reads(func) & self.defs.keys() for func in called):
                return False
            below = {i for name in top.reads for i in self.places.get(name, ()) if self._is_data(i)}
            queue += below - seen
            seen |= below
        return True


def _changed(node: ast.stmt) -> set[str]:
    """Names that a loop or a call at the margin changes: filled in a loop, by a method of its own, by np.add.at."""
    if isinstance(node, ast.For):
        return targets(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        func = node.value.func
        return (
            targets(node) if func.attr in CHANGERS else reads(func.value) if isinstance(func.value, ast.Name) else set()
        )
    return set()


def _body_dump(node: ast.stmt) -> list[str]:
    body = node.body if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    try:
        return [ast.dump(s) for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    except PARSE_ERRORS:  # nested too deeply, or too long a number: equal to no stub
        return [f"not shown: {node.lineno}"]


def _is_stub(function: ast.FunctionDef, stub: list[str]) -> bool:
    """Is nothing filled in: the stub as it was given, or a body without any computation?"""
    body = _body_dump(function)
    if body == stub:
        return True
    real = [
        s
        for s in function.body
        if not isinstance(s, ast.Pass) and not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    return all(isinstance(s, ast.Raise) or (isinstance(s, ast.Return) and s.value is None) for s in real)
