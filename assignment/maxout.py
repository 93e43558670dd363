# Made by `grader build` from solutions/maxout.py. Replace each `...`; the comment says which shape belongs there.
"""The maxout layer, forward and backward: the larger of two affine maps.

Lecture 4, activation functions and the patterns in gradient flow."""

import numpy as np


def maxout_forward(x, w1, b1, w2, b2):
    """Maxout: max(x w1 + b1, x w2 + b2), entry by entry.

    Args:
        x: (N, D) minibatch, one example a row
        w1: (D, M) weights of the first map
        b1: (M,) biases of the first map
        w2: (D, M) weights of the second map
        b2: (M,) biases of the second map

    Returns:
        out: (N, M) output
        cache: the tuple (x, w1, w2, z1, z2), kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    z1 = ...   # (N, M) first affine map [1]
    z2 = ...   # (N, M) second affine map [1]
    out = ...  # (N, M) output [1]
    cache = (x, w1, w2, z1, z2)
    return out, cache


def maxout_backward(dout, cache):
    """Gradients of the maxout layer, given the upstream gradient: through the max, then through both affine maps.

    Args:
        dout: (N, M) upstream gradient, dL/dout
        cache: the tuple (x, w1, w2, z1, z2) kept by maxout_forward

    In the cache:
        x: (N, D) minibatch, one example a row
        w1: (D, M) weights of the first map
        w2: (D, M) weights of the second map
        z1: (N, M) first affine map of x
        z2: (N, M) second affine map of x

    Returns:
        dx: (N, D) dL/dx
        dw1: (D, M) dL/dw1
        db1: (M,) dL/db1
        dw2: (D, M) dL/dw2
        db2: (M,) dL/db2

    Source: lecture 4, the max gate as a router, backprop with matrices.
    """
    x, w1, w2, z1, z2 = cache

    # backward pass
    dz1 = ...  # (N, M) gradient with respect to z1 [2]
    dz2 = ...  # (N, M) gradient with respect to z2 [1]
    dx = ...   # (N, D) gradient with respect to x [2]
    dw1 = ...  # (D, M) gradient with respect to w1 [1]
    db1 = ...  # (M,) gradient with respect to b1 [1]
    dw2 = ...  # (D, M) gradient with respect to w2 [1]
    db2 = ...  # (M,) gradient with respect to b2 [1]
    return dx, dw1, db1, dw2, db2
