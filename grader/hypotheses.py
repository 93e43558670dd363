"""What may have happened at a stage, and how much of what the student did a hypothesis explains.

A hypothesis is a value of one stage. It is weighed by replaying the rest: how many of the student's later values
come out as the student has them?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare import as_numbers, close, says_nothing
from grader.evidence import Evidence, Values, equal, numeric
from grader.exercise import Stage
from grader.replay import Env, Oracle

MAX_BRANCHES = 8  # ways of computing the rest that are followed at once

Score = tuple[int, int]  # returned values reproduced, other values reproduced


@dataclass(frozen=True)
class Cause:
    """What reproduces a wrong value: a named mistake, or an alteration of the right one.

    `kind` is "mistake", "scale", "transposed", "left out" (a term of a later stage, never computed), or what happened
    to a term: "missing", "half", "double", "negated", "averaged", "halved and averaged". `name` is the mistake's, the
    factor, or the term.
    `also` is a second slip in another term of the same stage.
    """

    kind: str
    name: str = ""
    also: Cause | None = None


TERMWISE = frozenset({"mistake", "missing", "half", "double", "negated", "averaged", "halved and averaged"})
SCALES = (("2", 2.0), ("1/2", 0.5), ("-1", -1.0))


def numbers_in(inputs: Mapping[str, Any], single: bool = False) -> dict[tuple[str, ...], Any]:
    """Arrays of numbers among the inputs, also in dicts among them, by path; `single`: and single numbers."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in inputs.items():
        found |= {(name, k): v for k, v in value.items()} if isinstance(value, dict) else {(name,): value}
    return {k: v for k, v in found.items() if (single or isinstance(v, np.ndarray)) and as_numbers(v) is not None}


def _same(got: Values, want: Values) -> bool:
    """Equal on every case; what is not finite is so in the same places, and something is finite."""
    if equal(got, want):
        return True
    have, need = numeric(got), numeric(want)
    if len(have) < len(got) or [a.shape for a in have] != [b.shape for b in need]:
        return False
    masks = [np.isfinite(a) for a in have]
    if not any(m.any() for m in masks) or any((m != np.isfinite(b)).any() for m, b in zip(masks, need, strict=True)):
        return False
    return equal(*([np.where(m, v, 0.0) for m, v in zip(masks, values, strict=True)] for values in (have, need)))


