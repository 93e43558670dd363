"""What a student's function did, as far as it can be seen: values returned, and values that names took on the way.

Values decide, names only help: a stage may appear under any name, turned or scaled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.calls import Observed
from grader.compare import as_numbers, close, comparable, form, largest, says_nothing, scaled
from grader.exercise import Array, Stage

Values = list[Any]  # of one stage, by case


@dataclass(frozen=True)
class Trace:
    """What a student's function did on one case: returned stages by name, values seen on the way, in order."""

    outputs: Mapping[str, Any]
    seen: Sequence[Observed] = ()
    crashed: bool = False


@dataclass(frozen=True)
class Candidate:
    """A value of the student's that may be a stage: the same name and turn on every case."""

    name: str
    seen: Observed
    values: Values


class Evidence:
    """The traces of all cases, side by side. `sizes` is the batch size N of each case, 0 where there is none."""

    def __init__(self, traces: Sequence[Trace], outputs: Sequence[str], sizes: Sequence[int]) -> None:
        self.traces, self.sizes = traces, list(sizes)
        self.outputs: dict[str, Values] = {s: [t.outputs.get(s) for t in traces] for s in outputs}
        self.by_name = [_by_name(t.seen) for t in traces]
        self._numbers = [_numbers(t.seen) for t in traces]
        first = self.by_name[0] if self.by_name else {}
        self.names = [n for n in first if all(n in seen for seen in self.by_name)]
        # an output that is zero everywhere (or not finite) shows nothing
        self.silent = {s for s, got in self.outputs.items() if says_nothing(numeric(got))}
        self.crashed = any(t.crashed for t in traces)
        self._bound: set[tuple[str, int]] = set()  # candidates that are an earlier stage

    def candidates(self, stage: Stage) -> list[Candidate]:
        """Values that could be the stage: under one name, in the same turn, on every case."""
        made: list[Candidate] = []
        for name in sorted(self.names, key=lambda n: n != stage.name):
            groups = [seen[name] for seen in self.by_name]
            counts = {len(g) for g in groups}
            turns = range(counts.pop()) if len(counts) == 1 else [-1]
            for turn in turns:
                if (name, turn) not in self._bound:
                    made.append(Candidate(name, groups[0][turn], [g[turn].value for g in groups]))
        return made

    def own(self, name: str) -> Candidate | None:
        """The last value under the name of a stage."""
        if name not in self.names:
            return None
        groups = [seen[name] for seen in self.by_name]
        return Candidate(name, groups[0][-1], [g[-1].value for g in groups])

    def averaged(self, candidate: Candidate) -> Candidate | None:
        """The candidate divided by N: for who averages later."""
        arrays = numeric(candidate.values)
        if len(arrays) < len(self.sizes) or not all(self.sizes):
            return None
        return replace(candidate, values=[a / n for a, n in zip(arrays, self.sizes, strict=True)])

    def last_seen(self, name: str) -> Observed | None:
        seen = self.by_name[0].get(name) if self.by_name else None
        return seen[-1] if seen else None

    def bind(self, found: Observed) -> None:
        """Take a value for a stage: it is no other stage."""
        for turn, seen in enumerate(self.by_name[0].get(found.name, [])):
            if seen is found:
                self._bound.add((found.name, turn))

    def shown(
        self, candidates: Sequence[Candidate], want: Values, others: Collection[str] = ()
    ) -> tuple[Candidate, str] | None:
        """The first candidate that shows `want` on every case, as it is or turned. Names may differ in turns.

        A value under one of the names in `others`, of which no candidate is, belongs to another stage.
        """
        for candidate in candidates:
            forms: list[str] = []
            for got, w in zip(candidate.values, want, strict=True):
                if (one := form(got, w)) is None:
                    break
                forms.append(one)
            else:
                return candidate, next((f for f in forms if f), "")
        for name in sorted(set(self.names) - set(others)):
            if all((name, turn) in self._bound for turn in range(len(self.by_name[0][name]))):
                continue
            first: Observed | None = None
            for seen, w in zip(self.by_name, want, strict=True):
                hit = next((s for s in seen[name] if form(s.value, w) is not None), None)
                if hit is None:
                    break
                first = first or hit
            else:
                if first is not None:
                    return Candidate(name, first, want), ""
        return None

    def shows(self, name: str, value: Any, i: int) -> bool:
        """Does the student have this value of a stage on the i-th case: returned, or under any name and in any form?"""
        if name in self.silent:
            return False
        if name in self.outputs:
            return close(self.outputs[name][i], value)
        n, wanted = self.sizes[i], as_numbers(value)
        if wanted is None:
            return False
        most = largest(wanted)
        return any(
            form(got, wanted) is not None or scaled(got, wanted, n) is not None
            for got, size in self._numbers[i]
            if got.size == wanted.size and comparable(size, most, n)
        )

    def half_made(self, seen: Observed) -> bool:
        """Is it the last value before the function raised? Then a statement that would have completed it may lack."""
        return self.crashed and seen is self.traces[0].seen[-1]


def oriented(candidates: Sequence[Candidate], expected: Values) -> list[Candidate]:
    """The candidates, turned to the shape of the stage where one turn does it on all cases."""
    want = numeric(expected)
    return [_turned(c, want) for c in candidates] if len(want) == len(expected) else list(candidates)


def _turned(candidate: Candidate, want: Values) -> Candidate:
    got = numeric(candidate.values)
    if len(got) != len(want) or all(g.shape == w.shape for g, w in zip(got, want, strict=True)):
        return candidate
    pairs = list(zip(got, want, strict=True))
    if all(g.ndim == w.ndim == 2 and g.T.shape == w.shape for g, w in pairs):
        return replace(candidate, values=[g.T for g in got])
    if all(g.size == w.size and (g.ndim < 2 or w.ndim < 2 or 1 in g.shape) for g, w in pairs):
        return replace(candidate, values=[g.reshape(w.shape) for g, w in pairs])
    return candidate


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first of those candidates that have the same values on every case."""
    found: dict[object, Candidate] = {}
    for candidate in candidates:
        arrays = numeric(candidate.values)
        known = len(arrays) == len(candidate.values)
        found.setdefault(
            tuple((a.shape, a.astype(float).tobytes()) for a in arrays) if known else id(candidate), candidate
        )
    return list(found.values())


def numeric(values: Values) -> Values:
    """Those of the values that are numbers or arrays of numbers, as arrays."""
    return [a for a in map(as_numbers, values) if a is not None]


def equal(got: Values, want: Values) -> bool:
    """Equal within the tolerance on every case."""
    return all(close(g, w) for g, w in zip(got, want, strict=True))


def _numbers(seen: Sequence[Observed]) -> list[tuple[Array, float]]:
    """The values that are numbers, each with its largest absolute value."""
    return [(a, largest(a)) for one in seen if (a := as_numbers(one.value)) is not None]


def _by_name(seen: Sequence[Observed]) -> dict[str, list[Observed]]:
    groups: dict[str, list[Observed]] = {}
    for one in seen:
        groups.setdefault(one.name, []).append(one)
    return groups
