"""Where a subgradient is free, at the kink of a max or a tie of two inputs, every right choice gets full marks.

The kit's own cases have neither; here each exercise gets one that has, in front of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from grader import check_gradient
from grader.exercise import Case, Outcome
from grader.grading import Bench
from grader.kit import Kit
from grader.replay import ReferenceOracle, on_cases
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources

X = np.array([[0.0, -1.0, 2.0, 0.0], [3.0, 0.0, -2.0, 1.0], [0.0, 0.0, -1.0, 5.0]])
UP = np.array([[2.0, -3.0, 0.5, 7.0], [1.0, 4.0, -6.0, 0.25], [-5.0, 3.0, 8.0, 9.0]])
SCORES = np.array([[1.0, 0.0, 3.0, 0.0], [2.0, 3.0, 2.0, 1.0], [1.0, 1.0, 0.0, 2.0]])  # margins of exactly 0
Y = np.array([0, 1, 3])
LINEAR = {
    "W": np.array([[1.0, 0.0, 2.0, 1.0], [0.0, -1.0, 1.0, 3.0], [2.0, 1.0, 0.0, 0.0]]),
    "X": np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [3.0, 1.0, 1.0], [1.0, 0.0, 1.0], [-1.0, 1.0, 2.0]]),
    "y": np.array([3, 3, 2, 2, 0]),
    "reg": 0.5,
}

TIES: dict[str, dict[str, Any]] = {
    "relu_backward": {"dout": UP, "cache": X},
    "leaky_relu_backward": {"dout": UP, "cache": X},
    "elu_backward": {"dout": UP, "cache": (X, 0.6)},
    "max_gate": {"x": X, "y": np.maximum(X, 0) - (X == 3), "dout": UP},
    "maxout_backward": {"dout": UP, "cache": (np.eye(3), X, 0 * X, X, 0 * X)},
    "svm_loss": {"x": SCORES, "y": Y},
    "svm_loss_naive": LINEAR,
    "svm_loss_vectorized": LINEAR,
    "relu_jacobian": {"x": X[0], "dout": UP[0]},
}

RELU = "def relu_backward(dout, cache):\n    return dout * {}\n"
LEAKY = "def leaky_relu_backward(dout, cache):\n    return dout * {}\n"
ELU = "def elu_backward(dout, cache):\n    x, alpha = cache\n    return dout * np.where(x {} 0, 1, alpha * np.exp(np.minimum(x, 0)))\n"
GATE = "def max_gate(x, y, dout):\n    first = {}\n    return np.maximum(x, y), dout * first, dout * (1 - first)\n"
MAXOUT = """
def maxout_backward(dout, cache):
    x, w1, w2, z1, z2 = cache
    first = {}
    a, b = dout * first, dout * (1 - first)
    return a @ w1.T + b @ w2.T, x.T @ a, a.sum(0), x.T @ b, b.sum(0)
"""
LOSS = """
def svm_loss(x, y):
    rows = np.arange(len(y))
    raw = x - x[rows, y][:, None] + 1
    margins = np.maximum(0, raw)
    margins[rows, y] = 0
    on = 1.0 * (raw {} 0)
    on[rows, y] = 0
    on[rows, y] = -on.sum(1)
    return margins.sum() / len(y), on / len(y)
"""
NAIVE = """
def svm_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(y)):
        s = X[i] @ W
        for j in range(W.shape[1]):
            margin = s[j] - s[y[i]] + 1
            if j != y[i] and margin {} 0:
                loss += margin / len(y)
                dW[:, j] += X[i] / len(y)
                dW[:, y[i]] -= X[i] / len(y)
    return loss + reg * np.sum(W * W), dW + 2 * reg * W
"""
VECTORIZED = """
def svm_loss_vectorized(W, X, y, reg):
    rows = np.arange(len(y))
    raw = X @ W - (X @ W)[rows, y][:, None] + 1
    margins = np.maximum(0, raw)
    margins[rows, y] = 0
    on = 1.0 * (raw {} 0)
    on[rows, y] = 0
    on[rows, y] = -on.sum(1)
    return margins.sum() / len(y) + reg * np.sum(W * W), X.T @ on / len(y) + 2 * reg * W
