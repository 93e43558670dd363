"""Inside the child: a copy of each value right after the statement that set it.

The student's functions are rewritten before they are compiled: a probe follows every statement that binds a
name or changes it in place, and copies only what that statement touched. In loops one probe stands behind
the loop, so that cost hardly grows with the number of iterations; these are only counted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.syntax import targets

PROBE = "__grader_probe__"
LOCALS = "__grader_locals__"
RETURNED = "__grader_returned__"
BODIES = ("body", "orelse", "finalbody")  # of a statement: lists of statements
MAX_VALUES = 400  # per call of a student's function
BUSIEST = 5  # statements that are told with how often they were run
MAX_PER_NAME = 24
MAX_SIZE = 200_000  # entries of one value

Record = tuple[str, int, str, Any]  # name, line, label of the file or cell, value

_copy, _ndarray, _generic = np.array, np.ndarray, np.generic


def instrument(tree: ast.Module, probe: str = PROBE) -> ast.Module:
    """The module with calls of `probe` in every function, at any depth."""
    for function in list(_functions(tree.body)):
        function.body = _probed(function.body, probe)
    return tree


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for stmt in body:
        if isinstance(stmt, ast.FunctionDef | ast.AsyncFunctionDef):
            yield stmt
        for part in _parts(stmt):
            for field in BODIES:
                yield from _functions(getattr(part, field, ()))


def _parts(stmt: ast.stmt) -> Sequence[ast.AST]:
    """What of a statement may hold statements."""
    return (stmt, *getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ()))


def _probed(body: list[ast.stmt], probe: str) -> list[ast.stmt]:
    made: list[ast.stmt] = []
    for stmt in body:
        made.append(stmt)
        if isinstance(stmt, ast.For | ast.While):
            for loop in [n for n in ast.walk(stmt) if isinstance(n, ast.For | ast.While)]:
                loop.body.insert(0, _turn(loop, probe))
        if isinstance(stmt, ast.Return):
            names = _walrus(stmt)
            if names:  # what `return f(y := x)` binds is seen before it returns
                assert stmt.value is not None
                kept = ast.Assign([ast.Name(RETURNED, ast.Store())], stmt.value)
                made[-1:] = [_placed(kept, stmt), _probe_call(stmt, names, probe)]
                made.append(_placed(ast.Return(ast.Name(RETURNED, ast.Load())), stmt))
            continue
        if isinstance(stmt, ast.If | ast.With | ast.Try | ast.Match):
            names = _walrus(stmt.test) if isinstance(stmt, ast.If) else []
            for part in _parts(stmt):
                for field in BODIES:
                    if getattr(part, field, None):
                        seen = [_probe_call(stmt, names, probe)] if names else []
                        setattr(part, field, [*seen, *_probed(getattr(part, field), probe)])
            if names:
                made.append(_probe_call(stmt, names, probe))
            continue
        if isinstance(
            stmt,
            ast.FunctionDef
            | ast.AsyncFunctionDef
            | ast.ClassDef
            | ast.Import
            | ast.ImportFrom
            | ast.Global
            | ast.Nonlocal
            | ast.Delete,
        ):
            continue
        names = sorted(targets(stmt))
        if names:
            made.append(_probe_call(stmt, names, probe))
    return made


def _walrus(node: ast.AST) -> list[str]:
    return sorted({n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)})


def _placed(made: ast.stmt, stmt: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(made, stmt))


def _turn(loop: ast.stmt, probe: str) -> ast.stmt:
    """Counts one turn of a loop."""
    nothing: list[ast.expr] = [ast.Constant(loop.lineno), ast.Dict([], []), ast.Tuple([], ast.Load())]
    return _placed(ast.Expr(ast.Call(ast.Name(probe, ast.Load()), nothing, [])), loop)


def _probe_call(stmt: ast.stmt, names: list[str], probe: str) -> ast.stmt:
    line = stmt.end_lineno if isinstance(stmt, ast.For | ast.While) else stmt.lineno
    call = ast.Call(
        func=ast.Name(probe, ast.Load()),
        args=[
            ast.Constant(line),
            ast.Call(ast.Name(LOCALS, ast.Load()), [], []),
            ast.Tuple([ast.Constant(n) for n in names], ast.Load()),
        ],
        keywords=[],
    )
    return _placed(ast.Expr(call), stmt)


class Recorder:
    """Collects what the probes see, in order; a value that a line sets again to the same is left out."""

    def __init__(self, largest: int = MAX_SIZE) -> None:
        """`largest` is how many entries a value may have that is kept."""
        self.largest = largest
        self.records: list[Record] = []
        self._last: dict[str, tuple[int, Any]] = {}
        self._count: dict[str, int] = {}
        self.turns: dict[tuple[str, int], int] = {}  # by label and line: how often a probe was passed

    def probe_for(self, label: str) -> Callable[[int, dict[str, Any], tuple[str, ...]], None]:
        """The probe for the code of one file or cell."""

        def probe(line: int, local: dict[str, Any], names: tuple[str, ...]) -> None:
            self.turns[label, line] = self.turns.get((label, line), 0) + 1
            for name in names:
                if name in local:
                    self._see(name, line, label, local[name], 0)

        return probe

    def _see(self, name: str, line: int, label: str, value: Any, depth: int) -> None:
        if isinstance(value, _ndarray | _generic | float | int):
            self._keep(name, line, label, value)
        elif isinstance(value, dict) and depth < 2:
            for key, inner in list(value.items())[:50]:
                if isinstance(key, str):
                    self._see(key, line, label, inner, depth + 1)
        elif isinstance(value, list | tuple) and depth < 1 and len(value) <= 1000:
            try:
                made = _copy(value, dtype=float)
            except (ValueError, TypeError):
                return
            self._keep(name, line, label, made)
        elif name in ("self", "cls") or (hasattr(value, "__dict__") and depth == 0 and not callable(value)):
            for key, inner in list(getattr(value, "__dict__", {}).items())[:50]:
                self._see(key, line, label, inner, depth + 1)

    def _keep(self, name: str, line: int, label: str, value: Any) -> None:
        if len(self.records) >= MAX_VALUES or self._count.get(name, 0) >= MAX_PER_NAME:
            return
        if isinstance(value, _ndarray):
            if value.size > self.largest or value.dtype.kind not in "fiubO":
                return
            try:
                value = _copy(value, dtype=float) if value.dtype.kind == "O" else _copy(value)
            except (ValueError, TypeError):  # objects that are no numbers
                return
        last = self._last.get(name)
        if last is not None and last[0] == line and _same(last[1], value):
            return
        self._last[name] = (line, value)
        self._count[name] = self._count.get(name, 0) + 1
        self.records.append((name, line, label, value))

    def busiest(self) -> list[tuple[str, int, int]]:
        """The statements that were run most often: label, line, how often."""
        most = sorted(self.turns.items(), key=lambda one: (-one[1], one[0]))[:BUSIEST]
        return [(label, line, count) for (label, line), count in most]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, _ndarray) and isinstance(b, _ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return type(a) is type(b) and not isinstance(a, _ndarray) and bool(a == b)
