"""What each member of the sample class (data/sample_class/, made by data/make_sample_class.py) must get.

The table says what is just, given what each student did: where the grader disagrees, mend the grader.
"""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.exercise import Exercise
from grader.grading import Bench
from grader.kit import find
from grader.limits import Limits
from grader.reading import is_submission
from grader.reports import machine
from grader.sandbox import Sandbox
from grader.submission import load

ROOT = Path(__file__).resolve().parent.parent
CLASS = ROOT / "data" / "sample_class"
SEEDS = (7, 2024)

STABLE = "stable at large scores"
NO_2 = "failed: regularization-gradient-without-factor-2"

Lost = Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True)
class Due:
    """What a submission must get.

    `minus` are the points it loses ("all": it gets none). `lost` names, by exercise, every stage and check
    that is not worth full marks, as "outcome" or "outcome: what must be named"; a word in place of the stages
    stands for all of them. `outcome` is that of an exercise, where it is not the "failed" or "missing" that
    its stages make it. `follows` lists the stages that must be right only given what came before.
    """

    why: str
    minus: int | str = 0
    lost: Lost = field(default_factory=dict)
    outcome: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    unreadable: str = ""  # what the problem must mention


TABLE: dict[str, Due] = {
    "ada.ipynb": Due("Everything right, in a notebook whose training loop must not be run."),
    "ben.py": Due("Everything right, as one Python file."),
    "chloe.ipynb": Due(
        "Nothing filled in.",
        minus="all",
        lost={
            "svm_loss_naive": "missing",
            "svm_loss_vectorized": "missing",
            "softmax_loss_naive": "missing",
            "softmax_loss_vectorized": "missing",
            "affine_forward": "missing",
            "affine_backward": "missing",
            "relu_forward": "missing",
            "relu_backward": "missing",
            "svm_loss": "missing",
            "softmax_loss": "missing",
            "two_layer_loss": "missing",
        },
    ),
    "dilan.ipynb": Due("Everything right, with other names throughout and a constant of his own."),
    "elif.ipynb": Due("Everything right on other ways: einsum, one-hot rows, log-sum-exp."),
    "farid.ipynb": Due(
        "Forgets the ReLU of the hidden layer, which costs that stage alone.",
        minus=2,
        lost={"two_layer_loss": {"h1": "failed: relu-forgotten"}},
        follows={"two_layer_loss": "scores probs data_loss loss dscores dh1 dW2 db2 dW1 db1"},
    ),
    "greta.ipynb": Due(
        "Adds reg * W to every gradient though the loss has no factor 1/2.",
        minus=3 + 2 + 3 + 2 + 4,
        lost={
            "svm_loss_naive": {"dW": NO_2},
            "svm_loss_vectorized": {"dW": NO_2},
            "softmax_loss_naive": {"dW": NO_2},
            "softmax_loss_vectorized": {"dW": NO_2},
            "two_layer_loss": {"dW2": NO_2 + "-in-W2", "dW1": NO_2 + "-in-W1"},
        },
    ),
    "hugo.ipynb": Due(
        "Sums where the mean belongs, in losses and gradients; the softmax is stable all the same. The gradients of the "
        "loops are those of their own sums.",
        minus=2 + 2 + 2 + 4,
        lost={
            "svm_loss_naive": {"loss": "failed: mean-forgotten-in-loss"},
            "svm_loss_vectorized": {
                "data_loss": "failed: mean-forgotten-in-loss",
                "dmargins": "failed: mean-forgotten-in-gradient",
            },
            "softmax_loss_naive": {"loss": "failed: mean-forgotten-in-loss"},
            "softmax_loss_vectorized": {
                "data_loss": "failed: mean-forgotten-in-loss",
                "dscores": "failed: mean-forgotten-in-gradient",
            },
        },
        follows={
            "svm_loss_naive": "dW",
            "svm_loss_vectorized": "loss dscores dW",
            "softmax_loss_naive": "dW",
            "softmax_loss_vectorized": "loss dW",
        },
    ),
    "ines.ipynb": Due(
        "Keeps the correct class in the hinge sums, which leaves the gradients as they should be.",
        minus=2 + 2 + 2,
        lost={
            "svm_loss_naive": {"loss": "failed: correct-class-counted"},
            "svm_loss_vectorized": {"margins": "failed: correct-class-kept"},
            "svm_loss": {"margins": "failed: correct-class-kept"},
        },
        follows={"svm_loss_vectorized": "data_loss loss", "svm_loss": "loss"},
    ),
    "jonas.ipynb": Due(
        "Returns zeros of the right shapes; zeros are evidence of nothing.",
        minus="all",
        lost={
            "svm_loss_naive": {"loss": "missing", "dW": "missing"},
            "svm_loss_vectorized": {
                "scores": "missing",
                "margins": "missing",
                "data_loss": "missing",
                "reg_loss": "missing",
                "loss": "missing",
                "dmargins": "missing",
                "dscores": "missing",
                "dW": "missing",
            },
            "softmax_loss_naive": {"loss": "missing", "dW": "missing", STABLE: "missing"},
            "softmax_loss_vectorized": {
                "scores": "missing",
                "probs": "missing",
                "data_loss": "missing",
                "reg_loss": "missing",
                "loss": "missing",
                "dscores": "missing",
                "dW": "missing",
                STABLE: "missing",
            },
            "affine_forward": {"rows": "missing", "out": "missing"},
            "affine_backward": {"dx": "missing", "dw": "missing", "db": "missing"},
            "relu_forward": {"out": "missing"},
            "relu_backward": {"dx": "missing"},
            "svm_loss": {"margins": "missing", "loss": "missing", "dmargins": "missing", "dx": "missing"},
            "softmax_loss": {"probs": "missing", "loss": "missing", "dx": "missing", STABLE: "missing"},
            "two_layer_loss": {
                "h1": "missing",
                "scores": "missing",
                "probs": "missing",
                "data_loss": "missing",
                "reg_loss": "missing",
                "loss": "missing",
                "dscores": "missing",
                "dh1": "missing",
                "dW2": "missing",
                "db2": "missing",
                "dW1": "missing",
                "db1": "missing",
                STABLE: "missing",
            },
        },
    ),
    "kaya.ipynb": Due(
        "Works with a row per class; forgets twice to turn a gradient back, once remembers.",
        minus=2 + 2,
        lost={
            "svm_loss_vectorized": {"dW": "failed: transposed"},
            "affine_backward": {"dw": "failed: transposed"},
        },
    ),
    "lars.ipynb": Due(
        "Crashes within dscores: what was done before counts, and an unfinished value is no mistake.",
        minus=2 + 2,
        lost={"svm_loss_vectorized": {"dscores": "failed", "dW": "blocked"}},
        outcome={"svm_loss_vectorized": "crashed"},
    ),
    "mina.ipynb": Due(
        "Never counts i up, so that one function runs for ever.",
        minus=5,
        lost={"svm_loss_naive": "blocked"},
        outcome={"svm_loss_naive": "stopped"},
    ),
    "noah.ipynb": Due(
        "A parenthesis is missing in one function.",
        minus=5,
        lost={"affine_backward": "blocked"},
        outcome={"affine_backward": "crashed"},
    ),
    "olga.ipynb": Due("The upload broke off in the middle of the notebook.", minus="all", unreadable="broken JSON"),
    "pablo.pdf": Due("Handed in a print of the notebook.", minus="all", unreadable="neither a notebook"),
    "quinn": Due("A folder without any code.", minus="all", unreadable="no notebook"),
    "rosa.ipynb": Due(
        "Never shifts the scores, which costs stability and nothing else.",
        minus=4,
        lost={
            "softmax_loss_naive": {STABLE: "failed"},
            "softmax_loss_vectorized": {STABLE: "failed"},
            "softmax_loss": {STABLE: "failed"},
            "two_layer_loss": {STABLE: "failed"},
        },
    ),
    "samir.ipynb": Due(
        "Half finished; where the softmax has not been written yet, nothing shows that it is stable.",
        minus=11 + 3 + 1 + 2 + 6 + 7 + 13,
        lost={
            "softmax_loss_vectorized": {
                "probs": "missing",
                "data_loss": "missing",
                "reg_loss": "missing",
                "loss": "missing",
                "dscores": "missing",
                "dW": "missing",
                STABLE: "blocked",
            },
            "affine_backward": {"dw": "missing", "db": "missing"},
            "relu_forward": "missing",
            "relu_backward": "missing",
            "svm_loss": "missing",
            "softmax_loss": "missing",
            "two_layer_loss": {
                "probs": "missing",
                "data_loss": "missing",
                "loss": "missing",
                "dscores": "missing",
                "dh1": "missing",
                "dW2": "missing",
                "db2": "missing",
                "dW1": "missing",
                "db1": "missing",
                STABLE: "blocked",
            },
        },
    ),
    "tove.py": Due(
        "Ends the whole process inside one function: that is a crash of that function.",
        minus=6,
        lost={"svm_loss": "blocked"},
        outcome={"svm_loss": "crashed"},
    ),
    "ulla.ipynb": Due("Everything right, between an older wrong version above and pasted stubs below."),
    "viktor": Due("Everything right, a file per family; the net imports the layers from the files beside it."),
    "wanda.zip": Due("Everything right, zipped on a Mac, with a helper in a cell of its own."),
    "xavi.ipynb": Due("Everything right; later cells use svm_loss and softmax_loss as names of numbers."),
    "yara.ipynb": Due(
        "A slip in every layer.",
        minus=2 + 3 + 1 + 2 + 2 + 2,
        lost={
            "affine_forward": {"out": "failed: bias-forgotten"},
            "affine_backward": {"dw": "failed: averaged-weights", "db": "failed: averaged-bias"},
            "relu_forward": {"out": "failed: leaky"},
            "relu_backward": {"dx": "failed: mask-inverted"},
            "svm_loss": {"margins": "failed: margin-of-1-forgotten"},
            "softmax_loss": {"dx": "failed: mean-forgotten-in-gradient"},
        },
        follows={"svm_loss": "loss dx"},
    ),
}


