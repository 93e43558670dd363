"""The maxout layer, forward and backward: the larger of two affine maps.

Lecture 4, activation functions and the patterns in gradient flow.
"""

import numpy as np

from grader.exercise import Mistake, Variant


def maxout_forward(x, w1, b1, w2, b2):
    """Maxout: max(x w1 + b1, x w2 + b2), entry by entry.

    Args:
        x: (N, D) minibatch, one example a row
        w1: (D, M) weights of the first map
        b1: (M,) biases of the first map
        w2: (D, M) weights of the second map
        b2: (M,) biases of the second map

    Returns:
        out: (N, M) output
        cache: the tuple (x, w1, w2, z1, z2), kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    z1 = x @ w1 + b1           # (N, M) first affine map [1]
    z2 = x @ w2 + b2           # (N, M) second affine map [1]
    out = np.maximum(z1, z2)   # (N, M) output [1]
    cache = (x, w1, w2, z1, z2)
    return out, cache


def maxout_backward(dout, cache):
    """Gradients of the maxout layer, given the upstream gradient: through the max, then through both affine maps.

    Args:
        dout: (N, M) upstream gradient, dL/dout
        cache: the tuple (x, w1, w2, z1, z2) kept by maxout_forward

    In the cache:
        x: (N, D) minibatch, one example a row
        w1: (D, M) weights of the first map
        w2: (D, M) weights of the second map
        z1: (N, M) first affine map of x
        z2: (N, M) second affine map of x

    Returns:
        dx: (N, D) dL/dx
        dw1: (D, M) dL/dw1
        db1: (M,) dL/db1
        dw2: (D, M) dL/dw2
        db2: (M,) dL/db2

    Source: lecture 4, the max gate as a router, backprop with matrices.
    """
    x, w1, w2, z1, z2 = cache

    # backward pass
    dz1 = dout * (z1 > z2)          # (N, M) gradient with respect to z1 [2]
    dz2 = dout * (z1 <= z2)         # (N, M) gradient with respect to z2 [1]
    dx = dz1 @ w1.T + dz2 @ w2.T    # (N, D) gradient with respect to x [2]
    dw1 = x.T @ dz1                 # (D, M) gradient with respect to w1 [1]
    db1 = dz1.sum(axis=0)           # (M,) gradient with respect to b1 [1]
    dw2 = x.T @ dz2                 # (D, M) gradient with respect to w2 [1]
    db2 = dz2.sum(axis=0)           # (M,) gradient with respect to b2 [1]
    return dx, dw1, db1, dw2, db2


def cases(rng):
    """Inputs of both exercises."""
    for name, N, D, M in (
        ("all sizes different", 5, 7, 4),
        ("one example", 1, 6, 3),
        ("more outputs than inputs", 4, 2, 9),
        ("many examples", 12, 3, 5),
        ("one output", 6, 4, 1),
    ):
        x = rng.standard_normal((N, D))
        w1, w2 = rng.standard_normal((D, M)), rng.standard_normal((D, M))
        b1, b2 = rng.standard_normal(M), rng.standard_normal(M)
        kept = (x, w1, w2, x @ w1 + b1, x @ w2 + b2)
        yield name, {
            "x": x, "w1": w1, "b1": b1, "w2": w2, "b2": b2, "dout": rng.standard_normal((N, M)), "cache": kept,
        }


VARIANTS = [
    # where both are equal the gradient may go either way, or half of it each
    Variant("maxout_backward", "dz1", "dz1 = dout * (z1 >= z2)"),
    Variant("maxout_backward", "dz1", "dz1 = dout * np.heaviside(z1 - z2, 0.5)"),
    # what did not go the first way goes the second, and the other way round
    Variant("maxout_backward", "dz2", "dz2 = dout - dz1"),
    Variant("maxout_backward", "dz2", "dz2 = dout * (dz1 == 0)"),
]

MISTAKES = [
    Mistake("first-bias-forgotten", of="maxout_forward", stage="z1", code="z1 = x @ w1", hint="An affine map has two parameters."),
    Mistake("first-bias-subtracted", of="maxout_forward", stage="z1", code="z1 = x @ w1 - b1", hint="Which sign has the bias?"),
    Mistake("first-bias-for-both", of="maxout_forward", stage="z2", code="z2 = x @ w2 + b1", hint="Does each map have a bias of its own?"),
    Mistake("first-weights-for-both", of="maxout_forward", stage="z2", code="z2 = x @ w1 + b2", hint="Does each map have weights of its own?"),
    Mistake("minimum", of="maxout_forward", stage="out", code="out = np.minimum(z1, z2)", hint="Which of the two wins?"),
    Mistake("sum-of-the-maps", of="maxout_forward", stage="out", code="out = z1 + z2", hint="Does the loser have any say in the output?"),
    Mistake("relu-of-the-first", of="maxout_forward", stage="out", code="out = np.maximum(0, z1)", hint="With what is the first map compared?"),
    Mistake("relu-on-top", of="maxout_forward", stage="out", code="out = np.maximum(0, np.maximum(z1, z2))", hint="May a maxout be negative?"),
    Mistake("larger-in-size", of="maxout_forward", stage="out", code="out = np.where(np.abs(z1) > np.abs(z2), z1, z2)", hint="Larger, or larger in absolute value?"),
    Mistake("not-routed", of="maxout_backward", stage="dz1", code="dz1 = dout.copy()", hint="Where the second map won, did z1 have any influence?"),
    Mistake("routes-swapped", of="maxout_backward", stage="dz1", code="dz1 = dout * (z1 < z2)", hint="To the winner or to the loser?"),
    Mistake("gate-of-relu", of="maxout_backward", stage="dz1", code="dz1 = dout * (z1 > 0)", hint="With what was the first map compared in the forward pass?"),
    Mistake("upstream-forgotten", of="maxout_backward", stage="dz1", code="dz1 = (z1 > z2).astype(float)", hint="Upstream gradient times local gradient."),
    Mistake("times-the-output", of="maxout_backward", stage="dz1", code="dz1 = dout * z1 * (z1 > z2)", hint="The local gradient of a max does not depend on how large the winner is."),
    Mistake("second-not-routed", of="maxout_backward", stage="dz2", code="dz2 = dout.copy()", hint="Where the first map won, did z2 have any influence?"),
    Mistake("second-gate-of-relu", of="maxout_backward", stage="dz2", code="dz2 = dout * (z2 > 0)", hint="With what was the second map compared in the forward pass?"),
    Mistake("one-way-only", of="maxout_backward", stage="dx", code="dx = dz1 @ w1.T", hint="On how many ways does x reach the output?"),
    Mistake("second-way-only", of="maxout_backward", stage="dx", code="dx = dz2 @ w2.T", hint="On how many ways does x reach the output?"),
    Mistake("averaged-over-the-minibatch", of="maxout_backward", stage="dw1", code="dw1 = x.T @ dz1 / x.shape[0]", hint="The layer knows nothing of a mean: that is in the upstream gradient already."),
    Mistake("past-the-gate", of="maxout_backward", stage="dw1", code="dw1 = x.T @ dout", hint="Between the output and the first map there is a gate."),
    Mistake("averaged-bias", of="maxout_backward", stage="db1", code="db1 = dz1.mean(axis=0)", hint="b1 is copied to every example. What does a copy do to the gradients that come back?"),
    Mistake("second-weights-past-the-gate", of="maxout_backward", stage="dw2", code="dw2 = x.T @ dout", hint="Between the output and the second map there is a gate."),
    Mistake("first-gradient-again", of="maxout_backward", stage="dw2", code="dw2 = x.T @ dz1", hint="Which of the two maps do these weights belong to?"),
    Mistake("summed-over-outputs", of="maxout_backward", stage="db2", code="db2 = dz2.sum(axis=1)", hint="db2 has the shape of b2. Which axis has to go?"),
]
