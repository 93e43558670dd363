"""Derivatives of vectors: scalar, gradient and Jacobian, and a Jacobian that need not be built.

Lecture 4, "Recap: vector derivatives" and "Backprop with vectors". The convention is the lecture's:
(dy/dx)[n, m] = dy_m / dx_n, a row for each entry of x, a column for each entry of y.
"""

import numpy as np

from grader.exercise import Mistake, Variant


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
    ds_da = 2 * a                                                 # () derivative of s with respect to a [1]
    dg_db = 2 * b                                                 # (D,) gradient of g with respect to b [1]
    dh_dx = np.stack([np.ones_like(x), 2 * x, 3 * x**2], axis=1)  # (N, 3) Jacobian of h with respect to x [2]
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
    J = np.diag((x > 0).astype(float))   # (D, D) Jacobian of ReLU at x [2]
    dx_explicit = J @ dout               # (D,) gradient with respect to x, by a matrix product [1]
    dx_implicit = dout * (x > 0)         # (D,) gradient with respect to x, entry by entry [1]
    return J, dx_explicit, dx_implicit


def cases(rng):
    """Inputs of both exercises: no x of length 3, where a Jacobian (N, 3) is square."""
    for name, N, D in (
        ("four entries, as in the lecture", 4, 5),
        ("one entry", 1, 2),
        ("seven entries", 7, 4),
        ("two entries", 2, 6),
        ("nine entries", 9, 8),
    ):
        x = rng.standard_normal(N)
        x[0] = -abs(x[0]) if N % 2 == 0 else abs(x[0])
        yield name, {"a": float(rng.standard_normal()), "b": rng.standard_normal(D), "x": x, "dout": rng.standard_normal(N)}


VARIANTS = [
    # at 0 any slope between 0 and 1 is a subgradient
    Variant("relu_jacobian", "J", "J = np.diag((x >= 0).astype(float))"),
    Variant("relu_jacobian", "dx_implicit", "dx_implicit = dout * (x >= 0)"),
    # this Jacobian is symmetric, so its transpose does as well
    Variant("relu_jacobian", "dx_explicit", "dx_explicit = J.T @ dout"),
]

MISTAKES = [
    Mistake("factor-2-forgotten", of="three_derivatives", stage="ds_da", code="ds_da = 1 * a", hint="Differentiate a**2 once more."),
    Mistake("value-instead-of-slope", of="three_derivatives", stage="ds_da", code="ds_da = a**2", hint="How large s is was not asked: how fast does it change?"),
    Mistake("constant-slope", of="three_derivatives", stage="ds_da", code="ds_da = 2.0", hint="Is a parabola equally steep everywhere?"),
    Mistake("gradient-summed", of="three_derivatives", stage="dg_db", code="dg_db = np.sum(2 * b)", hint="A gradient has the shape of what it is taken by."),
    Mistake("squares-kept", of="three_derivatives", stage="dg_db", code="dg_db = b**2", hint="How much does one term of the sum change when its entry changes a little?"),
    Mistake("gradient-without-factor-2", of="three_derivatives", stage="dg_db", code="dg_db = b.copy()", hint="Differentiate b_i**2 once more."),
    Mistake("powers-kept", of="three_derivatives", stage="dh_dx", code="dh_dx = np.stack([x, 2 * x**2, 3 * x**3], axis=1)", hint="What happens to the exponent when you differentiate a power?"),
    Mistake("factors-forgotten", of="three_derivatives", stage="dh_dx", code="dh_dx = np.stack([np.ones_like(x), x, x**2], axis=1)", hint="What becomes of the exponent when you differentiate a power?"),
    Mistake("plain-sum-is-constant", of="three_derivatives", stage="dh_dx", code="dh_dx = np.stack([np.zeros_like(x), 2 * x, 3 * x**2], axis=1)", hint="Does the sum stay the same when one of its terms grows?"),
    Mistake("terms-instead-of-slopes", of="three_derivatives", stage="dh_dx", code="dh_dx = np.stack([x, x**2, x**3], axis=1)", hint="These are the terms of the sums. How fast does each change?"),
    Mistake("identity", of="relu_jacobian", stage="J", code="J = np.eye(len(x))", hint="Do all entries of x reach the output?"),
    Mistake("values-on-the-diagonal", of="relu_jacobian", stage="J", code="J = np.diag(np.maximum(0, x))", hint="The slope of max(0, x) does not depend on how large x is."),
    Mistake("outer-product", of="relu_jacobian", stage="J", code="J = np.outer(x > 0, x > 0).astype(float)", hint="Does an output depend on the input at another place?"),
    Mistake("every-column", of="relu_jacobian", stage="J", code="J = np.tile((x > 0).astype(float)[:, None], (1, len(x)))", hint="How many outputs does one input have influence on?"),
    Mistake("upstream-in-the-jacobian", of="relu_jacobian", stage="J", code="J = np.diag(dout * (x > 0))", hint="Local means: without what comes from upstream."),
    Mistake("elementwise-product", of="relu_jacobian", stage="dx_explicit", code="dx_explicit = J * dout", hint="Matrix times vector: which shape has the result?"),
    Mistake("upstream-forgotten", of="relu_jacobian", stage="dx_explicit", code="dx_explicit = J.sum(axis=1)", hint="Upstream gradient times local gradient."),
    Mistake("upstream-forgotten-entry-by-entry", of="relu_jacobian", stage="dx_implicit", code="dx_implicit = (x > 0).astype(float)", hint="Upstream gradient times local gradient."),
    Mistake("mask-of-the-upstream", of="relu_jacobian", stage="dx_implicit", code="dx_implicit = dout * (dout > 0)", hint="Which array decides where the gradient passes?"),
    Mistake("unchanged", of="relu_jacobian", stage="dx_implicit", code="dx_implicit = dout.copy()", hint="Did a negative input have any influence on the output?"),
    Mistake("times-the-output", of="relu_jacobian", stage="dx_implicit", code="dx_implicit = dout * np.maximum(0, x)", hint="The slope of max(0, x) does not depend on how large x is."),
]
