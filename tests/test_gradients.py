"""The numerical check: right gradients pass, wrong ones fail, and what cannot be decided is said to be so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import check_gradient
from grader.exercise import Outcome
from grader.gradient_check import EVERY_ENTRY, SAMPLE
from grader.gradients import FINE_STEPS, STEPS, Probe, estimate, kinks, pairs, quotient, step_at

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
    assert f"it is good to {report.error_estimate:.0e}; 20 entries; 161 evaluations of f" in str(report)


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
    ("slope_at_0", "outcome"), [(0.0, "passed"), (1.0, "passed"), (0.5, "passed"), (1.2, "failed"), (-0.1, "failed")]
)
def test_at_a_kink_every_subgradient_is_right(slope_at_0: float, outcome: str) -> None:
    x = np.array([0.0, 1.0, -1.0])
    report = check_gradient(lambda v: np.sum(np.maximum(0, v)), x, np.array([slope_at_0, 1.0, 0.0]))
    assert report.outcome == outcome
    assert [j.kink for j in report.judged] == [True, False, False]
    assert report.judged[0].slopes == pytest.approx((0, 1), abs=1e-7)
    assert "1 at a kink" in str(report)
    assert "at [0]" in repr(report) and "at a kink where 0 to 1 is right" in repr(report)


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 1e-5, 3e-6, 1e-6, 3e-7])
def test_a_kink_close_by_does_not_mislead(distance: float) -> None:
    """The quotients of 1e-3 and 1e-4 agree on one half at a kink of 1e-6: half a gradient must not pass either."""

    def relu(v):
        return np.sum(np.maximum(0, v))

    x = np.array([distance, -distance, 1.7 * distance])
    assert check_gradient(relu, x, np.array([1.0, 0.0, 1.0])).outcome is Outcome.PASSED
    assert check_gradient(relu, x, np.full(3, 0.5)).outcome is Outcome.FAILED


def test_round_off_is_no_kink() -> None:
    """Ten thousand added and taken away again: noise a thousand times what the size of f lets expect."""
    rng = np.random.default_rng(8)
    for _ in range(20):
        x, offset = rng.standard_normal(6), 1e4 * rng.standard_normal()
        a = rng.standard_normal(6)
        report = check_gradient(lambda v, a=a, o=offset: (np.sum(np.sin(v) * a) + o) - o, x, np.cos(x) * a)
        assert report.outcome is not Outcome.FAILED, repr(report)
        assert not any(j.kink for j in report.judged)


def test_what_no_difference_can_see_is_inconclusive() -> None:
    """1e16 swallows the change: neither the right nor a slightly wrong derivative can be told."""
    report = check_gradient(lambda v: np.sum(v) * 1e-3 + 1e12, np.ones(3), np.full(3, 1e-3))
    assert report.outcome is Outcome.INCONCLUSIVE
    assert "could not be decided in 3 of 3, first at [0]" in str(report)
    assert str(report).startswith(repr(report).splitlines()[0])


def test_a_function_that_is_not_finite_is_inconclusive() -> None:
    report = check_gradient(lambda v: np.sum(v) * np.nan, np.ones(2), np.ones(2))
    assert report.outcome is Outcome.INCONCLUSIVE
    assert "f is not finite there" in str(report)
    assert check_gradient(lambda v: np.sum(v) * np.inf, np.ones(2), np.array([1, np.nan])).first_wrong.where == (1,)


def test_a_function_that_ends_nearby_is_judged_where_it_is_finite() -> None:
    """log at 5e-4 has no value at 5e-4 - 1e-3; the smaller steps decide."""
    x = np.array([5e-4, 2.0])
    with np.errstate(invalid="ignore"):
        assert check_gradient(lambda v: np.sum(np.log(v)), x, 1 / x).outcome is Outcome.PASSED
        assert check_gradient(lambda v: np.sum(np.log(v)), x, 1.01 / x).outcome is Outcome.FAILED


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_wrong_there_and_only_there(bad: float) -> None:
    gradient = slope(X)
    gradient[2, 3] = bad
    report = check_gradient(smooth, X, gradient)
    assert [j.where for j in report.judged if j.outcome is Outcome.FAILED] == [(2, 3)]
    assert f"at [2, 3]: yours is {bad}" in str(report)


def test_the_first_wrong_entry_is_told_with_both_values_and_the_error() -> None:
    gradient = slope(X)
    gradient[1, 2] += 1e-4
    gradient[3, 0] += 7
    report = check_gradient(smooth, X, gradient)
    assert report.first_wrong.where == (1, 2)
    assert report.first_wrong.analytic == gradient[1, 2]
    assert report.first_wrong.numerical == pytest.approx(slope(X)[1, 2], abs=1e-8)
    told = str(report)
    assert "in 2 of 20, first at [1, 2]" in told
    yours, numerical = told.split("yours is ")[1].split(" +- ")[0].split(", the numerical one ")
    assert yours != numerical, "as many digits as tell them apart"
    assert "at [3, 0]" in repr(report).splitlines()[2]


def test_a_report_of_many_wrong_entries_stays_short() -> None:
    told = repr(check_gradient(smooth, X, -slope(X))).splitlines()
    assert len(told) == 7
    assert told[-1] == "  and 15 more"


def test_evaluations_are_counted() -> None:
    calls = []

    def counted(x):
        calls.append(1)
        return smooth(x)

    report = check_gradient(counted, X, slope(X))
    assert report.evaluations == len(calls) == 1 + 2 * len(STEPS) * X.size
    calls.clear()
    wrong = check_gradient(counted, X, -slope(X))
    assert wrong.evaluations == len(calls) == 1 + 2 * len((*STEPS, *FINE_STEPS)) * X.size


def test_single_precision_is_allowed_its_own_error_and_no_more() -> None:
    rng = np.random.default_rng(5)
    A, x = rng.standard_normal((50, 8)), rng.standard_normal(8)

    def f(v):
        return np.sum(np.tanh(A @ v))

    single = A.astype(np.float32).T @ (1 - np.tanh(A.astype(np.float32) @ x.astype(np.float32)) ** 2)
    assert single.dtype == np.float32
    assert check_gradient(f, x, single).outcome is Outcome.PASSED
    assert check_gradient(f, x, single.astype(float)).outcome is Outcome.FAILED
    assert check_gradient(f, x, single * np.float32(1.0001)).outcome is Outcome.FAILED


def test_a_function_in_single_precision_is_not_taken_for_an_exact_one() -> None:
    """Its round-off hides the derivative: nothing is decided, where counting on double precision would say wrong."""
    x = np.linspace(0.3, 1.0, 5)
    report = check_gradient(lambda v: np.sum(v.astype(np.float32) ** 2), x, 2 * x)
    assert report.outcome is Outcome.INCONCLUSIVE


def test_a_large_array_is_checked_along_directions_and_on_a_sample() -> None:
    x = RNG.standard_normal((30, 20))
    right = check_gradient(lambda v: np.sum(v**3), x, 3 * x**2)
    assert right.outcome is Outcome.PASSED
    assert right.directions == 4
    assert "100 of 600 entries, chosen at random, and 4 random directions" in str(right)
    assert len(right.judged) == 104
    wrong = 3 * x**2
    wrong[3] *= 1.01
    report = check_gradient(lambda v: np.sum(v**3), x, wrong)
    assert report.outcome is Outcome.FAILED
    assert "along random direction 1" in repr(report)


def test_one_wrong_entry_of_a_large_array_shows_along_directions_though_the_sample_may_miss_it() -> None:
    x = RNG.standard_normal((30, 20))
    for at in np.ndindex(3, 20):
        wrong = 3 * x**2
        wrong[at] += 0.05
        report = check_gradient(lambda v: np.sum(v**3), x, wrong, rng=np.random.default_rng(at))
        assert report.outcome is Outcome.FAILED, at


@pytest.mark.parametrize(("size", "looked"), [(EVERY_ENTRY, EVERY_ENTRY), (EVERY_ENTRY + 1, SAMPLE + 4)])
def test_every_entry_is_looked_at_up_to_two_hundred(size: int, looked: int) -> None:
    report = check_gradient(lambda v: np.sum(v**2), np.ones(size), np.full(size, 2.0))
    assert len(report.judged) == looked


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
    with pytest.raises(ValueError, match="upstream gradient has"):  # it would be stretched to (4, 5) without a word
        check_gradient(np.tanh, X, X, upstream=X[:, :1])


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


# -- the rule, number by number


def quotients_of(f, x, steps=STEPS):
    return [quotient(f(x - h), f(x), f(x + h), h, 2.0**-52) for h in (step_at(x, s) for s in steps)]


def test_the_error_estimate_covers_the_error() -> None:
    """Truncation at x**5, round-off at 1e3 + x: the tolerance is above the error and not far above it."""
    for f, x, right in [(lambda v: v**5, 1.3, 5 * 1.3**4), (lambda v: 1e3 + v, 0.7, 1.0), (np.exp, 2.0, np.exp(2.0))]:
        found = estimate(quotients_of(f, x))
        assert abs(found.value - right) <= found.tolerance
        assert found.tolerance <= 1e-4 * right


def test_the_value_is_the_finer_of_the_pair_unless_its_round_off_is_larger_than_their_difference() -> None:
    steep = quotients_of(np.exp, 1.0, (1e-3, 1e-4))
    assert estimate(steep).value == steep[1].central
    straight = quotients_of(lambda v: 3 * v + 100, 1.0, (1e-5, 1e-6))
    assert abs(straight[0].central - straight[1].central) < straight[1].round_off
    assert estimate(straight).value == straight[0].central


def test_a_kink_keeps_its_gap_a_curve_loses_it_and_noise_gains() -> None:
    every = (*STEPS, *FINE_STEPS)
    assert kinks(quotients_of(abs, 0.0, every)) == [True] * 5
    assert kinks(quotients_of(lambda v: np.exp(3 * v), 1.0, every)) == [False] * 5
    assert kinks(quotients_of(lambda v: abs(v - 3e-6), 0.0, every)) == [True, True, False, False, False]
    noise = [quotient(1.0, 1.0 + 1e-14, 1.0, h, 1e-20) for h in every]
    assert abs(noise[-1].gap) > 10 * noise[-1].round_off
    assert kinks(noise) == [False] * 5


def test_a_small_kink_shows_under_a_large_curvature() -> None:
    """The jump is a hundredth of what the curvature adds to the gap at 1e-3, and decides the fifth digit."""

    def f(v):
        return np.sum(v**2 + v + 1e-5 * np.maximum(0, v))

    for right in (1.0, 1.00001):
        assert check_gradient(f, np.zeros(1), np.array([right])).outcome is Outcome.PASSED
    for wrong in (0.99999, 1.00002):
        assert check_gradient(f, np.zeros(1), np.array([wrong])).outcome is Outcome.FAILED
    assert check_gradient(f, np.array([3e-6]), np.array([1.000016])).outcome is Outcome.PASSED


# -- properties

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
NUMBERS = st.floats(-3, 3).map(lambda v: round(v, 3))
VECTORS = st.lists(NUMBERS, min_size=1, max_size=5).map(np.array)
TERMS = {
    "square": (lambda v: v**2, lambda v: 2 * v),
    "sine": (np.sin, np.cos),
    "tanh": (np.tanh, lambda v: 1 - np.tanh(v) ** 2),
    "exp": (np.exp, np.exp),
    "cube": (lambda v: v**3 / 3, lambda v: v**2),
    "logistic": (lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(-v) / (1 + np.exp(-v)) ** 2),
}
SMOOTH = st.lists(st.tuples(st.sampled_from(sorted(TERMS)), st.floats(0.1, 3)), min_size=1, max_size=4)


def mixture(terms):
    """A sum of smooth terms a * g(v), and its gradient."""
    return (
        lambda v: float(sum(a * np.sum(TERMS[name][0](v)) for name, a in terms)),
        lambda v: sum(a * TERMS[name][1](v) for name, a in terms),
    )


@UNHURRIED
@given(SMOOTH, VECTORS)
def test_a_right_gradient_of_a_smooth_function_never_fails(terms, x) -> None:
    f, gradient = mixture(terms)
    assert check_gradient(f, x, gradient(x)).outcome is not Outcome.FAILED


@UNHURRIED
@given(SMOOTH, VECTORS, st.sampled_from([2.0, 0.5, -1.0, 0.0, 1.001]))
def test_a_wrong_factor_never_passes_where_it_shows(terms, x, factor) -> None:
    f, gradient = mixture(terms)
    right = gradient(x)
    if np.abs(right).max() > 0.05:
        assert check_gradient(f, x, factor * right).outcome is not Outcome.PASSED


@UNHURRIED
@given(SMOOTH, VECTORS, st.data())
def test_one_wrong_entry_is_found_and_no_other(terms, x, data) -> None:
    f, gradient = mixture(terms)
    wrong = np.array(gradient(x))
    at = data.draw(st.integers(0, x.size - 1))
    wrong[at] += 0.01 * max(1.0, np.abs(wrong).max())
    report = check_gradient(f, x, wrong)
    assert [j.where for j in report.judged if j.outcome is Outcome.FAILED] == [(at,)]


@UNHURRIED
@given(SMOOTH, VECTORS, st.integers(-60, 60), st.booleans())
def test_the_unit_of_the_loss_does_not_matter(terms, x, power, right) -> None:
    """A power of two changes no digit: the same outcome at every entry."""
    f, gradient = mixture(terms)
    given_gradient = gradient(x) if right else 1.01 * gradient(x) + 1e-3
    unit = 2.0**power
    one = check_gradient(f, x, given_gradient)
    other = check_gradient(lambda v: unit * f(v), x, unit * given_gradient)
    assert [j.outcome for j in one.judged] == [j.outcome for j in other.judged]


@UNHURRIED
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS).filter(lambda p: abs(p[0] - p[1]) > 0.01), min_size=1, max_size=4),
    st.floats(0, 1),
)
def test_between_the_slopes_of_a_kink_everything_is_right_and_beyond_nothing(slopes, part) -> None:
    a, b = np.array(slopes).T
    low, high = np.minimum(a, b), np.maximum(a, b)

    def f(v):
        return np.sum(np.maximum(a * v, b * v))

    x = np.zeros(len(a))
    assert check_gradient(f, x, low + part * (high - low)).outcome is Outcome.PASSED
    assert check_gradient(f, x, high + 1e-3).outcome is Outcome.FAILED
    assert check_gradient(f, x, low - 1e-3).outcome is Outcome.FAILED


@UNHURRIED
@given(st.floats(1e-7, 1e-2), st.sampled_from([-1.0, 1.0]))
def test_a_kink_at_any_distance_beyond_the_finest_step_decides_nothing_at_x(distance, side) -> None:
    x = np.array([side * distance])

    def leaky(v):
        return np.sum(np.where(v > 0, v, 0.1 * v))

    right, other = (1.0, 0.1) if side > 0 else (0.1, 1.0)
    assert check_gradient(leaky, x, np.array([right])).outcome is Outcome.PASSED
    assert check_gradient(leaky, x, np.array([other])).outcome is Outcome.FAILED


@settings(max_examples=20, deadline=None)
@given(st.integers(EVERY_ENTRY + 1, 400), st.integers(0, 2**32 - 1))
def test_large_arrays_pass_when_right_and_fail_when_a_tenth_is_wrong(size, seed) -> None:
    rng = np.random.default_rng(seed)
    x, a = rng.standard_normal(size), rng.standard_normal(size)

    def f(v):
        return np.sum(a * np.sin(v))

    right = a * np.cos(x)
    assert check_gradient(f, x, right, rng=rng).outcome is Outcome.PASSED
    wrong = right.copy()
    wrong[rng.choice(size, size // 10, replace=False)] += 0.1
    assert check_gradient(f, x, wrong, rng=rng).outcome is Outcome.FAILED


@UNHURRIED
@given(VECTORS, st.integers(0, 2**32 - 1))
def test_a_probe_agrees_with_the_check_on_what_is_right(x, seed) -> None:
    f, gradient = mixture([("sine", 1.0), ("square", 0.5)])
    probe = Probe.along(x.size, 2, np.random.default_rng(seed))
    values = [f(p) for p in probe.points(x)]
    assert len(values) == probe.size
    assert probe.judged(values, gradient(x)).outcome is not Outcome.FAILED
    assert probe.judged(values, gradient(x) + 0.3).outcome is not Outcome.PASSED
