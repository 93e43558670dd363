"""What `benchmarks/versus.py` gives to other graders is right; of these only pytest is installed here."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from grader.kit import find

sys.path.insert(0, str(ROOT))  # benchmarks

from benchmarks import allclose, rivals, versus


@pytest.fixture(scope="module")
def assignment() -> rivals.Assignment:
    return rivals.Assignment(find(ROOT))


@pytest.fixture(scope="module")
def people(assignment: rivals.Assignment) -> list[rivals.Submission]:
    return rivals.submissions(assignment, 4)


def test_the_assignment_is_every_exercise_of_the_six_notebooks(assignment: rivals.Assignment) -> None:
    assert len(assignment.notebooks) == 6
    assert {name for names in assignment.exercises.values() for name in names} == set(assignment.expected)
    assert len(assignment.expected) > 50
    assert all(leaves for e in assignment.expected.values() for _, _, leaves in e["cases"])


def test_no_two_submissions_share_a_function_and_every_second_has_mistakes(people: list[rivals.Submission]) -> None:
    for name in people[0].sources:
        assert len({one.sources[name] for one in people}) == len(people)
    assert [bool(one.wrong) for one in people] == [False, True, False, True]
    assert not people[1].wrong & people[3].wrong


def test_the_stored_values_pass_what_is_right_and_nothing_that_is_wrong(
    assignment: rivals.Assignment, people: list[rivals.Submission]
) -> None:
    marks = {
        one.name: {
            n: r for stem in assignment.notebooks for n, r in rivals.right(assignment, stem, one.sources).items()
        }
        for one in people
    }
    assert rivals.disagreements(people, marks) == []


def test_a_mark_that_is_wrong_or_lacking_is_told(people: list[rivals.Submission]) -> None:
    marks = {one.name: {name: name not in one.wrong for name in one.sources} for one in people}
    assert rivals.disagreements(people, marks) == []
    wrong = sorted(people[1].wrong)[0]
    marks["s0001"][wrong] = True
    del marks["s0002"]["adam"]
    assert rivals.disagreements(people, marks) == [
        f"s0001, {wrong}: wrong, marked True",
        "s0002, adam: right, marked None",
    ]
    assert len(rivals.disagreements(people[:1], {})) == len(people[0].sources)


def test_the_stored_file_gives_back_what_was_stored(assignment: rivals.Assignment, tmp_path: Path) -> None:
    assignment.store(tmp_path, "06_optimisation")
    read = allclose.stored("06_optimisation", tmp_path)
    assert list(read) == assignment.exercises["06_optimisation"]
    adam = assignment.oracles["adam"].reference.module["adam"]
    allclose.agrees(read["adam"], adam)
    read["adam"]["cases"][-1][2][0] = (read["adam"]["cases"][-1][2][0][0], np.array(1e9))
    with pytest.raises(AssertionError, match="wrong"):
        allclose.agrees(read["adam"], adam)


def test_pytest_marks_the_class_as_it_must_and_the_floor_runs_it(
    assignment: rivals.Assignment, people: list[rivals.Submission], tmp_path: Path
) -> None:
    around = versus.surroundings(tmp_path / "home")
    layout = rivals.plain_pytest(assignment, people[:2], tmp_path, Path(sys.executable))
    cost = versus.graded(layout, people[:2], around, tmp_path)
    least = versus.floor(layout, list(assignment.notebooks), around)
    assert 0 < least.cpu < cost.cpu


def test_a_grader_that_marks_nobody_ends_the_benchmark(people: list[rivals.Submission], tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    said = [sys.executable, "-c", "print('no kernel')"]
    idle = rivals.Layout("idle", "", tmp_path / "made", lambda folder: [rivals.Command(said, folder)], lambda _: {})
    with pytest.raises(SystemExit, match=r"(?s)idle marked 0 submissions of 4\ns0000, .*right, marked None.*no kernel"):
        versus.graded(idle, people, versus.surroundings(tmp_path / "home"), tmp_path)


def test_a_notebook_for_nbgrader_tests_every_exercise_once(
    assignment: rivals.Assignment, people: list[rivals.Submission]
) -> None:
    for stem, names in assignment.exercises.items():
        text = rivals.nbgrader_notebook(assignment, stem, people[1])
        told = [c["metadata"]["nbgrader"] for c in json.loads(text)["cells"] if "nbgrader" in c["metadata"]]
        assert [t["grade_id"] for t in told if t["solution"]] == names
        assert [t["grade_id"] for t in told if t["grade"]] == [f"test_{name}" for name in names]


def test_the_table_has_medians_and_ratios_within_a_round() -> None:
    costs = {
        "ours": [versus.Cost(0.010, 0.02), versus.Cost(0.030, 0.04), versus.Cost(0.020, 0.03)],
        "theirs": [versus.Cost(0.100, 0.10), versus.Cost(1.200, 1.10), versus.Cost(0.100, 0.10)],
    }
    told = {"ours": "one command", "theirs": "a kernel"}
    assert versus.table(costs, told, {"ours": "ours"}).splitlines() == [
        "| | what is run | CPU ms | wall ms | CPU / ours |",
        "|---|---|--:|--:|--:|",
        "| ours | one command | 20.0 | 30.0 | 1.00 |",
        "| theirs | a kernel | 100.0 | 100.0 | 10 |",
    ]


def test_costs_are_shared_out_and_subtracted() -> None:
    assert versus.Cost(3.0, 6.0).less(versus.Cost(1.0, 2.0)).each(2) == versus.Cost(1.0, 2.0)


def test_a_command_that_must_succeed_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such package"):
        rivals.asked([sys.executable, "-c", "import sys; sys.exit('no such package')"], tmp_path)
