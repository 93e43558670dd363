"""Proof that the grader catches mistakes, and finds them where they are: references mutated line by line.

Every mutant is handed in like a student's submission. Caught: it loses marks. Localised: it loses them at the stage
that was mutated and at none before. What survives is run beside the reference on many more inputs: it is equivalent, or
a blind spot of the cases or of the grader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from grader.compare import close
from grader.equivalence import Proof, code_of, run
from grader.exercise import FULL_MARKS, Exercise, Outcome
from grader.grading import Bench
from grader.kit import Kit, find
from grader.limits import Limits
from grader.mutants import NUMBER, Mutant, choice, every_mutant
from grader.reference import Reference
from grader.replay import ReferenceOracle, oracle_for
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.validate import SEED, bench_of, marked

CAUGHT, LOCALISED = 0.995, 0.95  # what is asked of the grader
LIMITS = Limits(seconds=2.0, total_seconds=6.0)  # a mutant that does not end is caught; no need to wait long


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


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
    code = code_of(mutant, oracle.reference)
    changed: set[str] = set()
    for case, one in enumerate(oracle.cases):
        if one.check is not None:
            continue
        after = run([*(b.code for b in oracle.reference.blocks[: mutant.block]), code], oracle, case)
        if after is None:
            return own
        changed |= {name for name in own if not close(after.get(name), oracle.right[case][name])}
    return changed
