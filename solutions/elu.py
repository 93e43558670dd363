"""The ELU layer, forward and backward.

Lecture 4, activation functions.
"""

import numpy as np

from grader.exercise import Check, Mistake, Variant


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
    out = np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))   # (d_1, ..., d_k) output [2]
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
    slope = np.where(x >= 0, 1, alpha * np.exp(np.minimum(x, 0)))   # (d_1, ..., d_k) local gradient, entry by entry [2]
    dx = dout * slope                                               # (d_1, ..., d_k) gradient with respect to x [1]
    return dx


def cases(rng):
    """Inputs of both exercises."""
    for name, shape, alpha in (
        ("a matrix", (5, 7), 0.7),
        ("one example", (1, 6), 1.5),
        ("a vector", (9,), 0.3),
        ("three axes", (2, 3, 4), 1.0),
        ("alpha above 1", (4, 3), 2.5),
    ):
        x = 1.5 * rng.standard_normal(shape)
        yield name, {"x": x, "alpha": alpha, "dout": rng.standard_normal(shape), "cache": (x, alpha)}


def large_inputs(rng):
    """Inputs far out on both sides, where the exponential is too large for a float or vanishes."""
    for name, shape, middle in (("inputs around 800", (3, 5), 800.0), ("inputs around -800", (4, 2), -800.0)):
        x = middle + rng.standard_normal(shape)
        yield name, {"x": x, "alpha": 0.6, "dout": rng.standard_normal(shape), "cache": (x, 0.6)}


VARIANTS = [
    # at 0 any slope between alpha and 1 is a subgradient
    Variant("elu_backward", "slope", "slope = np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))"),
]

CHECKS = [
    Check(
        "stable at large inputs",
        of=("elu_forward", "elu_backward"),
        points=1,
        what="the right values, finite numbers, at inputs around 800 and -800",
        hint="exp(800) is no finite number, and 0 times it is not a number. On which inputs do you need the exponential at all?",
        cases=large_inputs,
    )
]

MISTAKES = [
    Mistake("alpha-forgotten", of="elu_forward", stage="out", code="out = np.where(x >= 0, x, np.expm1(np.minimum(x, 0)))", hint="Which value should very negative inputs approach?"),
    Mistake("minus-one-forgotten", of="elu_forward", stage="out", code="out = np.where(x >= 0, x, alpha * np.exp(np.minimum(x, 0)))", hint="Do the two pieces meet at 0?"),
    Mistake("minus-one-outside", of="elu_forward", stage="out", code="out = np.where(x >= 0, x, alpha * np.exp(np.minimum(x, 0)) - 1)", hint="What does alpha multiply?"),
    Mistake("leaky-relu", of="elu_forward", stage="out", code="out = np.where(x >= 0, x, alpha * x)", hint="Is the left piece a line or a curve?"),
    Mistake("alpha-in-the-exponent", of="elu_forward", stage="out", code="out = np.where(x >= 0, x, np.expm1(alpha * np.minimum(x, 0)))", hint="Does alpha stretch the curve upwards or sideways?"),
    Mistake("plain-relu", of="elu_forward", stage="out", code="out = np.maximum(0, x)", hint="Does a negative input vanish altogether?"),
    Mistake("alpha-everywhere", of="elu_forward", stage="out", code="out = alpha * np.where(x >= 0, x, np.expm1(np.minimum(x, 0)))", hint="On which side of 0 does alpha act?"),
    Mistake("alpha-forgotten", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, 1, np.exp(np.minimum(x, 0)))", hint="A constant factor stays when you differentiate."),
    Mistake("minus-one-kept", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, 1, alpha * np.expm1(np.minimum(x, 0)))", hint="What is the derivative of a constant?"),
    Mistake("relu-gate", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, 1.0, 0.0)", hint="Is the graph flat left of 0?"),
    Mistake("leaky-slope", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, 1, alpha)", hint="Is the left piece equally steep everywhere?"),
    Mistake("alpha-added", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, 1, alpha + np.exp(np.minimum(x, 0)))", hint="Is alpha a factor or a summand of the left piece?"),
    Mistake("input-on-the-right", of="elu_backward", stage="slope", code="slope = np.where(x >= 0, x, alpha * np.exp(np.minimum(x, 0)))", hint="How steep is the line on the right, and does that depend on x?"),
    Mistake("upstream-forgotten", of="elu_backward", stage="dx", code="dx = slope.copy()", hint="Upstream gradient times local gradient."),
    Mistake("upstream-added", of="elu_backward", stage="dx", code="dx = dout + slope", hint="How do upstream and local gradient combine along a chain?"),
]
