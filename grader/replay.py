"""Running the reference's stages on given values, and the inputs and right values of a run.

An `Oracle` answers what the walk of `explain` asks: the right value of a stage, its value computed from a
student's own earlier values, and what a named mistake would have made of them. `ReferenceOracle` answers
from the code of a reference; `public.StoredOracle` answers from data alone, on the students' side.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Protocol

import numpy as np

from grader.exercise import AnnotationError, Case, Exercise, Made
from grader.reference import Block, Reference, bind_shape
from grader.syntax import BATCH, targets

LEAST_CASES = 3  # with fewer, different stages can have equal values

Env = dict[str, Any]


class Oracle(Protocol):
    """What is right on a set of cases. Values of the same stage on all cases travel together, as lists."""

    replays: bool  # can it compute what follows from wrong values?

    @property
    def exercise(self) -> Exercise: ...
    @property
    def cases(self) -> Sequence[Case]: ...
    @property
    def right(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def sizes(self) -> Sequence[Mapping[str, int]]: ...
    def start(self, case: int) -> Env: ...
    def replay(self, case: int, block: int, env: Env) -> list[Env | None]:
        """`env` after the block, once for each accepted way to compute it; None where that raised or is not known."""
        ...

    def mistakes(self, case: int, stage: str, env: Env) -> Mapping[str, Any]:
        """By name of the mistake: the value it makes of the stage."""
        ...

    def alterations(self, case: int, stage: str, env: Env) -> Mapping[tuple[str, str], Any]:
        """By kind ("missing", "half" ...: see hypotheses.Cause) and term: the stage with that term altered."""
        ...

    def result(self, inputs: Mapping[str, Any]) -> Any:
        """The first output on other inputs, None where it raises. Only of an oracle that replays."""
        ...

    def needs(self, mistake: str) -> Collection[str] | None:
        """The stages on which the value of a mistake depends, None where that must be found out by trying."""
        ...


@dataclass
class ReferenceOracle:
    """Answers by running a reference's blocks. Never leaves the instructor's process."""

    reference: Reference
    cases: Sequence[Case]
    right: list[Env]
    sizes: list[dict[str, int]]
    starts: list[Env]
    replays: bool = True
    _slips: dict[tuple[Any, ...], Mapping[Any, Any]] = field(default_factory=dict, init=False, repr=False)

    @property
    def exercise(self) -> Exercise:
        return self.reference.exercise

    def start(self, case: int) -> Env:
        return fresh(self.starts[case])

    def replay(self, case: int, block: int, env: Env) -> list[Env | None]:
        right = self.right[case]
        if self.reference.class_node is not None:  # a class keeps state: its driver is run as a whole or not at all
            return [{**env, **{name: right[name] for name in self.reference.blocks[block].stages}}]
        codes = [self.reference.blocks[block].code, *self.reference.variants.get(block, ())]
        if self._is_right(case, block, env):
            first = {**env, **{name: right[name] for name in self._made[block] if name in right}}
            return [first, *(self._run(code, env) for code in codes[1:])]
        ways = [self._run(code, env) for code in codes]
        wide = {name: np.asarray(env[name], np.float64) for name in self.exercise.uses[block] if _narrow(env.get(name))}
        if wide:  # a student's value in single precision: gone on with in single precision or in double
            ways += [self._run(code, {**env, **wide}) for code in codes]
        return ways

    def _is_right(self, case: int, block: int, env: Env) -> bool:
        """Is everything right that the block is computed from?"""
        return all(env.get(name) is self.right[case][name] for name in self.exercise.uses[block])

    def _all_right(self, case: int, block: int, env: Env) -> bool:
        """Are the inputs, and all values of earlier blocks, what they should be?"""
        start, right = self.starts[case], self.right[case]
        return all(env.get(k) is v for k, v in start.items() if not isinstance(v, np.random.Generator)) and all(
            env.get(s.name) is right[s.name] for s in self.exercise.stages if s.block < block
        )

    def mistakes(self, case: int, stage: str, env: Env) -> Mapping[str, Any]:
        return self._known("mistakes", case, stage, env, self._mistakes)

    def alterations(self, case: int, stage: str, env: Env) -> Mapping[tuple[str, str], Any]:
        return self._known("alterations", case, stage, env, self._alterations)

    def _known(
        self, what: str, case: int, stage: str, env: Env, make: Callable[[int, str, Env], dict[Any, Any]]
    ) -> Mapping[Any, Any]:
        """What `make` makes of a stage; where all is right so far, as with most students, it is made once.

        All, not only what the block reads: a mistake may read something else.
        """
        if not self._all_right(case, self.exercise.stage(stage).block, env):
            return make(case, stage, env)
        key = (what, case, stage)
        if key not in self._slips:
            self._slips[key] = make(case, stage, env)
        return self._slips[key]

    def _mistakes(self, case: int, stage: str, env: Env) -> dict[str, Any]:
        found = {}
        for mistake in self.reference.mistakes:
            if mistake.stage == stage:
                if self.reference.class_node is None:
                    after = self._run(self.reference.mistake_code[mistake.name], env)
                else:
                    after = self._drive(self.reference.wrong_classes[mistake.name], case)
                if after is not None and stage in after:
                    found[mistake.name] = after[stage]
        return found

    def _alterations(self, case: int, stage: str, env: Env) -> dict[tuple[str, str], Any]:
        found = {}
        if self.reference.class_node is not None:
            return {}
        block = self.reference.blocks[self.exercise.stage(stage).block]
        n = self.sizes[case].get("N", 0)
        for kind, term, code in block.alterations:
            if "averaged" in kind and not n:
                continue
            after = self._run(code, {**env, BATCH: float(n)})
            if after is not None and stage in after:
                found[kind, term] = after[stage]
        return found

    def _drive(self, class_code: CodeType, case: int) -> Env | None:
        """The driver from its beginning, with another class in place of the reference's."""
        return self._computed(self.cases[case].inputs, self.reference.blocks, class_code)

    def result(self, inputs: Mapping[str, Any]) -> Any:
        wanted = self.exercise.stage(self.exercise.outputs[0])
        env = self._computed(inputs, self.reference.blocks[: wanted.block + 1])
        return None if env is None else env[wanted.name]

    def _computed(
        self, inputs: Mapping[str, Any], blocks: Sequence[Block], first: CodeType | None = None
    ) -> Env | None:
        """What the blocks make of inputs, from the beginning; code that is run `first` may replace names of the module.
        None where that raised."""
        module = dict(self.reference.module)
        env = fresh({k: made(v) for k, v in inputs.items()})
        try:
            with np.errstate(all="ignore"):
                if first is not None:
                    exec(first, module)
                execute(self.reference.prelude, module, env)
                for block in blocks:
                    execute(block.code, module, env)
        except Exception:
            return None
        return env

    def needs(self, mistake: str) -> None:
        return None

    def _run(self, code: CodeType, env: Env) -> Env | None:
        after = fresh(env)
        try:
            with np.errstate(all="ignore"):
                execute(code, self.reference.module, after)
        except Exception:  # a student's value of a wrong shape: nothing follows from it
            return None
        return after

    def __post_init__(self) -> None:
        self._made = [frozenset().union(*(targets(node) for node in block.nodes)) for block in self.reference.blocks]


