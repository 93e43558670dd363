"""Public data: what students hold instead of a reference.

One `.npz` an exercise: inputs of the public cases, the right value of every stage on them, and for each named
mistake the value it makes of its stage. From these `StoredOracle` finds the first stage to mend and names a mistake;
it cannot replay, so what comes after a wrong stage must wait.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from grader import wire
from grader.compare import as_numbers, close
from grader.evidence import Evidence, Trace
from grader.exercise import Case, Exercise, Leaf, Made, Stage
from grader.hypotheses import Cause, Weighing
from grader.replay import Env, ReferenceOracle, made

FORMAT = 1
PUBLIC_SEED = 231  # public cases are fixed; hidden ones come from a seed that the instructor keeps


OF_FILES = (OSError, EOFError, zipfile.BadZipFile, zlib.error)
DAMAGE = (*OF_FILES, ValueError, KeyError, TypeError, AttributeError, wire.ProtocolError)  # what a damaged file raises


class StaleData(Exception):
    """A file of public data that this version cannot read; the text says what to do."""


@dataclass(frozen=True)
class Stored:
    """The values of one file, by case. `given` is what the given statements make of the inputs; `wrong` the values of
    the named mistakes on one case, read when somebody needs help."""

    cases: Sequence[Case]
    right: Sequence[Mapping[str, Any]]
    sizes: Sequence[Mapping[str, int]]
    wrong: Callable[[int], Mapping[str, Any]]
    given: Sequence[Mapping[str, Any]]


@dataclass
class StoredOracle:
    """Answers from stored values alone: it knows what is right, and nothing of what follows from something else.

    `read` gives the values when they are first asked for, as a check of one exercise needs none of the others.
    """

    exercise: Exercise
    read: Callable[[], Stored]
    needed: Mapping[str, Collection[str]] = field(default_factory=dict)  # by mistake: the stages it depends on
    order: int = 0  # place of the exercise in its kit
    replays: bool = False
    _wrong: dict[int, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _stored(self) -> Stored:
        return self.read()

    @property
    def cases(self) -> Sequence[Case]:
        return self._stored.cases

    @property
    def right(self) -> Sequence[Mapping[str, Any]]:
        return self._stored.right

    @property
    def sizes(self) -> Sequence[Mapping[str, int]]:
        return self._stored.sizes

    def start(self, case: int) -> Env:
        return {**{k: made(v) for k, v in self.cases[case].inputs.items()}, **self._stored.given[case]}

    def replay(self, case: int, block: int, env: Env) -> list[Env | None]:
        right = self.right[case]
        if any(env.get(name) is not right[name] for name in self.exercise.uses[block]):
            return []
        return [{**env, **{s.name: right[s.name] for s in self.exercise.block_stages(block)}}]

    def mistakes(self, case: int, stage: str, env: Env) -> Mapping[str, Any]:
        uses = self.exercise.uses[self.exercise.stage(stage).block]
        if any(env.get(name) is not self.right[case][name] for name in uses):
            return {}
        if case not in self._wrong:
            self._wrong[case] = self._stored.wrong(case)
        found = self._wrong[case]
        return {name: found[name] for name, at, _ in self.exercise.mistakes if at == stage and name in found}

    def result(self, inputs: Mapping[str, Any]) -> Any:
        raise NotImplementedError("only a reference can be run on other inputs")

    def needs(self, mistake: str) -> Collection[str]:
        return self.needed.get(mistake, ())

    def alterations(self, case: int, stage: str, env: Env) -> Mapping[tuple[str, str], Any]:
        return {}


def store(oracle: ReferenceOracle, path: Path, order: int) -> None:
    """Write the public data of one exercise, the `order`-th of its kit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **contents(oracle, order))


def contents(oracle: ReferenceOracle, order: int) -> dict[str, Any]:
    """The arrays of the file, by key; `about` is the JSON that says what they are."""
    exercise = oracle.exercise
    arrays: list[Any] = []
    keys: list[str] = []

    def put(value: Any, key: str) -> Any:
        tree = wire.encode(value, arrays)
        while len(keys) < len(arrays):
            keys.append(key if key not in keys else f"{key}.{len(keys)}")
        return tree

    cases = []
    for number, case in enumerate(oracle.cases):
        right, start = oracle.right[number], oracle.start(number)
        env = {**right, **start}  # generators from the start: those of `right` have drawn
        given = {k: v for k, v in start.items() if k not in case.inputs and as_numbers(v) is not None}
        inputs = {k: put(v, f"{number}/input/{k}") for k, v in case.inputs.items()}
        stages = {s.name: put(right[s.name], f"{number}/stage/{s.name}") for s in exercise.stages}
        made = {n: oracle.mistakes(number, stage, env) for n, stage, _ in exercise.mistakes}
        cases.append(
            {
                "name": case.name,
                "check": case.check,
                "sizes": oracle.sizes[number],
                "inputs": inputs,
                "given": {k: put(v, f"{number}/given/{k}") for k, v in given.items()},
                "right": stages,
                "wrong": {n: put(values[n], f"{number}/mistake/{n}") for n, values in made.items() if n in values},
            }
        )
    facts = _facts(exercise)
    about = {
        "format": FORMAT,
        "order": order,
        "needed": _needed(oracle),
        "exercise": facts,
        "cases": cases,
        "keys": keys,
    }
    return {"about": np.array(json.dumps(about)), **dict(zip(keys, arrays, strict=True))}


