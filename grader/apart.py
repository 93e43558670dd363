"""Which exercises must not share a process: what one is given would tell what another must compute.

All inputs of a job lie in the memory of the process that runs student code. The cache that `sigmoid_backward` is given
holds what `sigmoid_forward` should return on the same numbers, so the two are run in different processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.replay import Oracle


def groups(oracles: Sequence[Oracle]) -> list[list[str]]:
    """Names of the exercises, in as few groups as the first that fits gives; no two of a group are in conflict."""
    conflicts = conflicting(oracles)
    made: list[list[str]] = []
    for oracle in oracles:
        name = oracle.exercise.name
        for group in made:
            if not any(other in conflicts[name] for other in group):
                group.append(name)
                break
        else:
            made.append([name])
    return made


def conflicting(oracles: Sequence[Oracle]) -> Mapping[str, set[str]]:
    """For each exercise the others whose inputs hold a value of one of its stages, or that hold one of its inputs' as
    theirs. What stands in an exercise's own inputs of the same case is no secret."""
    given: dict[bytes, set[str]] = {}
    for oracle in oracles:
        for case in oracle.cases:
            for value in _values(tuple(case.inputs.values())):
                given.setdefault(value, set()).add(oracle.exercise.name)
    found: dict[str, set[str]] = {o.exercise.name: set() for o in oracles}
    for oracle in oracles:
        name = oracle.exercise.name
        for case, right in zip(oracle.cases, oracle.right, strict=True):
            own = set(_values(tuple(case.inputs.values())))
            for value in _values(tuple(right.get(s.name) for s in oracle.exercise.stages)):
                for other in given.get(value, set()) - {name} if value not in own else ():
                    found[name].add(other)
                    found[other].add(name)
    return found


def _values(value: Any) -> Iterator[bytes]:
    """Every array in a value, whatever its shape, as the bytes of its numbers."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "fiu" and (value != value.flat[:1]).any():  # a constant is no secret
            yield value.astype(float).tobytes()
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _values(inner)
