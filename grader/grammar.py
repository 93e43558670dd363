"""The grammar of annotations, known here and in `blocks` alone: one function or class of `solutions/` -> a reference.

A stage is an assignment with a trailing comment `# (dims) words [points]`. An author's slip raises `AnnotationError`
with file, line and what to write instead.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType
from typing import Any

from grader.blocks import Collector, Open
from grader.classes import (
    answers,
    class_stub,
    driver_source,
    methods,
    source_of,
)
from grader.exercise import (
    AnnotationError,
    Check,
    Exercise,
    Leaf,
    Mistake,
    Stage,
    Variant,
)
from grader.notation import EXAMPLE, line_of
from grader.reference import Block, Reference, compiled
from grader.stub import stub_source
from grader.syntax import reads, targets, value_reads


class Parser(Collector):
    """What an author wrote of one exercise, put together into its reference."""

    def __init__(
        self,
        path: Path,
        source: str,
        comments: dict[int, str],
        module: dict[str, Any],
        function: ast.FunctionDef,
        siblings: set[str],
        driven_class: ast.ClassDef | None = None,
        given: str = "",
    ) -> None:
        super().__init__(path, source, comments, function)
        self.module, self.siblings = module, siblings
        self.driven_class, self.given = driven_class, given

    def reference(
        self,
        cases: Any,
        mistakes: tuple[Mistake, ...],
        checks: tuple[Check, ...],
        variants: tuple[Variant, ...],
    ) -> Reference:
        body = self.function.body[1:]
        if not body or not isinstance(body[-1], ast.Return) or body[-1].value is None:
            self.fail(
                self.function.lineno,
                f"{self.function.name} does not end in a return",
                "return the outputs by name: `return loss, dW`",
            )
        ret = body[-1]
        assert isinstance(ret, ast.Return) and ret.value is not None
        for stmt in body[:-1]:
            if any(isinstance(n, ast.Return) for n in ast.walk(stmt)):
                self.fail(stmt.lineno, "a second return", "one return, at the end")
        self.collect(body[:-1])
        order = [name for block in self.blocks for name in block.stages]
        leaves = tuple(self.leaves(ret.value, (), ret.lineno))
        if not any(leaf.stage for leaf in leaves):
            self.fail(ret.lineno, "no stage is returned", "return at least one annotated name")
        stages = tuple(self.stage(name) for name in order)
        exercise = Exercise(
            name=self.function.name,
            family=self.path.stem,
            title=self.docstring.split("\n\n")[0].replace("\n", " ").strip(),
            docstring=self.docstring,
            parameters=tuple(a.arg for a in self.function.args.args),
            shapes=self.shapes,
            stages=stages,
            uses=self.block_uses(variants),
            returns=leaves,
            stub=self.stub(ret),
            mistakes=tuple((m.name, m.stage, m.hint) for m in mistakes),
            checks=tuple((c.name, c.points, c.what, c.hint) for c in checks),
            forward=self.forward_twin(),
            line=self.function.lineno,
            given=self.given,
        )
        blocks = tuple(self.block(b) for b in self.blocks)
        if self.driven_class is not None:
            return self.class_reference(exercise, blocks, cases, mistakes, checks)
        by_block: dict[int, tuple[CodeType, ...]] = {}
        for v in variants:
            code = self.replacement(v.code, v.stage, "a variant", v.stage, exercise)
            at = exercise.stage(v.stage).block
            by_block[at] = (*by_block.get(at, ()), code)
        mistake_code = {
            m.name: self.replacement(m.code, m.stage, f"the mistake {m.name!r}", m.name, exercise) for m in mistakes
        }
        end = self.function.end_lineno or self.function.lineno
        return Reference(
            exercise=exercise,
            path=self.path,
            source="\n".join(self.lines[self.function.lineno - 1 : end]) + "\n",
            prelude=compiled(self.prelude, self.path),
            blocks=blocks,
            module=self.module,
            cases=cases,
            mistakes=mistakes,
            mistake_code=mistake_code,
            variants=by_block,
            checks=checks,
        )

    def class_reference(
        self,
        exercise: Exercise,
        blocks: tuple[Block, ...],
        cases: Any,
        mistakes: tuple[Mistake, ...],
        checks: tuple[Check, ...],
    ) -> Reference:
        """The reference of a class: its driver's stages, its own source and stub."""
        node = self.driven_class
        assert node is not None
        if not exercise.parameters or exercise.parameters[0] != node.name:
            self.fail(
                self.function.lineno,
                f"the first parameter of {self.function.name} is not {node.name}",
                f"def {self.function.name}({node.name}, ...): the driver is handed the student's class",
            )
        if not answers(node, self.comments):
            self.fail(node.lineno, f"nothing in {node.name} is an answer", "end a line with `# > what belongs here`")
        docstring = ast.get_docstring(node) or ""
        if not docstring:
            self.fail(
                node.lineno, f"{node.name} has no docstring", "say what the class does and what is to be filled in"
            )
        for mistake in mistakes:
            self.check_methods(node, mistake, exercise)
        return Reference(
            exercise=replace(
                exercise,
                name=node.name,
                title=docstring.split("\n\n")[0].replace("\n", " ").strip(),
                docstring=docstring,
                parameters=exercise.parameters[1:],
                stub=class_stub(node, self.lines, self.comments),
                driver=driver_source(ast.parse(self.source), self.function, self.lines),
                line=node.lineno,
            ),
            path=self.path,
            source=source_of(node, self.lines),
            prelude=compiled(self.prelude, self.path),
            blocks=blocks,
            module=self.module,
            cases=cases,
            mistakes=mistakes,
            checks=checks,
            class_node=node,
        )

    def check_methods(self, node: ast.ClassDef, mistake: Mistake, exercise: Exercise) -> None:
        """Is the code of a mistake methods of the class?"""
        if mistake.stage not in {s.name for s in exercise.stages}:
            known = ", ".join(s.name for s in exercise.stages)
            self.fail(
                self.place(mistake.name),
                f"the mistake {mistake.name!r} is at {mistake.stage!r}, which is none",
                f"stage= one of {known}",
            )
        tree, _ = self.compiled_code(mistake.code, f"the mistake {mistake.name!r}", mistake.name, "whole methods")
        if not tree.body or not all(isinstance(n, ast.FunctionDef) and n.name in methods(node) for n in tree.body):
            self.fail(
                self.place(mistake.name),
                f"the code of the mistake {mistake.name!r} is not methods of {node.name}",
                f"whole methods: def {', def '.join(sorted(methods(node)))}",
            )

    # -- facts

    def place(self, label: str) -> int:
        """The line of the file in which a mistake or a variant is named."""
        return line_of(self.source, label)

    def part(self, line: int) -> str:
        for number in range(line, self.function.lineno, -1):
            text = self.lines[number - 1].strip().lower()
            if text.startswith("#") and "forward" in text:
                return "forward"
            if text.startswith("#") and "backward" in text:
                return "backward"
        return "backward" if self.function.name.endswith("_backward") else "forward"

    def stage(self, name: str) -> Stage:
        draft = self.drafts[name]
        block = next(i for i, b in enumerate(self.blocks) if name in b.stages)
        return Stage(
            name,
            draft["dims"],
            draft["what"],
            draft["points"],
            self.part(draft["line"]),
            block,
            draft["line"],
        )

    def leaves(self, value: ast.expr, path: tuple[int | str, ...], line: int) -> Iterator[Leaf]:
        """What the return expression gives back: stages, containers of stages, and unmarked values."""
        if isinstance(value, ast.Name):
            if value.id in self.drafts:
                yield Leaf(value.id, path)
                return
            packed = [s for s in self.epilogue if isinstance(s, ast.Assign) and value.id in targets(s)]
            if packed and isinstance(packed[-1].value, ast.Dict):
                yield from self.leaves(packed[-1].value, path, line)
                return
            known = set().union(
                *(targets(s) for s in (*self.prelude, *self.epilogue)),
                {a.arg for a in self.function.args.args},
            )
            if value.id not in known:
                self.fail(
                    line,
                    f"{value.id} is returned but is neither a stage nor given",
                    f"annotate the assignment of {value.id}: {EXAMPLE}",
                )
            yield Leaf(None, path)
        elif isinstance(value, ast.Tuple):
            for i, element in enumerate(value.elts):
                yield from self.leaves(element, (*path, i), line)
        elif isinstance(value, ast.Dict) and all(k is None or isinstance(k, ast.Constant) for k in value.keys):
            for key, element in zip(value.keys, value.values, strict=True):
                if key is None:  # **config: what was there before
                    continue
                assert isinstance(key, ast.Constant) and isinstance(key.value, str | int)
                yield from self.leaves(element, (*path, key.value), line)
        else:
            self.fail(
                line,
                f"an expression is returned: {ast.unparse(value)}",
                "assign it to an annotated name first and return the name",
            )

    def block_uses(self, variants: tuple[Variant, ...]) -> tuple[frozenset[str], ...]:
        """By block: the stages its value depends on directly, also through temporaries such as `correct`."""
        through: dict[str, set[str]] = {}
        uses = []
        for block in self.blocks:
            used: set[str] = set()
            for node in block.nodes:
                deps: set[str] = set()
                for name in value_reads(node):
                    if name in self.drafts and name not in block.stages:
                        deps.add(name)
                    deps |= through.get(name, set())
                used |= deps
                for name in targets(node) - set(self.drafts):
                    through[name] = through.get(name, set()) | deps
            for variant in variants:
                if variant.stage in block.stages:
                    used |= reads(ast.parse(textwrap.dedent(variant.code))) & set(self.drafts) - set(block.stages)
            uses.append(frozenset(used))
        return tuple(uses)

    def forward_twin(self) -> str | None:
        name = self.function.name
        twin = name.removesuffix("_backward") + "_forward"
        return twin if name.endswith("_backward") and twin in self.siblings else None

    # -- code

    def block(self, draft: Open) -> Block:
        for stmt in draft.nodes:
            self.no_borrowed_change(stmt, draft)
        return Block(tuple(draft.stages), tuple(draft.nodes), self.path)

    def replacement(self, source: str, stage: str, what: str, label: str, exercise: Exercise) -> CodeType:
        """Code that stands in for the block of a stage: of a mistake or a variant."""
        if stage not in {s.name for s in exercise.stages}:
            self.fail(
                self.place(label),
                f"{what} is at {stage!r}, which is no stage of {exercise.name}",
                f"stage= one of {', '.join(s.name for s in exercise.stages)}",
            )
        tree, code = self.compiled_code(source, what, label, "statements that assign the stage")
        block = exercise.block_stages(exercise.stage(stage).block)
        lacking = {s.name for s in block} - targets(tree)
        if lacking:
            self.fail(
                self.place(label),
                f"the code of {what} does not assign {', '.join(sorted(lacking))}",
                "it replaces all statements of the stage, so it assigns every name they do",
            )
        return code

    def compiled_code(self, source: str, what: str, label: str, remedy: str) -> tuple[ast.Module, CodeType]:
        try:
            tree = ast.parse(textwrap.dedent(source))
            return tree, compile(tree, f"<{what}>", "exec")
        except SyntaxError as error:
            raise AnnotationError(
                str(self.path), self.place(label), f"the code of {what} is not valid Python: {error.msg}", remedy
            ) from error

    def stub(self, ret: ast.Return) -> str:
        """The student's version: the same function with each stage's statements replaced by `name = ...`."""
        hidden = {
            line for b in self.blocks for n in b.nodes for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)
        }
        openings: dict[int, tuple[list[str], str]] = {}
        for draft in self.drafts.values():
            line = draft["line"]
            if line not in openings:
                names = draft["together"]
                dims = ", ".join(self.stage(n).shape for n in names)
                points = ", ".join(str(self.drafts[n]["points"]) for n in names)
                openings[line] = (names, f"{dims} {draft['what']} [{points}]")
        first_body = self.function.body[0].lineno
        end = self.function.end_lineno or ret.lineno
        return stub_source(self.lines, self.function.lineno, first_body, end, hidden, openings)
