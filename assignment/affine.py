# Made by `grader build` from solutions/affine.py. Replace each `...`; the comment says which shape belongs there.
"""The affine (fully-connected) layer, forward and backward.

Lecture 4, "Backprop with matrices"; CS231n handout on linear backprop."""

import numpy as np


def affine_forward(x, w, b):
    """Affine layer: every example, flattened to a row of D = d_1 * ... * d_k numbers, times w, plus b.

    Args:
        x: (N, d_1, ..., d_k) minibatch of any shape
        w: (D, M) weights, D = d_1 * ... * d_k
        b: (M,) biases

    Returns:
        out: (N, M) output
        cache: the tuple (x, w, b), kept for the backward pass

    Source: lecture 4, backprop with matrices.
    """
    N = x.shape[0]

    # forward pass
    rows = ...  # (N, D) one flattened example a row [1]
    out = ...   # (N, M) output [2]
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """Gradients of the affine layer, given the upstream gradient.

    Args:
        dout: (N, M) upstream gradient, dL/dout
        cache: the tuple (x, w, b) kept by affine_forward

    In the cache:
        x: (N, d_1, ..., d_k) minibatch of any shape
        w: (D, M) weights, D = d_1 * ... * d_k
        b: (M,) biases

    Returns:
        dx: (N, d_1, ..., d_k) dL/dx, of the shape of x
        dw: (D, M) dL/dw
        db: (M,) dL/db

    Source: lecture 4, backprop with matrices: the only way to make the shapes match.
    """
    x, w, b = cache

    # backward pass
    dx = ...  # (N, d_1, ..., d_k) gradient with respect to x [2]
    dw = ...  # (D, M) gradient with respect to w [2]
    db = ...  # (M,) gradient with respect to b [1]
    return dx, dw, db
