"""The layers of notebook 03 against second implementations, numerical gradients, and their own stability checks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from conftest import ROOT
from test_solutions import family

from grader import check_gradient
from grader.exercise import Outcome
from grader.grading import Bench
from grader.kit import Kit
from grader.release import read_notebook
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources

RNG = np.random.default_rng(17)
ALPHA = 0.7


def logistic(t: float) -> float:
    return 1 / (1 + math.exp(-t)) if t > 0 else math.exp(t) / (1 + math.exp(t))


BY_HAND: dict[str, tuple[tuple[float, ...], Callable[[float], float]]] = {
    "leaky_relu": ((), lambda t: t if t > 0 else t / 10),
    "sigmoid": ((), logistic),
    "tanh": ((), lambda t: 2 * logistic(2 * t) - 1),
    "elu": ((ALPHA,), lambda t: t if t >= 0 else ALPHA * (math.exp(t) - 1)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_activation_agrees_with_its_formula_entry_by_entry(name: str) -> None:
    extra, by_hand = BY_HAND[name]
    x = 2 * RNG.standard_normal((3, 4, 2))
    out, _ = getattr(family(name), f"{name}_forward")(x, *extra)
    assert out.shape == x.shape
    assert out.ravel().tolist() == pytest.approx([by_hand(float(t)) for t in x.flat], rel=1e-12)


@pytest.mark.parametrize("shape", [(5, 7), (1, 6), (9,), (2, 3, 4)])
@pytest.mark.parametrize("name", BY_HAND)
def test_the_gradient_of_an_activation_is_the_numerical_one(name: str, shape: tuple[int, ...]) -> None:
    module, extra = family(name), BY_HAND[name][0]
    forward, backward = getattr(module, f"{name}_forward"), getattr(module, f"{name}_backward")
    x, dout = RNG.standard_normal(shape), RNG.standard_normal(shape)
    dx = backward(dout, forward(x, *extra)[1])
    assert check_gradient(lambda x: forward(x, *extra)[0], x, dx, upstream=dout).outcome is Outcome.PASSED
    wrong = check_gradient(lambda x: forward(x, *extra)[0], x, 1.01 * dx, upstream=dout)
    assert wrong.outcome is Outcome.FAILED


@pytest.mark.parametrize("name", BY_HAND)
def test_activations_do_not_overflow_far_out(name: str) -> None:
    module, extra = family(name), BY_HAND[name][0]
    x = np.array([-800.0, -745.0, 0.0, 745.0, 800.0])
    with np.errstate(all="raise", under="ignore"):
        out, cache = getattr(module, f"{name}_forward")(x, *extra)
        dx = getattr(module, f"{name}_backward")(np.ones(5), cache)
    assert np.isfinite(out).all() and np.isfinite(dx).all()
    ends = {"leaky_relu": (-80, 800), "sigmoid": (0, 1), "tanh": (-1, 1), "elu": (-ALPHA, 800)}[name]
    assert (out[0], out[-1]) == pytest.approx(ends)


def test_sigmoid_and_tanh_are_one_curve_at_two_scales() -> None:
    x = RNG.standard_normal(20)
    sigmoid, tanh = family("sigmoid").sigmoid_forward, family("tanh").tanh_forward
    assert tanh(x)[0] == pytest.approx(2 * sigmoid(2 * x)[0] - 1)


def test_maxout_agrees_with_loops_and_with_numerical_gradients() -> None:
    maxout = family("maxout")
    n, d, m = 4, 3, 5
    values = {
        "x": RNG.standard_normal((n, d)),
        **{f"w{i}": RNG.standard_normal((d, m)) for i in (1, 2)},
        **{f"b{i}": RNG.standard_normal(m) for i in (1, 2)},
    }
    out, cache = maxout.maxout_forward(**values)
    for i in range(n):
        for j in range(m):
            maps = [
                sum(values["x"][i, k] * values[f"w{p}"][k, j] for k in range(d)) + values[f"b{p}"][j] for p in (1, 2)
            ]
            assert out[i, j] == pytest.approx(max(maps))
    dout = RNG.standard_normal((n, m))
    gradients = dict(zip(("x", "w1", "b1", "w2", "b2"), maxout.maxout_backward(dout, cache), strict=True))
    for name, gradient in gradients.items():

        def forward(value: np.ndarray, name: str = name) -> np.ndarray:
            return maxout.maxout_forward(**{**values, name: value})[0]

        report = check_gradient(forward, values[name], gradient, upstream=dout)
        assert report.outcome is Outcome.PASSED, f"d{name}: {report}"


def test_maxout_with_a_map_of_zeros_is_a_relu() -> None:
    x, w, b = RNG.standard_normal((6, 4)), RNG.standard_normal((4, 3)), RNG.standard_normal(3)
    maxout, affine, relu = (family(name) for name in ("maxout", "affine", "relu"))
    dout = RNG.standard_normal((6, 3))
    out, cache = maxout.maxout_forward(x, w, b, np.zeros_like(w), np.zeros_like(b))
    hidden, c1 = affine.affine_forward(x, w, b)
    active, c2 = relu.relu_forward(hidden)
    assert np.allclose(out, active)
    ours = maxout.maxout_backward(dout, cache)[:3]
    theirs = affine.affine_backward(relu.relu_backward(dout, c2), c1)
    assert all(np.allclose(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_gradients_of_a_product_are_the_numerical_ones() -> None:
    x, w, dy = RNG.standard_normal((5, 3)), RNG.standard_normal((3, 4)), RNG.standard_normal((5, 4))
    dx, dw = family("matrices").matmul_backward(dy, x, w)
    assert check_gradient(lambda x: x @ w, x, dx, upstream=dy).outcome is Outcome.PASSED
    assert check_gradient(lambda w: x @ w, w, dw, upstream=dy).outcome is Outcome.PASSED


def test_what_each_entry_touches_adds_up_to_the_whole_gradient_and_fills_a_jacobian_of_the_counted_size() -> None:
    """dL/dx[n, d] is the upstream gradient, weighed by what x[n, d] does to y; the table of all is the Jacobian."""
    matrices, (n, d, m) = family("matrices"), (4, 3, 5)
    x, w, dy = RNG.standard_normal((n, d)), RNG.standard_normal((d, m)), RNG.standard_normal((n, m))
    jacobian = np.array([[matrices.affected_by(i, j, x, w) for j in range(d)] for i in range(n)], dtype=np.float32)
    assert np.allclose(np.tensordot(jacobian, dy, axes=2), matrices.matmul_backward(dy, x, w)[0], atol=1e-5)
    moved = x.copy()
    moved[2, 1] += 1
    assert np.allclose(matrices.affected_by(2, 1, x, w), moved @ w - x @ w)
    assert matrices.jacobian_bytes(n, d, m) == (jacobian.size, jacobian.nbytes)


def test_the_jacobian_of_the_lectures_net_has_2_to_the_36_entries() -> None:
    assert family("matrices").jacobian_bytes(64, 4096, 4096) == (2**36, 2**38)


@pytest.mark.parametrize("size", [1, 4, 7])
def test_the_three_derivatives_follow_the_lectures_convention(size: int) -> None:
    """A row for each entry of x, a column for each entry of y: (dy/dx)[n, m] = dy_m / dx_n."""
    a, b, x, step = 1.7, RNG.standard_normal(5), RNG.standard_normal(size), 1e-6
    ds_da, dg_db, dh_dx = family("vectors").three_derivatives(a, b, x)

    def h(x: np.ndarray) -> np.ndarray:
        return np.array([x.sum(), (x**2).sum(), (x**3).sum()])

    assert (np.shape(ds_da), dg_db.shape, dh_dx.shape) == ((), (5,), (size, 3))
    assert ds_da == pytest.approx(((a + step) ** 2 - (a - step) ** 2) / (2 * step), rel=1e-6)
    assert check_gradient(lambda b: float((b**2).sum()), b, dg_db).outcome is Outcome.PASSED
    for n, direction in enumerate(np.eye(size) * step):
        assert dh_dx[n] == pytest.approx((h(x + direction) - h(x - direction)) / (2 * step), rel=1e-6, abs=1e-8)


def test_the_explicit_and_the_implicit_way_through_relu_agree_with_the_layer() -> None:
    x, dout = RNG.standard_normal(8), RNG.standard_normal(8)
    jacobian, explicit, implicit = family("vectors").relu_jacobian(x, dout)
    assert jacobian.tolist() == np.diag([1.0 if t > 0 else 0.0 for t in x]).tolist()
    layer = family("relu").relu_backward(dout, x)
    assert np.allclose(explicit, layer) and np.allclose(implicit, layer)


# -- the checks of stability: each has a way of writing the layer that it turns down, and one that it accepts

STABILITY = "stable at large inputs"
UNSTABLE = {
    "sigmoid_forward": "    out = np.exp(x) / (1 + np.exp(x))\n    return out, out\n",
    "tanh_forward": "    out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))\n    return out, out\n",
    "elu_forward": "    out = (x >= 0) * x + (x < 0) * alpha * (np.exp(x) - 1)\n    return out, (x, alpha)\n",
    "elu_backward": "    x, alpha = cache\n    dx = dout * ((x >= 0) + (x < 0) * alpha * np.exp(x))\n    return dx\n",
}
STABLE = {
    "sigmoid_forward": "    out = (1 + np.tanh(x / 2)) / 2\n    return out, out\n",
    "tanh_forward": "    e = np.exp(-2 * np.abs(x))\n    out = np.sign(x) * (1 - e) / (1 + e)\n    return out, out\n",
    "elu_forward": "    out = x.copy()\n    out[x < 0] = alpha * (np.exp(x[x < 0]) - 1)\n    return out, (x, alpha)\n",
    "elu_backward": "    x, alpha = cache\n    dx = np.where(x < 0, alpha * np.exp(x), 1) * dout\n    return dx\n",
}


@pytest.fixture(scope="module")
def marked(kit: Kit, sandbox: Sandbox) -> Callable[[str, str], ExerciseMark]:
    oracles = {oracle.exercise.name: oracle for oracle in kit.hidden(7) if oracle.exercise.name in STABLE}

    def mark(name: str, body: str) -> ExerciseMark:
        bench = Bench([oracles[name]])
        head = f"def {name}({', '.join(oracles[name].exercise.parameters)}):\n"
        submission = from_sources(name, [("imports", "import numpy as np"), ("code", head + body)], bench.stubs)
        return bench.mark(submission, sandbox).exercises[0]

    return mark


@pytest.mark.parametrize("name", UNSTABLE)
def test_a_formula_that_overflows_costs_the_point_for_stability_and_no_other(
    marked: Callable[[str, str], ExerciseMark], name: str
) -> None:
    mark = marked(name, UNSTABLE[name])
    assert {c.name: c.outcome for c in mark.checks} == {STABILITY: Outcome.FAILED}
    assert mark.points == mark.exercise.points - 1


@pytest.mark.parametrize("name", STABLE)
def test_another_stable_way_earns_everything(marked: Callable[[str, str], ExerciseMark], name: str) -> None:
    mark = marked(name, STABLE[name])
    assert {c.name: c.outcome for c in mark.checks} == {STABILITY: Outcome.PASSED}
    assert mark.points == mark.exercise.points


# -- the notebook


def test_no_cell_of_the_notebook_holds_the_answer_to_an_exercise(kit: Kit) -> None:
    """What is assigned to a stage in a reference stands in no cell, whatever the spaces and the name of x."""
    cells = read_notebook(ROOT / "notebooks" / "03_layers.ipynb")["cells"]
    text = "".join("".join("".join(c["source"]).split()) for c in cells)
    answers = {
        "sigmoid_backward": ("*(1-out)", "s*(1-s)"),
        "tanh_backward": ("1-out**2", "1-np.tanh(t)**2"),
        "leaky_relu_forward": ("np.maximum(0.1*",),
        "leaky_relu_backward": (">0,1,0.1)",),
        "elu_forward": ("np.expm1(",),
        "matmul_backward": ("dy@w.T", "x.T@dy"),
        "jacobian_bytes": ("(N*D)*(N*M)",),
        "relu_jacobian": ("np.diag((x>0)",),
    }
    assert set(answers) <= {r.name for r in kit.references}
    assert [(name, answer) for name, found in answers.items() for answer in found if answer in text] == []
