"""The notebooks run top to bottom, empty and filled in; `check` shows a student what it should."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, student

from grader import messages, notebook
from grader.exercise import Outcome
from grader.kit import Kit, KitError
from grader.notebook import check, examine, yours
from grader.own import limited
from grader.release import notebook_paths, notebook_text, read_notebook, release, renewed

NOTEBOOKS = sorted(p.name for p in (ROOT / "notebooks").glob("*.ipynb") if p.name != "playground.ipynb")


def execute(path: Path, notebook: dict[str, Any]) -> dict[str, Any]:
    """Run every cell in a kernel, in the folder of the notebook."""
    nbformat = pytest.importorskip("nbformat", reason="needs the extra [kit]")
    preprocessors = pytest.importorskip("nbconvert.preprocessors", reason="needs the extra [kit]")
    pytest.importorskip("ipykernel", reason="needs the extra [kit]")
    node = nbformat.reads(json.dumps(notebook), as_version=4)
    nbformat.validate(node)
    runner = preprocessors.ExecutePreprocessor(timeout=120, kernel_name="python3")
    runner.preprocess(node, {"metadata": {"path": str(path.parent)}})
    return node


def shown(notebook: dict[str, Any]) -> str:
    outputs = [o for c in notebook["cells"] if c["cell_type"] == "code" for o in c["outputs"]]
    return "\n".join("".join(o.get("text", "")) + "".join(o.get("data", {}).get("text/plain", "")) for o in outputs)


@pytest.mark.notebooks
@pytest.mark.filterwarnings("default")  # of jupyter's own, on its way to new event loops
@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_a_notebook_runs_from_top_to_bottom(kit: Kit, tmp_path: Path, name: str, filled: bool) -> None:
    """In a release, as students have it: without solutions in reach."""
    release(kit, tmp_path / "release")
    path = tmp_path / "release" / "notebooks" / name
    notebook = read_notebook(path)
    if filled:
        notebook = renewed(notebook, {r.name: r.source for r in kit.references})
    text = shown(execute(path, notebook))
    names = [c["metadata"]["grader"]["check"] for c in notebook["cells"] if "check" in c["metadata"].get("grader", {})]
    assert names
    for exercise in names:
        points = next(r.exercise.points for r in kit.references if r.name == exercise)
        assert f"{exercise} " in text
        assert (f"{points:>3} /{points:>3}" in text) is filled or len(names) > 1
    assert ("not filled in yet" in text) is not filled
    assert not (filled and re.search(r"^ {2}\S* +x \S", text, re.MULTILINE))  # a stage to mend


@pytest.mark.notebooks
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_the_playground_trains_the_students_own_net(kit: Kit, tmp_path: Path, filled: bool) -> None:
    """It takes the function out of another notebook; without it, it runs through all the same."""
    release(kit, tmp_path / "release")
    folder = tmp_path / "release" / "notebooks"
    if filled:
        nets = folder / "04_neural_nets.ipynb"
        nets.write_text(notebook_text(renewed(read_notebook(nets), {r.name: r.source for r in kit.references})))
    done = execute(folder / "playground.ipynb", read_notebook(folder / "playground.ipynb"))
    text = shown(done)
    if filled:
        losses = re.search(r"loss (\S+) at the start, (\S+) after 1500 steps", text)
        assert losses is not None
        assert float(losses[2]) < 0.3 * float(losses[1])
        kinds = {kind for c in done["cells"] for o in c.get("outputs", []) for kind in o.get("data", {})}
        assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= kinds
    else:
        assert "nothing to train yet: two_layer_loss is not filled in yet" in text


def test_exercise_cells_are_followed_by_their_check(kit: Kit) -> None:
    for path in notebook_paths(kit):
        told = [c["metadata"].get("grader", {}) for c in read_notebook(path)["cells"]]
        for i, cell in enumerate(told):
            if "exercise" in cell:
                assert {"check": cell["exercise"]} in told[i + 1 : i + 3]


def test_notebooks_hold_no_outputs_and_stable_cell_names(kit: Kit) -> None:
    for path in notebook_paths(kit):
        cells = json.loads(path.read_text())["cells"]
        assert all(not c.get("outputs") for c in cells)
        assert len({c["id"] for c in cells}) == len(cells)


# -- check(), in this process


def test_every_reference_passes_every_check_from_public_data_alone(kit: Kit, in_release: Path) -> None:
    for reference in kit.references:
        family = [r.source for r in kit.references if r.exercise.family == reference.exercise.family]
        source = "\n\n".join([reference.exercise.given, *family])
        mark = examine(getattr(student(in_release, source), reference.name))
        assert mark.outcome is Outcome.PASSED
        assert {c.outcome for c in mark.checks} <= {Outcome.PASSED, Outcome.INCONCLUSIVE}, reference.name


def test_every_named_mistake_is_named_from_public_data_alone(kit: Kit, in_release: Path) -> None:
    for reference in kit.references:
        given = reference.exercise.given + "\n\n"
        for mistake in reference.mistakes:
            mark = examine(getattr(student(in_release, given + reference.function_with(mistake)), reference.name))
            first = next(s.verdict for s in mark.stages if s.verdict.outcome not in ("passed", "implied"))
            assert (first.stage.name, first.outcome) == (mistake.stage, Outcome.FAILED)
            assert first.cause is not None
            assert first.cause.name == mistake.name


def test_what_comes_after_the_first_mistake_waits(kit: Kit, in_release: Path) -> None:
    reference = next(r for r in kit.references if r.name == "svm_loss_vectorized")
    mistake = next(m for m in reference.mistakes if m.name == "margin-of-1-forgotten")
    mark = examine(getattr(student(in_release, reference.function_with(mistake)), reference.name))
    outcomes = {s.verdict.stage.name: str(s.verdict.outcome) for s in mark.stages}
    assert outcomes == {
        "scores": "passed",
        "margins": "failed",
        "data_loss": "waiting",
        "reg_loss": "passed",
        "loss": "waiting",
        "dmargins": "passed",
        "dscores": "waiting",
        "dW": "follows",
    }


HALF = """
def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    data_loss = ...
    dW = ...
    return data_loss, dW
