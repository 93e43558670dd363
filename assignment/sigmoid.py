# Made by `grader build` from solutions/sigmoid.py. Replace each `...`; the comment says which shape belongs there.
"""The sigmoid layer, forward and backward.

Lecture 4, activation functions, and the sigmoid gate of the worked backprop example."""

import numpy as np


def sigmoid_forward(x):
    """Sigmoid: 1 / (1 + exp(-x)), element by element, without overflow at any x.

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape, between 0 and 1
        cache: the output, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = ...  # (d_1, ..., d_k) output, between 0 and 1 [2]
    cache = out
    return out, cache


def sigmoid_backward(dout, cache):
    """Gradient of the sigmoid, given the upstream gradient; the output is all it needs.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: the output as sigmoid_forward kept it

    In the cache:
        out: (d_1, ..., d_k) output of the forward pass

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, the sigmoid gate.
    """
    out = cache

    # backward pass
    dx = ...  # (d_1, ..., d_k) gradient with respect to x [2]
    return dx
