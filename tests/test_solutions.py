"""The references against second implementations, written here another way, and against each other."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest
from conftest import ROOT

RNG = np.random.default_rng(11)


def family(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"reference_{name}", ROOT / "solutions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def batch(n: int, d: int, c: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return RNG.standard_normal((d, c)), RNG.standard_normal((n, d)), RNG.integers(0, c, n)


def svm_by_hand(w: np.ndarray, x: np.ndarray, y: np.ndarray, reg: float) -> float:
    total = 0.0
    for row, label in zip(x, y, strict=True):
        s = [sum(row[k] * w[k, j] for k in range(len(row))) for j in range(w.shape[1])]
        total += sum(max(0.0, s[j] - s[label] + 1) for j in range(len(s)) if j != label)
    return total / len(y) + reg * sum(v * v for v in w.flat)


def softmax_by_hand(w: np.ndarray, x: np.ndarray, y: np.ndarray, reg: float) -> float:
    scores = x @ w
    terms = [np.log(np.sum(np.exp(s - s[label]))) for s, label in zip(scores, y, strict=True)]
    return float(np.mean(terms)) + reg * float(np.linalg.norm(w) ** 2)


@pytest.mark.parametrize("shape", [(5, 7, 4), (1, 3, 2), (12, 4, 10)])
@pytest.mark.parametrize("reg", [0.0, 0.5])
@pytest.mark.parametrize(("name", "by_hand"), [("svm", svm_by_hand), ("softmax", softmax_by_hand)])
def test_the_linear_losses_agree_with_sums_written_out(
    name: str, by_hand, shape: tuple[int, int, int], reg: float
) -> None:
    w, x, y = batch(*shape)
    module = family(name)
    naive = getattr(module, f"{name}_loss_naive")(w, x, y, reg)
    fast = getattr(module, f"{name}_loss_vectorized")(w, x, y, reg)
    assert naive[0] == pytest.approx(by_hand(w, x, y, reg))
    assert fast[0] == pytest.approx(naive[0])
    assert np.allclose(fast[1], naive[1], rtol=1e-10)


@pytest.mark.parametrize("name", ["svm", "softmax"])
def test_the_layer_losses_are_the_linear_ones_without_weights(name: str) -> None:
    w, x, y = batch(6, 5, 4)
    loss, dx = getattr(family("layer_losses"), f"{name}_loss")(x @ w, y)
    whole, dw = getattr(family(name), f"{name}_loss_vectorized")(w, x, y, 0.0)
    assert loss == pytest.approx(whole)
    assert np.allclose(x.T @ dx, dw)


def test_the_affine_layer_agrees_with_einsum() -> None:
    x, w, b = RNG.standard_normal((3, 2, 4)), RNG.standard_normal((8, 5)), RNG.standard_normal(5)
    module = family("affine")
    out, cache = module.affine_forward(x, w, b)
    assert np.allclose(out, np.einsum("nij,ijm->nm", x, w.reshape(2, 4, 5)) + b)
    up = RNG.standard_normal((3, 5))
    dx, dw, db = module.affine_backward(up, cache)
    assert np.allclose(dx, np.einsum("nm,ijm->nij", up, w.reshape(2, 4, 5)))
    assert np.allclose(dw, np.einsum("nij,nm->ijm", x, up).reshape(8, 5))
    assert np.allclose(db, np.einsum("nm->m", up))


def test_relu_on_the_lectures_vector() -> None:
    """Lecture 4, backprop with vectors: x = (1, -2, 3, -1), upstream (4, -1, 5, 9)."""
    module = family("relu")
    out, cache = module.relu_forward(np.array([1.0, -2.0, 3.0, -1.0]))
    assert out.tolist() == [1, 0, 3, 0]
    assert module.relu_backward(np.array([4.0, -1.0, 5.0, 9.0]), cache).tolist() == [4, 0, 5, 0]


def test_the_two_layer_net_is_its_layers_in_a_row() -> None:
    affine, relu, last, net = (family(n) for n in ("affine", "relu", "layer_losses", "two_layer_net"))
    w1, b1, w2, b2 = (RNG.standard_normal(s) for s in ((5, 6), 6, (6, 3), 3))
    x, y, reg = RNG.standard_normal((7, 5)), RNG.integers(0, 3, 7), 0.3
    hidden, c1 = affine.affine_forward(x, w1, b1)
    active, c2 = relu.relu_forward(hidden)
    scores, c3 = affine.affine_forward(active, w2, b2)
    loss, dscores = last.softmax_loss(scores, y)
    dactive, dw2, db2 = affine.affine_backward(dscores, c3)
    _, dw1, db1 = affine.affine_backward(relu.relu_backward(dactive, c2), c1)
    whole, grads = net.two_layer_loss(w1, b1, w2, b2, x, y, reg)
    assert whole == pytest.approx(loss + reg * (np.sum(w1**2) + np.sum(w2**2)))
    assert np.allclose(grads["W1"], dw1 + 2 * reg * w1)
    assert np.allclose(grads["W2"], dw2 + 2 * reg * w2)
    assert np.allclose(grads["b1"], db1)
    assert np.allclose(grads["b2"], db2)


def test_softmax_does_not_overflow_at_scores_of_a_thousand() -> None:
    with np.errstate(all="raise", under="ignore"):
        loss, dx = family("layer_losses").softmax_loss(
            np.array([[1000.0, 998.0], [-1000.0, -1001.0]]), np.array([0, 1])
        )
    assert loss == pytest.approx((np.log1p(np.exp(-2)) + np.log1p(np.exp(1))) / 2)
    assert np.isfinite(dx).all()
