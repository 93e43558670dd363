"""The gates, the two circuits and the neuron: the lecture's numbers, and difference quotients, on the references."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from conftest import ROOT

RNG = np.random.default_rng(13)
STEP = 1e-6


def family(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"reference_{name}", ROOT / "solutions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GATES = family("gates")


def flat(values: tuple) -> list[float]:
    """What an exercise returns, as a flat list: gradients may come in a dict."""
    rows = [list(v.values()) if isinstance(v, dict) else [v] for v in values]
    return [float(v) for row in rows for v in row]


def slopes(f: Callable[..., float], at: list[float]) -> list[float]:
    """Difference quotients of a function of numbers, one for each of them."""
    found = []
    for i in range(len(at)):
        up, down = list(at), list(at)
        up[i] += STEP
        down[i] -= STEP
        found.append((f(*up) - f(*down)) / (2 * STEP))
    return found


def test_the_first_circuit_on_the_lectures_numbers() -> None:
    """Lecture 4, a simple example: x = -2, y = 5, z = -4."""
    assert GATES.multiply_add(-2.0, 5.0, -4.0) == (-12.0, -4.0, -4.0, 3.0)


def test_the_sigmoid_circuit_on_the_lectures_numbers() -> None:
    """Lecture 4, another example: w = (2, -3, -3), x = (-1, -2)."""
    found = flat(GATES.sigmoid_circuit(2.0, -1.0, -3.0, -2.0, -3.0))
    assert [round(v, 2) for v in found] == [0.73, -0.20, 0.39, -0.39, -0.59, 0.20]


def test_four_small_nodes_make_the_sigmoid_gate() -> None:
    """Lecture 4: 1 -> -1 -> 0.37 -> 1.37 -> 0.73, and back 1, -0.53, -0.53, -0.20, 0.20."""
    exp = np.exp(-1.0)
    back = [1.0, -1 / (1 + exp) ** 2, -1 / (1 + exp) ** 2]
    back += [back[-1] * exp, -back[-1] * exp]
    assert [round(float(v), 2) for v in back] == [1.0, -0.53, -0.53, -0.20, 0.20]
    s, dx = GATES.sigmoid_gate(1.0, 1.0)
    assert round(float(s), 2) == 0.73
    assert dx == pytest.approx(back[-1])


@pytest.mark.parametrize(("name", "inputs"), [("multiply_add", 3), ("sigmoid_circuit", 5)])
def test_the_circuits_agree_with_difference_quotients(name: str, inputs: int) -> None:
    circuit = getattr(GATES, name)
    for _ in range(5):
        at = list(RNG.standard_normal(inputs))
        assert flat(circuit(*at))[1:] == pytest.approx(slopes(lambda *v: circuit(*v)[0], at), abs=1e-8)


@pytest.mark.parametrize("name", ["add_gate", "multiply_gate", "max_gate"])
def test_the_gates_of_two_inputs_agree_with_difference_quotients(name: str) -> None:
    gate = getattr(GATES, name)
    for _ in range(5):
        x, y, dout = RNG.standard_normal(3)
        want = [dout * v for v in slopes(lambda *v: gate(*v, 1.0)[0], [x, y])]
        assert gate(x, y, dout)[1:] == pytest.approx(want, abs=1e-8)


def test_the_gates_of_one_input_agree_with_difference_quotients() -> None:
    for _ in range(5):
        x, d1, d2 = RNG.standard_normal(3)
        assert GATES.sigmoid_gate(x, d1)[1] == pytest.approx(
            d1 * slopes(lambda v: GATES.sigmoid_gate(v, 1.0)[0], [x])[0]
        )

        def through_both(v: float, d1: float = d1, d2: float = d2) -> float:
            out1, out2, _ = GATES.copy_gate(v, 0.0, 0.0)
            return d1 * out1 + d2 * out2

        assert GATES.copy_gate(x, d1, d2)[2] == pytest.approx(slopes(through_both, [x])[0])


def test_each_gate_has_its_pattern() -> None:
    """Lecture 4, patterns in gradient flow: distributor, swap multiplier, adder, router."""
    x, y = RNG.permuted(np.linspace(-2, 2, 12)).reshape(3, 4), RNG.permuted(np.linspace(-1.9, 2.1, 12)).reshape(3, 4)
    d1, d2 = RNG.standard_normal((2, 3, 4))
    assert all(np.array_equal(v, d1) for v in GATES.add_gate(x, y, d1)[1:])
    assert np.array_equal(GATES.multiply_gate(x, y, d1)[1], GATES.multiply_gate(y, x, d1)[2])
    assert np.array_equal(GATES.copy_gate(x, d1, d2)[2], d1 + d2)
    _, dx, dy = GATES.max_gate(x, y, d1)
    assert np.array_equal(dx + dy, d1)
    assert not np.any(dx * dy)
    assert np.array_equal(dx != 0, x > y)


def test_the_sigmoid_circuit_is_its_gates_in_a_row() -> None:
    w0, x0, w1, x1, w2 = RNG.standard_normal(5)
    s0, s1 = GATES.multiply_gate(w0, x0, 0.0)[0], GATES.multiply_gate(w1, x1, 0.0)[0]
    s2 = GATES.add_gate(s0, s1, 0.0)[0]
    s3 = GATES.add_gate(s2, w2, 0.0)[0]
    out, grad_s3 = GATES.sigmoid_gate(s3, 1.0)
    _, grad_s2, grad_w2 = GATES.add_gate(s2, w2, grad_s3)
    _, grad_s0, grad_s1 = GATES.add_gate(s0, s1, grad_s2)
    _, grad_w0, grad_x0 = GATES.multiply_gate(w0, x0, grad_s0)
    _, grad_w1, grad_x1 = GATES.multiply_gate(w1, x1, grad_s1)
    whole = flat(GATES.sigmoid_circuit(w0, x0, w1, x1, w2))
    assert whole == pytest.approx([out, grad_w0, grad_x0, grad_w1, grad_x1, grad_w2])


def test_no_exercise_changes_its_inputs() -> None:
    given = dict(next(iter(GATES.cases(np.random.default_rng(1))))[1])
    before = {name: np.array(v) for name, v in given.items()}
    GATES.multiply_add(given["x"], given["y"], given["z"])
    for gate in (GATES.add_gate, GATES.multiply_gate, GATES.max_gate):
        gate(given["x"], given["y"], given["dout"])
    GATES.copy_gate(given["x"], given["dout1"], given["dout2"])
    GATES.sigmoid_gate(given["x"], given["dout"])
    assert all(np.array_equal(given[name], v) for name, v in before.items())


def test_no_case_of_the_max_gate_has_equal_inputs() -> None:
    for seed in range(20):
        for _, inputs in GATES.cases(np.random.default_rng(seed)):
            assert np.all(inputs["x"] != inputs["y"])


def test_the_neuron_is_the_sigmoid_circuit_without_its_gradients() -> None:
    tick = family("neuron").neuron_tick
    w0, x0, w1, x1, w2 = RNG.standard_normal(5)
    assert tick(np.array([x0, x1]), np.array([w0, w1]), w2) == pytest.approx(
        GATES.sigmoid_circuit(w0, x0, w1, x1, w2)[0]
    )


def test_the_neuron_on_the_lectures_numbers() -> None:
    assert round(float(family("neuron").neuron_tick(np.array([-1.0, -2.0]), np.array([2.0, -3.0]), -3.0)), 2) == 0.73
