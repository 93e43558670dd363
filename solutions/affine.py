"""The affine (fully-connected) layer, forward and backward.

Lecture 4, "Backprop with matrices"; CS231n handout on linear backprop.
"""

import numpy as np

from grader.exercise import Mistake


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
    rows = x.reshape(N, -1)   # (N, D) one flattened example a row [1]
    out = rows @ w + b        # (N, M) output [2]
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
    dx = (dout @ w.T).reshape(x.shape)             # (N, d_1, ..., d_k) gradient with respect to x [2]
    dw = x.reshape(x.shape[0], -1).T @ dout        # (D, M) gradient with respect to w [2]
    db = dout.sum(axis=0)                          # (M,) gradient with respect to b [1]
    return dx, dw, db


def cases(rng):
    """Inputs of both exercises."""

    def case(shape, M):
        x, w, b = rng.standard_normal(shape), rng.standard_normal((int(np.prod(shape[1:])), M)), rng.standard_normal(M)
        return {"x": x, "w": w, "b": b, "dout": rng.standard_normal((shape[0], M)), "cache": (x, w, b)}

    yield "one axis", case((5, 7), 4)
    yield "one example", case((1, 6), 3)
    yield "three axes, like small images", case((4, 3, 2, 5), 6)
    yield "more outputs than inputs", case((3, 2), 9)
    yield "two axes, one output", case((6, 2, 3), 1)


MISTAKES = [
    Mistake(
        "examples-mixed", of="affine_forward", stage="rows",
        code="rows = x.reshape(-1, N).T",
        hint="An example is a row: does your reshape keep the numbers of one example together?",
    ),
    Mistake(
        "flattened-column-first", of="affine_forward", stage="rows",
        code='rows = x.reshape(N, -1, order="F")',
        hint="In which order do the axes of an example unroll?",
    ),
    Mistake("bias-forgotten", of="affine_forward", stage="out", code="out = rows @ w", hint="The layer has two parameters."),
    Mistake("bias-subtracted", of="affine_forward", stage="out", code="out = rows @ w - b", hint="Which sign has the bias?"),
    Mistake("bias-doubled", of="affine_forward", stage="out", code="out = rows @ w + 2 * b", hint="How often is the bias added to an output?"),
    Mistake("weights-elementwise", of="affine_forward", stage="out", code="out = rows.sum(axis=1, keepdims=True) * w.sum(axis=0) + b", hint="Each output weighs the inputs by a column of w of its own."),
    Mistake(
        "shape-of-x-lost", of="affine_backward", stage="dx",
        code="dx = dout @ w.T",
        hint="dL/dx always has the shape of x.",
    ),
    Mistake(
        "averaged-over-the-minibatch", of="affine_backward", stage="dx",
        code="dx = (dout @ w.T).reshape(x.shape) / x.shape[0]",
        hint="The layer knows nothing of a mean: that is in the upstream gradient already.",
    ),
    Mistake(
        "averaged-weights", of="affine_backward", stage="dw",
        code="dw = x.reshape(x.shape[0], -1).T @ dout / x.shape[0]",
        hint="The layer knows nothing of a mean: that is in the upstream gradient already.",
    ),
    Mistake(
        "upstream-forgotten", of="affine_backward", stage="dw",
        code="dw = x.reshape(x.shape[0], -1).T @ np.ones_like(dout)",
        hint="Upstream gradient times local gradient.",
    ),
    Mistake(
        "averaged-bias", of="affine_backward", stage="db",
        code="db = dout.mean(axis=0)",
        hint="b is copied to every example. What does a copy gate do to the gradients that come back?",
    ),
    Mistake(
        "summed-over-outputs", of="affine_backward", stage="db",
        code="db = dout.sum(axis=1)",
        hint="db has the shape of b. Which axis has to go?",
    ),
]
