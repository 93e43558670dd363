"""When a value counts as the value asked for."""

from __future__ import annotations

import numpy as np
import pytest

from grader.compare import close, form, rounded, says_nothing, scaled

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])


@pytest.mark.parametrize(
    ("got", "want", "equal"),
    [
        (X, X, True),
        (X + 1e-10, X, True),
        (X + 1e-8, X, False),  # as far off as a numerical derivative
        (X.astype(np.float32), X, True),
        ((X + 1e-3).astype(np.float32), X, False),
        (X.T, X, False),
        (X.tolist(), X, False),
        (3.0, np.float64(3.0), True),
        (np.array([3.0]), 3.0, True),
        (np.array([[3.0]]), 3.0, True),
        (np.array([3.0, 3.0]), 3.0, False),
        (np.nan, 3.0, False),
        (np.nan, np.nan, False),
        (3.0, np.inf, False),
        (X, np.where(X > 4, np.inf, X), False),
        (np.inf, np.inf, False),  # no evidence of anything
        (np.array([1, 2]), np.array([1.0, 2.0]), True),
        (np.array(["1"]), np.array([1.0]), False),
        (None, 3.0, False),
        (Ellipsis, 3.0, False),
        (1e-17, 0.0, True),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
        (X + 1j, X, False),
    ],
)
def test_equal_within_the_tolerance(got: object, want: object, equal: bool) -> None:
    assert close(got, want) is equal


def test_single_precision_is_seen_by_its_digits_where_the_dtype_was_widened() -> None:
    third = np.array([1 / 3, 0.5])
    single = third.astype(np.float32).astype(np.float64)
    assert close(single, third)
    assert close(float(np.float32(0.1)), 0.1)
    assert not close(float(np.float32(0.1 + 1e-4)), 0.1)
    assert not close(third + 1e-8, third)
    assert not close(np.array([1.0, 0.5]), np.array([1 - 1e-6, 0.5]))  # round numbers are of no precision


def test_other_forms_of_a_stage_are_recognized() -> None:
    assert form(X.T, X) == "transposed"
    assert form(X.reshape(-1), X) == "reshaped"
    assert form(X[:, :1], X[:, 0]) == "reshaped"
    assert form(X.reshape(3, 2), X) is None
    assert form(2 * X, X) is None


def test_a_stage_times_the_batch_size_is_recognized() -> None:
    assert scaled(2 * X, X, 2) == "times N"
    assert scaled(X / 2, X, 2) == "divided by N"
    assert scaled(X, X, 1) is None
    assert scaled(2 * X.T, X, 2) == "times N"
    assert scaled(2 * X.ravel(), X, 2) is None


def test_what_is_right_to_the_digits_of_single_precision_only_is_told_apart() -> None:
    third = X / 3
    assert rounded(third.astype(np.float32), third)
    assert not rounded(third, third)
    assert not rounded(X.astype(np.float32), X)  # nothing was lost
    assert not rounded((third + 1).astype(np.float32), third)


def test_zeros_and_infinities_say_nothing() -> None:
    assert says_nothing([np.zeros(3), 0.0])
    assert says_nothing([np.array([1.0, np.inf])])
    assert not says_nothing([np.zeros(3), np.ones(3)])
    assert not says_nothing([np.array([np.iinfo(np.int64).min, 0])])  # what a nan becomes as an integer
