# Made by `grader build` from solutions/numerical.py. Replace each `...`; the comment says which shape belongs there.
"""The gradient from its definition: move one entry a little, and look what the function does.

Lecture 4, the numerical gradient: slow, approximate, easy to write; course notes, "Optimization"."""

import numpy as np


def numerical_gradient(f, x, h):
    """Gradient of f at x by central differences, entry by entry.

    Entry i is (f(x + h e_i) - f(x - h e_i)) / (2 h), where e_i is 1 at entry i and 0 elsewhere.

    Args:
        f: function of one array of the shape of x, returns a number
        x: (d_1, ..., d_k) point, an array of floats of any shape; it must have its old values when you are done
        h: () size of the move, a small positive number

    Returns:
        grad: (d_1, ..., d_k) approximate gradient of f at x

    Source: lecture 4, numerical gradient; CS231n notes, optimization (use the centered formula).
    """
    # forward pass: f at two points for every entry of x
    grad = ...  # (d_1, ..., d_k) approximate gradient, filled entry by entry [4]
    return grad
