"""`show_graph(f)`: the computational graph of a staged function as the lecture draws it, from one's own run.

One line of code is one gate. Over the wire that leaves it stands its value, beneath it the gradient, if the function
computes one under a name that says so (`dq` or `grad_q` for `q`, or the key of a dict `grads`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader import messages
from grader.calls import Error
from grader.compare import as_numbers
from grader.gradients import variable_of
from grader.own import source_of
from grader.reports import drawing
from grader.reports.drawing import Wire
from grader.syntax import targets, value_reads
from grader.tracing import own_call, trace

LABEL = 22  # characters of a line of code that is written into its gate
SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷", ast.MatMult: "@", ast.Pow: "^", ast.USub: "−",
}  # fmt: skip
CALLED = {"maximum": "max", "dot": "@", "matmul": "@"}


@dataclass(frozen=True, repr=False)
class Graph:
    """The graph of one call, shown as a picture in a notebook and as a list in a terminal."""

    function: str
    wires: tuple[Wire, ...]
    error: Error | None = None

    @property
    def note(self) -> str:
        """Why there is nothing, or not everything, to see."""
        if self.error is not None:
            return messages.error(self.error)
        return "" if any(w.gate for w in self.wires) else messages.NO_GATES

    def __repr__(self) -> str:
        return drawing.text(self.function, self.wires, self.note)

    def _repr_html_(self) -> str:
        return drawing.page(self.function, self.wires, self.note)


def show_graph(function: Any, /, *args: Any, **inputs: Any) -> Graph:
    """Draw the computational graph of one of your functions, with the values and gradients of a run of it.

    Args:
        function: a staged function of yours: one line a gate
        *args: what it is called with. Without any, an exercise is called with its first public case.
        **inputs: the same, by name

    Returns:
        Graph, a picture in a notebook: values above the wires, gradients below; numbers as they are, of arrays the
        shape and the range above, the norm below.

    Raises:
        TypeError: this is no function, its source cannot be read, or these are not its arguments.
        KitError: no inputs were given and the function is no exercise of a kit at hand.
    """
    plain, bound = own_call(function, args, inputs)
    traced = trace(function, *args, **inputs)
    source = source_of(plain)
    assert source is not None  # else it could not be traced
    definition = next(n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
    lines = _Lines(definition, plain.__code__.co_firstlineno - 1, list(bound))
    values = {row.name: row.value for row in traced.rows if not row.line}
    stored: dict[str, Any] = {}  # gradients under the keys of a dict
    for row in traced.rows:
        if row.line and not row.label:
            if row.line in lines.setting.get(row.name, ()):
                values[row.name] = row.value
            elif any(row.line in lines.setting.get(d, ()) for d in ("grads", "grad", "gradients")):
                stored[row.name] = row.value
    drawn = [name for name in lines.drawn() if name in values]
    wires = [
        Wire(name, lines.label(name), tuple(u for u in lines.uses[name] if u in drawn), values[name]) for name in drawn
    ]
    gradients = {v: values[name] for name in values if (v := variable_of(name, lines.uses)) is not None}
    gradients = {**stored, **gradients}
    ends = {w.name for w in wires} - {u for w in wires for u in w.uses}
    if gradients and len(ends) == 1 and ends.isdisjoint(gradients):
        end = next(w for w in wires if w.name in ends)
        if as_numbers(end.value) is not None and getattr(end.value, "size", 1) == 1:
            gradients[end.name] = 1.0  # how a number reacts to itself
    return Graph(
        plain.__name__,
        tuple(Wire(w.name, w.gate, w.uses, w.value, gradients.get(w.name)) for w in wires),
        traced.error,
    )


@dataclass
class _Lines:
    """What the lines of a function set and read, by name, in the order in which names are first set."""

    definition: ast.FunctionDef
    offset: int  # lines of the file or cell before the source
    parameters: list[str]
    uses: dict[str, list[str]] = field(default_factory=dict)
    setting: dict[str, list[int]] = field(default_factory=dict)
    gates: dict[str, list[str]] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in self.parameters:
            self.uses[name] = []
        for stmt in _simple(self.definition.body):
            if isinstance(stmt, ast.Return):
                self.returned += [n.id for n in ast.walk(stmt) if isinstance(n, ast.Name)]
                continue
            for name, value in _assigned(stmt):
                read = value_reads(value)
                known = [n for n in _in_order(value) if n in self.uses and n in read and n != name]
                if name not in self.uses:
                    self.uses[name] = known
                elif name not in self.parameters:  # only what is older, so that there is no way round
                    older = list(self.uses)[: list(self.uses).index(name)]
                    self.uses[name] += [u for u in known if u in older and u not in self.uses[name]]
                end = stmt.end_lineno or stmt.lineno
                self.setting.setdefault(name, []).extend(range(stmt.lineno + self.offset, end + self.offset + 1))
                self.gates.setdefault(name, []).append(_symbol(value))

    def label(self, name: str) -> str:
        """What is written into the gate; "" for an input."""
        gates = self.gates.get(name, [])
        return "" if name in self.parameters or not gates else gates[0] + (" …" if len(gates) > 1 else "")

    def drawn(self) -> list[str]:
        """The forward pass: all that the returned values are computed from, without the gradients. Of a function
        that returns nothing but gradients: everything."""
        known = self.uses
        ends = [n for n in self.returned if n in known and n not in self.parameters]
        forward = [n for n in ends if variable_of(n, known) is None]
        wanted, found = list(forward or ends), set()
        while wanted:
            name = wanted.pop()
            if name not in found:
                found.add(name)
                wanted += self.uses[name]
        backward = {n for n in found if forward and variable_of(n, known) is not None and n not in self.parameters}
        used = {u for n in found - backward for u in self.uses[n]}
        constants = {n for n in found if not self.uses[n] and n not in forward and n not in self.parameters}
        return [n for n in known if n in found - backward - constants and (n in used or n in ends)]


def _in_order(value: ast.AST) -> list[str]:
    """The names of a piece of code, as they are read from left to right."""
    names = [n for n in ast.walk(value) if isinstance(n, ast.Name)]
    return list(dict.fromkeys(n.id for n in sorted(names, key=lambda n: (n.lineno, n.col_offset))))


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the loops and branches in it, in order."""
    for stmt in body:
        inner = [getattr(stmt, part, []) for part in ("body", "orelse", "finalbody")]
        if any(inner):
            if not isinstance(stmt, ast.FunctionDef | ast.ClassDef):
                for part in inner:
                    yield from _simple(part)
        else:
            yield stmt


