"""The statements of a reference function, collected into blocks: which belong to which stage.

What comes before the first stage is given (the prelude); a statement that changes a stage belongs to its block, what
stands between two stages to the later one, and what is left in the end only packs what is returned (the epilogue).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.exercise import AnnotationError
from grader.notation import (
    ANNOTATION,
    DIMS,
    EXAMPLE,
    LOOKS_LIKE_ONE,
    docstring_shapes,
    letters,
    parse_dims,
    trailing_comment,
)
from grader.syntax import bound, reads, targets


@dataclass
class Open:
    """A block while it is being collected."""

    stages: list[str]
    nodes: list[ast.stmt]


class Collector:
    """The blocks of one function. `drafts` holds by stage what its annotation says."""

    def __init__(self, path: Path, source: str, comments: dict[int, str], function: ast.FunctionDef) -> None:
        self.path, self.source, self.comments, self.function = path, source, comments, function
        self.lines = source.splitlines()
        self.docstring = ast.get_docstring(function) or ""
        if not self.docstring:
            self.fail(
                function.lineno,
                f"{function.name} has no docstring",
                "state the contract: `W: (D, C) weights` and so on",
            )
        self.shapes = docstring_shapes(self.docstring)
        self.letters = set().union(*(letters(d) for d in self.shapes.values())) if self.shapes else set()
        self.prelude: list[ast.stmt] = []
        self.epilogue: list[ast.stmt] = []
        self.blocks: list[Open] = []
        self.drafts: dict[str, dict[str, Any]] = {}  # stage -> its annotation

    def fail(self, line: int, problem: str, remedy: str) -> None:
        raise AnnotationError(str(self.path), line, problem, remedy)

    def collect(self, body: list[ast.stmt]) -> None:
        pending: list[ast.stmt] = []
        for stmt in body:
            opened = self.annotation(stmt)
            changed = targets(stmt)
            touched = [b for b in self.blocks if not changed.isdisjoint(b.stages)]
            if opened:
                self.blocks.append(Open(list(opened), [*pending, stmt]))
                pending = []
            elif touched:
                self.join(stmt, touched, pending)
                pending = []
            elif not self.blocks and not self.passed_into(stmt):
                self.prelude.append(stmt)
            else:
                pending.append(stmt)
        self.epilogue = pending

    def passed_into(self, stmt: ast.stmt) -> bool:
        """Does a statement stand below the bare comment that opens a pass? Then it is part of an answer, not given."""
        above = self.lines[self.function.body[0].end_lineno or 0 : stmt.lineno - 1]
        return any(line.strip().startswith("#") and line.rstrip().endswith("pass") for line in above)

    def join(self, stmt: ast.stmt, touched: list[Open], pending: list[ast.stmt]) -> None:
        """A later statement that targets a stage belongs to that stage's block; one that targets two joins them."""
        first, last = self.blocks.index(touched[0]), self.blocks.index(touched[-1])
        if last - first + 1 != len(touched):
            self.fail(
                stmt.lineno,
                "one statement targets stages with another stage between them",
                "open these stages next to each other",
            )
        owner = touched[0]
        for other in touched[1:]:
            owner.stages += other.stages
            owner.nodes += other.nodes
            self.blocks.remove(other)
        for later in self.blocks[first + 1 :]:
            own, theirs = set(owner.stages), set(later.stages)
            if any(reads(n) & own for n in later.nodes) or reads(stmt) & theirs:
                name = sorted(targets(stmt) & own)[0]
                self.fail(
                    stmt.lineno,
                    f"{name} is changed after {later.stages[0]} was computed from it",
                    "a stage is never rebound to another quantity: give the new value a name (and stage) of its own",
                )
        owner.nodes += [*pending, stmt]

    def annotation(self, stmt: ast.stmt) -> list[str]:
        """The stages that a statement opens, [] for none."""
        if hasattr(stmt, "body"):
            return []
        trailing = trailing_comment(stmt, self.comments)
        if trailing is None:
            return []
        comment, line = trailing
        found = ANNOTATION.search(comment)
        if not found:
            if LOOKS_LIKE_ONE.search(comment):
                self.fail(line, f"half an annotation: {comment}", EXAMPLE)
            return []
        names = self.target_names(stmt, line)
        dims = [parse_dims(d) for d in DIMS.findall(found["dims"])]
        points = [int(p) for p in found["points"].split(",") if p.strip()]
        if len(dims) != len(names) or len(points) != len(names):
            self.fail(
                line,
                f"{len(names)} name(s), {len(dims)} shape(s), {len(points)} number(s) of points",
                "one of each for every name: `dW, db = ...  # (D, C), (C,) gradients [2, 1]`",
            )
        for name, dim, point in zip(names, dims, points, strict=True):
            if name in self.drafts:
                self.fail(
                    line,
                    f"the stage {name} is opened a second time",
                    "give the second quantity a second name",
                )
            unknown = letters(dim) - self.letters
            if unknown:
                self.fail(
                    line,
                    f"the docstring gives no size {', '.join(sorted(unknown))}",
                    "use the letters of the docstring's shapes, or add the line `X: (N, D) words` there",
                )
            if point < 1:
                self.fail(line, f"the stage {name} is worth {point} points", "at least one point: [1]")
            self.drafts[name] = {
                "dims": dim,
                "points": point,
                "what": found["what"],
                "line": stmt.lineno,
                "together": names,
            }
        return names

    def target_names(self, stmt: ast.stmt, line: int) -> list[str]:
        if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
            target = stmt.targets[0]
            if isinstance(target, ast.Name):
                return [target.id]
            if isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts):
                return [e.id for e in target.elts if isinstance(e, ast.Name)]
        self.fail(
            line,
            "an annotation on something that is not `name = expr`",
            EXAMPLE + ", or several names at once: `dW, db = ...`",
        )
        return []

    def no_borrowed_change(self, stmt: ast.stmt, draft: Open) -> None:
        """In-place changes may touch only what the block itself made: never an input or another stage."""
        if isinstance(stmt, ast.Expr):
            return
        made = {n for node in draft.nodes for n in bound(node)}
        changed = {n for n in targets(stmt) if n not in made}
        borrowed = changed & (set(self.drafts) | {a.arg for a in self.function.args.args})
        if borrowed:
            name = sorted(borrowed)[0]
            self.fail(
                stmt.lineno,
                f"{name} is changed in place, but {draft.stages[0]} did not make it",
                f"copy first: `{draft.stages[0]} = {name}.copy()`",
            )
