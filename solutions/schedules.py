"""Learning rate schedules.

Lecture 4, "Last time: learning rate scheduling".
"""

import numpy as np

from grader.exercise import Mistake


def step_decay(alpha0, t):
    """Step decay as for ResNets: multiply the learning rate by 0.1 after epochs 30, 60 and 90.

    From epoch 30 on it is a tenth of alpha0, from 60 on a hundredth, from 90 on a thousandth.

    Args:
        alpha0: () initial learning rate
        t: (E,) epochs, counted from 0

    Returns:
        alpha: (E,) learning rate at each epoch

    Source: lecture 4, learning rate scheduling (step).
    """
    # forward pass
    drops = (t >= 30) * 1 + (t >= 60) + (t >= 90)   # (E,) how often the rate has dropped [1]
    alpha = alpha0 * 0.1**drops                     # (E,) learning rate [1]
    return alpha


def cosine_decay(alpha0, t, T):
    """Cosine decay from alpha0 at t = 0 to 0 at t = T.

    Args:
        alpha0: () initial learning rate
        t: (E,) epochs, 0 <= t <= T
        T: () total number of epochs

    Returns:
        alpha: (E,) learning rate at each epoch

    Source: lecture 4, learning rate scheduling (cosine).
    """
    # forward pass
    angle = t * np.pi / T                       # (E,) from 0 to pi [1]
    alpha = 0.5 * alpha0 * (1 + np.cos(angle))  # (E,) learning rate [1]
    return alpha


def linear_decay(alpha0, t, T):
    """Linear decay from alpha0 at t = 0 to 0 at t = T.

    Args:
        alpha0: () initial learning rate
        t: (E,) epochs, 0 <= t <= T
        T: () total number of epochs

    Returns:
        alpha: (E,) learning rate at each epoch

    Source: lecture 4, learning rate scheduling (linear).
    """
    # forward pass
    left = 1 - t / T        # (E,) part of the epochs that is left [1]
    alpha = alpha0 * left   # (E,) learning rate [1]
    return alpha


def inverse_sqrt_decay(alpha0, t):
    """Inverse square root decay, for t >= 1.

    Args:
        alpha0: () initial learning rate
        t: (E,) epochs, counted from 1

    Returns:
        alpha: (E,) learning rate at each epoch

    Source: lecture 4, learning rate scheduling (inverse sqrt).
    """
    # forward pass
    root = np.sqrt(t)        # (E,) square root of the epoch [1]
    alpha = alpha0 / root    # (E,) learning rate [1]
    return alpha


def cases(rng):
    for name, t in (
        ("a hundred epochs", np.arange(1, 101)),
        ("one epoch", np.array([45])),
        ("around the drops", np.array([29, 30, 31, 59, 60, 61, 89, 90, 91])),
        ("every tenth", np.arange(10, 101, 10)),
        ("few", np.array([1, 35, 70, 95])),
        ("long after the last drop", np.array([10, 60, 100, 119, 120, 150, 200])),
    ):
        yield name, {"alpha0": float(rng.uniform(0.01, 1)), "t": t, "T": max(100, int(t.max()))}


def _slips(of, *slips):
    return [Mistake(name, of=of, stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = [
    *_slips(
        "step_decay",
        ("one-epoch-late", "drops", "drops = (t > 30) * 1 + (t > 60) + (t > 90)", "Which is the first epoch with the smaller rate?"),
        ("drops-without-end", "drops", "drops = t // 30", "How many drops are there in all?"),
        ("one-drop-only", "drops", "drops = (t >= 30) * 1", "At which epochs does the rate drop?"),
        ("times-a-half", "alpha", "alpha = alpha0 * 0.5**drops", "By how much is the rate multiplied?"),
        ("subtracted", "alpha", "alpha = alpha0 - 0.1 * drops", "Multiplied, or subtracted?"),
        ("multiplied-by-the-count", "alpha", "alpha = alpha0 * 0.1 * drops", "Two drops: a tenth of a tenth."),
    ),
    *_slips(
        "cosine_decay",
        ("half-a-turn-too-many", "angle", "angle = 2 * t * np.pi / T", "Where does the curve end?"),
        ("pi-forgotten", "angle", "angle = t / T", "Radians."),
        ("sine", "alpha", "alpha = 0.5 * alpha0 * (1 + np.sin(angle))", "Where does the curve start?"),
        ("half-forgotten", "alpha", "alpha = alpha0 * (1 + np.cos(angle))", "What is the rate at t = 0?"),
        ("one-forgotten", "alpha", "alpha = alpha0 * np.cos(angle)", "May a learning rate be negative?"),
    ),
    *_slips(
        "linear_decay",
        ("rising", "left", "left = t / T", "Does the rate fall?"),
        ("one-too-many", "left", "left = 1 - (t + 1) / T", "Where does it start, where does it end?"),
        ("squared", "left", "left = (1 - t / T) ** 2", "A straight line."),
        ("subtracted", "alpha", "alpha = alpha0 - (1 - left)", "By how much does it fall in all?"),
        ("divided", "alpha", "alpha = alpha0 / (1 + left)", "A straight line."),
    ),
    *_slips(
        "inverse_sqrt_decay",
        ("root-forgotten", "root", "root = t * 1.0", "Which function of t?"),
        ("logarithm", "root", "root = 1 + np.log(t)", "Which function of t?"),
        ("shifted", "root", "root = np.sqrt(t + 1)", "What is the rate at t = 1?"),
        ("multiplied", "alpha", "alpha = alpha0 * root", "Does the rate fall?"),
        ("inverse-square", "alpha", "alpha = alpha0 / root**2", "Divided by what?"),
    ),
]
