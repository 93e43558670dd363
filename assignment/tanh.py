# Made by `grader build` from solutions/tanh.py. Replace each `...`; the comment says which shape belongs there.
"""The tanh layer, forward and backward.

Lecture 4, activation functions."""

import numpy as np


def tanh_forward(x):
    """Hyperbolic tangent, element by element, without overflow at any x.

    tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape, between -1 and 1
        cache: the output, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = ...  # (d_1, ..., d_k) output, between -1 and 1 [1]
    cache = out
    return out, cache


def tanh_backward(dout, cache):
    """Gradient of tanh, given the upstream gradient; the output is all it needs.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: the output as tanh_forward kept it

    In the cache:
        out: (d_1, ..., d_k) output of the forward pass

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, activation functions and backprop with vectors.
    """
    out = cache

    # backward pass
    dx = ...  # (d_1, ..., d_k) gradient with respect to x [2]
    return dx