"""


@pytest.mark.parametrize(
    ("hint", "told", "not_told"),
    [
        (1, "hint 1 of 3: Look at line 8", "correct class kept"),
        (2, "hint 2 of 3: What kind of slip: correct class kept", "leave out"),
        (3, "hint 3 of 3: Which class does the sum over j leave out?", "np.arange(N), y] = 0"),
    ],
)
def test_hints_tell_more_step_by_step(
    in_release: Path, capsys: pytest.CaptureFixture[str], hint: int, told: str, not_told: str
) -> None:
    check(student(in_release, HALF).svm_loss_vectorized, hint=hint)
    output = capsys.readouterr().out
    assert told in output
    assert not_told not in output
    assert "5 of 20 entries differ, all at the correct class: yours at [0, " in output
    assert "] is 1, it should be 0" in output


def test_wrong_use_of_check_is_told(in_release: Path) -> None:
    with pytest.raises(TypeError, match="one of your functions"):
        check(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1, 2 or 3"):
        check(check, hint=4)  # type: ignore[arg-type]
    with pytest.raises(KitError, match="is no exercise"):
        examine(student(in_release, "def other():\n    pass\n").other)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
@pytest.mark.parametrize(
    "body", ["    while True:\n        pass\n", "    try:\n        while True: pass\n    except Exception: pass\n"]
)
def test_a_loop_that_never_ends_is_ended_by_the_check(
    in_release: Path, body: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "limited", lambda seconds: limited(seconds / 20))
    check(student(in_release, f"def relu_forward(x):\n{body}").relu_forward)
    output = capsys.readouterr().out
    assert "is there a loop that never ends?" in output
    assert "0 / 1" in output or "0 /  1" in output


def test_outside_of_a_kit_check_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if any((p / "grader.toml").exists() for p in tmp_path.parents):
        pytest.fail("a kit above the temporary folder")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KitError, match="no kit here"):
        examine(student(tmp_path, HALF).svm_loss_vectorized)


def test_helpers_and_constants_of_other_cells_are_used_and_observed(kit: Kit, in_release: Path) -> None:
    source = """
ONE = 1

def hinge(s, y):
    m = np.maximum(0, s - s[np.arange(len(y)), y][:, None] + ONE)
    return m

def svm_loss_vectorized(W, X, y, reg):
    m = hinge(X @ W, y)
    return m.sum() / len(y), None
