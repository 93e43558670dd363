"""The walk: a verdict per stage, and what happened where a stage went wrong.

Values decide, names only help. Stages are taken in order, with `envs` = the values (one dict a case) that
later stages are computed from: right ones as long as the student is right, the student's own after that, so
that one early mistake costs one stage. What cannot be seen is weighed: the hypothesis that reproduces most of
what the student returned is what happened. See "How a submission is explained" in the design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.compare import as_numbers, close, form, says_nothing, scaled
from grader.exercise import FULL_MARKS, Exercise, Outcome, Stage
from grader.replay import Env, Oracle

Values = list[Any]  # of one stage, by case


@dataclass(frozen=True)
class Seen:
    """A value that a name of the student's code took on one case."""

    name: str
    line: int
    label: str
    value: Any


@dataclass(frozen=True)
class Trace:
    """What a student's function did on one case: returned stages by name, values seen on the way, in order."""

    outputs: Mapping[str, Any]
    seen: Sequence[Seen] = ()
    crashed: bool = False


@dataclass(frozen=True)
class Cause:
    """The hypothesis that reproduces what the student did: a named mistake, or an alteration of the right value."""

    kind: str  # "mistake", "scale", "transposed", "missing", "half", "double", "negated"
    name: str = ""  # of the mistake; the factor of a scale; the term


@dataclass(frozen=True)
class Verdict:
    """What is known of one stage. `values` are the student's, `expected` what they should be after what came before."""

    stage: Stage
    outcome: Outcome
    how: str = ""  # the form in which it was found: "transposed", "times N" ...
    found: Seen | None = None  # where, on the first case
    cause: Cause | None = None
    values: Values | None = None
    expected: Values | None = None


@dataclass(frozen=True)
class Candidate:
    """A value of the student's that may be the stage: the same name and turn on every case."""

    name: str
    seen: Seen
    values: Values


UNKNOWN = object()  # a value that must wait: nothing can be replayed from it
SCALES = (("2", 2.0), ("1/2", 0.5), ("-1", -1.0))


def explain(oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int] | None = None) -> list[Verdict]:
    """A verdict for every stage of the exercise, in order. `cases` limits the walk to some of the oracle's."""
    return _Walk(oracle, traces, range(len(oracle.cases)) if cases is None else cases).verdicts()


def all_right(oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int]) -> bool:
    """Is every output right on every case? Then the student needs no explaining, whatever the names."""
    return all(
        close(traces[c].outputs.get(name), oracle.right[c][name]) for c in cases for name in oracle.exercise.outputs
    )


