"""The text of a cell or file -> its top-level statements, with what each defines and reads.

Magics, cells that are no Python and syntax errors elsewhere do not matter: what can be parsed is kept.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from grader.syntax import reads, targets

MAX_SOURCE = 1 << 18  # characters of one cell or file; parsed, each takes up to 900 bytes
MAX_KEPT, CELLS_KEPT = 4000, 256  # characters and number of the cells that are parsed once: a class shares most of them
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

Statement = tuple[str, int, str]  # label of the cell or file, first line, source


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

    @property
    def runnable(self) -> bool:
        """Is it filled in, and Python?"""
        return not self.stub and self.error is None

    def loop_at(self, label: str | None, line: int | None) -> int | None:
        """First line of the outermost loop around a line: where a function was stopped is chance, the loop is not."""
        for node in self._around(label, line):
            if isinstance(node, ast.For | ast.While):
                return node.lineno + self.line - 1
        return None

    def names_at(self, label: str | None, line: int | None) -> list[str]:
        """The names that the statement on a line reads, in order; of one with others below it, its first line's."""
        around = self._around(label, line)
        if not around or line is None:
            return []
        inner = around[-1]
        names = [n for n in ast.walk(inner) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        if getattr(inner, "body", None):
            names = [n for n in names if n.lineno + self.line - 1 == line]
        names.sort(key=lambda n: (n.lineno, n.col_offset))
        return list(dict.fromkeys(n.id for n in names))

    def arguments(self) -> list[str] | None:
        """Its own names of what is given to it, in order; None where it is no plain `def`."""
        node = self._node()
        return None if node is None else [a.arg for a in (*node.args.posonlyargs, *node.args.args)]

    def borrowed(self, names: Collection[str]) -> tuple[str, int, tuple[str, ...]] | None:
        """The first of these names that it reads without having it as an argument: it, the line, its arguments."""
        node, own = self._node(), self.arguments()
        if node is None or own is None:
            return None
        own += [a.arg for a in node.args.kwonlyargs]
        foreign = (_free(self.source, node) & set(names)) - set(own)
        read = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in foreign]
        first = min(read, key=lambda n: (n.lineno, n.col_offset), default=None)
        return None if first is None else (first.id, first.lineno + self.line - 1, tuple(own))

    def unused(self, position: int) -> str | None:
        """Its own name of the argument at a position, if what came in is never read: the name stands nowhere, or is
        bound anew before it is read."""
        node, own = self._node(), self.arguments()
        if node is None or own is None or position >= len(own):
            return None
        name = own[position]
        found = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
        anew = (s for s in node.body if isinstance(s, ast.Assign | ast.AnnAssign) and name in targets(s))
        end = next(((s.end_lineno or s.lineno, s.end_col_offset or 0) for s in anew), None)
        if found and (end is None or min((n.lineno, n.col_offset) for n in found) < end):
            return None
        return name

    def _node(self) -> ast.FunctionDef | None:
        tree = parsed(self.source)
        node = tree.body[0] if tree is not None and tree.body else None
        return node if isinstance(node, ast.FunctionDef) else None

    def _around(self, label: str | None, line: int | None) -> list[ast.stmt]:
        """The statements that hold a line, from the outermost to the innermost."""
        tree = parsed(self.source) if label == self.label else None
        if tree is None or line is None:
            return []
        at = line - self.line + 1
        found = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno <= at <= (n.end_lineno or n.lineno)]
        return sorted(found, key=lambda n: (n.lineno - (n.end_lineno or n.lineno), n.lineno))


@dataclass(frozen=True)
class Top:
    """One top-level statement."""

    label: str
    line: int
    source: str
    node: ast.stmt
    defines: frozenset[str]
    reads: frozenset[str]


def parse(source: str) -> ast.Module:
    """The syntax tree. Raises one of PARSE_ERRORS."""
    if len(source) > MAX_SOURCE:
        raise ValueError(f"more than {MAX_SOURCE} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


def parsed(source: str) -> ast.Module | None:
    """The syntax tree, None where there is none."""
    try:
        return parse(source)
    except PARSE_ERRORS:
        return None


def tops(label: str, text: str, broken: dict[str, Function]) -> Iterator[Top]:
    """The top-level statements of one cell or file; what cannot be parsed is left out, function by function."""
    if len(text) > MAX_SOURCE:
        reason = f"it stands among {len(text)} characters ({label}), at most {MAX_SOURCE} are read"
        for found in DEFINITION.finditer(text):
            broken[found[1]] = Function(found[1], label, 1, "", error=reason)
        return
    whole = _whole(text) if len(text) > MAX_KEPT else _kept(text)
    if whole is None:
        yield from _salvaged(label, _without_magics(_python(text)), broken)
    else:
        yield from (replace(top, label=label) for top in whole)


def _python(text: str) -> str:
    """The text without what no Python is: other line ends, bytes that nothing can parse, the magic of the cell."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates
    if text.lstrip().startswith("%%"):
        if not text.lstrip().startswith(PYTHON_CELL_MAGICS):
            return ""
        text = re.sub(r"^\s*%%.*", "", text, count=1)
    return text


def _whole(text: str) -> tuple[Top, ...] | None:
    """Its statements, without a label; None where not all of it can be parsed."""
    text = _python(text)
    for clean in (str, _without_magics):
        candidate = clean(text)
        try:
            return tuple(_statements("", candidate, parse(candidate), 1))
        except PARSE_ERRORS:
            continue
    return None


_kept = lru_cache(CELLS_KEPT)(_whole)


def _without_magics(text: str) -> str:
    return "\n".join(line[: -len(line.lstrip())] + "pass" if _magic(line) else line for line in text.split("\n"))


def _magic(line: str) -> bool:
    """Is it IPython's: `%matplotlib`, `!ls`, `?f` or `f??`?"""
    code = line.strip()
    return code.startswith(("%", "!", "?")) or (code.endswith("?") and not any(c in code for c in "#'\""))


def _statements(label: str, text: str, tree: ast.Module, first: int) -> Iterator[Top]:
    lines = text.split("\n")
    ends = [0, *(node.end_lineno or node.lineno for node in tree.body)]
    starts = [*(node.lineno for node in tree.body), len(lines) + 1]
    for at, node in enumerate(tree.body):
        if isinstance(node, HEAVY) and not changed(node):
            continue  # no function can need it
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        source = "\n".join(lines[start - 1 : end])
        if node.col_offset or not source.strip() or ends[at] >= start or starts[at + 1] <= end:
            source = _unparsed(node)  # several statements on one line
        defines = frozenset(_defined(node))
        yield Top(label, start + first - 1, source, node, defines, _free(source, node))


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


def _salvaged(label: str, text: str, broken: dict[str, Function]) -> Iterator[Top]:
    """Parse what can be parsed of a text with a syntax error: piece by piece, cut where a line starts at the margin."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if re.match(r"(?!else\b|elif\b|except\b|finally\b)[\w@]", line)]
    bounds = [*([0] if not starts or starts[0] else []), *starts, len(lines)]
    for start, end in pairwise(bounds):
        piece = "\n".join(lines[start:end])
        try:
            tree = parse(piece)
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


def changed(node: ast.stmt) -> set[str]:
    """Names that a loop or a call at the margin changes: filled in a loop, by a method of its own, by np.add.at."""
    if isinstance(node, ast.For):
        return targets(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        func = node.value.func
        return (
            targets(node) if func.attr in CHANGERS else reads(func.value) if isinstance(func.value, ast.Name) else set()
        )
    return set()
