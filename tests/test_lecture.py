"""The lecture's own numbers, on the references; and the map from the lecture to the kit."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import ROOT
from test_solutions import family

from grader.kit import Kit
from grader.release import notebook_exercises, read_notebook


def test_the_first_circuit_gives_the_lectures_numbers() -> None:
    assert [float(v) for v in family("gates").multiply_add(-2.0, 5.0, -4.0)] == [-12, -4, -4, 3]


def test_the_sigmoid_circuit_gives_the_lectures_numbers() -> None:
    values = family("gates").sigmoid_circuit(2.0, -1.0, -3.0, -2.0, -3.0)
    assert [round(float(v), 2) for v in values] == [0.73, -0.2, 0.39, -0.39, -0.59, 0.2]


def test_gates_treat_gradients_as_the_lecture_says() -> None:
    gates = family("gates")
    assert gates.add_gate(3.0, 4.0, 2.0) == (7.0, 2.0, 2.0)  # distributor
    assert gates.multiply_gate(2.0, 3.0, 5.0) == (6.0, 15.0, 10.0)  # swap multiplier
    assert gates.copy_gate(7.0, 4.0, 2.0) == (7.0, 7.0, 6.0)  # adder
    assert gates.max_gate(4.0, 5.0, 9.0) == (5.0, 0.0, 9.0)  # router
    assert gates.sigmoid_gate(1.0, 1.0)[1] == pytest.approx(0.2, abs=0.005)


def test_a_neuron_without_input_fires_at_one_half() -> None:
    assert family("neuron").neuron_tick(np.zeros(3), np.ones(3), 0.0) == 0.5


def test_regularization_is_the_lectures_sum_of_squares() -> None:
    loss, dw = family("linear").l2_regularization(np.array([[1.0, 2.0], [3.0, -4.0]]), 0.5)
    assert loss == 15.0
    assert dw.tolist() == [[1, 2], [3, -4]]


def test_activation_functions_take_the_lectures_values() -> None:
    x = np.array([-2.0, 0.0, 3.0])
    assert family("leaky_relu").leaky_relu_forward(x)[0].tolist() == [-0.2, 0, 3]
    assert family("sigmoid").sigmoid_forward(x)[0] == pytest.approx([0.1192029, 0.5, 0.9525741])
    assert family("tanh").tanh_forward(x)[0] == pytest.approx([-0.9640276, 0, 0.9950548])
    assert family("elu").elu_forward(x, 2.0)[0] == pytest.approx([2 * (np.exp(-2) - 1), 0, 3])
    one = np.ones((1, 1))
    assert family("maxout").maxout_forward(3 * one, one, np.zeros(1), -one, np.zeros(1))[0].item() == 3


def test_relus_jacobian_gives_the_lectures_numbers() -> None:
    jacobian, explicit, implicit = family("vectors").relu_jacobian(
        np.array([1.0, -2, 3, -1]), np.array([4.0, -1, 5, 9])
    )
    assert np.diag(jacobian).tolist() == [1, 0, 1, 0]
    assert explicit.tolist() == implicit.tolist() == [4, 0, 5, 0]


X = np.array([[2.0, 1, -3], [-3, 4, 2]])
W = np.array([[3.0, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]])
DY = np.array([[2.0, 3, -3, 9], [-8, 1, 4, 6]])


def test_the_matrix_product_gives_the_true_numbers_not_the_slides() -> None:
    """The slide prints y = [[13, 9, -2, -6], [5, 2, 17, 1]], which is not x w."""
    assert (X @ W).tolist() == [[-1, -1, 2, 6], [5, 2, 11, 7]]
    dx, dw = family("matrices").matmul_backward(DY, X, W)
    assert dx.tolist() == [[0, 16, -9], [-24, 9, -30]]
    assert dw.tolist() == [[28, 3, -18, 0], [-30, 7, 13, 33], [-22, -7, 17, -15]]


def test_an_entry_of_x_touches_its_row_of_y_by_w() -> None:
    touched = family("matrices").affected_by(0, 1, X, W)
    touched = touched[0] if isinstance(touched, tuple) else touched
    assert touched.tolist() == [[2, 1, 3, 2], [0, 0, 0, 0]]


def test_a_full_jacobian_takes_256_gib() -> None:
    values = family("matrices").jacobian_bytes(64, 4096, 4096)
    assert int(np.ravel(values)[-1]) == 256 * 2**30


def test_the_3_4_4_1_listing_gives_one_number() -> None:
    shapes = ((4, 3), (4, 1), (4, 4), (4, 1), (1, 4), (1, 1), (3, 1))
    out = family("sigmoid_net").three_layer_forward(*(np.zeros(s) + (s == (1, 4)) for s in shapes))
    assert out.shape == (1, 1)
    assert out.item() == 2.0  # four halves


def test_training_makes_the_loss_fall() -> None:
    """The lecture's program at its own sizes, but for fewer steps."""
    rng = np.random.default_rng(0)
    shapes = ((64, 1000), (64, 10), (1000, 100), (100, 10))
    losses, _, _ = family("training").train_two_layer_sigmoid(*(rng.standard_normal(s) for s in shapes), 1e-4, 200)
    assert losses[-1] < losses[0] / 20