def _needed(oracle: ReferenceOracle) -> dict[str, list[str]]:
    """By mistake: the stages whose change changes what the mistake makes."""
    exercise = oracle.exercise
    cases = range(len(oracle.cases))
    envs = {c: {**oracle.right[c], **oracle.start(c)} for c in cases}
    weighing = Weighing(oracle, Evidence([Trace({}) for _ in cases], (), [0 for _ in cases]), cases)
    names = [s.name for s in exercise.stages]
    return {
        mistake: [
            n for n in names if n != at and weighing.needs(exercise.stage(at), Cause("mistake", mistake), n, envs)
        ]
        for mistake, at, _ in exercise.mistakes
    }


def _facts(exercise: Exercise) -> dict[str, Any]:
    facts = asdict(exercise)
    facts["uses"] = [sorted(u) for u in exercise.uses]
    facts.pop("line")  # of the reference's file: it moves whenever a line above it does
    facts.pop("adapter")  # belongs to another layout
    facts.pop("worth")  # the configuration's
    for stage in facts["stages"]:
        stage["line"] = 0
    return facts


def load(path: Path) -> StoredOracle:
    """The oracle of one file. Raises StaleData where the file is damaged or of another version, for damaged values when
    they are first asked for."""
    about, arrays = _read(path)
    try:
        read = partial(_stored, path, about, arrays)
        return StoredOracle(_exercise(about["exercise"]), read, about["needed"], about["order"])
    except DAMAGE as error:
        raise _damaged(path, error) from error


def _stored(path: Path, about: Mapping[str, Any], arrays: Sequence[Any]) -> Stored:
    cases, right, sizes, given = [], [], [], []

    def wrong(case: int) -> Mapping[str, Any]:
        try:
            return {k: wire.decode(v, arrays) for k, v in about["cases"][case]["wrong"].items()}
        except DAMAGE as error:
            raise _damaged(path, error) from error

    try:
        for one in about["cases"]:
            inputs = {k: wire.decode(v, arrays, make=Made) for k, v in one["inputs"].items()}
            cases.append(Case(one["name"], inputs, one["check"]))
            right.append({k: wire.decode(v, arrays) for k, v in one["right"].items()})
            given.append({k: wire.decode(v, arrays) for k, v in one["given"].items()})
            sizes.append(one["sizes"])
    except DAMAGE as error:
        raise _damaged(path, error) from error
    return Stored(cases, right, sizes, wrong, given)


class _Arrays(Sequence[Any]):
    """The arrays of a file, each read when it is asked for."""

    def __init__(self, data: Mapping[str, Any], keys: Sequence[str]) -> None:
        self._data, self._keys = data, keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, at: Any) -> Any:
        return self._data[self._keys[at]]


def _read(path: Path) -> tuple[dict[str, Any], Sequence[Any]]:
    """What a file says of itself, and its arrays; it is closed."""
    try:
        data = np.load(BytesIO(path.read_bytes()), allow_pickle=False)
        about: dict[str, Any] = json.loads(str(data["about"]))
        if about["format"] != FORMAT:
            raise StaleData(
                f"{path} has format {about['format']}, this grader reads {FORMAT}: get the release it belongs to"
            )
        return about, _Arrays(data, about["keys"])
    except DAMAGE as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StaleData:
    return StaleData(f"{path} cannot be read ({type(error).__name__}: {error}): get it from the release again")


def strayed(path: Path, oracle: ReferenceOracle) -> str | None:
    """The first stage of which a stored file holds another right value than the reference makes now; None where there
    is none, or no such file. Raises StaleData."""
    if not path.is_file():
        return None
    kept = load(path)
    if len(kept.right) != len(oracle.right):
        return oracle.exercise.stages[0].name
    for stage in oracle.exercise.stages:
        for old, now in zip(kept.right, oracle.right, strict=True):
            was, fresh = as_numbers(old.get(stage.name)), as_numbers(now[stage.name])
            if was is None or fresh is None:
                same = was is fresh
            else:
                same = close(was, fresh) or np.array_equal(was, fresh, equal_nan=True)
            if not same:
                return stage.name
    return None


def disagreement(path: Path, oracle: ReferenceOracle, order: int) -> str | None:
    """Where a stored file disagrees with what would be written now (within tolerance), or None: for an author."""
    fresh = contents(oracle, order)
    try:
        about, lazy = _read(path)
        arrays = list(lazy)
    except StaleData as error:
        return str(error)
    except DAMAGE as error:
        return str(_damaged(path, error))
    now = json.loads(str(fresh["about"]))
    for key, array in zip(about["keys"], arrays, strict=True):
        if key in fresh and not (close(array, fresh[key]) or np.array_equal(array, fresh[key], equal_nan=True)):
            number, kind, name = (*key.split("/"), "", "")[:3]
            return f"the {kind} {name} on the case {now['cases'][int(number)]['name']!r}"
    if about != now:
        different = [k for k in now if about.get(k) != now[k]]
        return f"its description ({', '.join(different)})"
    return None


def _exercise(facts: dict[str, Any]) -> Exercise:
    return Exercise(
        **{
            **facts,
            "parameters": tuple(facts["parameters"]),
            "shapes": {k: tuple(v) for k, v in facts["shapes"].items()},
            "stages": tuple(Stage(**{**s, "dims": tuple(s["dims"])}) for s in facts["stages"]),
            "uses": tuple(frozenset(u) for u in facts["uses"]),
            "returns": tuple(Leaf(leaf["stage"], tuple(leaf["path"])) for leaf in facts["returns"]),
            "mistakes": tuple(tuple(m) for m in facts["mistakes"]),
            "checks": tuple(tuple(c) for c in facts["checks"]),
        }
    )
