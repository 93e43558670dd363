"""Proof that the grader catches mistakes, and finds them where they are: references mutated line by line.

Every mutant is handed in like a student's submission. Caught: it loses marks. Localised: it loses them at the stage
that was mutated and at none before. What survives is run beside the reference on many more inputs: it is equivalent, or
a blind spot of the cases or of the grader.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from grader.classes import answers, methods
from grader.compare import FLOOR, as_numbers, close
from grader.exercise import FULL_MARKS, AnnotationError, Exercise, Outcome
from grader.grading import Bench
from grader.kit import Kit, find
from grader.limits import Limits
from grader.mutation import Mutation, Scope, mutations, rebuilt
from grader.notation import comments_of
from grader.reference import Reference
from grader.replay import Env, ReferenceOracle, execute, made, on_cases, oracle_for
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.syntax import bound, targets
from grader.validate import SEED, bench_of, marked

LEAST = 20  # mutants that a staged exercise should have
NUMBER = 24  # mutants of an exercise, and at least EACH of every stage
EACH = 2
PADDING = frozenset({"call added"})  # kinds that are taken where there are not enough others
PROOF_SEEDS = 200  # draws of all cases on which an equivalent mutant must agree
SAME = 1e-12  # of the largest entry: what rounding alone may change
CAUGHT, LOCALISED = 0.995, 0.95  # what is asked of the grader
LIMITS = Limits(seconds=2.0, total_seconds=6.0)  # a mutant that does not end is caught; no need to wait long


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Mutant:
    """One statement of a reference changed. `block` is None in a class; `lines` are those of the block in `source`."""

    exercise: str
    block: int | None
    mutation: Mutation
    source: str
    lines: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Result:
    """How one mutant fared.

    `localised` is None where there are no stages to find it at (in a class) or it was not caught; `followed` is None
    unless it was localised and ran to its end: do all other stages keep their marks, but those for which nothing is
    left to follow from (zeros, NaN)?
    """

    exercise: str
    stages: tuple[str, ...]  # of the block that was mutated
    kind: str
    before: str
    after: str
    fate: Fate
    localised: bool | None = None
    followed: bool | None = None
    lost: tuple[str, ...] = ()  # stages and checks without full marks
    error: str = ""
    proof: str = ""  # of an equivalent one: "value", "results" or "variant" is the same


@dataclass
class Tally:
    """The mutants of one exercise."""

    exercise: str
    family: str
    staged: bool  # not a class
    possible: int  # distinct mutants that there are
    results: list[Result] = field(default_factory=list)

    def count(self, fate: Fate) -> int:
        return sum(r.fate is fate for r in self.results)

    @property
    def judged(self) -> int:
        """Mutants that differ from the reference, or may."""
        return len(self.results) - self.count(Fate.EQUIVALENT)


def tallies(
    kit: Kit, names: Sequence[str] = (), number: int | None = NUMBER, seed: int = SEED, jobs: int = 1
) -> Iterator[Tally]:
    """A tally per exercise (of all, or of `names`), in order, as soon as it is known.

    `number` limits the mutants of an exercise, a choice drawn from `seed`; None takes all of them.
    """
    chosen = [r.name for r in kit.references if not names or r.name in names]
    if jobs == 1 or len(chosen) == 1:
        yield from (_tally(kit, name, number, seed) for name in chosen)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        tasks = [pool.submit(_in_a_process, kit.root, name, number, seed) for name in chosen]
        try:
            yield from (task.result() for task in tasks)
        finally:
            pool.shutdown(cancel_futures=True)


_kits: dict[Path, Kit] = {}  # of this process


def _in_a_process(root: Path, name: str, number: int | None, seed: int) -> Tally:
    if root not in _kits:
        _kits[root] = find(root)
    return _tally(_kits[root], name, number, seed)


def _tally(kit: Kit, name: str, number: int | None, seed: int) -> Tally:
    reference = next(r for r in kit.references if r.name == name)
    with Sandbox(LIMITS) as sandbox:
        return tally(reference, kit.references, sandbox, number, seed)


def tally(
    reference: Reference, others: Sequence[Reference], sandbox: Sandbox, number: int | None = NUMBER, seed: int = SEED
) -> Tally:
    """The mutants of one reference, marked. `others` may hold the forward pass that it differentiates."""
    oracle = oracle_for(reference, seed)
    every = every_mutant(oracle)
    rng = np.random.default_rng([seed, *reference.name.encode()])
    chosen = every if number is None else choice(every, number, rng)
    twins = {r.name: oracle_for(r, seed) for r in others if r.name == reference.exercise.forward}
    bench = bench_of(oracle, twins)
    found = Tally(reference.name, reference.exercise.family, reference.class_node is None, len(every))
    proof = Proof(reference, seed)
    for mutant in chosen:
        found.results.append(_result(mutant, oracle, bench, sandbox, proof))
    return found


# -- making them


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


# -- marking them


def _result(mutant: Mutant, oracle: ReferenceOracle, bench: Bench, sandbox: Sandbox, proof: Proof) -> Result:
    exercise = oracle.exercise
    mark = marked(bench, oracle.reference, mutant.source, sandbox)
    lost = [s.verdict.stage.name for s in mark.stages if s.verdict.outcome not in FULL_MARKS]
    blocked = {s.verdict.stage.name for s in mark.stages if s.verdict.outcome is Outcome.BLOCKED}
    checks = [c.name for c in mark.checks if c.points < c.max_points]
    own = tuple(s.name for s in exercise.block_stages(mutant.block)) if mutant.block is not None else ()
    fate = Fate.CAUGHT if mark.points < exercise.points else Fate.SURVIVED
    shown = proof.of(mutant) if fate is Fate.SURVIVED else None
    localised = followed = None
    if fate is Fate.CAUGHT and mutant.block is not None:
        changed = _changed(mutant, oracle, mark)
        localised = _localised(exercise, mutant.block, changed, lost, checks)
        if localised and mark.error is None:
            followed = set(lost) - blocked <= changed
    return Result(
        mutant.exercise,
        own,
        mutant.mutation.kind,
        mutant.mutation.before,
        mutant.mutation.after,
        Fate.EQUIVALENT if shown else fate,
        localised,
        followed,
        (*lost, *checks),
        f"{mark.error.kind}: {mark.error.text}" if mark.error is not None else "",
        shown or "",
    )


def _localised(exercise: Exercise, block: int, changed: set[str], lost: list[str], checks: list[str]) -> bool:
    """Are marks lost at a stage that the mutant changes, and at none before? Where it changes none on ordinary inputs,
    a property that is lost, and nothing else, says so."""
    if not changed:
        return bool(checks) and not lost
    before = {s.name for s in exercise.stages if s.block < block}
    return bool(changed & set(lost)) and not before & set(lost)


def _changed(mutant: Mutant, oracle: ReferenceOracle, mark: ExerciseMark) -> set[str]:
    """The stages of the block that have another value than they should on some ordinary case, by themselves."""
    assert mutant.block is not None
    own = {s.name for s in oracle.exercise.block_stages(mutant.block)}
    if mark.error is not None and (mark.error.line in mutant.lines or mark.error.line is None):
        return own
    code = _code(mutant, oracle.reference)
    changed: set[str] = set()
    for case, one in enumerate(oracle.cases):
        if one.check is not None:
            continue
        after = _run([*(b.code for b in oracle.reference.blocks[: mutant.block]), code], oracle, case)
        if after is None:
            return own
        changed |= {name for name in own if not close(after.get(name), oracle.right[case][name])}
    return changed


def _code(mutant: Mutant, reference: Reference) -> CodeType:
    """The mutated block, or the mutated class."""
    if mutant.block is None:
        return compile(mutant.source, "<mutant>", "exec")
    nodes = mutant.mutation.applied(reference.blocks[mutant.block].nodes)
    return compile(ast.unparse(ast.Module(body=nodes, type_ignores=[])), "<mutant>", "exec")


def _run(codes: Sequence[CodeType], oracle: ReferenceOracle, case: int) -> Env | None:
    """What pieces of code make of one case, None where they raise. Works on copies: a mutant may change an input."""
    env = _copied(oracle.starts[case])
    try:
        with np.errstate(all="ignore"):
            for code in codes:
                execute(code, oracle.reference.module, env)
    except Exception:
        return None
    return env


def _copied(env: Env) -> Env:
    return {
        k: copy.deepcopy(v) if isinstance(v, np.ndarray | dict | list | tuple | np.random.Generator) else v
        for k, v in env.items()
    }


# -- what survived


class Proof:
    """The reference on many draws of its cases, made when first asked for."""

    def __init__(self, reference: Reference, seed: int, seeds: int = PROOF_SEEDS) -> None:
        self.reference, self.seeds = reference, range(seed + 1, seed + 1 + seeds)

    @cached_property
    def oracles(self) -> list[ReferenceOracle]:
        drawn = [oracle_for(self.reference, seed) for seed in self.seeds]
        return [*drawn, *(moved for seed, one in zip(self.seeds, drawn, strict=True) if (moved := _moved(one, seed)))]

    def of(self, mutant: Mutant) -> str | None:
        """Why the mutant is equivalent on every case of every draw, also with its numbers moved: the stage has the same
        "value"; or another, with the same "results"; or it is an accepted "variant". None where it is not, or raises.
        """
        if mutant.block is None:
            return "results" if all(self._driven(mutant, o) for o in self.oracles) else None
        code = _code(mutant, self.reference)
        ways = [self.reference.blocks[mutant.block].code, *self.reference.variants.get(mutant.block, ())]
        own = [s.name for s in self.reference.exercise.block_stages(mutant.block)]
        outputs = self.reference.exercise.outputs
        agree, value = set(range(len(ways))), True
        before = [b.code for b in self.reference.blocks[: mutant.block]]
        after = [b.code for b in self.reference.blocks[mutant.block + 1 :]]
        for oracle in self.oracles:
            for case in range(len(oracle.cases)):
                got = _run([*before, code, *after], oracle, case)
                if got is None:
                    return None
                for way in sorted(agree):
                    want = oracle.right[case] if way == 0 else _run([*before, ways[way], *after], oracle, case)
                    if want is None or not all(same(got.get(name), want[name]) for name in outputs):
                        agree.discard(way)
                value = value and all(same(got.get(name), oracle.right[case][name]) for name in own)
                if not agree:
                    return None
        return "value" if value and 0 in agree else "results" if 0 in agree else "variant"

    def _driven(self, mutant: Mutant, oracle: ReferenceOracle) -> bool:
        module = dict(oracle.reference.module)
        try:
            exec(_code(mutant, self.reference), module)
            for case, one in enumerate(oracle.cases):
                env: Env = _copied({k: made(v) for k, v in one.inputs.items()})
                with np.errstate(all="ignore"):
                    execute(oracle.reference.prelude, module, env)
                    for block in oracle.reference.blocks:
                        execute(block.code, module, env)
                if not all(same(env[name], oracle.right[case][name]) for name in oracle.exercise.outputs):
                    return False
        except AnnotationError:
            raise
        except Exception:
            return False
        return True


def _moved(oracle: ReferenceOracle, seed: int) -> ReferenceOracle | None:
    """The oracle's cases with every number made smaller by a factor of its own, so that what is always 1, or always
    equal to something else, hides nothing. Cases on which the reference is not finite are left out."""
    rng = np.random.default_rng(seed)
    moved = []
    for case in oracle.cases:
        one = replace(case, inputs=_smaller(dict(case.inputs), rng))
        try:
            right = on_cases(oracle.reference, [one]).right[0]
        except AnnotationError:
            continue
        values = [as_numbers(right[name]) for name in oracle.exercise.outputs]
        if all(v is not None and np.isfinite(v).all() for v in values):
            moved.append(one)
    return on_cases(oracle.reference, moved) if moved else None


def _smaller(value: Any, rng: np.random.Generator) -> Any:
    """Signs and zeros stay, and what lies between 0 and 1 stays there."""
    if isinstance(value, dict):
        return {k: _smaller(v, rng) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_smaller(v, rng) for v in value)
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value * rng.uniform(0.5, 1.0, np.shape(value) or None)
    return value


def same(got: Any, want: Any) -> bool:
    """Equal but for rounding: shape, NaN and infinities, and every entry to SAME of the largest."""
    g, w = as_numbers(np.array(got) if isinstance(got, list) else got), as_numbers(want)
    if g is None or w is None or g.shape != w.shape:
        return False
    g, w = g.astype(float), w.astype(float)
    rough = ~np.isfinite(w)
    if not np.array_equal(g[rough], w[rough], equal_nan=True):
        return False
    scale = max(float(np.abs(w[~rough]).max(initial=0.0)), FLOOR)
    return bool((np.abs(g[~rough] - w[~rough]) <= SAME * scale).all())
