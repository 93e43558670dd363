"""grader.toml: written with comments, checked with the line of a mistake, and what exercises count."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from deliveries import write

from grader.cli import main
from grader.exercise import AnnotationError
from grader.kit import KEYS, Config, KitError, find, read_config
from grader.lateness import Late

SVM = """import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    data_loss = margins.sum() / N
    reg_loss = reg * np.sum(W * W)
    loss = data_loss + reg_loss
    return loss, np.zeros_like(W)
"""


def run(*arguments: object, kit: Path) -> Result:
    return CliRunner().invoke(main, ["--kit", str(kit), *map(str, arguments)], catch_exceptions=False)


def init(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *more], catch_exceptions=False)


def test_init_writes_a_file_that_says_every_key_and_changes_nothing(tmp_path: Path) -> None:
    assert init(tmp_path / "new").exit_code == 0
    text = (tmp_path / "new" / "grader.toml").read_text()
    assert read_config(tmp_path / "new" / "grader.toml") == Config()
    for table, keys in KEYS.items():
        assert re.search(rf"^(# )?\[{table}\]", text, re.MULTILINE)
        for key in keys:
            assert f"\n# {key} = " in text


def test_every_line_of_init_may_be_switched_on_and_the_limits_are_the_default_ones(tmp_path: Path) -> None:
    init(tmp_path)
    text = (tmp_path / "grader.toml").read_text()
    text = "\n".join(line.removeprefix("# ") if " = " in line or "[" in line else line for line in text.splitlines())
    (tmp_path / "grader.toml").write_text("\n".join(line for line in text.splitlines() if "= ..." not in line))
    read = read_config(tmp_path / "grader.toml")
    assert read.limits == Config().limits
    assert read.points == {"svm_loss_vectorized": 10}
    assert read.late == Late(datetime.fromisoformat("2026-11-20T23:59:00+01:00"))
    assert read.attempts == Config().attempts


def test_init_lists_the_exercises_of_a_folder_with_solutions_and_takes_a_title(kit_copy: Path) -> None:
    assert init(kit_copy).exit_code == 2
    assert init(kit_copy, "--force", "--title", 'Übung "2"').exit_code == 0
    text = (kit_copy / "grader.toml").read_text(encoding="utf-8")
    assert "\n# svm_loss_vectorized = 11\n" in text
    assert find(kit_copy).config.title == 'Übung "2"'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[points]\nsvm_loss_vectorized = 'ten'\n",
            "grader.toml:2: svm_loss_vectorized = 'ten' is of the wrong type: a number",
        ),
        (
            "[late]\ndeadline = '2026-11-20'\n",
            "a time without quotes, such as 2026-11-20T23:59:00+01:00, belongs there",
        ),
        ("[late]\n\ndeadline = 2026-11-20 23:59\n", "written as in deadline = 2026-11-20T23:59:00+01:00"),
        ("[kit]\n\n[late\n", "grader.toml:3: Expected ']' at the end of a table declaration, at column 6"),
        ("[points]\n\nrelu_forward = 0\n", "grader.toml:3: relu_forward must be greater than 0"),
        ("[points]\nrelu_forward = nan\n", "grader.toml:2: relu_forward must be greater than 0"),
        ("[points]\nrelu_forward = true\n", "wrong type"),
        ("points = 3\n", "grader.toml:1: there is no [points]"),
    ],
)
def test_wrong_points_are_told_with_their_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_text(text)
    with pytest.raises(KitError) as raised:
        read_config(tmp_path / "grader.toml")
    assert told in str(raised.value)


def test_points_of_an_exercise_that_does_not_exist_are_told_with_their_line(kit_copy: Path) -> None:
    add(kit_copy, "[points]\nsoftmax_loss_naive = 3\nsoftmax_los = 2\n")
    done = run("explain", kit=kit_copy)
    assert done.exit_code == 2
    lines = (kit_copy / "grader.toml").read_text().splitlines()
    assert f"grader.toml:{lines.index('softmax_los = 2') + 1}: [points] softmax_los is no exercise" in done.output


def add(kit: Path, text: str) -> None:
    path = kit / "grader.toml"
    path.write_text(path.read_text() + "\n" + text)


def graded(kit: Path, out: Path, *more: str) -> dict:
    write(out / "in", {"ada.py": SVM})
    only = ("--exercise", "svm_loss_vectorized", "--exercise", "relu_forward")
    assert run("grade", out / "in", "--out", out / "run", "--seed", 2, *only, kit=kit).exit_code == 0
    return json.loads((out / "run" / "results.jsonl").read_text())


def test_points_of_the_configuration_are_what_an_exercise_counts(kit_copy: Path, tmp_path: Path) -> None:
    plain = graded(kit_copy, tmp_path / "a")
    svm = next(e for e in plain["exercises"] if e["name"] == "svm_loss_vectorized")
    add(kit_copy, "[points]\nsvm_loss_vectorized = 5.5\nrelu_forward = 20\n")
    weighed = graded(kit_copy, tmp_path / "b")
    found = {e["name"]: e for e in weighed["exercises"]}
    assert svm["max_points"] == 11
    assert 0 < svm["points"] < 11
    assert found["svm_loss_vectorized"]["max_points"] == 5.5
    assert found["svm_loss_vectorized"]["points"] == svm["points"] / 2
    assert (weighed["points"], weighed["max_points"]) == (svm["points"] / 2, 25.5)
    assert f"{svm['points']} of 11 stage points, which count 5.5 in all" in found["svm_loss_vectorized"]["message"]
    assert [s["points"] for s in found["svm_loss_vectorized"]["stages"]] == [s["points"] for s in svm["stages"]]
    assert f"<strong>{weighed['points']} of 25.5 points" in (tmp_path / "b/run/students/ada.html").read_text()


def test_the_release_counts_as_the_kit_does_and_the_public_data_stay_as_they_are(
    kit_copy: Path, tmp_path: Path
) -> None:
    add(kit_copy, "[points]\nrelu_forward = 20\n")
    assert run("release", "--out", tmp_path / "r", kit=kit_copy).exit_code == 0
    assert "relu_forward | 20 |" in (tmp_path / "r" / "README.md").read_text()
    done = run("explain", "relu_forward", kit=tmp_path / "r")
    assert "20 points (for 1 stage points)" in done.stdout
    name = "data/public/relu_forward.npz"
    assert (tmp_path / "r" / name).read_bytes() == (ROOT / name).read_bytes()


def test_the_kit_may_say_how_much_a_check_tells(kit_copy: Path) -> None:
    config = kit_copy / "grader.toml"
    text = config.read_text()
    config.write_text(text.replace("[kit]", "[kit]\nhint = 3", 1))
    assert find(kit_copy).config.hint == 3
    config.write_text(text.replace("[kit]", "[kit]\nhint = 4", 1))
    with pytest.raises(KitError, match=r"grader.toml:\d+: hint is 1, 2 or 3, not 4"):
        find(kit_copy)


def test_grading_some_exercises_reads_what_holds_them_and_nothing_else(kit_copy: Path, tmp_path: Path) -> None:
    """The file of another week may be half written."""
    whole = graded(kit_copy, tmp_path / "a")
    (kit_copy / "solutions" / "tanh.py").write_text("def tanh_forward(x:\n")
    assert graded(kit_copy, tmp_path / "b")["exercises"] == whole["exercises"]
    write(tmp_path / "in", {"ada.py": SVM})
    done = run("grade", tmp_path / "in", "--out", tmp_path / "run", "--seed", 2, kit=kit_copy)
    assert done.exit_code == 1
    assert "tanh.py:1: not valid Python" in done.output
    (kit_copy / "solutions" / "tanh.py").write_text("def broken(:\n")
    done = run("grade", tmp_path / "in", "--out", tmp_path / "run", "--notebook", "03_layers", kit=kit_copy)
    assert done.exit_code == 1
    assert "tanh.py:1: not valid Python" in done.output


def test_exercises_may_be_named_one_by_one_and_by_notebook_at_once(kit_copy: Path, tmp_path: Path) -> None:
    add(kit_copy, "[points]\naffine_forward = 5\n")
    write(tmp_path / "in", {"ada.py": SVM})
    only = ("--exercise", "affine_forward", "--notebook", "02_linear_classifiers")
    assert run("grade", tmp_path / "in", "--out", tmp_path / "run", *only, kit=kit_copy).exit_code == 0


def test_an_exercise_is_found_however_its_definition_is_written(kit_copy: Path) -> None:
    path = kit_copy / "solutions" / "relu.py"
    path.write_text(path.read_text().replace("def relu_forward", "def  relu_forward"))
    assert [r.name for r in find(kit_copy).some(["relu_forward"])] == ["relu_forward"]


def test_an_exercise_that_is_asked_for_and_stands_nowhere_is_told(kit_copy: Path) -> None:
    with pytest.raises(KitError, match=r"has no relu_foward; it has .*relu_forward"):
        find(kit_copy).hidden(1, ["tanh_forward", "relu_foward"])
    (kit_copy / "solutions" / "relu.py").write_text("def broken(:\n")
    with pytest.raises(AnnotationError, match="not valid Python"):
        find(kit_copy).hidden(1, ["tanh_forward", "relu_forward"])


def test_wrong_points_are_told_also_where_only_some_exercises_are_graded(kit_copy: Path, tmp_path: Path) -> None:
    add(kit_copy, "[points]\nsoftmax_loss_naive = 3\nsoftmax_los = 2\n")
    write(tmp_path / "in", {"ada.py": SVM})
    only = ("--exercise", "svm_loss_vectorized")
    done = run("grade", tmp_path / "in", "--out", tmp_path / "run", *only, kit=kit_copy)
    assert done.exit_code == 2
    assert "[points] softmax_los is no exercise" in done.output
