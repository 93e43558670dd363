# Made by `grader build` from solutions/vectors.py. Replace each `...`; the comment says which shape belongs there.
"""Derivatives of vectors: scalar, gradient and Jacobian, and a Jacobian that need not be built.

Lecture 4, "Recap: vector derivatives" and "Backprop with vectors". The convention is the lecture's:
(dy/dx)[n, m] = dy_m / dx_n, a row for each entry of x, a column for each entry of y."""

import numpy as np


def three_derivatives(a, b, x):
    """A derivative, a gradient and a Jacobian side by side, (dh/dx)[n, m] = dh_m / dx_n.

    Args:
        a: () number
        b: (D,) vector
        x: (N,) vector

    Returns:
        ds_da: () derivative of s(a) = a^2, number to number
        dg_db: (D,) gradient of g(b) = sum of b_i^2, vector to number
        dh_dx: (N, 3) Jacobian of h(x) = (sum of x_i, sum of x_i^2, sum of x_i^3), vector to vector

    Source: lecture 4, recap of vector derivatives.
    """
    s = a**2                                                # number
    g = np.sum(b**2)                                        # number
    h = np.array([np.sum(x), np.sum(x**2), np.sum(x**3)])   # vector of 3 numbers

    # backward pass
    ds_da = ...  # () derivative of s with respect to a [1]
    dg_db = ...  # (D,) gradient of g with respect to b [1]
    dh_dx = ...  # (N, 3) Jacobian of h with respect to x [2]
    return ds_da, dg_db, dh_dx


def relu_jacobian(x, dout):
    """ReLU of a vector: its Jacobian, dL/dx by the product with it, and dL/dx without ever building it.

    Args:
        x: (D,) input
        dout: (D,) upstream gradient, dL/dout for out = max(0, x)

    Returns:
        J: (D, D) Jacobian, J[n, m] = dout_m / dx_n
        dx_explicit: (D,) dL/dx, by the Jacobian
        dx_implicit: (D,) dL/dx, entry by entry from x alone

    Source: lecture 4, backprop with vectors.
    """
    # backward pass
    J = ...            # (D, D) Jacobian of ReLU at x [2]
    dx_explicit = ...  # (D,) gradient with respect to x, by a matrix product [1]
    dx_implicit = ...  # (D,) gradient with respect to x, entry by entry [1]
    return J, dx_explicit, dx_implicit