def _assigned(stmt: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """(name, what it is computed from) of a statement; pairs of `a, b = x, y` one by one."""
    if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 and isinstance(stmt.targets[0], ast.Tuple):
        left, right = stmt.targets[0].elts, stmt.value
        if isinstance(right, ast.Tuple) and len(right.elts) == len(left):
            yield from ((t.id, v) for t, v in zip(left, right.elts, strict=True) if isinstance(t, ast.Name))
            return
    plain = isinstance(stmt, ast.Assign | ast.AnnAssign) and stmt.value is not None
    whole = plain and all(isinstance(t, ast.Name | ast.Tuple) for t in getattr(stmt, "targets", [None]))
    for name in sorted(targets(stmt)):
        yield name, stmt.value if whole and isinstance(stmt, ast.Assign) else stmt


def _symbol(value: ast.AST) -> str:
    """A gate's symbol: `+`, `max`, `exp`; of a line that does more than one thing, its code."""
    if isinstance(value, ast.AugAssign):
        return f"{SYMBOLS.get(type(value.op), '')}= {_short(value.value)}"
    if isinstance(value, ast.BinOp) and _plain(value.left) and _plain(value.right) and type(value.op) in SYMBOLS:
        symbol = SYMBOLS[type(value.op)]
        left, right = (ast.unparse(v) if _number(v) else "" for v in (value.left, value.right))
        return f"{left} {symbol} {right}".strip()
    if isinstance(value, ast.UnaryOp) and type(value.op) in SYMBOLS and _plain(value.operand):
        return SYMBOLS[type(value.op)]
    if isinstance(value, ast.Call) and all(map(_plain, value.args)) and not value.keywords:
        name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        if name:
            return CALLED.get(name, name)
    if isinstance(value, ast.Name):
        return "copy"
    return _short(value)


def _short(value: ast.AST) -> str:
    code = ast.unparse(value).replace("np.", "")
    return code if len(code) <= LABEL else code[: LABEL - 1] + "…"


def _number(value: ast.AST) -> bool:
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    return isinstance(value, ast.Constant)


def _plain(value: ast.AST) -> bool:
    """A name, a number or a name turned over: no gate of its own."""
    if isinstance(value, ast.Attribute) and value.attr == "T":
        value = value.value
    return isinstance(value, ast.Name) or _number(value)