def test_polar_features_put_circles_on_lines() -> None:
    angle = np.linspace(-3, 3, 20)
    made = family("features").polar_features(np.stack([2 * np.cos(angle), 2 * np.sin(angle)], axis=1))
    assert made[:, 0] == pytest.approx(2.0)
    assert made[:, 1] == pytest.approx(angle)


def test_two_linear_layers_are_one() -> None:
    rng = np.random.default_rng(1)
    w1, w2, x = rng.standard_normal((4, 5)), rng.standard_normal((5, 3)), rng.standard_normal((6, 4))
    scores, w3 = family("collapse").collapse_linear(w1, w2, x)
    assert np.allclose(scores, x @ w3)


def test_adams_first_step_has_the_size_of_the_learning_rate() -> None:
    """With both corrections, whatever the size of the gradient."""
    next_w, config = family("optimizers").adam(np.zeros(3), np.array([1e-3, -5.0, 200.0]), {"learning_rate": 0.1})
    assert next_w == pytest.approx([-0.1, 0.1, -0.1], rel=1e-4)
    assert config["t"] == 1


def test_schedules_start_and_end_where_the_lecture_says() -> None:
    schedules, ends = family("schedules"), np.array([0, 100])
    assert schedules.cosine_decay(2.0, ends, 100) == pytest.approx([2, 0], abs=1e-12)
    assert schedules.linear_decay(2.0, ends, 100) == pytest.approx([2, 0])
    assert schedules.inverse_sqrt_decay(2.0, np.array([1, 4])) == pytest.approx([2, 1])
    assert schedules.step_decay(1.0, np.array([29, 30, 60, 95])) == pytest.approx([1, 0.1, 0.01, 0.001])


def test_the_sigmoid_gate_gives_pytorchs_numbers() -> None:
    """The numbers stored in notebook 05, made by PyTorch 2.13 as the cell above them says."""
    cells = read_notebook(ROOT / "notebooks" / "05_computational_graphs.ipynb")["cells"]
    text = "".join(next(c for c in cells if c["id"] == "torch-numbers")["source"])
    stored = [np.array(eval(found)) for found in re.findall(r"np\.array\((\[.*?\])\)", text)]
    x, upstream, output, gradient = stored
    gate = family("graphs").SigmoidGate("x")
    assert np.allclose(gate.forward(x), output, rtol=1e-14)
    assert np.allclose(gate.backward(upstream)[0], gradient, rtol=1e-14)


def test_the_map_of_the_lecture_names_only_what_exists(kit: Kit) -> None:
    rows = [line for line in (ROOT / "docs" / "lecture-map.md").read_text().splitlines() if line.startswith("| ")][1:]
    known = {r.name for r in kit.references}
    tests = "\n".join(p.read_text() for p in (ROOT / "tests").glob("test_*.py"))
    mapped = set()
    assert len(rows) > 25
    for row in rows:
        _, exercises, notebook, test = (re.findall(r"`(\w+)`", part) for part in row.strip("| ").split(" | "))
        assert set(exercises) <= known, row
        held = notebook_exercises(read_notebook(ROOT / "notebooks" / f"{notebook[0]}.ipynb"))
        assert set(exercises) <= set(held), row
        assert f"def {test[0]}(" in tests, row
        mapped |= set(exercises)
    backward_twins = {n for n in known if n.endswith("_backward")}
    assert known - mapped - backward_twins == {
        "affine_forward",
        "svm_loss",
        "softmax_loss",
        "TwoLayerNet",
    }  # CS231n's, not the lecture's
