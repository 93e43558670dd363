"""Backprop through a matrix product, one entry at a time and as a whole, and what its Jacobian would cost.

Lecture 4, "Backprop with matrices".
"""

import numpy as np

from grader.exercise import Mistake


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
    dy_dxnd = np.zeros((x.shape[0], w.shape[1]))   # (N, M) derivative of each entry of y with respect to x[n, d] [2]
    dy_dxnd[n] = w[d]
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
    dx = dy @ w.T   # (N, D) gradient with respect to x [2]
    dw = x.T @ dy   # (D, M) gradient with respect to w [2]
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
    entries = (N * D) * (N * M)   # () numbers in the Jacobian [1]
    nbytes = 4 * entries          # () bytes they take as float32 [1]
    return entries, nbytes


def cases(rng):
    """Inputs of all exercises; the entry asked for is never in the first row, but for one example."""
    for name, N, D, M, n, d in (
        ("all sizes different", 5, 7, 4, 3, 2),
        ("one example", 1, 6, 3, 0, 4),
        ("more outputs than inputs", 4, 3, 9, 2, 1),
        ("many examples", 12, 2, 5, 7, 1),
        ("one output", 6, 4, 1, 5, 3),
    ):
        yield name, {
            "N": N, "D": D, "M": M, "n": n, "d": d,
            "x": rng.standard_normal((N, D)), "w": rng.standard_normal((D, M)), "dy": rng.standard_normal((N, M)),
        }


MISTAKES = [
    Mistake("every-row", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.tile(w[d], (x.shape[0], 1))", hint="Does an example have influence on the outputs of the others?"),
    Mistake("first-row", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[0] = w[d]", hint="In which row of y does the row of this entry end up?"),
    Mistake("only-where", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[n] = 1", hint="You have marked what is affected. By how much is each affected?"),
    Mistake("times-the-entry", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[n] = x[n, d] * w[d]", hint="That is what the entry contributes. How much is that per unit?"),
    Mistake("the-output-itself", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[n] = x[n] @ w", hint="How large y is was not asked: how much does it change?"),
    Mistake("the-entry-itself", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[n] = x[n, d]", hint="In a product, which factor is the derivative with respect to the other?"),
    Mistake("all-weights-summed", of="affected_by", stage="dy_dxnd", code="dy_dxnd = np.zeros((x.shape[0], w.shape[1])); dy_dxnd[n] = w.sum(axis=0)", hint="Which one term of the sum over d holds this entry?"),
    Mistake("averaged-over-the-minibatch", of="matmul_backward", stage="dx", code="dx = dy @ w.T / x.shape[0]", hint="A product knows nothing of a mean: that is in the upstream gradient already."),
    Mistake("upstream-forgotten", of="matmul_backward", stage="dx", code="dx = np.ones_like(dy) @ w.T", hint="Upstream gradient times local gradient."),
    Mistake("times-the-value", of="matmul_backward", stage="dx", code="dx = x * (dy @ w.T)", hint="The derivative of a product with respect to one factor: does that factor still appear?"),
    Mistake("local-of-the-sum", of="matmul_backward", stage="dx", code="dx = np.outer(dy.sum(axis=1), w.sum(axis=1))", hint="Each output pairs its own upstream gradient with its own weight. What comes first, product or sum?"),
    Mistake("averaged-weights", of="matmul_backward", stage="dw", code="dw = x.T @ dy / x.shape[0]", hint="A product knows nothing of a mean: that is in the upstream gradient already."),
    Mistake("upstream-forgotten-in-weights", of="matmul_backward", stage="dw", code="dw = x.T @ np.ones_like(dy)", hint="Upstream gradient times local gradient."),
    Mistake("last-example-only", of="matmul_backward", stage="dw", code="dw = np.outer(x[-1], dy[-1])", hint="How many examples use the same weight? What happens to gradients that come back on several ways?"),
    Mistake("transposed-input-forgotten", of="matmul_backward", stage="dw", code="dw = w * (x.T @ dy)", hint="The derivative of a product with respect to one factor: does that factor still appear?"),
    Mistake("sizes-added", of="jacobian_bytes", stage="entries", code="entries = N * D + N * M", hint="One number for every pair of an input and an output. How many pairs are there?"),
    Mistake("one-minibatch-too-few", of="jacobian_bytes", stage="entries", code="entries = N * D * M", hint="Most of it is zero, but the whole Jacobian also pairs an example with the outputs of another."),
    Mistake("one-example", of="jacobian_bytes", stage="entries", code="entries = D * M", hint="How many examples are in x, and how many in y?"),
    Mistake("inputs-squared", of="jacobian_bytes", stage="entries", code="entries = (N * D) * (N * D)", hint="Pairs of an input with what?"),
    Mistake("double-precision", of="jacobian_bytes", stage="nbytes", code="nbytes = 8 * entries", hint="How many bits has a float32, and how many bits has a byte?"),
    Mistake("bits", of="jacobian_bytes", stage="nbytes", code="nbytes = 32 * entries", hint="Bits or bytes?"),
    Mistake("one-byte-each", of="jacobian_bytes", stage="nbytes", code="nbytes = 1 * entries", hint="How much room does a single number need?"),
    Mistake("gigabytes", of="jacobian_bytes", stage="nbytes", code="nbytes = 4 * entries / 2**30", hint="In which unit is the answer wanted?"),
]
