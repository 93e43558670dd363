"""Questions about Python syntax trees that both references and submissions ask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any


def targets(stmt: ast.AST) -> set[str]:
    """Names that a statement binds or changes in place (also through an index, an attribute, or a bare call)."""
    found: set[str] = set()
    for node in ast.walk(stmt):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            base: ast.expr = node
            while isinstance(base, ast.Subscript | ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name):
                found.add(base.id)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            found.update(a.id for a in call.args if isinstance(a, ast.Name))
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                found.add(call.func.value.id)
        elif isinstance(node, ast.keyword) and node.arg == "out" and isinstance(node.value, ast.Name):
            found.add(node.value.id)
    return found


def reads(stmt: ast.AST) -> set[str]:
    """Names that a statement reads (an augmented assignment reads its target)."""
    found = {n.id for n in ast.walk(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    for node in ast.walk(stmt):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


SHAPE_ONLY = {"zeros_like", "ones_like", "full_like", "empty_like", "len", "shape", "ndim", "size", "dtype"}


def value_reads(stmt: ast.AST) -> set[str]:
    """Names whose values a statement depends on: not those of which it takes only the shape (`np.zeros_like(W)`)."""
    shapes: set[ast.AST] = set()
    for node in ast.walk(stmt):
        if isinstance(node, ast.Attribute) and node.attr in SHAPE_ONLY:
            shapes.add(node.value)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in SHAPE_ONLY:
                shapes.add(node.args[0])
    skipped = {id(n) for n in shapes if isinstance(n, ast.Name)}
    kept = {
        n.id for n in ast.walk(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in skipped
    }
    return kept | {
        n.target.id for n in ast.walk(stmt) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
    }


def bound(stmt: ast.AST) -> set[str]:
    """Names that a statement binds afresh (not merely changes in place)."""
    found = set()
    for node in ast.walk(stmt):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.For | ast.NamedExpr):
            places = node.targets if isinstance(node, ast.Assign) else [node.target]
            for place in places:
                found |= {n.id for n in ast.walk(place) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        elif isinstance(node, ast.comprehension):
            found |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            found |= {n.id for n in ast.walk(node.optional_vars) if isinstance(n, ast.Name)}
    return found


def _terms(expr: ast.expr) -> list[ast.expr]:
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Add | ast.Sub):
        return [*_terms(expr.left), *_terms(expr.right)]
    return [expr]


class _Swap(ast.NodeTransformer):
    """Replace one node of a tree by another."""

    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def copy_tree(node: Any) -> Any:
    """Deep copy of a tree (ast nodes hold no cycles)."""
    if isinstance(node, list):
        return [copy_tree(n) for n in node]
    if not isinstance(node, ast.AST):
        return node
    made = type(node)(**{f: copy_tree(v) for f, v in ast.iter_fields(node)})
    return ast.copy_location(made, node) if hasattr(node, "lineno") else made


BATCH = "__batch_size__"  # stands for N in altered terms
TERM_FACTORS: tuple[tuple[str, ast.expr], ...] = (
    ("missing", ast.Constant(0.0)),
    ("half", ast.Constant(0.5)),
    ("double", ast.Constant(2.0)),
    ("negated", ast.Constant(-1.0)),
    ("averaged", ast.BinOp(ast.Constant(1.0), ast.Div(), ast.Name(BATCH, ast.Load()))),
    ("halved and averaged", ast.BinOp(ast.Constant(0.5), ast.Div(), ast.Name(BATCH, ast.Load()))),
)


def term_alterations(nodes: list[ast.stmt], stage: str) -> Iterator[tuple[str, str, list[ast.stmt]]]:
    """Each term of the sums that make up `stage` left out, halved, doubled, negated, averaged: what students forget."""
    for index, stmt in enumerate(nodes):
        if isinstance(stmt, ast.AugAssign) and isinstance(stmt.target, ast.Name) and stmt.target.id == stage:
            terms: list[ast.expr] = [stmt.value]
        elif isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Name) and stmt.targets[0].id == stage:
            terms = _terms(stmt.value)
            if len(terms) < 2:
                continue
        else:
            continue
        for term in range(len(terms)):
            text = ast.unparse(terms[term])
            for kind, factor in TERM_FACTORS:
                changed = copy_tree(stmt)
                fresh = [changed.value] if isinstance(changed, ast.AugAssign) else _terms(changed.value)
                old = fresh[term]
                scaled = ast.BinOp(left=old, op=ast.Mult(), right=copy_tree(factor))
                changed.value = _Swap(old, scaled).visit(changed.value)
                ast.fix_missing_locations(changed)
                yield kind, text, [*nodes[:index], changed, *nodes[index + 1 :]]
