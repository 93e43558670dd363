"""A notebook, a file, a folder or a zip -> the functions a student wrote, found statically.

Nothing is executed and no kernel is started. Cells that are no Python, magics and syntax errors elsewhere do not
matter; of several definitions the last one that is filled in counts. What cannot be read has a `problem`, in words,
and is never an exception.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import re
import symtable
import tokenize
import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from grader.syntax import reads, targets

KINDS = {".ipynb": "notebook (.ipynb)", ".py": "Python file (.py)"}
MAX_FILE = 20 << 20  # bytes; a notebook with pictures is a few MB
MAX_MEMBERS = 500
MAX_SOURCE = 1 << 20  # characters of one cell or file
SKIPPED = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", "node_modules", "site-packages"}
MAGIC = re.compile(r"^(\s*)([%!?].*|[^#'\"]*\?\??\s*$)")
PYTHON_CELL_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
HEAVY = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Expr, ast.Assert, ast.Delete)

Statement = tuple[str, int, str]  # label of the cell or file, first line, source
Source = Path | Sequence[tuple[str, Path]]  # a file, folder or zip; or several files, each with its name


@dataclass(frozen=True)
class Function:
    """One definition. `error` is set where it cannot be parsed."""

    name: str
    label: str
    line: int
    source: str
    stub: bool = False
    error: str | None = None

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
    """What one student handed in. `statements` is all that must run before the functions can be called."""

    name: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    problem: str | None = None


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
        files = sorted(p for p in path.rglob("*") if p.suffix in kinds and _wanted(p.relative_to(path).parts))
        files = [p for p in files if p.is_file() and not p.is_symlink()]
        if len(files) > most:
            raise _Unreadable(f"more than {most} files")
        for file in files:
            prefix = "" if len(files) == 1 else f"{file.relative_to(path).as_posix()} "
            yield from _file(file.name, _bytes(file), prefix)
    elif path.suffix == ".zip":
        yield from _zipped(path, kinds, most)
    elif path.suffix in kinds:
        yield from _file(path.name, _bytes(path), "")
    else:
        raise _Unreadable(f"neither a {', a '.join(KINDS[k] for k in kinds)}, a zip nor a folder: {path.name}")


def _of_files(files: Sequence[tuple[str, Path]], kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    """(label, source) of every cell or file among files that go by other names than those on the disk."""
    code = [(name, path) for name, path in files if name.endswith((*kinds, ".zip"))]
    if len(files) == 1 and (not code or files[0][1].is_dir()):
        yield from _texts(files[0][1], kinds, most)
        return
    if len(code) > most:
        raise _Unreadable(f"more than {most} files")
    if not code:
        wanted = " and no ".join(KINDS[kind] for kind in kinds)
        raise _Unreadable(f"no {wanted} among its files: {', '.join(name for name, _ in files[:5])}")
    for name, path in code:
        prefix = "" if len(code) == 1 else f"{name} "
        if name.endswith(".zip"):
            for label, source in _zipped(path, kinds, most):
                yield f"{prefix}{label}", source
        else:
            yield from _file(PurePosixPath(name).name, _bytes(path), prefix)


def _wanted(parts: Sequence[str]) -> bool:
    return not any(p in SKIPPED or p.startswith(".") for p in parts)


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_FILE:
        raise _Unreadable(
            f"{path.name} is {size / 2**20:.0f} MB; at most {MAX_FILE >> 20} MB are read (clear the outputs)"
        )
    return path.read_bytes()


def _zipped(path: Path, kinds: Collection[str], most: int) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                m
                for m in archive.infolist()
                if PurePosixPath(m.filename).suffix in kinds and _wanted(PurePosixPath(m.filename).parts)
            ]
            if len(members) > most or sum(m.file_size for m in members) > 4 * MAX_FILE:
                raise _Unreadable("the zip holds too much")
            for member in sorted(members, key=lambda m: m.filename):
                with archive.open(member) as file:
                    data = file.read(MAX_FILE + 1)
                if len(data) > MAX_FILE:
                    raise _Unreadable(f"{PurePosixPath(member.filename).name} in the zip is too large")
                place = PurePosixPath(member.filename)
                yield from _file(place.name, data, "" if len(members) == 1 else f"{place.as_posix()} ")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _Unreadable(f"not a zip that can be opened: {error}") from error


def _file(name: str, data: bytes, prefix: str) -> Iterator[tuple[str, str]]:
    if name.endswith(".py"):
        yield (prefix.strip() or name), _python_text(data)
        return
    try:
        yield from ((f"{prefix}cell {number}", source) for number, source in _cells(data))
    except _Unreadable as error:
        raise _Unreadable(f"{name} {error}") from error


def _python_text(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return data.decode("latin-1")


def _cells(data: bytes) -> Iterator[tuple[int, str]]:
    """Number (from 1, code and text cells counted) and source of every code cell."""
    if not data.strip():
        raise _Unreadable("is empty")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _Unreadable("is no notebook: not UTF-8 text") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _Unreadable(f"is no notebook: broken JSON ({str(error)[:80]})") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        cells = [c for sheet in notebook["worksheets"] if isinstance(sheet, dict) for c in sheet.get("cells") or []]
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
        return
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
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
    return "\n".join(MAGIC.sub(r"\1pass", line) for line in text.split("\n"))


def _statements(label: str, text: str, tree: ast.Module, first: int) -> Iterator[_Top]:
    lines = text.split("\n")
    for node in tree.body:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        source = "\n".join(lines[start - 1 : end])
        if (
            node.col_offset
            or not source.strip()
            or (
                len(tree.body) > 1
                and any(
                    other is not node and other.lineno <= end and (other.end_lineno or 0) >= start
                    for other in tree.body
                )
            )
        ):
            source = ast.unparse(node)  # several statements on one line
        defines = frozenset(_defined(node))
        yield _Top(label, start + first - 1, source, node, defines, _free(source, node))


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
                broken[found[1]] = Function(found[1], label, line, piece, error=f"{reason} ({label}, line {line})")
            continue
        yield from _statements(label, piece, tree, start + 1)


# -- choosing


def assemble(name: str, texts: Sequence[tuple[str, str]], stubs: Mapping[str, str]) -> Submission:
    """The functions named in `stubs` as the texts define them, with the statements they need."""
    broken: dict[str, Function] = {}
    tops = [top for label, text in texts for top in _tops(label, text, broken)]
    plain = {stub: _body_dump(_parse(source).body[0]) for stub, source in stubs.items()}
    chosen: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for at, top in enumerate(tops):
        for exercise in top.defines & stubs.keys():
            rank = _rank(top.node, plain[exercise])
            if rank and rank >= ranks.get(exercise, 0):
                chosen[exercise], ranks[exercise] = at, rank
    filled = {exercise: rank > 1 for exercise, rank in ranks.items()}
    functions = {
        exercise: Function(exercise, tops[at].label, tops[at].line, tops[at].source, stub=not filled[exercise])
        for exercise, at in chosen.items()
    }
    for exercise, function in broken.items():
        if exercise in stubs and not filled.get(exercise, False):
            functions[exercise] = function
    return Submission(name, functions, _needed(tops, chosen, filled))


def _needed(tops: list[_Top], chosen: Mapping[str, int], filled: Mapping[str, bool]) -> list[Statement]:
    """The statements that the chosen functions need, in the order in which they stand."""
    places: dict[str, list[int]] = {}
    stars = [i for i, t in enumerate(tops) if isinstance(t.node, ast.ImportFrom) and t.node.names[0].name == "*"]
    for at, top in enumerate(tops):
        if isinstance(top.node, HEAVY):
            continue
        for defined in top.defines:
            if isinstance(top.node, ast.FunctionDef | ast.ClassDef):
                places[defined] = [at]
            else:
                places.setdefault(defined, []).append(at)
    needed: set[int] = set()
    queue = [at for exercise, at in chosen.items() if filled[exercise]]
    known = set(dir(builtins))
    while queue:
        at = queue.pop()
        if at in needed:
            continue
        needed.add(at)
        for name in tops[at].reads - known:
            if name in chosen:
                queue.append(chosen[name])
            else:
                queue.extend(places.get(name, stars))
    return [(tops[at].label, tops[at].line, tops[at].source) for at in sorted(needed)]


def _rank(node: ast.stmt, stub: list[str]) -> int:
    """How much a statement that binds an exercise's name counts: 3 a filled-in function, 2 a lambda or another name
    for a function, 1 a stub, 0 anything else (an import, a result that happens to have the name)."""
    if isinstance(node, ast.ClassDef):
        return 1 if _body_dump(node) == stub else 3
    if isinstance(node, ast.FunctionDef):
        return 1 if _is_stub(node, stub) else 3
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute):
        return 2
    return 0


def _body_dump(node: ast.stmt) -> list[str]:
    body = node.body if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return [ast.dump(s) for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]


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