def execute(code: CodeType, module: Mapping[str, Any], env: Env) -> None:
    """Run statements of a reference on `env`, which gets what they bind.

    In one namespace, so that comprehensions and functions inside the statements see the names of `env`.
    """
    space = {**module, **env}
    exec(code, space)
    for name in code.co_names:  # all that statements at the margin can bind
        if name in space and (name not in module or space[name] is not module[name]):
            env[name] = space[name]


def _narrow(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f" and value.dtype.itemsize < 8


def fresh(env: Env) -> Env:
    """The environment with generators copied, so that every replay draws the same numbers."""
    made = env.copy()
    for name, value in env.items():
        if value.__class__ is np.random.Generator:
            made[name] = copy.deepcopy(value)
    return made


def made(value: Any) -> Any:
    return value.value() if isinstance(value, Made) else value


def oracle_for(reference: Reference, seed: int) -> ReferenceOracle:
    """The reference on its cases, drawn from `seed`: ordinary ones first, then those of each check.

    Raises AnnotationError where cases do not fit the signature, the code does not run, or there are too few.
    """
    cases = [Case(name, _pick(reference, name, inputs)) for name, inputs in _drawn(reference, seed, reference.cases)]
    if len(cases) < LEAST_CASES:
        _fail(
            reference,
            f"{len(cases)} case(s)",
            f"yield at least {LEAST_CASES} cases of different sizes from cases(rng)",
        )
    for check in reference.checks:
        drawn = _drawn(reference, seed, check.cases)
        cases += [Case(name, _pick(reference, name, inputs), check.name) for name, inputs in drawn]
    return on_cases(reference, cases)


def on_cases(reference: Reference, cases: Sequence[Case]) -> ReferenceOracle:
    """The reference on given cases. Raises AnnotationError where it does not run."""
    exercise = reference.exercise
    starts, right, sizes = [], [], []
    for case in cases:
        env: Env = {k: made(v) for k, v in case.inputs.items()}
        try:
            with np.errstate(all="ignore"):
                execute(reference.prelude, reference.module, env)
                starts.append(fresh(env))
                for block in reference.blocks:
                    execute(block.code, reference.module, env)
        except Exception as error:
            line, trace = exercise.line, error.__traceback__
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == str(reference.path):
                    line = trace.tb_lineno
                trace = trace.tb_next
            raise AnnotationError(
                str(reference.path),
                line,
                f"{exercise.name} raised {type(error).__name__} on the case {case.name!r}: {error}",
                "mend the line, or the inputs that cases(rng) yields",
            ) from error
        right.append(env)
        sizes.append(_sizes(exercise, env))
    return ReferenceOracle(reference, cases, right, sizes, starts)


def _drawn(reference: Reference, seed: int, maker: Any) -> list[tuple[str, dict[str, Any]]]:
    """The cases of one maker. The generator depends on the seed and the family: `f_forward` and `f_backward` see the
    same numbers, so the one's inputs are what the other differentiates with respect to."""
    key = [seed, *reference.exercise.family.encode()]
    try:
        drawn = list(maker(np.random.default_rng(key)))
        return [(str(name), dict(inputs)) for name, inputs in drawn]
    except Exception as error:
        _fail(
            reference,
            f"{maker.__name__}(rng) raised {type(error).__name__}: {error}",
            'yield pairs: "case name", {"W": W, ...}',
        )
        raise


def _pick(reference: Reference, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    lacking = [p for p in reference.exercise.parameters if p not in inputs]
    if lacking:
        _fail(
            reference,
            f"the case {name!r} has no {', '.join(lacking)}",
            f"{reference.name} takes {', '.join(reference.exercise.parameters)}: yield them all",
        )
    return {p: inputs[p] for p in reference.exercise.parameters}


def _fail(reference: Reference, problem: str, remedy: str) -> None:
    raise AnnotationError(str(reference.path), reference.exercise.line, problem, remedy)


def _sizes(exercise: Exercise, env: Env) -> dict[str, int]:
    """The sizes that the docstring's letters have on one case."""
    sizes: dict[str, int] = {}
    for name, dims in exercise.shapes.items():
        if name in env and isinstance(env[name], np.ndarray):
            bind_shape(dims, env[name].shape, sizes)
    return sizes
