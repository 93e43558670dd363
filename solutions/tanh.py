"""The tanh layer, forward and backward.

Lecture 4, activation functions.
"""

import numpy as np

from grader.exercise import Check, Mistake


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
    out = np.tanh(x)   # (d_1, ..., d_k) output, between -1 and 1 [1]
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
    dx = dout * (1 - out**2)   # (d_1, ..., d_k) gradient with respect to x [2]
    return dx


def cases(rng):
    """Inputs of both exercises."""
    for name, shape, scale in (
        ("a matrix", (5, 7), 1.0),
        ("one example", (1, 6), 1.0),
        ("a vector", (9,), 0.5),
        ("three axes", (2, 3, 4), 1.0),
        ("wider inputs", (4, 3), 2.0),
    ):
        x = scale * rng.standard_normal(shape)
        yield name, {"x": x, "dout": rng.standard_normal(shape), "cache": np.tanh(x)}


def large_inputs(rng):
    """Inputs far out on both sides, where exp of one sign is too large for a float."""
    for name, middle in (("inputs around 800", 800.0), ("inputs around -800", -800.0)):
        yield name, {"x": middle + rng.standard_normal((3, 5))}


CHECKS = [
    Check(
        "stable at large inputs",
        of=("tanh_forward",),
        points=1,
        what="the right output, a finite number, at inputs around 800 and -800",
        hint="exp(800) is no finite number, and a quotient of two such is not a number at all. Does numpy know this function?",
        cases=large_inputs,
    )
]

MISTAKES = [
    Mistake("sigmoid", of="tanh_forward", stage="out", code="out = 1 / (1 + np.exp(-x))", hint="There are two S-shaped curves. Which one is 0 at 0?"),
    Mistake("tangent", of="tanh_forward", stage="out", code="out = np.tan(x)", hint="Hyperbolic or trigonometric? Between which numbers must the output lie?"),
    Mistake("half-the-input", of="tanh_forward", stage="out", code="out = np.tanh(x / 2)", hint="How steep is the curve at 0?"),
    Mistake("sinh", of="tanh_forward", stage="out", code="out = np.sinh(x)", hint="By what is the difference of the two exponentials divided?"),
    Mistake("upside-down", of="tanh_forward", stage="out", code="out = 1 / np.tanh(x)", hint="Which of the two exponential sums is the numerator?"),
    Mistake("clipped-line", of="tanh_forward", stage="out", code="out = np.clip(x, -1, 1)", hint="Does the curve have corners?"),
    Mistake("square-forgotten", of="tanh_backward", stage="dx", code="dx = dout * (1 - out)", hint="The curve is symmetric about the origin: should the slopes at outputs 0.5 and -0.5 differ?"),
    Mistake("rule-of-the-sigmoid", of="tanh_backward", stage="dx", code="dx = dout * out * (1 - out)", hint="That is the slope of another S-shaped curve. What is the slope of this one at 0, where the output is 0?"),
    Mistake("upstream-forgotten", of="tanh_backward", stage="dx", code="dx = 1 - out**2", hint="Upstream gradient times local gradient."),
    Mistake("sign", of="tanh_backward", stage="dx", code="dx = dout * (out**2 - 1)", hint="tanh rises everywhere. Which sign has its slope?"),
    Mistake("plus-the-square", of="tanh_backward", stage="dx", code="dx = dout * (1 + out**2)", hint="What happens to the slope where the curve saturates?"),
    Mistake("cache-taken-for-the-input", of="tanh_backward", stage="dx", code="dx = dout * (1 - np.tanh(out)**2)", hint="What does the cache of this layer hold: what went in, or what came out?"),
]
