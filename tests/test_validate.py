"""Validation proves the kit, and fails, naming the place, when anything in it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.kit import find


def validated(kit: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--kit", str(kit), "validate", *more], catch_exceptions=False)
    return done.exit_code, done.output


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def only(kit: Path, family: str) -> None:
    """Leave one family, so that a test is quick."""
    for path in (kit / "solutions").glob("*.py"):
        if path.stem != family:
            (kit / "assignment" / path.name).unlink()
            path.unlink()
    for path in (kit / "notebooks").glob("*.ipynb"):
        path.unlink()


def test_the_kit_is_valid_and_every_exercise_has_a_line(kit_copy: Path) -> None:
    code, output = validated(kit_copy)
    assert code == 0, output
    count = len(next(r for r in find(kit_copy).references if r.name == "svm_loss_vectorized").mistakes)
    assert f"svm_loss_vectorized               8     11        {count} of  {count}" in output
    assert output.count(" of ") == len(find(kit_copy).references)
    assert "everything holds" in output


@pytest.mark.parametrize(
    ("family", "old", "new", "told"),
    [
        ("svm", "scores - correct + 1)     # (N", "scores - correct + 2)     # (N", "margins"),
        (
            "svm",
            "dmargins * (margins > 0)                # (N",
            "dmargins * (margins > 1)                # (N",
            "dW on the case",
        ),
        ("softmax", "dscores /= N\n    dW", "dscores /= N + 1\n    dW", "softmax_loss_vectorized: dW"),
        ("affine", "rows @ w + b        # (N", "rows @ w - b        # (N", "affine_backward: db"),
        ("relu", "np.maximum(0, x)   # (d", "np.maximum(1, x)   # (d", "relu_backward: dx"),
        ("relu", "    x = cache\n", "    x = cache[0]\n", "relu_backward: dx"),
    ],
)
def test_a_broken_line_of_a_reference_is_named(kit_copy: Path, family: str, old: str, new: str, told: str) -> None:
    only(kit_copy, family)
    change(kit_copy / "solutions" / f"{family}.py", old, new)
    code, output = validated(kit_copy)
    assert code == 1
    assert told in output


def test_every_single_line_of_a_reference_matters(kit_copy: Path) -> None:
    """Each stage of the vectorized SVM, scaled by 3 % in turn: validation fails every time and names the exercise."""
    only(kit_copy, "svm")
    path = kit_copy / "solutions" / "svm.py"
    good = path.read_text()
    start = good.index("def svm_loss_vectorized")
    lines = [line for line in good[start:].splitlines() if "  # (" in line]
    assert len(lines) == 8
    for line in lines:
        code_part, comment = line.split("  # ", 1)
        name, value = code_part.split(" = ", 1)
        path.write_text(
            good[:start] + good[start:].replace(line, f"{name} = 1.03 * ({value.rstrip()})  # {comment}", 1)
        )
        code, output = validated(kit_copy)
        assert code == 1, line
        assert "svm_loss_vectorized" in output


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'code="data_loss = margins.mean()"',
            'code="data_loss = margins.sum() / N"',
            "mean-over-all-entries at data_loss: gets full marks",
        ),
        (
            'code="data_loss = margins.mean()"',
            'code="data_loss = margins.sum()"',
            "is taken for mean-forgotten-in-loss",
        ),
        ('code="data_loss = margins.mean()"', 'code="data_loss = margins.nothing()"', "its code raises AttributeError"),
        (
            'stage="data_loss",\n        code="data_loss = margins.mean()"',
            'stage="data_loss",\n        code="data_loss = margins.mean(); margins = margins + 1"',
            "mean-over-all-entries",
        ),
    ],
)
def test_a_broken_mistake_is_named(kit_copy: Path, old: str, new: str, told: str) -> None:
    only(kit_copy, "svm")
    change(kit_copy / "solutions" / "svm.py", old, new)
    code, output = validated(kit_copy)
    assert code == 1
    assert told in output


def test_a_broken_stub_is_named(kit_copy: Path) -> None:
    only(kit_copy, "relu")
    change(kit_copy / "assignment" / "relu.py", "dx = ...", "dx = dout")
    code, output = validated(kit_copy)
    assert code == 1
    assert "assignment/relu.py differs" in output


def test_a_shape_that_is_not_true_is_named(kit_copy: Path) -> None:
    only(kit_copy, "relu")
    change(kit_copy / "solutions" / "relu.py", "# (d_1, ..., d_k) output [1]", "# () output [1]")
    code, output = validated(kit_copy)
    assert code == 1
    assert "out has shape (5, 7)" in output


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "        reg: () regularization strength, the lecture's lambda\n",
            "",
            "says nothing of reg: add a line `reg: (N, D) what it is`",
        ),
        ("    Returns:\n", "    What comes back:\n", "does not say what is returned"),
    ],
)
def test_an_input_or_a_result_that_students_are_not_told_of_is_named(
    kit_copy: Path, old: str, new: str, told: str
) -> None:
    only(kit_copy, "linear")
    change(kit_copy / "solutions" / "linear.py", old, new)
    code, output = validated(kit_copy)
    assert code == 1
    assert told in output


def test_words_in_parentheses_that_read_as_a_shape_are_named_with_the_way_out(kit_copy: Path) -> None:
    only(kit_copy, "affine")
    change(kit_copy / "solutions" / "affine.py", "cache: the tuple (x, w, b) kept by", "cache: (x, w, b) kept by")
    code, output = validated(kit_copy)
    assert code == 1
    assert "cache is no array, but (x, w, b) stands behind it" in output
    assert "begin with a word" in output


def test_a_stage_that_changes_another_in_place_is_named(kit_copy: Path) -> None:
    only(kit_copy, "softmax")
    change(kit_copy / "solutions" / "softmax.py", "dscores = probs.copy()  ", "dscores = probs  ")
    code, output = validated(kit_copy)
    assert code == 1
    assert "dscores changes probs in place" in output


def test_a_variant_that_is_not_right_is_named(kit_copy: Path) -> None:
    only(kit_copy, "layer_losses")
    change(
        kit_copy / "solutions" / "layer_losses.py",
        'loss = -np.log(probs[np.arange(N), y]).mean()"',
        'loss = -np.log(probs[np.arange(N), y]).sum()"',
    )
    code, output = validated(kit_copy)
    assert code == 1
    assert "a variant of loss disagrees" in output


def test_a_broken_annotation_ends_validation_with_file_and_line(kit_copy: Path) -> None:
    only(kit_copy, "relu")
    change(kit_copy / "solutions" / "relu.py", "output [1]", "output")
    code, output = validated(kit_copy)
    assert code == 1
    assert "relu.py:" in output
    assert "half an annotation" in output
    assert "Traceback" not in output
