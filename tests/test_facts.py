"""What is told of an exercise beside its stages: loops where whole arrays were asked for, sizes that are built in,
inputs changed in place; and why something could not be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import student

from grader import messages
from grader.exercise import Outcome
from grader.explain import Verdict
from grader.gradients import GradientReport, Judged
from grader.grading import Bench
from grader.notebook import examine
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark, StageMark
from grader.submission import from_sources

WHOLE = """
import numpy as np
def svm_loss_vectorized(W, X, y, reg):
    rows = np.arange(len(y))
    margins = np.maximum(0, X @ W - (X @ W)[rows, y][:, None] + 1)
    margins[rows, y] = 0
    hit = (margins > 0) / len(y)
    hit[rows, y] = -hit.sum(axis=1)
    return margins.sum() / len(y) + reg * np.sum(W * W), X.T @ hit + 2 * reg * W
"""
LOOPED = """
import numpy as np
def svm_loss_vectorized(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(y)):
        margins = np.maximum(0, X[i] @ W - X[i] @ W[:, y[i]] + 1)
        margins[y[i]] = 0
        hit = (margins > 0).astype(float)
        hit[y[i]] = -hit.sum()
        loss += margins.sum() / len(y)
        dW += np.outer(X[i], hit) / len(y)
    return loss + reg * np.sum(W * W), dW + 2 * reg * W
"""
OVER_CLASSES = WHOLE.replace(
    "    hit = (margins",
    "    for c in range(W.shape[1]):\n        margins[:, c] = margins[:, c] * 1.0\n    hit = (margins",
)


@pytest.fixture
def mark(bench: Bench, sandbox: Sandbox) -> Any:
    def marked(source: str, exercise: str = "svm_loss_vectorized") -> ExerciseMark:
        submission = from_sources("ada", [("ada.py", source)], bench.stubs)
        return bench.mark(submission, sandbox, explain_all=True, only=[exercise]).exercises[0]

    return marked


def facts(mark: ExerciseMark) -> dict[str, Any]:
    return dict(mark.facts)


def test_a_loop_over_examples_is_told_and_costs_nothing(mark: Any) -> None:
    found = mark(LOOPED)
    assert found.points == found.exercise.points
    assert facts(found)["loop"] == 5
    assert "whole arrays at once" in messages.exercise(found)


def run_again(turns: str) -> str:
    """The whole arrays, and a loop that does nothing to them."""
    loop = f"    (N, D), C = X.shape, W.shape[1]\n    for _ in {turns}:\n        last = margins\n"
    return WHOLE.replace("    return", f"{loop}    return")


@pytest.mark.parametrize(
    "turns", ["range(N * C)", "range(N * (C - 1))", "range(N + 200)", "[c for c in range(C) for i in X]"]
)
def test_a_loop_that_grows_with_the_examples_and_other_sizes_is_told(mark: Any, turns: str) -> None:
    assert "loop" in facts(mark(run_again(turns)))


@pytest.mark.parametrize(
    "source",
    [WHOLE, OVER_CLASSES, *map(run_again, ("range(2000)", "range(C * C)", "range(10 * C)", "range(C * D)"))],
    ids=["whole arrays", "a loop over classes", "a number", "pairs of classes", "ten a class", "weights"],
)
def test_what_does_not_grow_with_the_examples_is_no_such_loop(mark: Any, source: str) -> None:
    found = mark(source)
    assert found.points == found.exercise.points
    assert "loop" not in facts(found)


def test_a_size_that_is_built_in_is_told(mark: Any) -> None:
    found = mark(
        WHOLE.replace(
            "margins[rows, y] = 0", "margins[rows, y] = 0\n    margins = margins[:, :10] * (margins.shape[1] / 10)"
        )
    )
    assert facts(found)["built in"] == ("C", 10)
    assert "10 stands in your code" in messages.exercise(found)


def test_a_mistake_that_shows_everywhere_or_without_such_a_number_is_none(mark: Any) -> None:
    assert "built in" not in facts(mark(WHOLE.replace("+ 1)", "+ 2)")))
    assert "built in" not in facts(mark(WHOLE.replace("+ reg * np.sum(W * W)", "")))


DESCENT = """
import numpy as np
def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    w, losses = weights, []
    for _ in range(num_steps):
        loss, grad = loss_fun(w, data)
        losses.append(loss)
        w -= step_size * grad
    return np.array(losses), w
"""


def test_an_input_that_is_put_back_but_for_rounding_is_not_told(mark: Any) -> None:
    moved = (
        "import numpy as np\ndef numerical_gradient(f, x, h):\n    grad = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
        "        x[i] += h\n        above = f(x)\n        x[i] -= 2 * h\n        grad[i] = (above - f(x)) / (2 * h)\n"
    )
    assert messages.exercise(mark(moved + "        x[i] += h\n    return grad\n", "numerical_gradient")) == ""
    left = mark(moved + "        x[i] += h + 1e-9\n    return grad\n", "numerical_gradient")
    assert "x changed in place" in messages.exercise(left)


def test_an_input_changed_in_place_is_told_though_the_result_is_right(mark: Any) -> None:
    found = mark(DESCENT, "gradient_descent")
    assert found.points == found.exercise.points
    assert messages.exercise(found) == ("weights changed in place: copy first, the caller still needs the old values")
    assert messages.exercise(mark(DESCENT.replace("w -= step", "w = w - step"), "gradient_descent")) == ""


BACKWARD = """
import numpy as np
def relu_backward(dout, cache):
    return {dx}
