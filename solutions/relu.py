"""The ReLU layer, forward and backward.

Lecture 4, activation functions and "Backprop with vectors".
"""

import numpy as np

from grader.exercise import Mistake, Variant


def relu_forward(x):
    """ReLU: max(0, x), element by element.

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape
        cache: x, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = np.maximum(0, x)   # (d_1, ..., d_k) output [1]
    cache = x
    return out, cache


def relu_backward(dout, cache):
    """Gradient of ReLU, given the upstream gradient: it passes where x is positive.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: x as relu_forward kept it

    In the cache:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, backprop with vectors (the Jacobian is diagonal: use it implicitly).
    """
    x = cache

    # backward pass
    dx = dout * (x > 0)   # (d_1, ..., d_k) gradient with respect to x [2]
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
    # at 0 any slope between 0 and 1 is a subgradient
    Variant("relu_backward", "dx", "dx = dout * (x >= 0)"),
    Variant("relu_backward", "dx", "dx = dout * np.heaviside(x, 0.5)"),
]

MISTAKES = [
    Mistake("absolute-value", of="relu_forward", stage="out", code="out = np.abs(x)", hint="What should a negative input become?"),
    Mistake("minimum", of="relu_forward", stage="out", code="out = np.minimum(0, x)", hint="Which of 0 and x is kept?"),
    Mistake("leaky", of="relu_forward", stage="out", code="out = np.maximum(0.1 * x, x)", hint="A plain ReLU leaks nothing."),
    Mistake("step", of="relu_forward", stage="out", code="out = (x > 0).astype(float)", hint="Positive inputs pass unchanged."),
    Mistake("clipped-at-one", of="relu_forward", stage="out", code="out = np.clip(x, 0, 1)", hint="Is there an upper bound?"),
    Mistake("unchanged", of="relu_forward", stage="out", code="out = x.copy()", hint="What happens to negative inputs?"),
    Mistake("mask-forgotten", of="relu_backward", stage="dx", code="dx = dout.copy()", hint="Did a negative input have any influence on the output?"),
    Mistake("upstream-forgotten", of="relu_backward", stage="dx", code="dx = (x > 0).astype(float)", hint="Upstream gradient times local gradient."),
    Mistake("mask-of-the-upstream", of="relu_backward", stage="dx", code="dx = dout * (dout > 0)", hint="Which array decides where the gradient passes?"),
    Mistake("mask-inverted", of="relu_backward", stage="dx", code="dx = dout * (x < 0)", hint="On which side of 0 does the input pass?"),
    Mistake("times-the-output", of="relu_backward", stage="dx", code="dx = dout * np.maximum(0, x)", hint="The local gradient of max(0, x) does not depend on how large x is."),
    Mistake("relu-of-the-upstream", of="relu_backward", stage="dx", code="dx = np.maximum(0, dout) * (x > 0)", hint="May a gradient be negative?"),
]
