# Made by `grader build` from solutions/numerical.py. Replace each `...`; the comment says which shape belongs there.
"""The numerical gradient: slow, approximate, easy to write. What analytic gradients are checked with.

Lecture 4, gradient descent; CS231n notes, gradient checks."""

import numpy as np


def numerical_gradient(f, x, h):
    """Central differences: for every entry of x, (f with it raised by h minus f with it lowered by h) over 2 h.

    Loop over the entries (`np.ndindex(x.shape)` gives their indices). x itself must come out unchanged.

    Args:
        f: function of an array of the shape of x, returns a number
        x: (d_1, ..., d_k) point
        h: () step

    Returns:
        grad: (d_1, ..., d_k) numerical gradient, of the shape of x

    Source: lecture 4, numerical gradient; CS231n notes, use the centered formula.
    """
    # forward pass
    grad = ...  # (d_1, ..., d_k) one difference quotient an entry [4]
    return grad
