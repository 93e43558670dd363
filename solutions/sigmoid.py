"""The sigmoid layer, forward and backward.

Lecture 4, activation functions, and the sigmoid gate of the worked backprop example.
"""

import numpy as np

from grader.exercise import Check, Mistake


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
    small = np.exp(-np.abs(x))
    out = np.where(x >= 0, 1, small) / (1 + small)   # (d_1, ..., d_k) output, between 0 and 1 [2]
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
    dx = dout * out * (1 - out)   # (d_1, ..., d_k) gradient with respect to x [2]
    return dx


def cases(rng):
    """Inputs of both exercises."""
    for name, shape, scale in (
        ("a matrix", (5, 7), 1.0),
        ("one example", (1, 6), 1.0),
        ("a vector", (9,), 2.0),
        ("three axes", (2, 3, 4), 1.0),
        ("wider inputs", (4, 3), 4.0),
    ):
        x = scale * rng.standard_normal(shape)
        yield name, {"x": x, "dout": rng.standard_normal(shape), "cache": sigmoid_forward(x)[1]}


def large_inputs(rng):
    """Inputs far out on both sides, where exp of one sign is too large for a float."""
    for name, middle in (("inputs around 800", 800.0), ("inputs around -800", -800.0)):
        yield name, {"x": middle + rng.standard_normal((3, 5))}
    yield "both sides at once", {"x": rng.permutation(np.array([-800.0, 790.0, -3.0, 0.5, 805.0, -795.0]))}


CHECKS = [
    Check(
        "stable at large inputs",
        of=("sigmoid_forward",),
        points=1,
        what="the right output, a finite number, at inputs around 800 and -800",
        hint="exp(800) is no finite number, exp(-800) is harmless. Can the sigmoid be written so that the exponent is never positive?",
        cases=large_inputs,
    )
]

MISTAKES = [
    Mistake("sign-of-the-exponent", of="sigmoid_forward", stage="out", code="out = 1 / (1 + np.exp(x))", hint="Does the sigmoid rise or fall?"),
    Mistake("one-forgotten", of="sigmoid_forward", stage="out", code="out = 1 / np.exp(-x)", hint="Between which two numbers must every output lie?"),
    Mistake("tanh", of="sigmoid_forward", stage="out", code="out = np.tanh(x)", hint="There are two S-shaped curves. Which one is 1/2 at 0?"),
    Mistake("stretched-to-minus-one", of="sigmoid_forward", stage="out", code="out = np.tanh(x / 2)", hint="Where should the output go for very negative inputs?"),
    Mistake("minus-instead-of-plus", of="sigmoid_forward", stage="out", code="out = 1 / (1 - np.exp(-x))", hint="Can the denominator be 0?"),
    Mistake("slope-instead-of-value", of="sigmoid_forward", stage="out", code="s = 1 / (1 + np.exp(-x)); out = s * (1 - s)", hint="This pass asks for the height of the curve."),
    Mistake("one-minus-forgotten", of="sigmoid_backward", stage="dx", code="dx = dout * out", hint="How steep is the curve where the output is close to 1?"),
    Mistake("only-one-minus", of="sigmoid_backward", stage="dx", code="dx = dout * (1 - out)", hint="How steep is the curve where the output is close to 0?"),
    Mistake("rule-of-tanh", of="sigmoid_backward", stage="dx", code="dx = dout * (1 - out**2)", hint="That is the slope of another S-shaped curve. What is the slope of this one at 0, where the output is 1/2?"),
    Mistake("upstream-forgotten", of="sigmoid_backward", stage="dx", code="dx = out * (1 - out)", hint="Upstream gradient times local gradient."),
    Mistake("sign", of="sigmoid_backward", stage="dx", code="dx = dout * out * (out - 1)", hint="The sigmoid rises everywhere. Which sign has its slope?"),
    Mistake(
        "cache-taken-for-the-input", of="sigmoid_backward", stage="dx",
        code="s = 1 / (1 + np.exp(-out)); dx = dout * s * (1 - s)",
        hint="What does the cache of this layer hold: what went in, or what came out?",
    ),
]
