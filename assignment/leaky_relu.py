# Made by `grader build` from solutions/leaky_relu.py. Replace each `...`; the comment says which shape belongs there.
"""The leaky ReLU layer, forward and backward.

Lecture 4, activation functions."""

import numpy as np


def leaky_relu_forward(x):
    """Leaky ReLU: max(0.1 x, x), element by element.

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape
        cache: x, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = ...  # (d_1, ..., d_k) output [1]
    cache = x
    return out, cache


def leaky_relu_backward(dout, cache):
    """Gradient of the leaky ReLU, given the upstream gradient.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: x as leaky_relu_forward kept it

    In the cache:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, activation functions and backprop with vectors.
    """
    x = cache

    # backward pass
    dx = ...  # (d_1, ..., d_k) gradient with respect to x [2]
    return dx
