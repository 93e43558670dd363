"""`pytest` in a released folder runs the checks of `grader check`, one test a stage."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import student
from test_cell import RIGHT

from grader.exercise import FULL_MARKS, Outcome
from grader.kit import Kit
from grader.notebook import examine
from grader.release import read_notebook, renewed

KEPT = RIGHT.replace("    margins[range(N), y] = 0\n", "")


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A student's folder with two families, to be filled in."""
    made = tmp_path / "mine"
    shutil.copytree(
        released,
        made,
        ignore=lambda at, names: [n for n in names if Path(at).name == "assignment" and n not in ("svm.py", "relu.py")],
    )
    for path in (made / "notebooks").glob("*.ipynb"):
        if not path.name.startswith("02"):
            path.unlink()
    return made


def run(folder: Path, *args: str) -> tuple[int, str, dict[str, str]]:
    """Exit code, output, and the outcome of each test by its name."""
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-W", "error", "--tb=short", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    outcomes = dict(re.findall(r"^(\S+::.+?) (PASSED|FAILED|SKIPPED|ERROR)", done.stdout, re.MULTILINE))
    return done.returncode, done.stdout + done.stderr, outcomes


def fill(folder: Path, source: str, name: str = "assignment/svm.py") -> None:
    path = folder / name
    given = path.read_text()
    path.write_text(given[: given.index("def svm_loss_vectorized")] + source.strip() + "\n")


def test_what_is_not_filled_in_is_skipped(folder: Path) -> None:
    code, output, outcomes = run(folder)
    assert code == 0
    assert set(outcomes.values()) == {"SKIPPED"}
    assert {"assignment/svm.py::svm_loss_naive", "assignment/relu.py::relu_forward"} <= set(outcomes)
    assert "notebooks/02_linear_classifiers.ipynb::softmax_loss_vectorized" in outcomes
    assert "not filled in yet" in output


def test_each_stage_is_a_test_with_the_verdict_of_check(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder, KEPT)
    code, output, outcomes = run(folder, "assignment/svm.py")
    monkeypatch.chdir(folder)
    mark = examine(student(tmp_path, KEPT).svm_loss_vectorized)
    for stage in mark.stages:
        outcome = outcomes[f"assignment/svm.py::svm_loss_vectorized::{stage.verdict.stage.name}"]
        expected = "PASSED" if stage.verdict.outcome in FULL_MARKS else "SKIPPED"
        assert outcome == ("FAILED" if stage.verdict.outcome is Outcome.FAILED else expected)
    assert list(outcomes.values()).count("FAILED") == 1
    assert code == 1
    assert "5 of 20 entries differ, all at the correct class: yours at [0, 2] is 1, it should be 0" in output
    assert "hint 1 of 3: Look at line " in output
    assert "more: grader check assignment/svm.py --exercise svm_loss_vectorized --hint 2" in output
    assert "Traceback" not in output and "runtest" not in output


def test_a_right_notebook_passes_and_properties_are_tests_too(kit: Kit, folder: Path) -> None:
    path = folder / "notebooks" / "02_linear_classifiers.ipynb"
    sources = {r.name: r.source for r in kit.references}
    path.write_text(json.dumps(renewed(read_notebook(path), sources)))
    code, _, outcomes = run(folder, "notebooks")
    assert code == 0
    assert set(outcomes.values()) == {"PASSED"}
    checks = [name for r in kit.references if r.name == "softmax_loss_vectorized" for name, *_ in r.exercise.checks]
    assert checks
    assert all(f"notebooks/02_linear_classifiers.ipynb::softmax_loss_vectorized::{name}" in outcomes for name in checks)


def test_an_exception_fails_once_and_says_where(folder: Path) -> None:
    fill(folder, RIGHT.replace("N = len(y)", "N = len(labels)"))
    _, output, outcomes = run(folder)
    assert list(outcomes.values()).count("FAILED") == 1
    assert "NameError in svm.py, line " in output


def test_where_the_first_line_raises_nothing_is_said_of_stages_before_it(folder: Path) -> None:
    path = folder / "assignment" / "relu.py"
    path.write_text(
        "import numpy as np\n\n\ndef relu_forward(x):\n    out = np.maximum(0, undefined)\n    return out, x\n"
    )
    _, output, outcomes = run(folder, "assignment/relu.py")
    assert list(outcomes.values()) == ["FAILED"]
    failure = output.split("FAILURES")[1]
    assert "NameError in relu.py, line 5" in failure
    assert "stages before it" not in failure


def test_a_file_that_is_no_python_fails_once_and_says_so(folder: Path) -> None:
    fill(folder, "def svm_loss_vectorized(W, X, y, reg):\n    scores = (X @ W\n    return scores, W\n")
    code, output, outcomes = run(folder)
    assert code == 1
    assert list(outcomes.values()).count("FAILED") == 1
    assert "cannot be read as Python" in output


def test_below_a_larger_repository_it_works_and_leaves_the_rest_alone(folder: Path) -> None:
    fill(folder, RIGHT)
    (folder.parent / "test_other.py").write_text(
        "def multiply_add(x, y, z):\n    return 1\n\n\ndef test_other():\n    assert multiply_add(1, 2, 3) == 1\n"
    )
    code, _, outcomes = run(folder.parent)
    assert code == 0
    assert outcomes["test_other.py::test_other"] == "PASSED"
    assert outcomes["mine/assignment/svm.py::svm_loss_vectorized::dW"] == "PASSED"


def test_nothing_of_it_is_loaded_by_other_runs_of_pytest(tmp_path: Path) -> None:
    points = importlib.metadata.entry_points(group="pytest11")
    assert not [p for p in points if p.value.startswith("grader")]
    (tmp_path / "test_it.py").write_text("import sys\n\n\ndef test_it():\n    assert 'grader' not in sys.modules\n")
    assert run(tmp_path)[0] == 0


def test_the_workflow_installs_this_version_and_runs_pytest(released: Path) -> None:
    from grader import __version__

    text = (released / ".github" / "workflows" / "checks.yml").read_text()
    assert f'pip install "flat-backprop>={__version__}" "pytest' in text
    assert text.rstrip().endswith("- run: pytest")