"""
JACOBIAN = (
    "def relu_jacobian(x, dout):\n    on = 1.0 * (x {} 0)\n    return np.diag(on), np.diag(on) @ dout, on * dout\n"
)

WAYS: dict[str, list[str]] = {
    "relu_backward": [RELU.format(w) for w in ("(cache > 0)", "(cache >= 0)", "np.heaviside(cache, 0.5)")],
    "leaky_relu_backward": [LEAKY.format(w) for w in ("np.where(cache > 0, 1, 0.1)", "np.where(cache >= 0, 1, 0.1)")],
    "elu_backward": [ELU.format(w) for w in (">", ">=")],
    "max_gate": [GATE.format(w) for w in ("(x >= y)", "(x > y)", "np.heaviside(x - y, 0.5)")],
    "maxout_backward": [MAXOUT.format(w) for w in ("(z1 >= z2)", "(z1 > z2)", "np.heaviside(z1 - z2, 0.5)")],
    "svm_loss": [LOSS.format(w) for w in (">", ">=")],
    "svm_loss_naive": [NAIVE.format(w) for w in (">", ">=")],
    "svm_loss_vectorized": [VECTORIZED.format(w) for w in (">", ">=")],
    "relu_jacobian": [JACOBIAN.format(w) for w in (">", ">=")],
}

WRONG: dict[str, str] = {
    "relu_backward": RELU.format("((cache > 0) + 2 * (cache == 0))"),
    "leaky_relu_backward": LEAKY.format("np.where(cache == 0, 0, np.where(cache > 0, 1, 0.1))"),
    "max_gate": GATE.format("np.heaviside(x - y, 2)"),
    "svm_loss": LOSS.format("> -1e-9) + (raw =="),
    "svm_loss_naive": NAIVE.format("> -1.5 and margin !="),
    "svm_loss_vectorized": VECTORIZED.format("> -1e-9) + (raw =="),
}


def at_ties(kit: Kit, exercise: str) -> ReferenceOracle:
    reference = next(r for r in kit.references if r.name == exercise)
    ordinary = next(o for o in kit.hidden(7) if o.exercise.name == exercise).cases
    return on_cases(reference, [Case("ties", TIES[exercise]), *ordinary])


@pytest.fixture(scope="module")
def benches(kit: Kit) -> Mapping[str, Bench]:
    return {name: Bench([at_ties(kit, name)]) for name in TIES}


def marked(bench: Bench, sandbox: Sandbox, source: str) -> ExerciseMark:
    return bench.mark(
        from_sources("s", [("code.py", "import numpy as np\n" + source)], bench.stubs), sandbox
    ).exercises[0]


def told(mark: ExerciseMark) -> str:
    return ", ".join(f"{s.verdict.stage.name} {s.verdict.outcome} {s.verdict.cause or ''}" for s in mark.stages)


@pytest.mark.parametrize(("exercise", "source"), [(e, s) for e, ways in WAYS.items() for s in ways])
def test_every_choice_at_a_kink_gets_full_marks(
    benches: Mapping[str, Bench], sandbox: Sandbox, exercise: str, source: str
) -> None:
    mark = marked(benches[exercise], sandbox, source)
    assert mark.error is None
    assert mark.points == mark.exercise.points, told(mark)


@pytest.mark.parametrize(("exercise", "source"), WRONG.items())
def test_what_is_no_subgradient_is_wrong(
    benches: Mapping[str, Bench], sandbox: Sandbox, exercise: str, source: str
) -> None:
    mark = marked(benches[exercise], sandbox, source)
    assert mark.error is None
    assert mark.points < mark.exercise.points, told(mark)


@pytest.mark.parametrize("exercise", WAYS)
def test_the_choices_differ_on_the_case_with_ties(exercise: str) -> None:
    returned = []
    for source in WAYS[exercise]:
        scope: dict[str, Any] = {"np": np}
        exec(source, scope)
        found = scope[exercise](**{k: v.copy() if isinstance(v, np.ndarray) else v for k, v in TIES[exercise].items()})
        returned.append(found if isinstance(found, tuple) else (found,))
    for i, one in enumerate(returned):
        for other in returned[:i]:
            assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("wins", [lambda x, y: x >= y, lambda x, y: x > y, lambda x, y: np.heaviside(x - y, 0.5)])
def test_the_numerical_check_accepts_every_choice(wins) -> None:
    x, y = TIES["max_gate"]["x"], TIES["max_gate"]["y"]
    report = check_gradient(lambda x: np.maximum(x, y), x, UP * wins(x, y), upstream=UP)
    assert report.outcome is Outcome.PASSED
    assert sum(j.kink for j in report.judged) == np.sum(x == y) > 0
