"""Mutants of a reference: one statement of it changed, and which of them to take."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.classes import answers, methods
from grader.compare import as_numbers
from grader.exercise import Exercise
from grader.mutation import Mutation, Scope, mutations, rebuilt
from grader.notation import comments_of
from grader.reference import Reference
from grader.replay import Env, ReferenceOracle
from grader.syntax import bound, targets

LEAST = 20  # mutants that a staged exercise should have
NUMBER = 24  # mutants of an exercise, and at least EACH of every stage
EACH = 2
PADDING = frozenset({"call added"})  # kinds that are taken where there are not enough others


@dataclass(frozen=True)
class Mutant:
    """One statement of a reference changed. `block` is None in a class; `lines` are those of the block in `source`."""

    exercise: str
    block: int | None
    mutation: Mutation
    source: str
    lines: frozenset[int] = frozenset()


def every_mutant(oracle: ReferenceOracle) -> list[Mutant]:
    """All distinct mutants of a reference, in the order of its lines."""
    return list(_of_class(oracle.reference) if oracle.reference.class_node is not None else _of_function(oracle))


def choice(mutants: Sequence[Mutant], number: int, rng: np.random.Generator) -> list[Mutant]:
    """`number` of them or EACH a block, whichever is more; from all blocks, and of all kinds, as evenly as can be."""
    groups: dict[int | None, list[Mutant]] = {}
    for i in rng.permutation(len(mutants)):
        groups.setdefault(mutants[i].block, []).append(mutants[i])
    queues = [_by_turns(group) for _, group in sorted(groups.items(), key=lambda item: item[0] or 0)]
    picked: list[Mutant] = []
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue) and (len(picked) < number or turn < EACH):
                picked.append(queue[turn])
    return sorted(picked, key=mutants.index)


def _by_turns(mutants: Sequence[Mutant]) -> list[Mutant]:
    """One of each kind and statement, then a second of each, and so on; padding at the end."""
    turns: dict[Hashable, int] = {}
    order: list[tuple[int, int, Mutant]] = []
    for mutant in mutants:
        key = (mutant.mutation.statement, mutant.mutation.kind)
        turns[key] = turns.get(key, -1) + 1
        order.append((turns[key] + 1000 * (key[1] in PADDING), len(order), mutant))
    return [mutant for _, _, mutant in sorted(order, key=lambda item: item[:2])]


def _of_function(oracle: ReferenceOracle) -> Iterator[Mutant]:
    reference = oracle.reference
    tree = ast.parse(reference.source).body[0]
    assert isinstance(tree, ast.FunctionDef)
    by_line = {node.lineno + reference.exercise.line - 1: i for i, node in enumerate(tree.body)}
    keys = _keys(tree)
    sizes = _sizes(reference.exercise, oracle.right[0])
    known = {name: _kind(value) for name, value in oracle.right[0].items()}
    names = set(oracle.starts[0])
    for number, block in enumerate(reference.blocks):
        scopes = []
        for stmt in block.nodes:
            here = names | (bound(stmt) if hasattr(stmt, "body") else set())
            scopes.append(Scope({n: known[n] for n in sorted(here) if n in known}, sizes, keys))
            names |= targets(stmt)
        places = [by_line[node.lineno] for node in block.nodes]
        for mutation in mutations(block.nodes, scopes):
            body: list[ast.stmt] = list(tree.body)
            body[places[mutation.statement]] = mutation.node or ast.Pass()
            source = ast.unparse(ast.FunctionDef(tree.name, tree.args, body, [], lineno=1))
            again = ast.parse(source).body[0]
            assert isinstance(again, ast.FunctionDef)
            lines = {
                line
                for place in places
                for line in range(again.body[place].lineno, (again.body[place].end_lineno or 0) + 1)
            }
            yield Mutant(reference.name, number, mutation, source, frozenset(lines))


def _of_class(reference: Reference) -> Iterator[Mutant]:
    tree = ast.parse(reference.source).body[0]
    assert isinstance(tree, ast.ClassDef)
    attributes = sorted(
        {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "self"}
        - methods(tree)
    )
    written = answers(tree, comments_of(reference.source))
    for method in tree.body:
        inside = set(ast.walk(method))
        for stmt in (s for s in written if s in inside):
            assert isinstance(method, ast.FunctionDef)
            names = {a.arg for a in method.args.args} | {n for s in method.body for n in bound(s)}
            scope = Scope(dict.fromkeys(sorted(names - {"self"}), "any"), {}, _keys(tree), attributes)
            for mutation in mutations([stmt], [scope]):
                source = ast.unparse(rebuilt(tree, stmt, mutation.node or ast.Pass()))
                yield Mutant(reference.name, None, mutation, source)


def _keys(tree: ast.AST) -> list[str]:
    """String keys by which anything is looked up."""
    slices = (n.slice for n in ast.walk(tree) if isinstance(n, ast.Subscript))
    return sorted({s.value for s in slices if isinstance(s, ast.Constant) and isinstance(s.value, str)})


def _kind(value: Any) -> Hashable:
    numbers = as_numbers(value)
    if numbers is None or numbers.dtype.kind == "b":
        return None
    return numbers.shape if numbers.ndim else "int" if numbers.dtype.kind in "iu" else "float"


def _sizes(exercise: Exercise, env: Env) -> dict[int, str]:
    """By value: how the sizes of the arguments are written."""
    found: dict[int, str] = {}
    for name in exercise.parameters:
        for axis, size in enumerate(getattr(env.get(name), "shape", ())):
            found.setdefault(size, f"{name}.shape[{axis}]")
    return found