# -- reading the table


def spelled_out(due: Due, exercises: list[Exercise]) -> dict[str, dict[str, str]]:
    """`lost` with every stage and check named."""
    made: dict[str, dict[str, str]] = {}
    for exercise in exercises:
        lost = "missing" if due.unreadable else due.lost.get(exercise.name, {})
        if isinstance(lost, str):
            lost = dict.fromkeys(worth(exercise), lost)
        if lost:
            made[exercise.name] = dict(lost)
    return made


def outcomes(due: Due, exercises: list[Exercise]) -> dict[str, str]:
    """The outcome of every exercise."""
    lost = spelled_out(due, exercises)
    made = {}
    for exercise in exercises:
        words = lost.get(exercise.name, {})
        untouched = words.keys() == worth(exercise).keys() and set(words.values()) == {"missing"}
        plain = "missing" if untouched else "failed" if words else "passed"
        made[exercise.name] = due.outcome.get(exercise.name, plain)
    return made


def worth(exercise: Exercise) -> dict[str, int]:
    """Points of everything in an exercise that has any."""
    return {s.name: s.points for s in exercise.stages} | {name: points for name, points, _, _ in exercise.checks}


# -- reading a result


def lost_in(result: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What is not worth full marks in a machine-readable result, in the words of the table."""
    made: dict[str, dict[str, str]] = {}
    for exercise in result["exercises"]:
        for one in (*exercise["stages"], *(c for c in exercise["checks"] if c["max_points"])):
            if one["outcome"] not in ("passed", "follows", "implied"):
                cause = one.get("mistake") or one.get("finding")
                word = f"{one['outcome']}: {cause}" if cause else one["outcome"]
                made.setdefault(exercise["name"], {})[one["name"]] = word
    return made


def following(result: dict[str, Any]) -> dict[str, str]:
    made = {e["name"]: [s["name"] for s in e["stages"] if s["outcome"] == "follows"] for e in result["exercises"]}
    return {name: " ".join(stages) for name, stages in made.items() if stages}


# -- fixtures


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def bench(request: pytest.FixtureRequest) -> Bench:
    names = (ROOT / "data" / "sample_class.txt").read_text().split()
    return Bench([o for o in find(ROOT).hidden(request.param) if o.exercise.name in names])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=1.0)) as made:
        yield made


@pytest.fixture(scope="module")
def results(bench: Bench, sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    paths = sorted(p for p in CLASS.iterdir() if is_submission(p))
    return {p.name: machine.submission(bench.mark(load(p, bench.stubs), sandbox)) for p in paths}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample_class", ROOT / "data" / "make_sample_class.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- the class against the table


@pytest.mark.parametrize("student", TABLE)
def test_a_submission_loses_exactly_what_the_table_says(
    student: str, results: dict[str, dict[str, Any]], bench: Bench
) -> None:
    assert lost_in(results[student]) == spelled_out(TABLE[student], bench.exercises), TABLE[student].why


@pytest.mark.parametrize("student", TABLE)
def test_a_submission_gets_the_points_of_the_table(
    student: str, results: dict[str, dict[str, Any]], bench: Bench
) -> None:
    full = sum(e.points for e in bench.exercises)
    minus = TABLE[student].minus
    assert results[student]["max_points"] == full
    assert results[student]["points"] == (0 if minus == "all" else full - int(minus)), TABLE[student].why


@pytest.mark.parametrize("student", TABLE)
def test_every_exercise_has_the_outcome_of_the_table(
    student: str, results: dict[str, dict[str, Any]], bench: Bench
) -> None:
    found = {e["name"]: e["outcome"] for e in results[student]["exercises"]}
    assert found == outcomes(TABLE[student], bench.exercises), TABLE[student].why


@pytest.mark.parametrize("student", TABLE)
def test_stages_follow_where_and_only_where_an_earlier_one_is_wrong(
    student: str, results: dict[str, dict[str, Any]]
) -> None:
    assert following(results[student]) == dict(TABLE[student].follows), TABLE[student].why


@pytest.mark.parametrize("student", TABLE)
def test_only_what_cannot_be_read_is_called_unreadable_and_told_why(
    student: str, results: dict[str, dict[str, Any]]
) -> None:
    expected, result = TABLE[student].unreadable, results[student]
    assert result["status"] == ("unreadable" if expected else "graded")
    assert expected in result.get("problem", "")


# -- the table and the files themselves


@pytest.mark.parametrize("student", TABLE)
def test_the_points_of_the_table_are_those_of_the_stages_it_names(student: str, bench: Bench) -> None:
    due = TABLE[student]
    points = {e.name: worth(e) for e in bench.exercises}
    total = sum(points[e][stage] for e, lost in spelled_out(due, bench.exercises).items() for stage in lost)
    assert total == (sum(e.points for e in bench.exercises) if due.minus == "all" else due.minus)


def test_the_table_covers_every_entry_of_the_folder() -> None:
    assert sorted(TABLE) == sorted(p.name for p in CLASS.iterdir() if is_submission(p))


def test_the_files_are_what_the_recipes_make_of_the_references(maker: ModuleType) -> None:
    made: dict[str, bytes] = maker.entries()
    found = {p.relative_to(CLASS).as_posix(): p.read_bytes() for p in CLASS.rglob("*") if p.is_file()}
    assert sorted(found) == sorted(made), "run python data/make_sample_class.py"
    stale = [name for name in made if content(name, found[name]) != content(name, made[name])]
    assert not stale, "run python data/make_sample_class.py"


def test_the_recipes_make_the_same_bytes_every_time(maker: ModuleType) -> None:
    assert maker.entries() == maker.entries()


def content(name: str, data: bytes) -> Any:
    """What a file says, whatever its line ends, its indentation or its compression."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {member: content(member, archive.read(member)) for member in archive.namelist()}
    if name.endswith(".ipynb"):
        try:
            return json.loads(data)
        except ValueError:
            pass  # broken on purpose
    return data.replace(b"\r\n", b"\n")
