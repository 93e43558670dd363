"""A reference: the facts of an exercise, and the code of its blocks, ready to be replayed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any

from grader.classes import with_methods
from grader.exercise import CaseMaker, Check, Exercise, Mistake
from grader.syntax import term_alterations


@dataclass(frozen=True)
class Block:
    """The statements that compute one stage (or several at once), in order."""

    stages: tuple[str, ...]
    nodes: tuple[ast.stmt, ...]
    path: Path

    @property
    def line(self) -> int:
        return self.nodes[0].lineno

    @cached_property
    def code(self) -> CodeType:
        return compiled(self.nodes, self.path)

    @cached_property
    def alterations(self) -> list[tuple[str, str, CodeType]]:
        """Kind, term and code of the block with each of its terms altered."""
        found = (one for stage in self.stages for one in term_alterations(list(self.nodes), stage))
        return [(kind, term, compiled(nodes, self.path)) for kind, term, nodes in found]


@dataclass(frozen=True)
class Reference:
    """An exercise together with its answer. Never leaves the instructor's side."""

    exercise: Exercise
    path: Path
    source: str  # the whole annotated function
    prelude: CodeType
    blocks: tuple[Block, ...]
    module: dict[str, Any]
    cases: CaseMaker
    mistakes: tuple[Mistake, ...] = ()
    mistake_code: dict[str, CodeType] = field(default_factory=dict)  # of a function; of a class: `wrong_classes`
    variants: dict[int, tuple[CodeType, ...]] = field(default_factory=dict)  # by block, beside the block's own code
    checks: tuple[Check, ...] = ()
    class_node: ast.ClassDef | None = None  # of an exercise that is a class

    @property
    def name(self) -> str:
        return self.exercise.name

    @cached_property
    def wrong_classes(self) -> dict[str, CodeType]:
        """By mistake, of an exercise that is a class: the code of the class that has it."""
        return {m.name: compile(self.function_with(m), f"<mistake {m.name}>", "exec") for m in self.mistakes}

    def function_with(self, mistake: Mistake) -> str:
        """Source of the whole function with the block of `mistake.stage` replaced: a mutant of the reference."""
        if self.class_node is not None:
            return with_methods(self.class_node, textwrap.dedent(mistake.code))
        tree = ast.parse(self.source).body[0]
        assert isinstance(tree, ast.FunctionDef)
        block = self.blocks[self.exercise.stage(mistake.stage).block]
        spans = {(n.lineno, n.end_lineno) for n in block.nodes}
        first = self.exercise.line
        wrong = ast.parse(textwrap.dedent(mistake.code)).body
        body: list[ast.stmt] = []
        placed = False
        for node in tree.body:
            end = node.end_lineno or node.lineno
            if (node.lineno + first - 1, end + first - 1) in spans:
                if not placed:
                    body += wrong
                    placed = True
            else:
                body.append(node)
        tree.body = body
        return ast.unparse(ast.fix_missing_locations(tree))


def compiled(nodes: Sequence[ast.stmt], path: Path) -> CodeType:
    return compile(ast.Module(body=list(nodes), type_ignores=[]), str(path), "exec")


def bind_shape(dims: tuple[str, ...], shape: tuple[int, ...], sizes: dict[str, int]) -> bool:
    """Does `shape` agree with `dims`, given and extending the `sizes` of the letters seen so far?

    `d_1, ..., d_k` stands for one or more axes of any size, a bare `...` for zero or more.
    """
    if "..." in dims:
        dots = dims.index("...")
        before, after, least = list(dims[:dots]), list(dims[dots + 1 :]), 0
        if before and after and "_" in before[-1] and before[-1].split("_")[0] == after[0].split("_")[0]:
            before, after, least = before[:-1], after[1:], 1
        if len(shape) < len(before) + len(after) + least:
            return False
        pairs = list(zip(before, shape, strict=False))
        pairs += list(zip(reversed(after), reversed(shape), strict=False))
    elif len(dims) != len(shape):
        return False
    else:
        pairs = list(zip(dims, shape, strict=True))
    return all((int(d) if d.isdigit() else sizes.setdefault(d, size)) == size for d, size in pairs)