"""


@pytest.mark.parametrize(
    ("dx", "why"),
    [
        ("dout * (dout > 0)", "takes your own forward function"),
        ("(dout * (dout > 0)).sum(0)", "has the shape of its variable"),
        ("None", "no gradient was returned"),
    ],
)
def test_a_gradient_that_is_not_compared_says_why(mark: Any, dx: str, why: str) -> None:
    found = mark(BACKWARD.format(dx=dx), "relu_backward")
    assert why in messages.check(next(c for c in found.checks if c.name == "gradient dx"))


def test_a_zero_has_no_sign(mark: Any) -> None:
    assert messages.number(-0.0) == "0"
    assert messages.number(-1e-9) == "-1e-09"


STAGED = """
import numpy as np
def svm_loss_vectorized(W, X, y, reg):
    N = len(y)
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y] + 1)
    loss = margins.sum() / N + reg * np.sum(W * W)
    hit = (margins > 0) / N
    hit[np.arange(N), y] = -hit.sum(axis=1)
    dW = X.T @ hit + 2 * reg * W
    return loss, dW
"""


def test_where_nothing_came_on_some_inputs_no_type_is_told(in_release: Path) -> None:
    found = examine(student(in_release, STAGED).svm_loss_vectorized)
    told = [messages.stage(s, found.exercise, public=True) for s in found.stages]
    assert "nothing came on the input 'all sizes different', an array of shape () belongs here" in told
    assert not any("NoneType" in line for line in told)


def test_the_hint_of_a_class_names_the_class_and_ends_once(mark: Any) -> None:
    found = mark("class ComputationalGraph:\n    pass\n", "ComputationalGraph")
    stage = next(s.verdict.stage for s in found.stages if s.verdict.stage.name == "tells_cycle")
    failed = StageMark(Verdict(stage, Outcome.FAILED), None)
    told = str(messages.hint(failed, found.exercise, 1))
    assert told.startswith("Look at what ComputationalGraph does for tells_cycle: ")
    assert told.endswith("?")


DRAWN = """
import numpy as np
def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    W, N, losses = W.copy(), len(y), []
    {first}
    for t in range(num_steps):
        rows = {rows}
        loss, dW = loss_fun(W, X[rows], y[rows])
        losses.append(loss)
        W -= step_size * dW
    return np.array(losses), W
"""


@pytest.mark.parametrize(
    ("first", "rows"),
    [
        ("pass", "np.random.choice(N, batch_size)"),
        ("np.random.seed(0)", "np.random.permutation(N)[:batch_size]"),
        ("rng = np.random.default_rng(0)", "rng.choice(N, batch_size)"),
    ],
)
def test_random_numbers_from_another_generator_than_the_one_that_came_in_are_told(
    mark: Any, first: str, rows: str
) -> None:
    one = mark(DRAWN.format(first=first, rows=rows), "minibatch_sgd")
    assert "nothing is drawn from rng" in messages.exercise(one)
    failed = next(s for s in one.stages if s.verdict.outcome is Outcome.FAILED)
    assert "Are the random numbers drawn from rng" in str(messages.hint(failed, one.exercise, 3))


@pytest.mark.parametrize(
    ("first", "rows"),
    [
        ("pass", "rng.choice(1, batch_size)"),
        ("rng = np.random.default_rng(rng)", "rng.choice(N, batch_size) * 0"),
        ("draw = lambda: rng.choice(N, batch_size)", "draw()[::-1] * 0"),
        ("if rng is None:\n        rng = np.random.default_rng(0)", "rng.choice(N, batch_size) * 0"),
    ],
)
def test_a_generator_that_is_used_is_not_told_as_unused(mark: Any, first: str, rows: str) -> None:
    one = mark(DRAWN.format(first=first, rows=rows), "minibatch_sgd")
    assert one.outcome is Outcome.FAILED
    assert "unused" not in facts(one)
    assert not any(s.difference and s.difference.unused for s in one.stages)


RENAMED = """
import numpy as np
{before}
def svm_loss_vectorized(W, x, y, reg):
    scores = {product}
    return scores, scores
"""


def test_shapes_are_those_of_the_function_s_own_arguments(mark: Any) -> None:
    one = mark(RENAMED.format(before="", product="W @ x"))
    assert "shapes there: W (7, 4), x (5, 7)" in messages.exercise(one)


def test_a_name_that_is_no_argument_has_no_shape_of_one(mark: Any) -> None:
    one = mark(RENAMED.format(before="X = np.ones((5, 3))", product="X @ W"))
    assert messages.exercise(one).startswith("X in line 5 is no argument of this function")
    assert messages.exercise(one).endswith("shapes there: W (7, 4)")


@pytest.mark.parametrize(
    ("yours", "told"),
    [
        (0.500004, "yours is 0.500004, at a kink where 0 to 0.5 is right"),
        (0.249996, "yours is 0.249996, at a kink where 0.25 to 0.5 is right"),
        (2.0, "yours is 2, at a kink where 0 to 0.5 is right"),
        (0.5, "yours is 0.5, at a kink where 0 to 0.5 is right"),
    ],
)
def test_a_slope_beyond_those_of_a_kink_is_told_with_the_digits_that_differ(yours: float, told: str) -> None:
    low = 0.25 if yours < 0.25 else 0.0
    judged = Judged((1, 2), yours, 0.3, 1e-9, Outcome.FAILED, slopes=(low, 0.5))
    report = GradientReport(Outcome.FAILED, (judged,), 28, 0, 25)
    assert messages.gradient_entries(report) == [f"  at [1, 2]: {told}"]