class Weighing:
    """Hypotheses about one submission, on the given cases of an oracle."""

    def __init__(self, oracle: Oracle, evidence: Evidence, cases: Sequence[int]) -> None:
        self.oracle, self.evidence, self.cases = oracle, evidence, list(cases)
        self.exercise = oracle.exercise
        self.inputs = [numbers_in(oracle.cases[c].inputs) for c in self.cases]

    def is_input(self, values: Values) -> bool:
        """Is it an input on every case? Then who has it has computed nothing."""
        return all(self._given(v, i) for i, v in enumerate(values))

    def _given(self, value: Any, i: int) -> bool:
        """Is it an input? (Zero may be one by chance: the label of a single example.)"""
        return not says_nothing([value]) and any(close(value, one) for one in self.inputs[i].values())

    def of(self, stage: Stage, expected: Values, envs: Mapping[int, Env]) -> list[tuple[Cause, Values]]:
        """What may have gone wrong: each named mistake, then each term altered, factors, a transpose."""
        made = [(cause, [one[cause] for one in found]) for cause, found in self._derived(stage, envs)]
        arrays = numeric(expected)
        if len(arrays) < len(expected):
            return made
        made += [(Cause("scale", name), [v * factor for v in arrays]) for name, factor in SCALES]
        sizes = self.evidence.sizes
        if all(sizes):
            made.append((Cause("scale", "N"), [v * n for v, n in zip(arrays, sizes, strict=True)]))
            made.append((Cause("scale", "1/N"), [v / n for v, n in zip(arrays, sizes, strict=True)]))
        if all(v.ndim == 2 for v in arrays):
            made.append((Cause("transposed"), [v.T for v in arrays]))
        if not self.exercise.uses[stage.block] and not stage.dims and stage.name not in self.exercise.outputs:
            made.append((Cause("left out"), [0.0 * v for v in arrays]))  # a term such as the regularization loss
        return made

    def _derived(self, stage: Stage, envs: Mapping[int, Env]) -> list[tuple[Cause, list[dict[Cause, Any]]]]:
        found = [self.altered(c, stage.name, envs[c]) for c in self.cases]
        return [(cause, found) for cause in found[0] if all(cause in one for one in found)]

    def altered(self, case: int, stage: str, env: Env) -> dict[Cause, Any]:
        """The stage as each named mistake, and each alteration of a term, would have it on one case."""
        mistakes = {Cause("mistake", name): v for name, v in self.oracle.mistakes(case, stage, env).items()}
        return {**mistakes, **{Cause(*key): v for key, v in self.oracle.alterations(case, stage, env).items()}}

    def cause(self, stage: Stage, got: Values, expected: Values, envs: Mapping[int, Env]) -> Cause | None:
        """The hypothesis that gives exactly what the student has. Zeros are no evidence of any."""
        known = numeric(got)
        if not known or all(not np.any(v) for v in known):
            return None
        made = self.of(stage, expected, envs)
        single = next((cause for cause, values in made if _same(got, values)), None)
        return single or self._two_at_once(got, expected, made)

    def _two_at_once(self, got: Values, expected: Values, made: list[tuple[Cause, Values]]) -> Cause | None:
        """Two slips in different terms: their differences add up to that of the student's value."""
        want, have = numeric(expected), numeric(got)
        if len(want) < len(expected) or [w.shape for w in want] != [h.shape for h in have]:
            return None
        slips = []
        for cause, values in made:
            arrays = numeric(values)
            if cause.kind in TERMWISE and [a.shape for a in arrays] == [w.shape for w in want]:
                slips.append((cause, [a.astype(float) - w for a, w in zip(arrays, want, strict=True)]))
        for at, (first, one) in enumerate(slips):
            for second, other in slips[at + 1 :]:
                if first.name != second.name and equal(
                    have, [w + a + b for w, a, b in zip(want, one, other, strict=True)]
                ):
                    return Cause(first.kind, first.name, second)
        return None

    def weigh(self, stage: Stage, values: Values, envs: Mapping[int, Env]) -> Score:
        """How many returned, and how many other, later stages come out as the student has them, were it `values`?"""
        outputs: set[str] | None = None
        inner: set[str] | None = None
        silent: set[str] = set(self.exercise.descendants(stage.name)) - set(self.exercise.outputs)
        for i, case in enumerate(self.cases):
            found, zero = self._reproduced(stage, values[i], i, envs[case])
            silent &= zero
            mine = found & set(self.exercise.outputs)
            outputs = mine if outputs is None else outputs & mine
            inner = found - mine if inner is None else inner & (found - mine)
            if not outputs and not inner:
                return (0, 0)
        if silent:  # through a stage that is zero everywhere, what comes out is no evidence of what went in
            return (0, 0)
        return (len(outputs or ()), len(inner or ()))

    def _reproduced(self, stage: Stage, value: Any, i: int, env: Env) -> tuple[set[str], set[str]]:
        """On one case: the later stages that come out as the student has them, and those that come out zero."""
        case = self.cases[i]
        touched = set(self.exercise.descendants(stage.name))
        branches: list[tuple[set[str], Env]] = [(set(), {**env, **self._siblings(stage, case, env), stage.name: value})]
        for block in range(stage.block + 1, len(self.exercise.uses)):
            names = touched.intersection(s.name for s in self.exercise.block_stages(block))
            grown: list[tuple[set[str], Env]] = []
            for found, at in branches:
                ways = self._ways(case, block, at)
                if not names:  # not computed from the stage: as right or wrong as before
                    grown.append((found, ways[0] if ways else at))
                for way in ways if names else []:
                    grown.append((found | {n for n in names if self._shows(n, way[n], i)}, way))
            if not grown:
                break
            branches = sorted(grown, key=lambda b: -len(b[0]))[:MAX_BRANCHES]
        outputs = set(self.exercise.outputs)
        found, at = max(branches, key=lambda b: (len(b[0] & outputs), len(b[0])))
        return found, {n for n in touched if n in at and says_nothing([at[n]])}

    def _shows(self, name: str, value: Any, i: int) -> bool:
        right = self.oracle.right[self.cases[i]][name]
        return self.evidence.shows(name, value, i) and (close(value, right) or not self._given(value, i))

    def _ways(self, case: int, block: int, env: Env) -> list[Env]:
        return [w for w in self.oracle.replay(case, block, env) if w is not None]

    def _siblings(self, stage: Stage, case: int, env: Env) -> Env:
        """What the stage's own block makes: values of its other stages, and temporaries."""
        ways = self._ways(case, stage.block, env)
        return ways[0] if ways else {}

    def excused(self, stage: Stage, expected: Values, envs: Mapping[int, Env]) -> bool:
        """Does the student have what a known slip in a stage computed from this one makes of the right value?"""
        for user in self.exercise.users(stage.name):
            if user in self.exercise.outputs:
                continue
            causes: set[Cause] | None = None
            for i, case in enumerate(self.cases):
                env = {**envs[case], **self._siblings(stage, case, envs[case]), stage.name: expected[i]}
                shown = {k for k, v in self.altered(case, user, env).items() if self.evidence.shows(user, v, i)}
                causes = shown if causes is None else causes & shown
            if causes:
                return True
        return False

    def needs(self, user: Stage, cause: Cause, on: str, envs: Mapping[int, Env]) -> bool:
        """Does what `cause` makes of the stage `user` depend on the stage `on`? (Changing `on` must change it.)"""
        if cause.also is not None:
            first = Cause(cause.kind, cause.name)
            return self.needs(user, first, on, envs) or self.needs(user, cause.also, on, envs)
        known = self.oracle.needs(cause.name) if cause.kind == "mistake" else None
        if known is not None:
            return on in known
        for case in self.cases:
            value = as_numbers(envs[case].get(on))
            if value is None:
                continue
            before = self.altered(case, user.name, envs[case]).get(cause)
            other = np.flip(value) if value.dtype.kind in "iub" else value * 1.37 + 0.11
            after = self.altered(case, user.name, {**envs[case], on: other}).get(cause)
            if before is not None and after is not None and not close(after, before):
                return True
        return False
