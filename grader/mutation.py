"""Slips of the pen, made on purpose: one change to one statement, on its syntax tree.

Operators, comparisons, constants, indices, axes, signs, dropped terms, dropped calls and statements, names of the same
shape taken for one another, transposes dropped or added, functions of numpy that are close to each other. Knows nothing
of exercises, inputs or marks: `mutants` does.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult),
    ast.Div: (ast.Mult, ast.Sub),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.Pow: (ast.Mult, ast.Div),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv, ast.Mult),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq, ast.GtE),
    ast.NotEq: (ast.Eq, ast.Gt),
}
NEAR = (  # functions and methods that are taken for one another
    ("maximum", "minimum"),
    ("max", "min"),
    ("sum", "mean"),
    ("sum", "prod"),
    ("exp", "expm1"),
    ("exp", "log"),
    ("exp", "abs"),
    ("log", "log1p"),
    ("log", "log2"),
    ("argmax", "argmin"),
    ("zeros_like", "ones_like"),
    ("zeros", "ones"),
    ("sqrt", "square"),
    ("sin", "cos"),
    ("tanh", "sinh"),
    ("tanh", "arctan"),
    ("tanh", "sin"),
    ("tanh", "exp"),
    ("outer", "dot"),
    ("cumsum", "cumprod"),
    ("diag", "trace"),
    ("abs", "sign"),
    ("floor", "ceil"),
    ("arange", "ones"),
)
BARELY = 1.0001  # a factor that a tolerance might let pass


@dataclass(frozen=True)
class Scope:
    """What a statement could have named instead: kinds of the names it may read, sizes, keys and attributes.

    Names of equal kind (the shape of an array, "int", "float") may be swapped. `sizes` are expressions of the sizes
    that the exercise speaks of (`X.shape[1]`), by value; `keys` are the string keys in use, `attributes` those of
    `self`.
    """

    names: Mapping[str, Hashable]
    sizes: Mapping[int, str]
    keys: Sequence[str] = ()
    attributes: Sequence[str] = ()


@dataclass(frozen=True)
class Mutation:
    """One statement of a block, changed. `node` is None where it is dropped."""

    kind: str
    statement: int  # index in the block
    before: str
    after: str
    node: ast.stmt | None

    def applied(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The block with the change made."""
        return [
            *nodes[: self.statement],
            *([self.node] if self.node is not None else []),
            *nodes[self.statement + 1 :],
        ]


def mutations(nodes: Sequence[ast.stmt], scopes: Sequence[Scope]) -> list[Mutation]:
    """Every change of one statement of a block that compiles, each once, and none that compiles to what was there.

    `scopes` holds one for each statement.
    """
    seen = {fingerprint(_compiled(nodes))}
    found = []
    for index, (stmt, scope) in enumerate(zip(nodes, scopes, strict=True)):
        for kind, changed in _statement(stmt, scope, droppable=len(nodes) > 1):
            made = Mutation(kind, index, _first_difference(stmt, changed), _first_difference(changed, stmt), changed)
            try:
                mark = fingerprint(_compiled(made.applied(nodes)))
            except (SyntaxError, ValueError):
                continue
            if mark not in seen:
                seen.add(mark)
                found.append(made)
    return found


