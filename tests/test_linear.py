"""Scores, regularization, the numerical gradient and the two loops of descent, against sums written out by hand."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import ROOT


def family(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"reference_{name}", ROOT / "solutions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


linear, numerical, descent = family("linear"), family("numerical"), family("descent")

# -- linear


def test_scores_are_the_lectures_f_for_each_example_as_a_column() -> None:
    rng = np.random.default_rng(1)
    X, W, b = rng.standard_normal((5, 3)), rng.standard_normal((3, 4)), rng.standard_normal(4)
    scores = linear.linear_scores(W=W, b=b, X=X)
    for x, row in zip(X, scores, strict=True):
        column = x[:, None]  # (D, 1)
        assert np.allclose(row, (W.T @ column)[:, 0] + b)


def test_scores_of_the_notebooks_example() -> None:
    """x = (1, 2); classes weigh it (1, 0), (0, 1), (1, -1), with biases 0, 10, 100: 1, 12, 99."""
    W = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, -1.0]])
    scores = linear.linear_scores(W=W, b=np.array([0.0, 10.0, 100.0]), X=np.array([[1.0, 2.0]]))
    assert np.array_equal(scores, [[1, 12, 99]])


def test_regularization_of_the_notebooks_example() -> None:
    """W = ((1, -2), (3, 0)), reg = 0.5: R = 1 + 4 + 9 = 14, the loss 7, the gradient W itself."""
    W = np.array([[1.0, -2.0], [3.0, 0.0]])
    loss, dW = linear.l2_regularization(W, 0.5)
    assert loss == 7
    assert np.array_equal(dW, W)


def test_the_linear_losses_are_made_of_these_parts() -> None:
    rng = np.random.default_rng(2)
    X, W, y = rng.standard_normal((6, 5)), rng.standard_normal((5, 4)), rng.integers(0, 4, 6)
    reg_loss, reg_grad = linear.l2_regularization(W, 0.3)
    scores = linear.linear_scores(W=W, b=np.zeros(4), X=X)
    for name in ("svm", "softmax"):
        loss, dW = getattr(family(name), f"{name}_loss_vectorized")(W, X, y, 0.3)
        data_loss, dscores = getattr(family("layer_losses"), f"{name}_loss")(scores, y)
        assert loss == pytest.approx(data_loss + reg_loss)
        assert np.allclose(dW, X.T @ dscores + reg_grad)


# -- numerical


def test_the_numerical_gradient_of_a_square_is_exact_whatever_h_is() -> None:
    """The error of central differences begins with the third derivative."""
    x = np.array([[1.0, -2.0, 0.5]])
    for h in (1.0, 0.25, 1e-3):
        assert np.allclose(numerical.numerical_gradient(lambda x: np.sum(x**2), x, h), 2 * x, rtol=1e-9)


def test_the_error_of_a_cube_is_the_square_of_h() -> None:
    """The notebook's example: f = x**3 at 2 with h = 0.1 gives 12.01."""
    grad = numerical.numerical_gradient(lambda x: np.sum(x**3), np.array([2.0]), 0.1)
    assert grad == pytest.approx([12.01])


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 3)])
def test_the_numerical_gradient_takes_any_shape_and_leaves_x_alone(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).standard_normal(shape)
    before = x.tobytes()
    seen: list[int] = []

    def f(at: np.ndarray) -> float:
        seen.append(int(np.sum(at != x0)))
        return float(np.sum(np.sin(at)))

    x0 = x.copy()
    grad = numerical.numerical_gradient(f, x, 1e-4)
    assert grad.shape == shape
    assert np.allclose(grad, np.cos(x0), atol=1e-7)
    assert x.tobytes() == before
    assert set(seen) <= {0, 1}  # never two entries at once
    assert len(seen) == 2 * x.size


# -- descent


def bowl(weights: np.ndarray, data: np.ndarray) -> tuple[float, np.ndarray]:
    return float(np.sum((weights - data) ** 2)), 2 * (weights - data)


def test_descent_in_a_bowl_shrinks_the_distance_by_the_same_factor_every_step() -> None:
    """Distance d from the lowest point: loss d**2, gradient 2 d; step size 0.25 halves d, so the loss falls to a quarter."""
    start = np.array([8.0, 0.0])
    losses, final = descent.gradient_descent(bowl, np.zeros(2), start, 0.25, 3)
    assert np.allclose(losses, [64, 16, 4])
    assert np.allclose(final, [1, 0])
    assert np.array_equal(start, [8, 0])


def by_hand(
    loss_fun: Any, X: np.ndarray, y: np.ndarray, weights: np.ndarray, step: float, steps: int, batch: int, seed: int
) -> tuple[list[float], np.ndarray]:
    rng, losses = np.random.default_rng(seed), []
    for _ in range(steps):
        rows = [int(i) for i in rng.choice(len(X), batch)]
        loss, grad = loss_fun(weights, np.stack([X[i] for i in rows]), np.stack([y[i] for i in rows]))
        losses.append(loss)
        weights = weights - step * grad
    return losses, weights


def squares(weights: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    miss = X @ weights - y
    return float(np.mean(miss**2)), 2 * X.T @ miss / len(y)


@pytest.mark.parametrize("batch", [1, 2, 7, 32, 64, 128, 256])
def test_each_step_draws_its_batch_once_as_prescribed(batch: int) -> None:
    data = np.random.default_rng(4)
    X, weights = data.standard_normal((300, 3)), data.standard_normal(3)
    y = X @ [1.0, -2.0, 3.0] + 0.1 * data.standard_normal(300)
    before = weights.copy()
    losses, final = descent.minibatch_sgd(squares, X, y, weights, 0.05, 6, batch, np.random.default_rng(batch))
    want = by_hand(squares, X, y, before, 0.05, 6, batch, batch)
    assert np.allclose(losses, want[0], rtol=1e-12)
    assert np.allclose(final, want[1], rtol=1e-12)
    assert np.array_equal(weights, before)


def test_a_batch_may_be_larger_than_the_data() -> None:
    """Drawn with replacement, so nothing stands against it."""
    X, y, weights = np.ones((1, 2)), np.zeros(1), np.array([3.0, 1.0])
    losses, _ = descent.minibatch_sgd(squares, X, y, weights, 0.1, 2, 5, np.random.default_rng(0))
    assert losses[0] == pytest.approx(16)


def test_both_loops_find_the_line_and_the_batches_get_there_with_fewer_examples() -> None:
    rng = np.random.default_rng(5)
    X = rng.standard_normal((400, 3))
    true = np.array([1.0, -2.0, 3.0])
    y = X @ true

    def whole(weights: np.ndarray, data: tuple[np.ndarray, np.ndarray]) -> tuple[float, np.ndarray]:
        return squares(weights, *data)

    _, full = descent.gradient_descent(whole, (X, y), np.zeros(3), 0.1, 20)
    _, mini = descent.minibatch_sgd(squares, X, y, np.zeros(3), 0.1, 100, 32, rng)
    assert np.abs(full - true).max() < 0.1
    assert np.abs(mini - true).max() < 1e-3  # 100 steps of 32 examples: fewer in all than 20 of 400
