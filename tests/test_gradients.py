"""The numerical check: right gradients pass, wrong ones fail, and what cannot be decided is said to be so."""

from __future__ import annotations

import numpy as np
import pytest

from grader import check_gradient
from grader.exercise import Outcome
from grader.gradients import Probe, pairs, step_at

RNG = np.random.default_rng(3)
X = RNG.standard_normal((4, 5))
A = RNG.standard_normal((4, 5))


def smooth(x):
    return np.sum(np.sin(x) * A) + np.sum(x**2)


def slope(x):
    return np.cos(x) * A + 2 * x


def test_a_right_gradient_passes_and_says_how_well() -> None:
    report = check_gradient(smooth, X, slope(X))
    assert report.outcome is Outcome.PASSED
    assert report.largest_difference < 1e-7
    assert "agrees with the numerical gradient" in str(report)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g: g * 1.0001,
        lambda g: -g,
        lambda g: np.zeros_like(g),
        lambda g: g + 0.01 * np.abs(g).max() * (np.arange(20).reshape(4, 5) == 7),
        lambda g: np.full_like(g, np.nan),
    ],
)
def test_a_wrong_gradient_fails_and_says_where(wrong) -> None:
    report = check_gradient(smooth, X, wrong(slope(X)))
    assert report.outcome is Outcome.FAILED
    assert "differs from the numerical gradient" in str(report)


def test_the_point_is_left_as_it_was() -> None:
    before = X.copy()
    check_gradient(smooth, X, slope(X))
    assert np.array_equal(X, before)


@pytest.mark.parametrize(
    ("given", "outcome"), [(0.0, "passed"), (1.0, "passed"), (0.5, "passed"), (1.2, "failed"), (-0.1, "failed")]
)
def test_at_a_kink_every_subgradient_is_right(given: float, outcome: str) -> None:
    x = np.array([0.0, 1.0, -1.0])
    report = check_gradient(lambda v: np.sum(np.maximum(0, v)), x, np.array([given, 1.0, 0.0]))
    assert report.outcome == outcome
    assert report.judged[0].kink is (given != 0.5)  # one half is what the central difference gives


def test_a_kink_close_by_does_not_mislead() -> None:
    x = np.array([1e-5, -1e-5])
    assert check_gradient(lambda v: np.sum(np.maximum(0, v)), x, np.array([1.0, 0.0])).outcome is Outcome.PASSED


def test_what_no_difference_can_see_is_inconclusive() -> None:
    """1e16 swallows the change: neither the right nor a slightly wrong derivative can be told."""
    report = check_gradient(lambda v: np.sum(v) * 1e-3 + 1e12, np.ones(3), np.full(3, 1e-3))
    assert report.outcome is Outcome.INCONCLUSIVE
    assert "could not be decided" in str(report)


def test_a_function_that_is_not_finite_is_inconclusive() -> None:
    report = check_gradient(lambda v: np.sum(v) * np.nan, np.ones(2), np.ones(2))
    assert report.outcome is Outcome.INCONCLUSIVE


def test_a_large_array_is_checked_along_directions_and_on_a_sample() -> None:
    x = RNG.standard_normal((30, 20))
    right = check_gradient(lambda v: np.sum(v**3), x, 3 * x**2)
    assert right.outcome is Outcome.PASSED
    assert right.directions == 4
    assert "random directions" in str(right)
    wrong = 3 * x**2
    wrong[3] *= 1.01
    assert check_gradient(lambda v: np.sum(v**3), x, wrong).outcome is Outcome.FAILED


def test_an_upstream_gradient_makes_a_number_of_an_array() -> None:
    up = RNG.standard_normal((4, 5))
    assert check_gradient(np.tanh, X, up * (1 - np.tanh(X) ** 2), upstream=up).outcome is Outcome.PASSED
    assert check_gradient(np.tanh, X, 1 - np.tanh(X) ** 2, upstream=up).outcome is Outcome.FAILED


def test_a_number_will_do() -> None:
    assert check_gradient(lambda v: v**2, 3.0, 6.0).outcome is Outcome.PASSED


def test_wrong_use_is_told() -> None:
    with pytest.raises(ValueError, match="shape"):
        check_gradient(smooth, X, slope(X).T)
    with pytest.raises(ValueError, match="upstream"):
        check_gradient(np.tanh, X, X)


def test_a_step_is_exactly_representable() -> None:
    for x in (0.1, 1e3, -7.7):
        h = step_at(x, 1e-5)
        assert (x + h) - x == h


def test_a_probe_judges_from_values_alone() -> None:
    probe = Probe.along(X.size, 2, np.random.default_rng(0))
    values = [float(smooth(p)) for p in probe.points(X)]
    assert probe.judged(values, slope(X)).outcome is Outcome.PASSED
    assert probe.judged(values, np.zeros_like(X)).outcome is Outcome.FAILED


def test_gradients_are_paired_with_their_variables_by_name() -> None:
    assert pairs(("loss", "dW", "dx"), ("W", "X")) == [("dW", "W")]