"""
    mark = examine(student(in_release, source).svm_loss_vectorized)
    margins = next(s.verdict for s in mark.stages if s.verdict.stage.name == "margins")
    assert margins.outcome is not Outcome.PASSED
    assert mark.error is None


def test_yours_is_the_function_that_was_filled_in_last(
    kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(kit, tmp_path / "release")
    monkeypatch.chdir(tmp_path / "release" / "notebooks")
    with pytest.raises(KitError, match="add_gate is not filled in yet"):
        yours("add_gate")
    with pytest.raises(KitError, match="no_gate is no exercise"):
        yours("no_gate")
    path = tmp_path / "release" / "assignment" / "gates.py"
    path.write_text(
        "import numpy as np\n\n\ndef twice(v):\n    return 2 * v\n\n\ndef add_gate(x, y, dout):\n    return twice(x) + y, dout, dout\n"
    )
    assert yours("add_gate")(1, 2, 3) == (4, 3, 3)
    path.write_text(
        path.read_text().replace("def twice", "1 / 0\nONE = {}['a']\n\n\ndef twice").replace("2 * v", "2 * v * ONE")
    )
    with pytest.raises(KitError, match=r"gates\.py stops with KeyError"):
        yours("add_gate")


def test_a_function_made_by_another_is_checked_by_what_it_returns(kit: Kit, in_release: Path) -> None:
    source = """
def make(delta):
    def svm_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(y))
        m = np.maximum(0, X @ W - (X @ W)[rows, y][:, None] + delta)
        m[rows, y] = 0
        d = (m > 0) / len(y)
        d[rows, y] = -d.sum(axis=1)
        return m.sum() / len(y) + reg * np.sum(W * W), X.T @ d + reg * W
    return svm_loss_vectorized

svm_loss_vectorized = make(1.0)
"""
    mark = examine(student(in_release, source).svm_loss_vectorized)
    outcomes = {s.verdict.stage.name: s.verdict.outcome for s in mark.stages}
    assert mark.error is None
    assert outcomes["loss"] == Outcome.PASSED
    assert outcomes["dW"] == Outcome.FAILED
    assert "crashed" not in outcomes.values()


def test_what_a_function_prints_comes_once(in_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = HALF.replace("N = X.shape[0]", "N = X.shape[0]\n    print('here', X.shape)")
    assert source != HALF
    out = sys.stdout
    check(student(in_release, source).svm_loss_vectorized)
    assert sys.stdout is out
    assert capsys.readouterr().out.count("here (") == 1


RENAMED = """
import numpy as np

X = np.ones((5, 3))
dscores = np.ones((5, 4))


def affine_backward(dout, stored):
    x, w, b = stored
    N = x.shape[0]
    rows = x.reshape(N, -1)
    db = dout.sum(axis=0)
    dw = rows.T @ dout
    dx = (dout @ w.T).reshape(cache[0].shape)
    return dx, dw, db


cache = (np.ones((2, 3)), np.ones((3, 4)), np.ones(4))
"""


def test_an_argument_that_was_renamed_is_told_first(in_release: Path) -> None:
    mark = examine(student(in_release, RENAMED).affine_backward)
    told = messages.exercise(mark)
    assert told.startswith("cache in line 17 is no argument of this function, only dout and stored are")
    assert {messages.check(c) for c in mark.checks if c.name.startswith("gradient ")} == {
        "not compared: the function uses what is no argument of it"
    }


def test_what_is_nearly_right_is_told_as_such_with_the_digits_that_differ(in_release: Path, kit: Kit) -> None:
    reference = next(r for r in kit.references if r.name == "softmax_loss_vectorized")
    source = reference.source.replace("np.log(sums[:, 0])", "np.log(sums[:, 0] + 1e-8)")
    assert source != reference.source
    mark = examine(student(in_release, source).softmax_loss_vectorized)
    wrong = next(s for s in mark.stages if s.verdict.outcome is Outcome.FAILED)
    yours, right = re.findall(r"yours is (\S+), it should be (\S+)", messages.stage(wrong, mark.exercise, True))[0]
    assert yours != right
    assert "is nearly right" in str(messages.hint(wrong, mark.exercise, 3))


@pytest.mark.parametrize(("turns", "told"), [("range(200)", False), ("range(N)", True)])
def test_a_loop_is_told_only_where_it_grows_with_the_examples(
    in_release: Path, kit: Kit, turns: str, told: bool
) -> None:
    reference = next(r for r in kit.references if r.name == "svm_loss_vectorized")
    source = reference.source.replace("    return loss", f"    for i in {turns}:\n        last = i\n    return loss")
    mark = examine(student(in_release, source).svm_loss_vectorized)
    assert ("is run again for every example" in messages.exercise(mark)) is told
