"""No evidence is no credit: code that computes next to nothing earns next to nothing."""

from __future__ import annotations

import pytest

from grader.grading import Bench
from grader.sandbox import Sandbox
from grader.submission import from_sources

LINEAR = ["svm_loss_naive", "svm_loss_vectorized", "softmax_loss_naive", "softmax_loss_vectorized"]


def points(bench: Bench, sandbox: Sandbox, name: str, body: str) -> int:
    source = f"import numpy as np\n\ndef {name}(W, X, y, reg):\n    {body}\n"
    return bench.mark(from_sources("s", [("cell 1", source)], bench.stubs), sandbox, only=[name]).points


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize(
    ("body", "most"),
    [
        ("return 0.0, np.zeros_like(W)", 0),
        ("return 1.0, np.ones_like(W)", 0),
        ("return np.inf, np.full_like(W, np.nan)", 0),
        ("return W, W", 0),
        ("return None", 0),
        ("return (lambda: 0), object()", 0),
        ("return reg * np.sum(W * W), 2 * reg * W", 1),  # the regularization loss is right
        ("scores = X @ W\n    return scores.sum(), X.T @ scores", 1),  # the scores are right
    ],
)
def test_almost_nothing_earns_almost_nothing(bench: Bench, sandbox: Sandbox, name: str, body: str, most: int) -> None:
    assert points(bench, sandbox, name, body) <= most


def test_a_gradient_of_zeros_fails_its_numerical_check(bench: Bench, sandbox: Sandbox) -> None:
    source = bench.oracles["svm_loss_vectorized"].reference.source.replace("return loss, dW", "return loss, 0 * dW")  # type: ignore[attr-defined]
    mark = bench.mark(from_sources("s", [("cell 1", source)], bench.stubs), sandbox, only=["svm_loss_vectorized"])
    check = next(c for c in mark.exercises[0].checks if c.name == "gradient dW")
    assert check.outcome == "failed"
    assert next(s for s in mark.exercises[0].stages if s.verdict.stage.name == "dW").points == 0


@pytest.mark.parametrize(
    "body", ["s3 = 42 * w1", "s3 = 42 * w1\n    raise ValueError", "s0 = w0 + x0", "s0 = w0 + x0\n    raise ValueError"]
)
def test_one_wrong_value_shows_nothing_of_other_stages(bench: Bench, sandbox: Sandbox, body: str) -> None:
    source = f"def sigmoid_circuit(w0, x0, w1, x1, w2):\n    {body}\n"
    mark = bench.mark(from_sources("s", [("cell 1", source)], bench.stubs), sandbox, only=["sigmoid_circuit"])
    assert mark.points == 0
