"""What is told of an exercise beside its stages: loops where whole arrays were asked for, sizes that are built in."""

from __future__ import annotations

from typing import Any

import pytest

from grader import messages
from grader.grading import Bench
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
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
    def marked(source: str) -> ExerciseMark:
        submission = from_sources("ada", [("ada.py", source)], bench.stubs)
        return bench.mark(submission, sandbox, explain_all=True, only=["svm_loss_vectorized"]).exercises[0]

    return marked


def facts(mark: ExerciseMark) -> dict[str, Any]:
    return dict(mark.facts)


def test_a_loop_over_examples_is_told_and_costs_nothing(mark: Any) -> None:
    found = mark(LOOPED)
    assert found.points == found.exercise.points
    assert facts(found)["loop"] == 5
    assert "whole arrays at once" in messages.exercise(found)


@pytest.mark.parametrize("source", [WHOLE, OVER_CLASSES], ids=["whole arrays", "a loop over classes"])
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
