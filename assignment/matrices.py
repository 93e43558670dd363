# Made by `grader build` from solutions/matrices.py. Replace each `...`; the comment says which shape belongs there.
"""Backprop through a matrix product, one entry at a time and as a whole, and what its Jacobian would cost.

Lecture 4, "Backprop with matrices"."""

import numpy as np


def affected_by(n, d, x, w):
    """By how much does each entry of y = x w change, per unit of the one entry x[n, d]?

    Args:
        n: () row of the entry, counted from 0
        d: () column of the entry, counted from 0
        x: (N, D) minibatch, one example a row
        w: (D, M) weights

    Returns:
        dy_dxnd: (N, M) derivative of each entry of y with respect to x[n, d]

    Source: lecture 4, backprop with matrices.
    """
    # forward pass
    dy_dxnd = ...  # (N, M) derivative of each entry of y with respect to x[n, d] [2]
    return dy_dxnd


def matmul_backward(dy, x, w):
    """Gradients of a matrix product y = x w, given the upstream gradient.

    Args:
        dy: (N, M) upstream gradient, dL/dy
        x: (N, D) minibatch, one example a row
        w: (D, M) weights

    Returns:
        dx: (N, D) dL/dx
        dw: (D, M) dL/dw

    Source: lecture 4, backprop with matrices; CS231n handout on linear backprop.
    """
    # backward pass
    dx = ...  # (N, D) gradient with respect to x [2]
    dw = ...  # (D, M) gradient with respect to w [2]
    return dx, dw


def jacobian_bytes(N, D, M):
    """How large is the whole Jacobian dy/dx of y = x w, x of shape (N, D) and w of (D, M), in single precision?

    Args:
        N: () number of examples
        D: () inputs of an example
        M: () outputs of an example

    Returns:
        entries: () numbers in the Jacobian
        nbytes: () bytes they take as float32

    Source: lecture 4, backprop with matrices.
    """
    # forward pass
    entries = ...  # () numbers in the Jacobian [1]
    nbytes = ...   # () bytes they take as float32 [1]
    return entries, nbytes
