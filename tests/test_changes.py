"""Two runs compared: who moved, by how much, why."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from grader import classroom
from grader.cli import main
from grader.kit import Kit, find
from grader.reports.changes import compare
from grader.reports.stored import read

CLASS = ROOT / "data" / "sample_class"
ONLY = ("svm_loss_naive", "svm_loss_vectorized")


@pytest.fixture(scope="module")
def before(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("changes") / "before"
    classroom.grade(kit, CLASS, out, seed=3, only=ONLY)
    return out


@pytest.fixture
def rows(before: Path) -> list[dict]:
    return read(before).rows


def grader(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["--kit", str(ROOT), *map(str, arguments)], catch_exceptions=False)


def test_after_a_change_of_points_everybody_who_moved_is_told_with_the_stage(
    before: Path, kit_copy: Path, tmp_path: Path
) -> None:
    """margins are worth 5 instead of 2: who has them gains 3, ines does not."""
    path = kit_copy / "solutions" / "svm.py"
    text = path.read_text()
    assert text.count("hinge margins, 0 at the correct class [2]") >= 1
    changed = text.replace("hinge margins, 0 at the correct class [2]", "hinge margins, 0 at the correct class [5]")
    path.write_text(changed)
    after = tmp_path / "after"
    classroom.grade(find(kit_copy), CLASS, after, seed=3, only=ONLY)
    done = grader("compare", before, after)
    assert done.exit_code == 0
    assert (
        "ada  16 / 16 -> 19 / 19  (+3)\n    svm_loss_vectorized margins: 2 -> 5 points; worth 2 -> 5\n" in done.stdout
    )
    assert "ines" not in done.stdout.split("what several")[0]
    assert "submissions: svm_loss_vectorized margins: 2 -> 5 points" in done.stdout
    assert " gained points, 0 lost points" in done.stdout


def test_another_verdict_is_told_with_the_mistake(rows: list[dict]) -> None:
    after = copy.deepcopy(rows)
    ines = next(r for r in after if r["submission"] == "ines")
    stage = next(s for e in ines["exercises"] for s in e["stages"] if s["name"] == "margins")
    stage.update(outcome="passed", points=2)
    del stage["mistake"]
    next(e for e in ines["exercises"] if stage in e["stages"])["points"] += 2
    ines["points"] += 2
    found = compare(rows, after)
    assert [(m.name, m.by) for m in found.moves] == [("ines", 2)]
    (change,) = found.moves[0].changes
    assert (change.exercise, change.stage, change.by) == ("svm_loss_vectorized", "margins", 2)
    assert change.outcome == ("failed", "passed")
    assert change.cause == ("correct-class-kept", "")
    assert found.same == len(rows) - 1


def test_the_same_points_for_another_reason_are_a_move_of_zero(rows: list[dict]) -> None:
    after = copy.deepcopy(rows)
    ines = next(r for r in after if r["submission"] == "ines")
    next(s for e in ines["exercises"] for s in e["stages"] if s["name"] == "margins")["mistake"] = "other"
    found = compare(rows, after)
    assert [(m.name, m.by) for m in found.moves] == [("ines", 0)]


def test_those_of_one_run_only_are_named(rows: list[dict]) -> None:
    found = compare(rows[1:], rows[:-1])
    assert found.left == (rows[-1]["submission"],)
    assert found.came == (rows[0]["submission"],)
    assert found.moves == ()


def test_an_exercise_of_one_run_only_is_a_change(rows: list[dict]) -> None:
    after = copy.deepcopy(rows)
    for row in after:
        gone = row["exercises"].pop(0)
        row["points"] -= gone["points"]
        row["max_points"] -= gone["max_points"]
    found = compare(rows, after)
    ada = next(m for m in found.moves if m.name == "ada")
    assert (ada.by, ada.changes[0].exercise, ada.changes[0].outcome) == (-5, "svm_loss_naive", ("passed", None))


def test_points_set_by_hand_count_as_a_move(rows: list[dict]) -> None:
    after = [{**r, "override": 9} if r["submission"] == "ada" else r for r in rows]
    (move,) = compare(rows, after).moves
    assert (move.name, move.points, move.by_hand) == ("ada", (16, 9), True)


def test_another_rule_for_late_ones_is_a_reason(before: Path, tmp_path: Path, rows: list[dict]) -> None:
    after = tmp_path / "after"
    shutil.copytree(before, after)
    changed = [{**r, "late": {"percent": 25.0}} if r["submission"] == "ada" else r for r in rows]
    (after / "results.jsonl").write_text("".join(json.dumps(r) + "\n" for r in changed), encoding="utf-8")
    assert "ada  16 / 16 -> 12 / 16  (-4)\n    late: 0 -> 25 % off\n" in grader("compare", before, after).stdout


def test_equal_runs_have_no_moves_and_json_says_so(before: Path) -> None:
    done = grader("compare", before, before, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"moves": [], "same": 25, "only_before": [], "only_after": []}
    assert "25 are as before" in grader("compare", before, before).stdout


def test_json_holds_what_text_tells(before: Path, tmp_path: Path, rows: list[dict]) -> None:
    after = tmp_path / "after"
    after.mkdir()
    rows[0]["override"] = 1
    (after / "results.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (move,) = json.loads(grader("compare", before, after, "--json").stdout)["moves"]
    assert (move["submission"], move["points"], move["by"], move["by_hand"]) == ("ada", [16, 1], -15, True)


def test_different_seeds_are_told(before: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    after.mkdir()
    (after / "results.jsonl").write_bytes((before / "results.jsonl").read_bytes())
    (after / "run.json").write_text('{"seed": 4}')
    assert "different seeds" in grader("compare", before, after).stderr


def test_a_folder_that_is_no_run_is_told(before: Path, tmp_path: Path) -> None:
    done = grader("compare", before, tmp_path)
    assert done.exit_code == 2
    assert "no results.jsonl" in done.output
