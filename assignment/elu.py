# Made by `grader build` from solutions/elu.py. Replace each `...`; the comment says which shape belongs there.
"""The ELU layer, forward and backward.

Lecture 4, activation functions."""

import numpy as np


def elu_forward(x, alpha):
    """ELU: x where x >= 0, else alpha (exp(x) - 1), element by element, right also at large x.

    Args:
        x: (d_1, ..., d_k) input of any shape
        alpha: () minus the value that very negative inputs approach

    Returns:
        out: (d_1, ..., d_k) output of the same shape
        cache: the tuple (x, alpha), kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = ...  # (d_1, ..., d_k) output [2]
    cache = (x, alpha)
    return out, cache


def elu_backward(dout, cache):
    """Gradient of the ELU, given the upstream gradient: first the local gradient, then upstream times local.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: the tuple (x, alpha) kept by elu_forward

    In the cache:
        x: (d_1, ..., d_k) input of any shape
        alpha: () minus the value that very negative inputs approach

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, activation functions and backprop with vectors.
    """
    x, alpha = cache

    # backward pass
    slope = ...  # (d_1, ..., d_k) local gradient, entry by entry [2]
    dx = ...     # (d_1, ..., d_k) gradient with respect to x [1]
    return dx
