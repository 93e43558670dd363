# Made by `grader build` from solutions/schedules.py. Replace each `...`; the comment says which shape belongs there.
"""Learning rate schedules.

Lecture 4, "Last time: learning rate scheduling"."""

import numpy as np


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
    drops = ...  # (E,) how often the rate has dropped [1]
    alpha = ...  # (E,) learning rate [1]
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
    angle = ...  # (E,) from 0 to pi [1]
    alpha = ...  # (E,) learning rate [1]
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
    left = ...   # (E,) part of the epochs that is left [1]
    alpha = ...  # (E,) learning rate [1]
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
    root = ...   # (E,) square root of the epoch [1]
    alpha = ...  # (E,) learning rate [1]
    return alpha