def fingerprint(code: CodeType) -> Hashable:
    """What the code does, without where it stands: equal for equal bytecode, names and constants."""
    constants = tuple(fingerprint(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants


def rebuilt(node: Any, old: ast.AST, new: ast.AST | None) -> Any:
    """A copy of a tree with one node replaced, or, in a list of statements, taken out."""
    if node is old:
        return new
    if isinstance(node, list):
        made = [rebuilt(one, old, new) for one in node]
        return [one for one in made if one is not None] if old in node else made
    if not isinstance(node, ast.AST):
        return node
    copy = type(node)(**{name: rebuilt(value, old, new) for name, value in ast.iter_fields(node)})
    return ast.copy_location(copy, node) if hasattr(node, "lineno") else copy


def _compiled(nodes: Sequence[ast.stmt]) -> CodeType:
    """Compiled inside a function, as a student's would be."""
    source = ast.unparse(ast.Module(body=list(nodes), type_ignores=[])) or "pass"
    body = "\n".join("    " + line for line in source.splitlines())
    return compile(f"def f(self):\n{body}\n", "<mutant>", "exec")


def _first_difference(one: ast.stmt | None, other: ast.stmt | None) -> str:
    """The first line of `one` that `other` does not have in its place."""
    mine = ast.unparse(one).splitlines() if one is not None else []
    theirs = ast.unparse(other).splitlines() if other is not None else []
    at = next((i for i, line in enumerate(mine) if i >= len(theirs) or theirs[i] != line), None)
    return mine[at].strip() if at is not None else ""


# -- statements


def _statement(stmt: ast.stmt, scope: Scope, droppable: bool) -> Iterator[tuple[str, ast.stmt | None]]:
    if droppable:
        yield "statement dropped", None
    for node in ast.walk(stmt):
        if isinstance(node, ast.stmt):
            yield from ((kind, rebuilt(stmt, node, new)) for kind, new in _whole(node))
            for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if isinstance(body, list) and len(body) > 1:
                    for inner in body:
                        yield "statement dropped", rebuilt(stmt, inner, None)
        for kind, old, new in _places(node, scope):
            yield kind, rebuilt(stmt, old, new)


def _whole(stmt: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """Changes of a statement that are none of an expression in it."""
    if isinstance(stmt, ast.AugAssign):
        for operator in OPERATORS.get(type(stmt.op), ())[:1]:
            yield "operator", ast.AugAssign(stmt.target, operator(), stmt.value)
        yield "assigned, not added", ast.Assign([stmt.target], stmt.value, lineno=stmt.lineno)
    if isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Tuple) and len(stmt.value.elts) > 1:
        elements = stmt.value.elts
        for i in range(len(elements) - 1):
            turned = [*elements[:i], elements[i + 1], elements[i], *elements[i + 2 :]]
            yield "order", ast.Assign(stmt.targets, ast.Tuple(turned, ast.Load()), lineno=stmt.lineno)
    if isinstance(stmt, ast.If):
        yield "condition dropped", ast.If(ast.Constant(True), stmt.body, stmt.orelse)
        yield "condition negated", ast.If(ast.UnaryOp(ast.Not(), stmt.test), stmt.body, stmt.orelse)


# -- expressions


def _places(node: ast.AST, scope: Scope) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Changes at one node: kind, what is replaced, by what."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for value in values:
            yield from ((kind, value, new) for kind, new in _of_value(value, scope))
    if isinstance(node, ast.BinOp):
        yield from ((kind, node, new) for kind, new in _of_operation(node))
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.USub | ast.Not):
            yield "sign", node, node.operand
    elif isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            for other in COMPARISONS.get(type(operator), ()):
                yield "comparison", node, ast.Compare(node.left, _with(node.ops, i, other()), node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield "operator", node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for value in node.values:
            yield "term dropped", node, value
    elif isinstance(node, ast.IfExp):
        yield "condition", node, ast.IfExp(node.test, node.orelse, node.body)
        yield "condition", node, node.body
        yield "condition", node, node.orelse
    elif isinstance(node, ast.Constant):
        yield from (("constant", node, ast.Constant(value)) for value in _constants(node.value, scope))
    elif isinstance(node, ast.Call):
        yield from ((kind, node, new) for kind, new in _of_call(node))
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from ((kind, node, new) for kind, new in _of_attribute(node, scope))
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from ((kind, node, new) for kind, new in _of_index(node, scope))
    elif isinstance(node, ast.Subscript):
        yield from (("index", node.slice, new) for new in _turned(node.slice))
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                lower, upper = (None if b is bound else b for b in (node.lower, node.upper))
                yield "index", node, ast.Slice(lower, upper, node.step)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        kind = scope.names.get(node.id)
        if kind is not None:
            for name, its in scope.names.items():
                if its == kind and name != node.id:
                    yield "name", node, ast.Name(name, ast.Load())
        if kind == "float" or isinstance(kind, tuple):
            yield "operand", node, ast.UnaryOp(ast.USub(), node)
            yield "operand", node, ast.BinOp(ast.Constant(2), ast.Mult(), node)
            yield "operand", node, ast.BinOp(node, ast.Add(), ast.Constant(1))
            yield "operand", node, ast.BinOp(node, ast.Div(), ast.Constant(2))
        if kind == "int":
            yield from (("size", node, _parsed(text)) for text in scope.sizes.values())


def _of_value(value: ast.expr, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Changes of all that is assigned."""
    yield "sign", ast.UnaryOp(ast.USub(), value)
    yield "factor", ast.BinOp(ast.Constant(2), ast.Mult(), value)
    yield "term added", ast.BinOp(value, ast.Add(), ast.Constant(1))
    yield "factor", ast.BinOp(ast.Constant(0), ast.Mult(), value)
    yield "term added", ast.BinOp(value, ast.Sub(), ast.Constant(1))
    yield "factor", ast.BinOp(ast.Constant(0.5), ast.Mult(), value)
    yield "factor", ast.BinOp(ast.Constant(BARELY), ast.Mult(), value)
    for function in ("abs", "square", "round", "sign"):
        yield "call added", ast.Call(ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load()), [value], [])
    if scope.names.get("N") == "int":
        yield "factor", ast.BinOp(value, ast.Div(), ast.Name("N", ast.Load()))
    if isinstance(value, ast.Name) and _is_matrix(value, scope):
        yield "transpose", ast.Attribute(value, "T", ast.Load())


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    left, right = node.left, node.right
    for operator in OPERATORS.get(type(node.op), ()):
        yield "operator", ast.BinOp(left, operator(), right)
    yield "term dropped", left
    yield "term dropped", right
    if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult):
        yield "order", ast.BinOp(right, node.op, left)
    if isinstance(node.op, ast.MatMult):
        yield "transpose", ast.BinOp(ast.Attribute(left, "T", ast.Load()), node.op, right)
        yield "transpose", ast.BinOp(left, node.op, ast.Attribute(right, "T", ast.Load()))
    inner = left if isinstance(left, ast.BinOp) else None
    if isinstance(node.op, ast.Mult | ast.Div) and inner and isinstance(inner.op, ast.Add | ast.Sub):
        # (a - b) / c without its parentheses
        yield "parentheses", ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, right))
    if isinstance(node.op, ast.Div) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
        yield "parentheses", ast.BinOp(ast.BinOp(left, node.op, right.left), ast.Mult(), right.right)


def _constants(value: Any, scope: Scope) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (key for key in scope.keys if key != value and value in scope.keys)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return
    elif value == 0:
        yield from (1, -1)
    else:
        yield from (-value, value + 1, value - 1, 2 * value, 0)


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    of_module = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "np"
    if isinstance(called, ast.Attribute):
        for pair in NEAR:
            if name in pair:
                other = pair[1 - pair.index(name)]
                yield "function", ast.Call(ast.Attribute(called.value, other, ast.Load()), node.args, node.keywords)
    if of_module or name in ("max", "min", "float", "abs"):
        for argument in node.args[:2]:
            if not isinstance(argument, ast.Tuple | ast.Starred | ast.GeneratorExp):
                yield "call dropped", argument
    elif isinstance(called, ast.Attribute):
        yield "call dropped", called.value
    if len(node.args) == 2:
        yield "order", ast.Call(called, node.args[::-1], node.keywords)
    for i, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:i], *node.keywords[i + 1 :]]
        if keyword.arg == "axis":
            yield "axis", ast.Call(called, node.args, rest)
            turned = {0: 1, 1: 0, -1: 0}.get(getattr(keyword.value, "value", None), 0)  # type: ignore[arg-type]
            yield "axis", ast.Call(called, node.args, [*rest, ast.keyword("axis", ast.Constant(turned))])
        elif keyword.arg == "keepdims":
            yield "keepdims", ast.Call(called, node.args, rest)


def _of_attribute(node: ast.Attribute, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    if node.attr == "T":
        yield "transpose", node.value
    if isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in scope.attributes:
        for other in scope.attributes:
            if other != node.attr:
                yield "name", ast.Attribute(node.value, other, ast.Load())


def _of_index(node: ast.Subscript, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    yield "index dropped", node.value
    for turned in _turned(node.slice):
        yield "index", ast.Subscript(node.value, turned, ast.Load())
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        text = ast.unparse(node)
        yield from (("size", _parsed(other)) for other in scope.sizes.values() if other != text)


def _turned(index: ast.expr) -> Iterator[ast.expr]:
    if isinstance(index, ast.Tuple) and len(index.elts) > 1:
        yield ast.Tuple(index.elts[::-1], ast.Load())


def _is_matrix(node: ast.Name, scope: Scope) -> bool:
    kind = scope.names.get(node.id)
    return isinstance(kind, tuple) and len(kind) == 2


def _with(items: Sequence[Any], at: int, new: Any) -> list[Any]:
    return [*items[:at], new, *items[at + 1 :]]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
