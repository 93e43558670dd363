"""What may have happened at a stage, and how much of what the student did a hypothesis explains.

A hypothesis is a value of one stage. It is weighed by replaying the rest: how many of the student's later values
come out as the student has them?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.compare import FLOOR, SINGLE, alike, as_numbers, close, largest, says_nothing
from grader.evidence import Evidence, Values, equal, numeric
from grader.exercise import Array, Stage
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


@dataclass(frozen=True)
class Later:
    """Of the later stages on one case: which come out as the student has them, as zero, as the very value."""

    shown: set[str] = field(default_factory=set)
    zero: set[str] = field(default_factory=set)
    same: set[str] = field(default_factory=set)


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
    return equal(got, want) or (all(map(alike, got, want)) and any(np.isfinite(v).any() for v in numeric(got)))


def _fits(got: Any, want: Any) -> bool:
    """Equal where both are finite, and not finite in the same places."""
    return close(got, want) or alike(got, want)


def _adding_up(have: Array, want: Array, slips: Mapping[Cause, Array]) -> Iterator[tuple[Cause, Cause]]:
    """Pairs of slips in different terms that may give `have`, on one case; cheap to find, to be looked at closely."""
    if len(slips) < 2 or not have.size:
        return
    causes, stacked = list(slips), np.stack([a.reshape(-1) for a in slips.values()])
    most = 2 * SINGLE * max(largest(have), FLOOR)
    rest = (have.astype(float) - want).reshape(-1)
    for at, first in enumerate(causes):
        off = np.abs(stacked[at + 1 :] - (rest - stacked[at])).max(axis=1)
        for second, worst in zip(causes[at + 1 :], off, strict=True):
            if worst <= most and first.name != second.name:
                yield first, second


class Weighing:
    """Hypotheses about one submission, on the given cases of an oracle."""

    def __init__(self, oracle: Oracle, evidence: Evidence, cases: Sequence[int]) -> None:
        self.oracle, self.evidence, self.cases = oracle, evidence, list(cases)
        self.exercise = oracle.exercise
        inputs = (numbers_in(oracle.cases[c].inputs) for c in self.cases)
        # without labels, which a computed number equals by chance
        self.inputs = [{path: v for path, v in one.items() if v.dtype.kind == "f"} for one in inputs]
        self._touched = {s.name: frozenset(self.exercise.descendants(s.name)) for s in self.exercise.stages}
        self._ground: dict[tuple[str, int, int], tuple[Env, Env]] = {}  # see _same_for_all

    def is_input(self, values: Values) -> bool:
        """Is it an input on every case? Then who has it has computed nothing."""
        return all(self._given(v, i) for i, v in enumerate(values))

    def _given(self, value: Any, i: int) -> bool:
        """Is it an input? (Zero may be one by chance.)"""
        return not says_nothing([value]) and any(close(value, one) for one in self.inputs[i].values())

    def of(self, stage: Stage, expected: Values, envs: Mapping[int, Env], i: int) -> dict[Cause, Any]:
        """What may have gone wrong, on the i-th case: each named mistake, then each term altered, factors, a
        transpose."""
        made = self.altered(self.cases[i], stage.name, envs[self.cases[i]])
        value, n = as_numbers(expected[i]), self.evidence.sizes[i]
        if value is None:
            return made
        made |= {Cause("scale", name): value * factor for name, factor in SCALES}
        if n:
            made |= {Cause("scale", "N"): value * n, Cause("scale", "1/N"): value / n}
        if value.ndim == 2:
            made[Cause("transposed")] = value.T
        if not self.exercise.uses[stage.block] and not stage.dims and stage.name not in self.exercise.outputs:
            made[Cause("left out")] = 0.0 * value  # a term such as the regularization loss
        return made

    def scored(self, stage: Stage, expected: Values, envs: Mapping[int, Env]) -> Iterator[tuple[Cause, Values, Score]]:
        """The hypotheses that explain anything, with their values and what they explain. Most are out on the first
        case."""
        first = self.of(stage, expected, envs, 0)
        likely = [c for c, v in first.items() if self._reproduced(stage, v, 0, envs[self.cases[0]]).shown]
        for cause, values in self._everywhere(stage, expected, envs, {c: first[c] for c in likely}):
            yield cause, values, self.weigh(stage, values, envs)

    def _everywhere(
        self, stage: Stage, expected: Values, envs: Mapping[int, Env], first: dict[Cause, Any]
    ) -> list[tuple[Cause, Values]]:
        """These hypotheses of the first case on all cases, where they exist on all."""
        if not first:
            return []
        others = [self.of(stage, expected, envs, i) for i in range(1, len(self.cases))]
        return [(c, [v, *(o[c] for o in others)]) for c, v in first.items() if all(c in o for o in others)]

    def altered(self, case: int, stage: str, env: Env) -> dict[Cause, Any]:
        """The stage as each named mistake, and each alteration of a term, would have it on one case."""
        mistakes = {Cause("mistake", name): v for name, v in self.oracle.mistakes(case, stage, env).items()}
        return {**mistakes, **{Cause(*key): v for key, v in self.oracle.alterations(case, stage, env).items()}}

    def cause(self, stage: Stage, got: Values, expected: Values, envs: Mapping[int, Env]) -> Cause | None:
        """The hypothesis that gives exactly what the student has. Zeros are no evidence of any."""
        known = numeric(got)
        if not known or all(not np.any(v) for v in known):
            return None
        first = self.of(stage, expected, envs, 0)
        likely = {cause: value for cause, value in first.items() if _fits(got[0], value)}
        for cause, values in self._everywhere(stage, expected, envs, likely):
            if _same(got, values):
                return cause
        return self._two_at_once(stage, got, expected, envs, first)

    def _two_at_once(
        self, stage: Stage, got: Values, expected: Values, envs: Mapping[int, Env], first: dict[Cause, Any]
    ) -> Cause | None:
        """Two slips in different terms: their differences add up to that of the student's value."""
        want, have = numeric(expected), numeric(got)
        if len(want) < len(expected) or [w.shape for w in want] != [h.shape for h in have]:
            return None
        slips = {c: a for c, v in first.items() if c.kind in TERMWISE and (a := as_numbers(v)) is not None}
        slips = {c: a.astype(float) - want[0] for c, a in slips.items() if a.shape == want[0].shape}
        pairs = list(_adding_up(have[0], want[0], slips))
        found = dict(self._everywhere(stage, expected, envs, {c: first[c] for pair in pairs for c in pair}))
        for one, other in pairs:
            if {one, other} <= found.keys() and all(
                h.shape == np.shape(a) == np.shape(b) and close(h, np.asarray(a, float) + np.asarray(b, float) - w)
                for h, w, a, b in zip(have, want, found[one], found[other], strict=True)
            ):
                return Cause(one.kind, one.name, other)
        return None

    def weigh(self, stage: Stage, values: Values, envs: Mapping[int, Env]) -> Score:
        """How many returned, and how many other, later stages come out as the student has them, were it `values`?"""
        outputs: set[str] | None = None
        inner: set[str] | None = None
        silent: set[str] = set(self.exercise.descendants(stage.name)) - set(self.exercise.outputs)
        passed_on = set(silent)
        for i, case in enumerate(self.cases):
            later = self._reproduced(stage, values[i], i, envs[case])
            silent &= later.zero
            passed_on &= later.same
            mine = later.shown & set(self.exercise.outputs)
            outputs = mine if outputs is None else outputs & mine
            inner = later.shown - mine if inner is None else inner & (later.shown - mine)
            if not outputs and not inner:
                return (0, 0)
        if silent:  # through a stage that is zero everywhere, what comes out is no evidence of what went in
            return (0, 0)
        return (len(outputs or ()), len((inner or set()) - passed_on))  # one value is no evidence of itself

    def _reproduced(self, stage: Stage, value: Any, i: int, env: Env) -> Later:
        """What comes later on one case, were the stage `value`."""
        case, touched = self.cases[i], self._touched[stage.name]
        siblings = self._same_for_all(stage, case, stage.block, env, env)
        branches: list[tuple[set[str], Env]] = [(set(), {**env, **siblings, stage.name: value})]
        for block in range(stage.block + 1, len(self.exercise.uses)):
            names = touched.intersection(s.name for s in self.exercise.block_stages(block))
            if not names:  # not computed from the stage: as right or wrong as before
                branches = [(f, {**at, **self._same_for_all(stage, case, block, env, at)}) for f, at in branches]
                continue
            grown: list[tuple[set[str], Env]] = []
            for found, at in branches:
                for way in self._ways(case, block, at):
                    grown.append((found | {n for n in names if self._shows(n, way[n], i)}, way))
            if not grown:
                break
            branches = sorted(grown, key=lambda b: -len(b[0]))[:MAX_BRANCHES]
        outputs = set(self.exercise.outputs)
        found, at = max(branches, key=lambda b: (len(b[0] & outputs), len(b[0])))
        if not found:
            return Later()
        computed = {n: at[n] for n in touched if n in at}
        zero = {n for n, v in computed.items() if says_nothing([v])}
        return Later(found, zero, {n for n, v in computed.items() if close(v, value)})

    def _shows(self, name: str, value: Any, i: int) -> bool:
        right = self.oracle.right[self.cases[i]][name]
        return self.evidence.shows(name, value, i) and (close(value, right) or not self._given(value, i))

    def _ways(self, case: int, block: int, env: Env) -> list[Env]:
        return [w for w in self.oracle.replay(case, block, env) if w is not None]

    def _same_for_all(self, stage: Stage, case: int, block: int, env: Env, at: Env) -> Env:
        """What a block makes that does not depend on the stage, or the stage's own block beside it: the same for all
        hypotheses about the stage in `env`, so computed once."""
        key = (stage.name, case, block)
        known = self._ground.get(key)
        if known is None or known[0] is not env:
            ways = self._ways(case, block, at)
            known = (env, {k: v for k, v in ways[0].items() if at.get(k) is not v} if ways else {})
            self._ground[key] = known
        return known[1]

    def excused(self, stage: Stage, expected: Values, envs: Mapping[int, Env]) -> bool:
        """Does the student have what a known slip in a stage computed from this one makes of the right value?
        One that does not use the value tells nothing of it."""
        for user in self.exercise.users(stage.name):
            if user in self.exercise.outputs:
                continue
            causes: set[Cause] | None = None
            right: dict[int, Env] = {}
            for i, case in enumerate(self.cases):
                siblings = self._same_for_all(stage, case, stage.block, envs[case], envs[case])
                env = right[case] = {**envs[case], **siblings, stage.name: expected[i]}
                shown = {k for k, v in self.altered(case, user, env).items() if self.evidence.shows(user, v, i)}
                causes = shown if causes is None else causes & shown
            if any(self.needs(self.exercise.stage(user), cause, stage.name, right) for cause in causes or ()):
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
