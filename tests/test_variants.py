"""Submissions in many styles: a right one earns everything, a wrong one pays where it went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader.exercise import FULL_MARKS
from grader.grading import Bench
from grader.kit import find
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources
from tests.variants import softmax, svm, two_layer

SEEDS = (11, 231, 4096)
FAMILIES: dict[str, ModuleType] = {
    "svm_loss_vectorized": svm,
    "softmax_loss_vectorized": softmax,
    "two_layer_loss": two_layer,
}
RIGHT = [
    pytest.param(exercise, source, id=f"{exercise}: {name}")
    for exercise, family in FAMILIES.items()
    for name, source in family.RIGHT.items()
]
WRONG = [
    pytest.param(exercise, source, acceptable, id=f"{exercise}: {name}")
    for exercise, family in FAMILIES.items()
    for name, (source, acceptable) in family.WRONG.items()
]

Marker = Callable[[str, str, int], ExerciseMark]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def benches() -> dict[tuple[str, int], Bench]:
    """One bench for each exercise and seed: nothing else is run."""
    kit = find(Path(__file__).parents[1])
    return {
        (oracle.exercise.name, seed): Bench([oracle])
        for seed in SEEDS
        for oracle in kit.hidden(seed)
        if oracle.exercise.name in FAMILIES
    }


@pytest.fixture(scope="module")
def mark(sandbox: Sandbox, benches: dict[tuple[str, int], Bench]) -> Marker:
    """The mark of a source on the cases of a seed."""

    def marked(exercise: str, source: str, seed: int) -> ExerciseMark:
        bench = benches[exercise, seed]
        submission = from_sources("somebody", [("variant.py", source)], bench.stubs)
        return bench.mark(submission, sandbox).exercises[0]

    return marked


def lost(mark: ExerciseMark) -> set[str]:
    """The stages that cost their marks."""
    return {s.verdict.stage.name for s in mark.stages if s.verdict.outcome not in FULL_MARKS}


def told(mark: ExerciseMark) -> str:
    """Every verdict of a mark, for the message of a failed test."""
    lines = [f"{s.verdict.stage.name}: {s.verdict.outcome} {s.verdict.cause or ''}" for s in mark.stages]
    return "\n".join([*lines, *(f"{c.name}: {c.outcome}" for c in mark.checks), f"error: {mark.error}"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "source"), RIGHT)
def test_a_right_submission_earns_every_point_whatever_its_style(
    mark: Marker, exercise: str, source: str, seed: int
) -> None:
    given = mark(exercise, source, seed)
    assert given.points == given.exercise.points, told(given)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "source", "acceptable"), WRONG)
def test_a_single_mistake_costs_the_stage_where_it_was_made_and_no_other(
    mark: Marker, exercise: str, source: str, acceptable: list[set[str]], seed: int
) -> None:
    given = mark(exercise, source, seed)
    assert given.error is None, told(given)
    assert lost(given) in acceptable, told(given)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "source", "acceptable"), WRONG)
def test_a_mistake_elsewhere_costs_nothing_of_a_property_that_holds(
    mark: Marker, exercise: str, source: str, acceptable: list[set[str]], seed: int
) -> None:
    given = mark(exercise, source, seed)
    properties = [c for c in given.checks if c.max_points]
    assert all(c.points == c.max_points for c in properties), told(given)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_each_family_holds_a_dozen_of_either_kind_and_none_twice(family: ModuleType) -> None:
    sources = [*family.RIGHT.values(), *(source for source, _ in family.WRONG.values())]
    assert len(set(sources)) == len(sources)
    assert len(family.RIGHT) >= 12
    assert len(family.WRONG) >= 12
