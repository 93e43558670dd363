"""Is a mutant that lost no mark the same as its reference? Both are run on many more inputs."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from grader.compare import FLOOR, as_numbers
from grader.exercise import AnnotationError
from grader.mutants import Mutant
from grader.reference import Reference
from grader.replay import Env, ReferenceOracle, execute, made, on_cases, oracle_for

PROOF_SEEDS = 200  # draws of all cases on which an equivalent mutant must agree
SAME = 1e-12  # of the largest entry: what rounding alone may change


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
        code = code_of(mutant, self.reference)
        ways = [self.reference.blocks[mutant.block].code, *self.reference.variants.get(mutant.block, ())]
        own = [s.name for s in self.reference.exercise.block_stages(mutant.block)]
        outputs = self.reference.exercise.outputs
        agree, value = set(range(len(ways))), True
        before = [b.code for b in self.reference.blocks[: mutant.block]]
        after = [b.code for b in self.reference.blocks[mutant.block + 1 :]]
        for oracle in self.oracles:
            for case in range(len(oracle.cases)):
                got = run([*before, code, *after], oracle, case)
                if got is None:
                    return None
                for way in sorted(agree):
                    want = oracle.right[case] if way == 0 else run([*before, ways[way], *after], oracle, case)
                    if want is None or not all(same(got.get(name), want[name]) for name in outputs):
                        agree.discard(way)
                value = value and all(same(got.get(name), oracle.right[case][name]) for name in own)
                if not agree:
                    return None
        return "value" if value and 0 in agree else "results" if 0 in agree else "variant"

    def _driven(self, mutant: Mutant, oracle: ReferenceOracle) -> bool:
        module = dict(oracle.reference.module)
        try:
            exec(code_of(mutant, self.reference), module)
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


def code_of(mutant: Mutant, reference: Reference) -> CodeType:
    """The mutated block, or the mutated class."""
    if mutant.block is None:
        return compile(mutant.source, "<mutant>", "exec")
    nodes = mutant.mutation.applied(reference.blocks[mutant.block].nodes)
    return compile(ast.unparse(ast.Module(body=nodes, type_ignores=[])), "<mutant>", "exec")


def run(codes: Sequence[CodeType], oracle: ReferenceOracle, case: int) -> Env | None:
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
