"""Submissions in many styles: a right one earns everything, a wrong one pays where it went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from grader.exercise import FULL_MARKS
from grader.grading import Bench
from grader.kit import find
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources
from tests.variants import OF_ONE, Written, right, wrong

SEEDS = (11, 15, 231)  # 15 draws a single example whose loss is 0, as its label is
STAGED = {written.exercise for written in right()}


def named(written: Written) -> str:
    return f"{written.exercise}: {written.name}"


Marker = Callable[[Written, int], ExerciseMark]


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
        if oracle.exercise.name in STAGED
    }


@pytest.fixture(scope="module")
def mark(sandbox: Sandbox, benches: dict[tuple[str, int], Bench]) -> Marker:
    """The mark of a submission on the cases of a seed; each is made once."""

    @cache
    def marked(written: Written, seed: int) -> ExerciseMark:
        bench = benches[written.exercise, seed]
        submission = from_sources("somebody", written.cells, bench.stubs)
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
@pytest.mark.parametrize("written", right(), ids=named)
def test_a_right_submission_earns_every_point_whatever_its_style(mark: Marker, written: Written, seed: int) -> None:
    given = mark(written, seed)
    assert given.points == given.exercise.points, told(given)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("written", wrong(), ids=named)
def test_a_single_mistake_costs_the_stage_where_it_was_made_and_no_other(
    mark: Marker, written: Written, seed: int
) -> None:
    given = mark(written, seed)
    assert given.error is None, told(given)
    assert lost(given) in written.lost, told(given)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("written", wrong(), ids=named)
def test_a_mistake_elsewhere_costs_nothing_of_a_property_that_holds(mark: Marker, written: Written, seed: int) -> None:
    given = mark(written, seed)
    properties = [c for c in given.checks if c.max_points]
    assert all(c.points == c.max_points for c in properties), told(given)


@pytest.mark.parametrize("exercise", OF_ONE)
def test_the_large_families_hold_a_dozen_of_either_kind(exercise: str) -> None:
    assert sum(w.exercise == exercise for w in right()) >= 12
    assert sum(w.exercise == exercise for w in wrong()) >= 12


def test_every_exercise_of_the_kit_is_written_rightly_in_at_least_two_ways() -> None:
    ways = Counter(w.exercise for w in right())
    kit = find(Path(__file__).parents[1])
    assert {r.name for r in kit.references if ways[r.name] < 2} == set()


def test_no_submission_is_there_twice() -> None:
    sources = [w.source for w in (*right(), *wrong())]
    assert len(set(sources)) == len(sources)