class _Walk:
    def __init__(self, oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int]) -> None:
        self.oracle, self.traces, self.cases = oracle, traces, list(cases)
        self.exercise: Exercise = oracle.exercise
        self.envs: dict[int, Env] = {c: oracle.start(c) for c in self.cases}
        self.outputs = {s: [traces[c].outputs.get(s) for c in self.cases] for s in self.exercise.outputs}
        self.by_name = [_by_name(traces[c].seen) for c in self.cases]
        self.names = [n for n in (self.by_name[0] if self.by_name else {}) if all(n in seen for seen in self.by_name)]
        # an output that is zero everywhere (or not finite) shows nothing
        self.silent = {
            s for s, got in self.outputs.items() if says_nothing([v for v in got if as_numbers(v) is not None])
        }
        self.crashed = any(traces[c].crashed for c in self.cases)
        self.bound: set[tuple[str, int]] = set()  # candidates that are an earlier stage
        self.found: list[Verdict] = []

    def verdicts(self) -> list[Verdict]:
        for block in range(len(self.exercise.uses)):
            self.block(block)
        return self.settle()

    # -- one block

    def block(self, block: int) -> None:
        stages = self.exercise.block_stages(block)
        ways = self.replayed(block)
        known = bool(ways)
        if not known:  # nothing can be computed from what is there; right values may still be found
            ways = [[{**self.envs[c], **{s.name: self.oracle.right[c][s.name] for s in stages}} for c in self.cases]]
        after = dict(zip(self.cases, ways[0], strict=True))
        chosen: dict[str, Values] = {}
        for stage in stages:
            expected = [[env[stage.name] for env in way] for way in ways]
            verdict = (
                self.output(stage, expected, known)
                if stage.name in self.outputs
                else self.inner(stage, expected, known)
            )
            self.found.append(verdict)
            if verdict.outcome is Outcome.WAITING:
                chosen[stage.name] = [UNKNOWN] * len(self.cases)
                continue
            values = verdict.values if verdict.values is not None else expected[0]
            chosen[stage.name] = self.identified(stage.name, values)
        self.envs = {
            c: {**after[c], **{name: values[i] for name, values in chosen.items()}} for i, c in enumerate(self.cases)
        }

    def identified(self, name: str, values: Values) -> Values:
        """The right value itself where `values` equals it on every case, so that replays know it is right."""
        right = self.right(name)
        return right if all(close(v, r) for v, r in zip(values, right, strict=True)) else values

    def replayed(self, block: int) -> list[list[Env]]:
        """The environments after the block, once for each way of computing it that works on every case."""
        by_case = [self.oracle.replay(c, block, self.envs[c]) for c in self.cases]
        ways = [list(way) for way in zip(*by_case, strict=False)]
        return [[env for env in way if env is not None] for way in ways if all(env is not None for env in way)]

    def right(self, name: str) -> Values:
        return [self.oracle.right[c][name] for c in self.cases]

    # -- a stage that is returned

    def output(self, stage: Stage, expected: list[Values], known: bool) -> Verdict:
        got, right = self.outputs[stage.name], self.right(stage.name)
        verdict = Verdict(stage, Outcome.FAILED, values=got, expected=expected[0], found=self.last_seen(stage.name))
        if _equal(got, right):
            return replace(verdict, outcome=Outcome.PASSED, values=right)
        if all(as_numbers(v) is None for v in got):
            own = self.own(stage.name)  # never returned: a value under its name may still show what happened
            if own and _equal(own[-1].values, right):
                return replace(verdict, outcome=Outcome.PASSED, values=right, found=own[-1].seen)
            return replace(verdict, outcome=Outcome.MISSING, values=None)
        if not known:
            return replace(verdict, outcome=Outcome.WAITING if self.wrong_before(stage) else Outcome.FAILED)
        for values in expected:
            if _equal(got, values):
                if says_nothing(values):
                    return replace(verdict, outcome=Outcome.BLOCKED)
                return replace(verdict, outcome=Outcome.FOLLOWS)
        return replace(verdict, cause=self.cause(stage, got, expected[0]))

    # -- a stage on the way

    def inner(self, stage: Stage, expected: list[Values], known: bool) -> Verdict:
        right = self.right(stage.name)
        candidates = self.candidates(stage)
        shown = self.shown(candidates, right)
        if shown:
            candidate, how = shown
            self.bind(candidate)
            return Verdict(stage, Outcome.PASSED, how, candidate.seen, values=right, expected=right)
        if not known and self.wrong_before(stage):
            own = self.own(stage.name)
            return Verdict(stage, Outcome.WAITING, found=own[-1].seen if own else None, values=None, expected=None)
        for values in expected if known else []:
            shown = self.shown(candidates, values)
            if shown and not says_nothing(values):
                candidate, how = shown
                self.bind(candidate)
                return Verdict(stage, Outcome.FOLLOWS, how, candidate.seen, values=values, expected=values)
        return self.weighed(stage, candidates, expected[0])

    def weighed(self, stage: Stage, candidates: list[Candidate], expected: Values) -> Verdict:
        """Nothing the student computed is the stage. Which value of it explains the rest?"""
        implied = self.weigh(stage, expected)
        own = [c for c in candidates if c.name == stage.name]
        best = implied
        best_values: Values | None = None
        best_seen: Seen | None = None
        best_cause: Cause | None = None
        for candidate in [*reversed(own), *(c for c in candidates if c.name != stage.name)]:
            score = self.weigh(stage, candidate.values)
            how = _scaled(candidate.values, expected, [self.size(c) for c in self.cases])
            if how and implied >= score and implied > (0, 0):
                self.bind(candidate)
                return Verdict(
                    stage,
                    Outcome.PASSED if _equal(expected, self.right(stage.name)) else Outcome.FOLLOWS,
                    how,
                    candidate.seen,
                    values=expected,
                    expected=expected,
                )
            if score > best:
                best, best_values, best_seen = score, candidate.values, candidate.seen
        if best_values is None:
            for cause, values in self.hypotheses(stage, expected):
                score = self.weigh(stage, values)
                if score > best:
                    best, best_values, best_cause = score, values, cause
        if best_values is not None:
            if best_cause is None:
                best_cause = self.cause(stage, best_values, expected)
            return Verdict(
                stage,
                Outcome.FAILED,
                "",
                best_seen or self.last_seen(stage.name),
                best_cause,
                best_values,
                expected,
            )
        if implied > (0, 0):
            return Verdict(stage, Outcome.IMPLIED, values=expected, expected=expected)
        if own:
            told = None if self.half_made(own[-1].seen) else self.cause(stage, own[-1].values, expected)
            return Verdict(stage, Outcome.FAILED, "", own[-1].seen, told, own[-1].values, expected)
        return Verdict(stage, Outcome.MISSING, values=None, expected=expected)

    def half_made(self, seen: Seen) -> bool:
        """Is it the last value before the function raised? Then a statement that would have completed it may lack."""
        return self.crashed and seen is self.traces[self.cases[0]].seen[-1]

    def weigh(self, stage: Stage, values: Values) -> tuple[int, int]:
        """How many returned, and how many other, later stages come out as the student has them, were it `values`?"""
        outputs: set[str] | None = None
        inner: set[str] | None = None
        for i, case in enumerate(self.cases):
            reproduced = self.reproduced(stage, values[i], i, case)
            mine = {s for s in reproduced if s in self.outputs}
            others = reproduced - mine
            outputs = mine if outputs is None else outputs & mine
            inner = others if inner is None else inner & others
            if not outputs and not inner:
                return (0, 0)
        return (len(outputs or ()), len(inner or ()))

    def reproduced(self, stage: Stage, value: Any, i: int, case: int) -> set[str]:
        env = {**self.envs[case], **self._siblings(stage, case, i), stage.name: value}
        touched = set(self.exercise.descendants(stage.name))
        found: set[str] = set()
        for block in range(stage.block + 1, len(self.exercise.uses)):
            names = [s.name for s in self.exercise.block_stages(block)]
            if not touched.intersection(names):
                # not computed from the stage: as right or wrong as before
                ways = [w for w in self.oracle.replay(case, block, env) if w is not None]
                env = ways[0] if ways else env
                continue
            ways = [w for w in self.oracle.replay(case, block, env) if w is not None]
            if not ways:
                break
            scored = [({n for n in names if n in touched and self.shows(n, way[n], i)}, way) for way in ways]
            hits, env = max(scored, key=lambda pair: len(pair[0]))
            found |= hits
        return found

    def _siblings(self, stage: Stage, case: int, i: int) -> Env:
        """Values of the other stages of the same block, as far as they are known."""
        ways = [w for w in self.oracle.replay(case, stage.block, self.envs[case]) if w is not None]
        return ways[0] if ways else {}

    def shows(self, name: str, value: Any, i: int) -> bool:
        """Does the student have this value of a stage, returned or under any name, on the i-th case?"""
        if name in self.silent:
            return False
        if name in self.outputs:
            return close(self.outputs[name][i], value)
        shape = getattr(value, "shape", ())
        return any(
            getattr(s.value, "shape", ()) == shape and close(s.value, value)
            for group in self.by_name[i].values()
            for s in group
        )

    def hypotheses(self, stage: Stage, expected: Values) -> list[tuple[Cause, Values]]:
        """What may have gone wrong unseen: each named mistake, then factors, a transpose, each term altered."""
        made: list[tuple[Cause, Values]] = []
        by_case = [self.oracle.mistakes(c, stage.name, self.envs[c]) for c in self.cases]
        for name in by_case[0]:
            if all(name in found for found in by_case):
                made.append((Cause("mistake", name), [found[name] for found in by_case]))
        altered = [self.oracle.alterations(c, stage.name, self.envs[c]) for c in self.cases]
        for key in altered[0]:
            if all(key in found for found in altered):
                made.append((Cause(*key), [found[key] for found in altered]))
        numbers = [as_numbers(v) for v in expected]
        if all(v is not None for v in numbers):
            arrays = [v for v in numbers if v is not None]
            sizes = [self.size(c) for c in self.cases]
            made += [(Cause("scale", name), [v * factor for v in arrays]) for name, factor in SCALES]
            if all(sizes):
                made.append((Cause("scale", "N"), [v * n for v, n in zip(arrays, sizes, strict=True)]))
                made.append((Cause("scale", "1/N"), [v / n for v, n in zip(arrays, sizes, strict=True)]))
            if all(v.ndim == 2 for v in arrays):
                made.append((Cause("transposed"), [v.T for v in arrays]))
        return made

    def cause(self, stage: Stage, got: Values, expected: Values) -> Cause | None:
        """The hypothesis that gives exactly what the student has."""
        if all(as_numbers(v) is None for v in got) or says_nothing([v for v in got if as_numbers(v) is not None]):
            return None
        for cause, values in self.hypotheses(stage, expected):
            if _equal(got, values):
                return cause
        return None

    # -- the student's values

    def candidates(self, stage: Stage) -> list[Candidate]:
        """Values that could be the stage: under one name, in the same turn, on every case."""
        made: list[Candidate] = []
        for name in sorted(self.names, key=lambda n: n != stage.name):
            groups = [seen[name] for seen in self.by_name]
            counts = {len(g) for g in groups}
            turns = range(counts.pop()) if len(counts) == 1 else [-1]
            for turn in turns:
                if (name, turn) not in self.bound:
                    made.append(Candidate(name, groups[0][turn], [g[turn].value for g in groups]))
        return made

    def own(self, name: str) -> list[Candidate]:
        if name not in self.names:
            return []
        groups = [seen[name] for seen in self.by_name]
        return [Candidate(name, groups[0][-1], [g[-1].value for g in groups])]

    def shown(self, candidates: list[Candidate], want: Values) -> tuple[Candidate, str] | None:
        """The first candidate that shows `want` on every case, as it is or turned. Names may differ in turns."""
        for candidate in candidates:
            forms = [form(got, w) for got, w in zip(candidate.values, want, strict=True)]
            if None not in forms:
                return candidate, next((f for f in forms if f), "")
        for name in sorted(self.names):
            hits = [
                next((s for s in seen[name] if form(s.value, w) is not None), None)
                for seen, w in zip(self.by_name, want, strict=True)
            ]
            if all(hits):
                return Candidate(name, hits[0], want), ""  # type: ignore[arg-type]
        return None

    def bind(self, candidate: Candidate) -> None:
        group = self.by_name[0].get(candidate.name, [])
        for turn, seen in enumerate(group):
            if seen is candidate.seen:
                self.bound.add((candidate.name, turn))

    def last_seen(self, name: str) -> Seen | None:
        seen = self.by_name[0].get(name) if self.by_name else None
        return seen[-1] if seen else None

    def size(self, case: int) -> int:
        return self.oracle.sizes[case].get("N", 0)

    def wrong_before(self, stage: Stage) -> bool:
        ancestors = {v.stage.name for v in self.found if stage.name in self.exercise.descendants(v.stage.name)}
        return any(v.outcome not in FULL_MARKS for v in self.found if v.stage.name in ancestors)

    # -- after the walk

    def settle(self) -> list[Verdict]:
        """A missing stage is implied if every stage that uses it came out right, or wrong in a way that needs it."""
        by_name = {v.stage.name: v for v in self.found}
        for verdict in reversed(self.found):
            if verdict.outcome is not Outcome.MISSING or verdict.stage.name in self.outputs:
                continue
            users = [by_name[u] for u in self.exercise.users(verdict.stage.name)]
            if users and all(u.outcome in FULL_MARKS or _needs_right_inputs(u) for u in users):
                by_name[verdict.stage.name] = replace(verdict, outcome=Outcome.IMPLIED)
        settled = [by_name[v.stage.name] for v in self.found]
        if self.crashed:
            settled = [replace(v, outcome=Outcome.BLOCKED) if v.outcome is Outcome.MISSING else v for v in settled]
        return settled


def _needs_right_inputs(verdict: Verdict) -> bool:
    """Is a failed stage explained by a slip of its own, made on right values of the stages it uses?

    A mere factor is no such explanation: it may come from any of them.
    """
    own = ("mistake", "missing", "half", "double", "negated")
    return verdict.outcome is Outcome.FAILED and verdict.cause is not None and verdict.cause.kind in own


def _by_name(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = {}
    for one in seen:
        groups.setdefault(one.name, []).append(one)
    return groups


def _equal(got: Values, want: Values) -> bool:
    return all(close(g, w) for g, w in zip(got, want, strict=True))


def _scaled(got: Values, want: Values, sizes: list[int]) -> str | None:
    """How the values are scaled by the batch size, the same on every case with more than one example."""
    kinds = {scaled(g, w, n) for g, w, n in zip(got, want, sizes, strict=True) if n > 1}
    return kinds.pop() if len(kinds) == 1 else None
