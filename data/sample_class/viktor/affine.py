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
    rows = x.reshape(N, -1)
    out = rows @ w + b
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
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
