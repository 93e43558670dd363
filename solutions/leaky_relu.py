"""The leaky ReLU layer, forward and backward.

Lecture 4, activation functions.
"""

import numpy as np

from grader.exercise import Mistake, Variant


def leaky_relu_forward(x):
    """Leaky ReLU: max(0.1 x, x), element by element.

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape
        cache: x, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = np.maximum(0.1 * x, x)   # (d_1, ..., d_k) output [1]
    cache = x
    return out, cache


def leaky_relu_backward(dout, cache):
    """Gradient of the leaky ReLU, given the upstream gradient.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: x as leaky_relu_forward kept it

    In the cache:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, activation functions and backprop with vectors.
    """
    x = cache

    # backward pass
    dx = dout * np.where(x > 0, 1, 0.1)   # (d_1, ..., d_k) gradient with respect to x [2]
    return dx


def cases(rng):
    """Inputs of both exercises."""
    for name, shape in (
        ("a matrix", (5, 7)),
        ("one example", (1, 6)),
        ("a vector", (9,)),
        ("three axes", (2, 3, 4)),
    ):
        x = rng.standard_normal(shape)
        yield name, {"x": x, "dout": rng.standard_normal(shape), "cache": x}
    x = 1e3 * rng.standard_normal((4, 3))
    yield "large values", {"x": x, "dout": rng.standard_normal((4, 3)), "cache": x}


VARIANTS = [
    # at 0 any slope between 0.1 and 1 is a subgradient
    Variant("leaky_relu_backward", "dx", "dx = dout * np.where(x >= 0, 1, 0.1)"),
]

MISTAKES = [
    Mistake("no-leak", of="leaky_relu_forward", stage="out", code="out = np.maximum(0, x)", hint="Does a negative input vanish altogether?"),
    Mistake("leak-of-a-hundredth", of="leaky_relu_forward", stage="out", code="out = np.maximum(0.01 * x, x)", hint="Other texts use another slope. Which one does the contract state?"),
    Mistake("minimum", of="leaky_relu_forward", stage="out", code="out = np.minimum(0.1 * x, x)", hint="Which of the two lines lies higher on the left, and which on the right?"),
    Mistake("leak-negated", of="leaky_relu_forward", stage="out", code="out = np.where(x > 0, x, -0.1 * x)", hint="Which sign has the output left of 0?"),
    Mistake("leak-everywhere", of="leaky_relu_forward", stage="out", code="out = 0.1 * x", hint="Which inputs pass at full size?"),
    Mistake("constant-leak", of="leaky_relu_forward", stage="out", code="out = np.maximum(0.1, x)", hint="Is the leak a number, or a line through 0?"),
    Mistake("no-leak", of="leaky_relu_backward", stage="dx", code="dx = dout * (x > 0)", hint="Is the graph flat left of 0?"),
    Mistake("leak-of-a-hundredth", of="leaky_relu_backward", stage="dx", code="dx = dout * np.where(x > 0, 1, 0.01)", hint="Other texts use another slope. Which one did the forward pass use?"),
    Mistake("upstream-forgotten", of="leaky_relu_backward", stage="dx", code="dx = np.where(x > 0, 1, 0.1)", hint="Upstream gradient times local gradient."),
    Mistake("slopes-swapped", of="leaky_relu_backward", stage="dx", code="dx = dout * np.where(x > 0, 0.1, 1)", hint="On which side of 0 is the graph steep?"),
    Mistake("sign-of-the-upstream", of="leaky_relu_backward", stage="dx", code="dx = dout * np.where(dout > 0, 1, 0.1)", hint="Which array decides which slope applies?"),
    Mistake("output-instead-of-slope", of="leaky_relu_backward", stage="dx", code="dx = dout * np.maximum(0.1 * x, x)", hint="The slope of a straight line does not depend on how far out you are."),
    Mistake("unchanged", of="leaky_relu_backward", stage="dx", code="dx = dout.copy()", hint="With which factor did a negative input reach the output?"),
]
