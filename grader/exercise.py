"""What an exercise is: frozen facts, shared by everything that teaches, runs or marks it.

Nothing here knows how a reference is parsed or how a student is marked. An `Exercise` holds no line of
a solution, so it may travel to students; the code lives in `reference.Reference`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # whoever only starts things has no use for numpy
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
Inputs = Mapping[str, Any]
CaseMaker: TypeAlias = "Callable[[np.random.Generator], Iterator[tuple[str, dict[str, Any]]]]"


class Outcome(StrEnum):
    """Every word a verdict can be. Stages use the first seven, checks the first, fourth and eighth."""

    PASSED = "passed"
    FOLLOWS = "follows"  # right, given the student's own earlier values
    IMPLIED = "implied"  # skipped or merged, and what is computed from it is right or follows
    FAILED = "failed"
    MISSING = "missing"
    BLOCKED = "blocked"  # an earlier stage left nothing to go on
    WAITING = "waiting"  # cannot be judged before an earlier stage is mended (no reference at hand)
    INCONCLUSIVE = "inconclusive"  # could not be decided; never costs a mark
    CRASHED = "crashed"
    STOPPED = "stopped"  # time, memory or output used up
    REFUSED = "refused"  # forbidden import
    FAULT = "grader fault"  # ours; never costs a mark


FULL_MARKS = frozenset({Outcome.PASSED, Outcome.FOLLOWS, Outcome.IMPLIED})


@dataclass(frozen=True)
class Stage:
    """One named intermediate value: `name = ...  # (dims) what [points]`."""

    name: str
    dims: tuple[str, ...]
    what: str
    points: int
    part: str  # "forward" or "backward"
    block: int  # stages computed by the same statements share a block
    line: int  # in the reference's file

    @property
    def shape(self) -> str:
        """The shape as the lecture writes it: `(N, C)`, `(N,)`, `()`."""
        return f"({self.dims[0]},)" if len(self.dims) == 1 and self.dims != ("...",) else f"({', '.join(self.dims)})"


@dataclass(frozen=True)
class Mistake:
    """A named wrong way to write one stage: `code` replaces the statements of that stage's block."""

    name: str
    of: str
    stage: str
    code: str
    hint: str


@dataclass(frozen=True)
class Variant:
    """Another right way to compute a stage from earlier ones: equal on right values, accepted on any."""

    of: str
    stage: str
    code: str


@dataclass(frozen=True)
class Made:
    """An input that is made, in the process that uses it, from one Python expression with `np` in scope.

    For what cannot travel as an array: a function (`Made("lambda x: np.sum(x ** 3)")`), a generator
    (`Made("np.random.default_rng(5)")`). Made afresh for every call.
    """

    source: str

    def value(self) -> Any:
        import numpy as np

        return eval(self.source, {"np": np})


@dataclass(frozen=True)
class Check:
    """A property with points of its own: adding the inputs of `cases` changes no verdict (stability at large scores).

    What only the process of the student's code could tell is no property, as that process could be made to tell
    anything: that inputs were changed in place, or that a loop was run, is said beside the mark and costs nothing.
    """

    name: str
    of: tuple[str, ...]
    points: int
    what: str
    hint: str
    cases: CaseMaker


@dataclass(frozen=True)
class Leaf:
    """A place in what the function returns. `stage` is None where the value is not marked (a cache)."""

    stage: str | None
    path: tuple[int | str, ...]


@dataclass(frozen=True)
class Case:
    """Inputs by parameter name. `check` names the property the case belongs to, None for ordinary ones."""

    name: str
    inputs: Inputs
    check: str | None = None


@dataclass(frozen=True)
class Exercise:
    """All that may be known of an exercise without knowing its answer."""

    name: str
    family: str  # the file under solutions/, without .py
    title: str  # first sentence of the docstring
    docstring: str
    parameters: tuple[str, ...]
    shapes: Mapping[str, tuple[str, ...]]  # dims by name, from the docstring
    stages: tuple[Stage, ...]
    uses: tuple[frozenset[str], ...]  # by block: the stages its statements read
    returns: tuple[Leaf, ...]
    stub: str
    mistakes: tuple[tuple[str, str, str], ...] = ()  # name, stage, hint
    checks: tuple[tuple[str, int, str, str], ...] = ()  # name, points, what, hint
    forward: str | None = None  # for x_backward: the exercise x_forward that it differentiates
    line: int = 1  # of the reference's `def`
    given: str = ""  # source of helpers of the same file that students get
    driver: str = ""  # of a class: source of the function that uses it and returns what is marked
    adapter: str = ""  # source of a function that calls the student's in another layout and returns what is marked
    worth: float | None = None  # what all its stage points count as, where the kit says so

    @property
    def vectorized(self) -> bool:
        """Is code without Python loops over the data asked for?"""
        return self.name.endswith("_vectorized")

    @property
    def driver_name(self) -> str | None:
        """Of the function that is called with the student's own, and then the inputs."""
        if self.adapter:
            return self.adapter.split("(", 1)[0].removeprefix("def").strip()
        return f"drive_{self.name}" if self.driver else None

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The stages that the function returns, in the order it returns them."""
        return tuple(leaf.stage for leaf in self.returns if leaf.stage)

    @cached_property
    def returned(self) -> int:
        """How many values the function returns."""
        return len({leaf.path[0] for leaf in self.returns if leaf.path})

    @property
    def stage_points(self) -> int:
        """What its stages and checks add up to, as the reference annotates them."""
        return sum(s.points for s in self.stages) + sum(points for _, points, _, _ in self.checks)

    @property
    def points(self) -> float:
        """What it counts: its stage points, or what the kit's configuration makes of them."""
        return self.stage_points if self.worth is None else self.worth

    def counted(self, stage_points: int) -> float:
        """So many of its stage points, as the exercise counts them; at most two decimals."""
        if self.worth is None or not self.stage_points:
            return stage_points
        return rounded(stage_points * self.worth / self.stage_points)

    def stage(self, name: str) -> Stage:
        return next(s for s in self.stages if s.name == name)

    def block_stages(self, block: int) -> tuple[Stage, ...]:
        return tuple(s for s in self.stages if s.block == block)

    def descendants(self, name: str) -> tuple[str, ...]:
        """Every stage computed, directly or through others, from the stage `name`, in order."""
        touched = {name}
        for block, uses in enumerate(self.uses):
            if uses & touched:
                touched.update(s.name for s in self.block_stages(block) if s.name != name)
        return tuple(s.name for s in self.stages if s.name in touched and s.name != name)

    def users(self, name: str) -> tuple[str, ...]:
        """The stages whose own statements read the stage `name`."""
        return tuple(s.name for s in self.stages if name in self.uses[s.block] and s.name != name)


def rounded(points: float) -> float:
    """Points to two decimals, whole ones as a whole number."""
    value = round(points, 2)
    return int(value) if value == int(value) else value


class AnnotationError(Exception):
    """The author's fault: an annotated reference breaks the grammar. Says where and what to write instead."""

    def __init__(self, file: str, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{file}:{line}: {problem}\n  instead: {remedy}")
        self.file, self.line, self.problem, self.remedy = file, line, problem, remedy


class GraderFault(Exception):
    """Our fault: something that must not happen. It never costs a student a mark."""
